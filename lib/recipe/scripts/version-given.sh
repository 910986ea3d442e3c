# Checks a version that a tag or a person gives. Reads: GIVEN, PRERELEASES (yes, no),
# REF (if the version is the name of the tag that started the run).
# A branch can have the name of a version too, and a run that a person starts is on a branch.
[[ -z ${REF:-} || $REF == refs/tags/* ]] || fail "$REF is no tag: push a tag ${TAG_PREFIX}1.2.3"
given=${GIVEN#"$TAG_PREFIX"}
[[ $GIVEN == "$TAG_PREFIX"* || $REQUIRE_PREFIX == no ]] || fail "$GIVEN does not begin with $TAG_PREFIX"
identifier='(0|[1-9][0-9]{0,8}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)'
if [[ $given =~ ^$number\.$number\.$number$ ]] || [[ $PRERELEASES == yes && $given =~ ^$number\.$number\.$number-$identifier(\.$identifier)*$ ]]; then
  result "$given" '' given true
  publish
else
  fail "$GIVEN is not a version: write it as ${TAG_PREFIX}1.2.3"
fi
