# Checks out a commit, branch or tag with plain git: a host runner has no Node.js for actions/checkout.
# Reads: REPOSITORY_URL, REF, HISTORY (one, full), TAGS, SUBMODULES, LFS (yes, no); TOKEN, or SSH_KEY and KNOWN_HOSTS.
# Writes the output `commit`. The credential reaches git by its environment, or ssh by an agent that ends with the step: it is in no
# URL, no argument and no file.
set -euo pipefail
fail() { printf '%s\n' "$1" >&2; exit 1; }
command -v git >/dev/null || fail 'git is not on PATH: this step needs an image with git'
[[ $REF =~ ^[A-Za-z0-9_][A-Za-z0-9_./+@-]*$ ]] || fail "REF is no commit, branch or tag: $REF"
[[ $PWD != / && $PWD != "${HOME:-}" ]] || fail "the checkout empties its directory, and $PWD is no workspace"

# Jobs can share a home and a workspace: git and ssh read nothing that another job could have written or exported.
key=${SSH_KEY:-} authority=${GIT_SSL_CAINFO:-}
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
find . -mindepth 1 -maxdepth 1 -exec rm -rf -- {} +

if [[ $REPOSITORY_URL == ssh://* ]]; then
  command -v ssh-agent >/dev/null || fail 'ssh-agent is not on PATH: this step needs an image with an SSH client'
  eval "$(ssh-agent -s)" >/dev/null
  trap 'ssh-agent -k >/dev/null; rm -rf "$work"' EXIT
  printf '%s\n' "$key" | ssh-add -q - || fail 'SSH_KEY is no private key without a passphrase'
  printf '%s' "$KNOWN_HOSTS" > "$work/known_hosts"
  export GIT_SSH_COMMAND="ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile=$work/known_hosts -o GlobalKnownHostsFile=none"
else
  authorization=$(printf 'x-access-token:%s' "$TOKEN" | base64 | tr -d '\n')
  printf '::add-mask::%s\n' "$authorization"
  [[ $REPOSITORY_URL =~ ^https?://[^/]+ ]] || fail "REPOSITORY_URL is not a URL: $REPOSITORY_URL"
  config "http.${BASH_REMATCH[0]}/.extraHeader" "Authorization: Basic $authorization"
fi
unset TOKEN key

git init --quiet .
git remote add origin "$REPOSITORY_URL"
what=("$REF")
[ "$HISTORY" = full ] && what+=('+refs/heads/*:refs/remotes/origin/*')
[ "$TAGS" = yes ] && what+=('+refs/tags/*:refs/tags/*')
depth=(--depth 1)
[ "$HISTORY" = full ] && depth=()
git fetch --quiet --no-tags --force ${depth[@]+"${depth[@]}"} origin "${what[@]}"
git checkout --quiet --force --detach "$(head -n 1 .git/FETCH_HEAD | cut -f 1)"

if [ "$SUBMODULES" = yes ]; then
  git submodule --quiet sync --recursive
  git submodule --quiet update --init --recursive --force ${depth[@]+"${depth[@]}"}
fi
if [ "$LFS" = yes ]; then
  git lfs version >/dev/null 2>&1 || fail 'git-lfs is not on PATH: this step needs an image with Git LFS'
  git lfs install --local --skip-repo >/dev/null
  git lfs pull
fi
commit=$(git rev-parse HEAD)
printf 'commit=%s\n' "$commit" >> "${GITHUB_OUTPUT:-/dev/null}"
printf 'checked out %s\n' "$commit"
