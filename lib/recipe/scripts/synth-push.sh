# Commits what synth changed and pushes it, never by force. No code of the repository runs here: git works in a directory of its own,
# and the files are only read. If another client pushed first, Flux for instance, the newest commit is checked out for the next round:
# the result is always that of the newest commit, and no commit is lost.
# Reads: REPOSITORY_URL, BRANCH, COMMIT (what was synthesized), TOKEN, AUTHOR_NAME, AUTHOR_EMAIL, MESSAGE, ATTEMPT, ATTEMPTS.
# Writes the outputs `pushed` (yes, no) and `commit` (what to synthesize in the next round).
[[ $COMMIT =~ ^[0-9a-f]{40,64}$ ]] || fail "COMMIT is no commit: $COMMIT"
[[ $PWD != / && $PWD != "$home" ]] || fail "$PWD is no workspace"
config commit.gpgSign false
config user.name "$AUTHOR_NAME"
config user.email "$AUTHOR_EMAIL"
git check-ref-format --branch "$BRANCH" >/dev/null || fail "BRANCH is no branch: $BRANCH"
if [[ $REPOSITORY_URL =~ ^https?://[^/]+ ]]; then
  authorize "${BASH_REMATCH[0]}"
fi
unset TOKEN

here() { git --git-dir="$work/git" --work-tree=. "$@"; }
newest() { here fetch --quiet --no-tags --no-recurse-submodules --depth 1 origin "+refs/heads/$BRANCH:refs/remotes/origin/$BRANCH"; here rev-parse "refs/remotes/origin/$BRANCH"; }
links() { here ls-files -z --stage | while IFS= read -r -d '' entry; do if [[ $entry == 160000\ * ]]; then printf '%s\0' "${entry#*$'\t'}"; fi; done; }
output() { printf '%s=%s\n' "$1" "$2" >> "${GITHUB_OUTPUT:-/dev/null}"; }
here init --quiet
here remote add origin "$REPOSITORY_URL"
head=$(newest)
if [ "$head" = "$COMMIT" ]; then
  here update-ref --no-deref HEAD "$COMMIT"
  here read-tree "$COMMIT"
  # To compare a submodule, git would run in it, with the configuration that is there: filters are programs. Its commit is enough.
  links | here update-index -z --add --remove --replace --stdin
  links | here update-index -z --skip-worktree --stdin
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
