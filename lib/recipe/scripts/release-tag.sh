# Tags the commit that was built. The same tag on the same commit is fine, on another commit an error: a version is never moved.
# Reads: what private-git.sh reads, COMMIT, TAG, MESSAGE.
[[ $COMMIT =~ ^[0-9a-f]{7,64}$ ]] || fail "COMMIT is not a commit: $COMMIT"
if ! [[ $TAG =~ ^[A-Za-z0-9_][A-Za-z0-9_./+-]*$ ]] || ! git check-ref-format "refs/tags/$TAG"; then fail "TAG is not the name of a tag: $TAG"; fi
there() { git -C "$SOURCES" ls-remote "$REPOSITORY_URL" "refs/tags/$TAG" "refs/tags/$TAG^{}" | LC_ALL=C sort -k 2 | tail -n 1 | cut -f 1; }
# The number was reserved while the images were built (version-reserve.sh). The tag holds it now.
release() {
  if [ -n "$(git -C "$SOURCES" ls-remote "$REPOSITORY_URL" "refs/versions/$TAG")" ]; then
    git -C "$SOURCES" push --quiet "$REPOSITORY_URL" ":refs/versions/$TAG" || printf 'refs/versions/%s stays\n' "$TAG"
  fi
}
tagged=$(there)
if [ -z "$tagged" ]; then
  git -C "$SOURCES" fetch --quiet --depth 1 "$REPOSITORY_URL" "$COMMIT"
  GIT_COMMITTER_DATE=$(git -C "$SOURCES" log -1 --format=%cI "$COMMIT") \
    git -C "$SOURCES" tag --annotate --message "$MESSAGE" -- "$TAG" "$COMMIT"
  if git -C "$SOURCES" push --quiet "$REPOSITORY_URL" "refs/tags/$TAG:refs/tags/$TAG"; then
    printf 'tagged %s as %s\n' "${COMMIT:0:7}" "$TAG"
    release
    exit 0
  fi
  tagged=$(there)
  [ -n "$tagged" ] || fail "the tag $TAG is rejected: may the token push tags, and is the tag protected?"
fi
[ "$tagged" = "$COMMIT" ] || fail "$TAG is the tag of $tagged already: a later run took this version. Start this run again"
printf '%s is tagged as %s already\n' "${COMMIT:0:7}" "$TAG"
release
