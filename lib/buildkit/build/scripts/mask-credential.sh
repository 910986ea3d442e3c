# The runner hides the secrets in its log, but does not know this form of them.
printf '::add-mask::%s\n' "$auth"
