# Computes the version and claims it by pushing its tag, never by force. If another run was faster, it computes again from what is there
# now, three times: so two runs at once get one version each.
# Reads: what version-from-commits.sh and private-git.sh read, COMMIT.
[[ $COMMIT =~ ^[0-9a-f]{7,64}$ ]] || fail "COMMIT is not a commit: $COMMIT"
for attempt in 1 2 3; do
  repository fetch --quiet --filter=blob:none "$REPOSITORY_URL" "$COMMIT" '+refs/tags/*:refs/tags/*'
  repository update-ref --no-deref HEAD "$COMMIT"
  compute
  if [ "$changed" = false ]; then break; fi
  name=$TAG_PREFIX$version
  # An annotated tag of the commit's own time: started again, it is the same object.
  GIT_COMMITTER_DATE=$(repository log -1 --format=%cI) \
    repository tag --annotate --message "Release $version ($bump)" "$name"
  if repository push --quiet "$REPOSITORY_URL" "refs/tags/$name:refs/tags/$name"; then
    printf 'tagged %s as %s\n' "${COMMIT:0:7}" "$name"
    break
  fi
  repository tag --delete "$name" >/dev/null
  [ "$attempt" -lt 3 ] || fail "the tag $name is rejected for the third time: may the token push tags, and is the tag protected?"
  printf 'the tag %s was rejected; computing the version again\n' "$name"
done
publish
