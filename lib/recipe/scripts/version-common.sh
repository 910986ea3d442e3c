# Shared by the steps that compute a version. Reads: TAG_PREFIX ('v', 'web/v'). Writes: version, tag, previous, bump, changed.
set -euo pipefail
export LC_ALL=C GIT_TERMINAL_PROMPT=0
fail() { printf '%s\n' "$1" >&2; exit 1; }
command -v git >/dev/null || fail 'git is not on PATH: this step needs an image with git'
repository() { git -c safe.directory="$PWD" -c core.hooksPath=/dev/null -c core.fsmonitor=false -c gc.auto=0 "$@"; }
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
# All are digits, dots, words of ours and the prefix: nothing that a commit says gets into an output.
result() {
  printf 'version=%s\ntag=%s\nprevious=%s\nbump=%s\nchanged=%s\n' "$1" "$TAG_PREFIX$1" "$2" "$3" "$4" >>"$GITHUB_OUTPUT"
  printf 'version %s (%s), before it %s\n' "$1" "$3" "${2:-none}"
  exit 0
}
