# Everything is looked at before anything is built: what ends up in a tag, a label or a list of options must be what it says.
# Reads: IMAGE, CONTEXT, DOCKERFILE, COMMIT, PUSH (yes, no), TAGS (separated by spaces); optional: CREATED, VERSION, SOURCE_URL, and
# BUILD_ARG_NAMES (the build arguments, separated by spaces, if a value of BUILD_ARGS is known only in the run).
set -euo pipefail
: "$IMAGE" "$CONTEXT" "$DOCKERFILE"
[[ $COMMIT =~ ^[0-9a-f]{7,64}$ ]] || { printf 'COMMIT is not a commit: %s\n' "$COMMIT" >&2; exit 1; }
[[ ${CREATED:-0} =~ ^[0-9]{1,12}$ ]] || { printf 'CREATED is no time: %s\n' "$CREATED" >&2; exit 1; }
if [[ -n ${BUILD_ARG_NAMES:-} ]]; then
  given=''
  while IFS= read -r line; do given+="${line%%=*} "; done <<<"$BUILD_ARGS"
  [[ $given == "$BUILD_ARG_NAMES " ]] || { printf 'a build argument has a value of several lines, which would be arguments of their own\n' >&2; exit 1; }
fi
names=()
if [[ $PUSH == yes ]]; then
  for tag in $TAGS; do
    [[ $tag =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$ ]] || { printf 'TAGS has what is no tag: %s\n' "$tag" >&2; exit 1; }
    names+=("$IMAGE:$tag")
  done
  [[ ${#names[@]} -gt 0 ]] || { printf 'TAGS is empty\n' >&2; exit 1; }
fi
labels=("org.opencontainers.image.revision=$COMMIT")
if [[ -n ${SOURCE_URL:-} ]]; then labels+=("org.opencontainers.image.source=$SOURCE_URL"); fi
if [[ -n ${VERSION:-} ]]; then labels+=("org.opencontainers.image.version=$VERSION"); fi
if [[ -n ${CREATED:-} ]]; then labels+=("org.opencontainers.image.created=$(date -u -d "@$CREATED" +%Y-%m-%dT%H:%M:%SZ)"); fi
# Reads a variable with one item a line into an array, each item behind an option.
lines() {
  local line
  list=()
  while IFS= read -r line; do if [[ -n $line ]]; then list+=("$1" "${3:-}$line"); fi; done <<<"$2"
}
# The credentials are in a folder of this step, which goes with it.
DOCKER_CONFIG=$(mktemp -d)
export DOCKER_CONFIG
trap 'rm -rf "$DOCKER_CONFIG"' EXIT
