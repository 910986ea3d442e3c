# Builds an image with buildctl and pushes it, tagged so that Flux can sort it: <branch>-<commit>-<unix time>.
# Reads: IMAGE, CONTEXT, DOCKERFILE, BRANCH, COMMIT, REGISTRY_HOSTS, REGISTRY_USER, REGISTRY_TOKEN, BUILDKIT_HOST or BUILDKIT_HOSTS,
# BUILDCTL_FLAGS; one cache a line in CACHE_FROM and CACHE_TO; where given, PLATFORMS, TARGET and one argument a line in BUILD_ARGS.
set -euo pipefail
command -v buildctl >/dev/null || { printf 'buildctl is not on PATH: give the runner a builder\n' >&2; exit 1; }
# Everything is looked at before anything is built: what ends up in the tag or in a list of options must be what it says.
: "$IMAGE" "$CONTEXT" "$DOCKERFILE"
[[ $COMMIT =~ ^[0-9a-f]{7,64}$ ]] || { printf 'COMMIT is not a commit: %s\n' "$COMMIT" >&2; exit 1; }
[[ $BRANCH =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$ ]] || { printf 'BRANCH cannot stand in a tag: %s\n' "$BRANCH" >&2; exit 1; }
# The credentials are in a folder of this step, which goes with it.
DOCKER_CONFIG=$(mktemp -d)
export DOCKER_CONFIG
trap 'rm -rf "$DOCKER_CONFIG"' EXIT
