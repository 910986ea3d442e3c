# Git out of the reach of other jobs, which can share a home and a workspace with this one: git and ssh read nothing that another job
# could have written or exported. Defines `config` for settings, and `authorize` for the credential in TOKEN, which reaches git by its
# environment: it is in no URL, no argument and no file.
# shellcheck disable=SC2034 # not every step reads all of them
key=${SSH_KEY:-} home=${HOME:-} authority=${GIT_SSL_CAINFO:-}
for name in "${!GIT_@}" "${!SSH_@}" "${!XDG_@}"; do unset "$name"; done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_COUNT=0 GIT_TERMINAL_PROMPT=0 GIT_LFS_SKIP_SMUDGE=1
if [[ -n $authority ]]; then export GIT_SSL_CAINFO=$authority; fi
config() {
  export "GIT_CONFIG_KEY_$GIT_CONFIG_COUNT=$1" "GIT_CONFIG_VALUE_$GIT_CONFIG_COUNT=$2"
  GIT_CONFIG_COUNT=$((GIT_CONFIG_COUNT + 1))
}
config core.hooksPath /dev/null
config core.fsmonitor false
config safe.directory "$PWD"
config credential.helper ''
config gc.auto 0
# Sends TOKEN to this origin, scheme and host, and to where it redirects git.
authorize() {
  local authorization
  authorization=$(printf 'x-access-token:%s' "$TOKEN" | base64 | tr -d '\n')
  printf '::add-mask::%s\n' "$authorization"
  config "http.$1/.extraHeader" "Authorization: Basic $authorization"
}
