# Builds an image with buildctl and pushes it, tagged so that Flux can sort it: <branch>-<commit>-<unix time>.
# Reads: IMAGE, CONTEXT, DOCKERFILE, BRANCH, COMMIT, REGISTRY_HOST, REGISTRY_USER, REGISTRY_TOKEN, BUILDKIT_HOST or BUILDKIT_HOSTS,
# BUILDCTL_FLAGS, and one cache a line in CACHE_FROM and CACHE_TO.
set -euo pipefail
command -v buildctl >/dev/null || { printf 'buildctl is not on PATH: give the runner a builder\n' >&2; exit 1; }
# Everything is looked at before anything is built: what ends up in the tag or in a list of options must be what it says.
: "$IMAGE" "$CONTEXT" "$DOCKERFILE" "$REGISTRY_HOST" "$REGISTRY_USER" "$REGISTRY_TOKEN"
[[ $COMMIT =~ ^[0-9a-f]{7,64}$ ]] || { printf 'COMMIT is not a commit: %s\n' "$COMMIT" >&2; exit 1; }
[[ $BRANCH =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$ ]] || { printf 'BRANCH cannot stand in a tag: %s\n' "$BRANCH" >&2; exit 1; }
umask 077
DOCKER_CONFIG=$(mktemp -d)
export DOCKER_CONFIG
trap 'rm -rf "$DOCKER_CONFIG"' EXIT
auth=$(printf '%s:%s' "$REGISTRY_USER" "$REGISTRY_TOKEN" | base64 | tr -d '\n')
printf '::add-mask::%s\n' "$auth"
printf '{"auths":{"%s":{"auth":"%s"}}}\n' "$REGISTRY_HOST" "$auth" > "$DOCKER_CONFIG/config.json"
# Of several daemons, an image always finds the one that has its cache: the highest hash of image and daemon wins, so that most images
# stay where they are when a daemon is added.
if [[ -n ${BUILDKIT_HOSTS:-} ]]; then
  BUILDKIT_HOST=$(for host in $BUILDKIT_HOSTS; do printf '%s %s\n' "$(printf '%s %s' "$IMAGE" "$host" | sha256sum)" "$host"; done | LC_ALL=C sort | tail -n 1 | awk '{ print $NF }')
  export BUILDKIT_HOST
fi
read -ra flags <<< "${BUILDCTL_FLAGS:---timeout 120 --wait}"
cache=()
while IFS= read -r line; do if [[ -n $line ]]; then cache+=(--import-cache "$line"); fi; done <<< "${CACHE_FROM:-}"
while IFS= read -r line; do if [[ -n $line ]]; then cache+=(--export-cache "$line"); fi; done <<< "${CACHE_TO:-}"
tag="$BRANCH-${COMMIT:0:7}-$(date +%s)"
buildctl "${flags[@]}" build \
  --progress plain \
  --frontend dockerfile.v0 \
  --local "context=$CONTEXT" \
  --local "dockerfile=$CONTEXT" \
  --opt "filename=$DOCKERFILE" \
  --opt "label:org.opencontainers.image.revision=$COMMIT" \
  "${cache[@]}" \
  --output "type=image,name=$IMAGE:$tag,push=true,oci-mediatypes=true"
printf 'pushed %s:%s\n' "$IMAGE" "$tag"
