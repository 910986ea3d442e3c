# Shared by the steps that compute a version. Reads: TAG_PREFIX ('v', 'web/v'). Writes: version, tag, previous, bump, changed.
export LC_ALL=C GIT_TERMINAL_PROMPT=0
# SOURCES is a repository that this step made, or the checkout. Hooks and monitors of a checkout are not run.
SOURCES=$PWD
repository() { git -C "$SOURCES" -c safe.directory="$SOURCES" -c core.hooksPath=/dev/null -c core.fsmonitor=false -c gc.auto=0 "$@"; }
number='(0|[1-9][0-9]{0,8})'
# Whether a tag has the form <prefix>1.2.3 and nothing more: no pre-release, no leading zero, no tag of another component.
is_version() { [[ $1 == "$TAG_PREFIX"* && ${1#"$TAG_PREFIX"} =~ ^$number\.$number\.$number$ ]]; }
# The versions among the tag names on standard input, without prefix, ascending by number.
versions() {
  local name
  while IFS= read -r name; do
    if is_version "$name"; then printf '%s\n' "${name#"$TAG_PREFIX"}"; fi
  done | sort -t . -k 1,1n -k 2,2n -k 3,3n
}
# Whether a tag exists, or its number is reserved for another commit.
taken() {
  local other
  if repository rev-parse --quiet --verify "refs/tags/$1" >/dev/null; then return 0; fi
  other=$(repository rev-parse --quiet --verify "refs/versions/$1" || true)
  [ -n "$other" ] && [ "$other" != "$(repository rev-parse HEAD)" ]
}
result() { version=$1 previous=$2 bump=$3 changed=$4; }
# All are digits, dots, words of ours and the prefix: nothing that a commit says gets into an output.
publish() {
  printf 'version=%s\ntag=%s\nprevious=%s\nbump=%s\nchanged=%s\n' "$version" "$TAG_PREFIX$version" "$previous" "$bump" "$changed" >>"$GITHUB_OUTPUT"
  printf 'version %s (%s), before it %s\n' "$version" "$bump" "${previous:-none}"
}
