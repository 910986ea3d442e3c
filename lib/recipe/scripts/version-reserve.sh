# Computes the version and reserves its number for the commit, by a ref beside the tags: refs/versions/<tag>. A forge shows no such ref, and
# starts nothing for it. The tag follows when everything is built, so a build that fails leaves no tag. Two runs at once get one version
# each: the slower run computes again, three times. A run that is started again finds the number of its commit.
# Reads: what version-from-commits.sh and private-git.sh read, COMMIT.
[[ $COMMIT =~ ^[0-9a-f]{7,64}$ ]] || fail "COMMIT is not a commit: $COMMIT"
for attempt in 1 2 3; do
  repository fetch --quiet --prune --filter=blob:none "$REPOSITORY_URL" "$COMMIT" '+refs/tags/*:refs/tags/*' '+refs/versions/*:refs/versions/*'
  repository update-ref --no-deref HEAD "$COMMIT"
  compute
  if [ "$changed" = false ]; then break; fi
  reserved=$(repository for-each-ref --points-at "$COMMIT" --format='%(refname:lstrip=2)' refs/versions | versions | tail -n 1)
  if [ -n "$reserved" ]; then
    version=$reserved
    break
  fi
  name=$TAG_PREFIX$version
  # The lease is on a ref that does not exist: a number that another run has is never taken from it.
  if repository push --quiet --force-with-lease="refs/versions/$name:" "$REPOSITORY_URL" "$COMMIT:refs/versions/$name"; then
    printf 'reserved %s for %s\n' "$name" "${COMMIT:0:7}"
    break
  fi
  [ "$attempt" -lt 3 ] || fail "the number $name is rejected for the third time: may the token push to the repository?"
  printf 'the number %s was rejected; computing the version again\n' "$name"
done
publish
