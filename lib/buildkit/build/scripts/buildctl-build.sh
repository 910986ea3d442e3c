# The runner hides the secrets in its log, but does not know this form of them.
printf '::add-mask::%s\n' "$auth"
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
options=()
if [[ -n ${PLATFORMS:-} ]]; then options+=(--opt "platform=$PLATFORMS"); fi
if [[ -n ${TARGET:-} ]]; then options+=(--opt "target=$TARGET"); fi
while IFS= read -r line; do if [[ -n $line ]]; then options+=(--opt "build-arg:$line"); fi; done <<< "${BUILD_ARGS:-}"
tag="$BRANCH-${COMMIT:0:7}-$(date +%s)"
buildctl "${flags[@]}" build \
  --progress plain \
  --frontend dockerfile.v0 \
  --local "context=$CONTEXT" \
  --local "dockerfile=$CONTEXT" \
  --opt "filename=$DOCKERFILE" \
  --opt "label:org.opencontainers.image.revision=$COMMIT" \
  "${options[@]}" \
  "${cache[@]}" \
  --output "type=image,name=$IMAGE:$tag,push=true,oci-mediatypes=true"
printf 'pushed %s:%s\n' "$IMAGE" "$tag"
