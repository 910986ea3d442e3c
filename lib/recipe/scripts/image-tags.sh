# Computes the tags of an image: first the tag that Flux sorts, then the others.
# Reads: FORM (timestamp, build-number, version), ALSO (latest, branch, branch-sha, version, minor, major), DEPLOYED (the branch that is
# deployed), SORTED (the form that Flux sorts, as a regular expression), REF, COMMIT, RUN_NUMBER, RUN_ATTEMPT, VERSION, TAG_PREFIX.
# Writes the outputs tags (separated by spaces), tag (the first) and version.
set -euo pipefail
fail() { printf '%s\n' "$1" >&2; exit 1; }
: "$FORM" "$DEPLOYED" "$REF" "$COMMIT"
[[ $COMMIT =~ ^[0-9a-f]{7,64}$ ]] || fail "COMMIT is not a commit: $COMMIT"
# A branch as the beginning of a tag: in lower case, as registries store tags, and "-" for what a tag cannot hold.
mapped() {
  local name
  name=$(printf '%s' "$1" | LC_ALL=C tr '[:upper:]' '[:lower:]' | LC_ALL=C tr -c a-z0-9_.- -)
  name=${name#"${name%%[!.-]*}"}
  name=${name:0:80}
  printf '%s' "${name:-branch}"
}
branch='' version=${VERSION:-} name='' number='(0|[1-9][0-9]{0,8})'
case $REF in
  refs/heads/*) branch=${REF#refs/heads/} ;;
  refs/tags/*)
    given=${REF#refs/tags/}
    if [[ -z $version && $given == "${TAG_PREFIX:-}"* && ${given#"${TAG_PREFIX:-}"} =~ ^$number\.$number\.$number(-[0-9A-Za-z.-]+)?$ ]]; then
      version=${given#"${TAG_PREFIX:-}"}
    fi
    ;;
  *) fail "REF is no branch and no tag: $REF" ;;
esac
if [[ -n $branch ]]; then
  name=$(mapped "$branch")
  [[ $branch == "$DEPLOYED" || $name != "$(mapped "$DEPLOYED")" ]] ||
    fail "branch $branch has the tags of branch $DEPLOYED, which is deployed: rename the branch"
fi
tags=()
add() {
  local other
  [[ $1 =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$ ]] || fail "this is no tag: $1"
  for other in ${tags[@]+"${tags[@]}"}; do if [[ $other == "$1" ]]; then return; fi; done
  tags+=("$1")
}
# A tag beside the one that Flux sorts must not look like it: Flux would deploy it.
extra() {
  [[ -z ${SORTED:-} || ! $1 =~ $SORTED || " ${tags[*]-} " == *" $1 "* ]] || fail "Flux would take tag $1 for a build of branch $DEPLOYED"
  add "$1"
}
case $FORM in
  timestamp) if [[ -n $branch ]]; then add "$name-${COMMIT:0:7}-$(date +%s)"; fi ;;
  build-number)
    [[ $RUN_NUMBER =~ ^[1-9][0-9]{0,8}$ ]] || fail "RUN_NUMBER is no number: $RUN_NUMBER"
    build=$RUN_NUMBER
    # A run that is started again has its number again, and a tag never moves.
    if [[ ${RUN_ATTEMPT:-1} =~ ^[1-9][0-9]?$ && ${RUN_ATTEMPT:-1} -gt 1 ]]; then build=$(printf '%s.%02d' "$RUN_NUMBER" "$RUN_ATTEMPT"); fi
    if [[ -n $branch ]]; then add "$name-build.$build"; fi
    ;;
  version)
    [[ -n $version ]] || fail "there is no version for $REF"
    add "$version"
    ;;
  *) fail "FORM is unknown: $FORM" ;;
esac
for one in ${ALSO:-}; do
  case $one in
    latest) if [[ -n $branch && $branch == "$DEPLOYED" ]]; then extra latest; fi ;;
    branch) if [[ -n $branch ]]; then extra "$name"; fi ;;
    branch-sha) if [[ -n $branch ]]; then extra "$name-${COMMIT:0:7}"; fi ;;
    version) if [[ -n $version ]]; then extra "$version"; fi ;;
    # Only releases move the shorter versions, and 0 promises nothing.
    minor) if [[ $version =~ ^$number\.$number\.$number$ ]]; then extra "${version%.*}"; fi ;;
    major) if [[ $version =~ ^$number\.$number\.$number$ && ${version%%.*} != 0 ]]; then extra "${version%%.*}"; fi ;;
    *) fail "ALSO has an unknown word: $one" ;;
  esac
done
[[ ${#tags[@]} -gt 0 ]] || fail "there is no tag for $REF: the pipeline pushes versions only if the tag is ${TAG_PREFIX:-}1.2.3"
TAGS="${tags[*]}"
printf 'tags=%s\ntag=%s\nversion=%s\n' "$TAGS" "${tags[0]}" "${version:-${tags[0]}}" >>"${GITHUB_OUTPUT:-/dev/null}"
printf 'tags: %s\n' "$TAGS"
