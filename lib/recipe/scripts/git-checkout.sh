# Checks out one commit with plain git: a host runner has no node for actions/checkout.
# Reads: REPOSITORY_URL, COMMIT, TOKEN. The token reaches git by its environment: it is in no URL, no argument and no file.
set -euo pipefail
command -v git >/dev/null || { printf 'git is not on PATH: this step needs an image with git\n' >&2; exit 1; }
authorization=$(printf 'x-access-token:%s' "$TOKEN" | base64 | tr -d '\n')
printf '::add-mask::%s\n' "$authorization"
export GIT_TERMINAL_PROMPT=0 GIT_CONFIG_COUNT=2
export GIT_CONFIG_KEY_0=http.extraHeader GIT_CONFIG_VALUE_0="Authorization: Basic $authorization"
export GIT_CONFIG_KEY_1=safe.directory GIT_CONFIG_VALUE_1="$PWD"
git init --quiet .
git fetch --quiet --depth 1 "$REPOSITORY_URL" "$COMMIT"
git checkout --quiet --force --detach FETCH_HEAD
