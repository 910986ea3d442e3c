# Git with a credential, out of reach of whatever earlier steps left behind: no configuration, hook or environment of theirs is read.
# Reads: REPOSITORY_URL, TOKEN. Works in a repository of its own, never in the checkout.
private=$(mktemp -d)
trap 'rm -rf "$private"' EXIT
authority=${GIT_SSL_CAINFO:-}
for variable in "${!GIT_@}" "${!SSH_@}" "${!XDG_@}"; do unset "$variable"; done
export HOME=$private GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_TERMINAL_PROMPT=0
if [[ -n $authority ]]; then export GIT_SSL_CAINFO=$authority; fi
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
