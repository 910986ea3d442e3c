# Synthesizes what a branch says and pushes the difference to it, never by force. If somebody else pushed in between, Flux for
# instance, it begins again from what is there now: the result is always that of the newest commit, and nobody's commit is lost.
# Reads: REPOSITORY_URL, BRANCH, TOKEN, PREPARE, SYNTH, AUTHOR_NAME, AUTHOR_EMAIL, MESSAGE, ATTEMPTS.
set -euo pipefail
fail() { printf '%s\n' "$1" >&2; exit 1; }
command -v git >/dev/null || fail 'git is not on PATH: this step needs an image with git'
git check-ref-format --branch "$BRANCH" >/dev/null || fail "BRANCH is no branch: $BRANCH"

credentials=()
if [[ $REPOSITORY_URL =~ ^https?://[^/]+ ]]; then
  authorization=$(printf 'x-access-token:%s' "$TOKEN" | base64 | tr -d '\n')
  printf '::add-mask::%s\n' "$authorization"
  credentials=("GIT_CONFIG_COUNT=1" "GIT_CONFIG_KEY_0=http.${BASH_REMATCH[0]}/.extraHeader" "GIT_CONFIG_VALUE_0=Authorization: Basic $authorization")
fi
unset TOKEN
export GIT_TERMINAL_PROMPT=0
# Only git gets the credential, and only to fetch and push: not what synthesizes.
remote() { (if [ ${#credentials[@]} -gt 0 ]; then export "${credentials[@]}"; fi; exec git -c safe.directory="$PWD" -c credential.helper= "$@"); }
here() { git -c safe.directory="$PWD" -c gc.auto=0 "$@"; }

git init --quiet .
here remote add origin "$REPOSITORY_URL" 2>/dev/null || here remote set-url origin "$REPOSITORY_URL"
prepared=
for ((attempt = 1; attempt <= ATTEMPTS; attempt++)); do
  remote fetch --quiet --no-tags --depth 1 origin "+refs/heads/$BRANCH:refs/remotes/origin/$BRANCH"
  here checkout --quiet --force --detach "refs/remotes/origin/$BRANCH"
  here clean --quiet -ffd
  wanted=$(here rev-parse --quiet --verify HEAD:package-lock.json || printf 'none')
  if [ "$prepared" != "$wanted" ]; then
    bash -euo pipefail -c "$PREPARE"
    prepared=$wanted
  fi
  bash -euo pipefail -c "$SYNTH"
  here add --all
  if here diff --cached --quiet; then
    printf 'synth changes nothing at %s\n' "$(here rev-parse --short HEAD)"
    exit 0
  fi
  here -c user.name="$AUTHOR_NAME" -c user.email="$AUTHOR_EMAIL" -c commit.gpgSign=false commit --quiet --no-verify --message "$MESSAGE"
  if remote push --quiet origin "HEAD:refs/heads/$BRANCH"; then
    printf 'pushed %s\n' "$(here rev-parse --short HEAD)"
    exit 0
  fi
  printf 'attempt %s of %s: the push was rejected; again from the newest commit\n' "$attempt" "$ATTEMPTS"
done
fail "after $ATTEMPTS attempts the push is still rejected: is $BRANCH protected, or may the token not write?"
