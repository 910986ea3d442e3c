# Commits what synth changed and pushes it, never by force. No code of the repository runs here: git works in a directory of its own,
# and the files are only read. If another client pushed first, Flux for instance, the newest commit is checked out for the next round:
# the result is always that of the newest commit, and no commit is lost.
# Reads: REPOSITORY_URL, BRANCH, COMMIT (what was synthesized), TOKEN, AUTHOR_NAME, AUTHOR_EMAIL, MESSAGE, ATTEMPT, ATTEMPTS.
# Writes the outputs `pushed` (yes, no) and `commit` (what to synthesize in the next round).
set -euo pipefail
fail() { printf '%s\n' "$1" >&2; exit 1; }
command -v git >/dev/null || fail 'git is not on PATH: this step needs an image with git'
[[ $COMMIT =~ ^[0-9a-f]{40,64}$ ]] || fail "COMMIT is no commit: $COMMIT"
[[ $PWD != / && $PWD != "${HOME:-}" ]] || fail "$PWD is no workspace"

# Jobs can share a home and a workspace: git and ssh read nothing that another job could have written or exported.
authority=${GIT_SSL_CAINFO:-}
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
config commit.gpgSign false
config user.name "$AUTHOR_NAME"
config user.email "$AUTHOR_EMAIL"
git check-ref-format --branch "$BRANCH" >/dev/null || fail "BRANCH is no branch: $BRANCH"
if [[ $REPOSITORY_URL =~ ^https?://[^/]+ ]]; then
  authorization=$(printf 'x-access-token:%s' "$TOKEN" | base64 | tr -d '\n')
  printf '::add-mask::%s\n' "$authorization"
  config "http.${BASH_REMATCH[0]}/.extraHeader" "Authorization: Basic $authorization"
fi
unset TOKEN

here() { git --git-dir="$work/git" --work-tree=. "$@"; }
newest() { here fetch --quiet --no-tags --depth 1 origin "+refs/heads/$BRANCH:refs/remotes/origin/$BRANCH"; here rev-parse "refs/remotes/origin/$BRANCH"; }
output() { printf '%s=%s\n' "$1" "$2" >> "${GITHUB_OUTPUT:-/dev/null}"; }
here init --quiet
here remote add origin "$REPOSITORY_URL"
head=$(newest)
if [ "$head" = "$COMMIT" ]; then
  here update-ref --no-deref HEAD "$COMMIT"
  here read-tree "$COMMIT"
  here add --all
  if here diff --cached --quiet; then
    printf 'synth changes nothing at %s\n' "$COMMIT"
    output pushed yes
    exit 0
  fi
  here commit --quiet --no-verify --message "$MESSAGE"
  if here push --quiet origin "HEAD:refs/heads/$BRANCH"; then
    printf 'pushed %s\n' "$(here rev-parse HEAD)"
    output pushed yes
    exit 0
  fi
fi
((ATTEMPT < ATTEMPTS)) || fail "after $ATTEMPTS attempts the push is still rejected: is $BRANCH protected, or may the token not write?"
printf 'attempt %s of %s: the push was rejected; again from the newest commit\n' "$ATTEMPT" "$ATTEMPTS"
# Two workflows that lost together do not meet again at once.
sleep $((RANDOM % (4 * ATTEMPT) + 1))
head=$(newest)
here checkout --quiet --force --detach "$head"
here clean --quiet -ffd
rm -rf .git
here config --unset core.worktree || true
mv "$work/git" .git
output pushed no
output commit "$head"
