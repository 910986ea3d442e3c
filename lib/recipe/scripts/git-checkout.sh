# Checks out a commit, branch or tag with plain git: a host runner has no Node.js for actions/checkout.
# Reads: REPOSITORY_URL, REF, HISTORY (one, full), TAGS, SUBMODULES, LFS (yes, no); TOKEN, or SSH_KEY and KNOWN_HOSTS.
# Writes the outputs `commit` and `time` (seconds since 1970). A deploy key reaches ssh by an agent that ends with the step.
command -v git >/dev/null || fail 'git is not on PATH: this step needs an image with Git'
# A sign in front would be an option, or a refspec. Git allows neither ":" nor "*" in a name.
if [[ $REF == [-+]* ]] || ! env -u TOKEN git check-ref-format --allow-onelevel "$REF"; then fail "REF is no commit, branch or tag: $REF"; fi
[[ $PWD != / && $PWD != "$home" ]] || fail "the checkout empties its directory, and $PWD is no workspace"
find . -mindepth 1 -maxdepth 1 -exec rm -rf -- {} +

if [[ $REPOSITORY_URL == ssh://* ]]; then
  command -v ssh-agent >/dev/null || fail 'ssh-agent is not on PATH: this step needs an image with an SSH client'
  eval "$(ssh-agent -s)" >/dev/null
  trap 'ssh-agent -k >/dev/null; rm -rf "$work"' EXIT
  printf '%s\n' "$key" | ssh-add -q - || fail 'SSH_KEY is no private key without a passphrase'
  printf '%s' "$KNOWN_HOSTS" > "$work/known_hosts"
  export GIT_SSH_COMMAND="ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile=$work/known_hosts -o GlobalKnownHostsFile=none"
else
  [[ $REPOSITORY_URL =~ ^https?://[^/]+ ]] || fail "REPOSITORY_URL is not a URL: $REPOSITORY_URL"
  authorize "${BASH_REMATCH[0]}"
fi
unset TOKEN key

git init --quiet .
git remote add origin "$REPOSITORY_URL"
what=("$REF")
# A word of git fetch: `fetch origin tag v1`.
[ "$REF" = tag ] && what=(tag:)
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
printf 'commit=%s\ntime=%s\n' "$commit" "$(git log -1 --format=%ct)" >> "${GITHUB_OUTPUT:-/dev/null}"
printf 'checked out %s\n' "$commit"
