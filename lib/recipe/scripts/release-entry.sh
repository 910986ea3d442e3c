# Publishes the release of a tag, with notes from the commits since the version before. A release that exists stays as it is.
# Reads: what forge-api.sh and private-git.sh read, COMMIT, TAG, PREVIOUS (the tag before, or empty), TITLE.
[[ $COMMIT =~ ^[0-9a-f]{7,64}$ ]] || fail "COMMIT is not a commit: $COMMIT"
[[ $TAG =~ ^[A-Za-z0-9_][A-Za-z0-9_./+-]*$ && $PREVIOUS =~ ^[A-Za-z0-9_./+-]*$ ]] || fail "TAG or PREVIOUS is not the name of a tag: $TAG $PREVIOUS"
call GET "releases/tags/$TAG" </dev/null
if [ "$status" = 200 ]; then printf 'the release %s exists already\n' "$TAG" && exit 0; fi
[ "$status" = 404 ] || fail "the forge answered $status: may the token read the releases?"
git -C "$SOURCES" fetch --quiet --filter=blob:none "$REPOSITORY_URL" "$COMMIT" '+refs/tags/*:refs/tags/*'
range=$COMMIT
if [ -n "$PREVIOUS" ] && git -C "$SOURCES" rev-parse --quiet --verify "refs/tags/$PREVIOUS" >/dev/null; then range="refs/tags/$PREVIOUS..$COMMIT"; fi
# A subject is text: it makes no markup and mentions nobody.
notes=$(git -C "$SOURCES" log --no-merges --max-count 200 --format=%s "$range" | sed -e 's/[][\\`*_<>|#~]/\\&/g' -e $'s/@/@\xe2\x80\x8b/g' -e 's/^/- /')
call POST releases < <(printf '{"tag_name":%s,"name":%s,"body":%s}' "$(json "$TAG")" "$(json "$TITLE")" "$(json "$notes")")
case $status in
  2*) printf 'published %s\n' "$TAG" ;;
  409 | 422) printf 'the release %s exists already\n' "$TAG" ;;
  *) fail "the forge answered $status: may the token write releases, and does the tag exist?" ;;
esac
