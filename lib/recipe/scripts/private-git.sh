# Git with a credential, out of reach of whatever earlier steps left behind: no configuration, hook or environment of theirs is read.
# Reads: REPOSITORY_URL, TOKEN. Works in a repository of its own, never in the checkout.
private=$(mktemp -d)
trap 'rm -rf "$private"' EXIT
for variable in $(compgen -e); do
  case $variable in GIT_* | SSH_*) unset "$variable" ;; esac
done
export HOME=$private XDG_CONFIG_HOME=$private GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0
git init --quiet --bare --template= "$private/git"
SOURCES=$private/git
[[ $REPOSITORY_URL =~ ^(https?://[^/@]+|file:/)/ ]] || fail "REPOSITORY_URL is not a URL: $REPOSITORY_URL"
origin=${BASH_REMATCH[1]}
authorization=$(printf 'x-access-token:%s' "$TOKEN" | base64 | tr -d '\n')
printf '::add-mask::%s\n' "$authorization"
unset TOKEN
remote() {
  GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="http.${origin}/.extraHeader" GIT_CONFIG_VALUE_0="Authorization: Basic $authorization" \
    git -C "$SOURCES" -c credential.helper= -c core.hooksPath=/dev/null "$@"
}
