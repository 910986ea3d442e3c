# Of several daemons, an image always finds the one that has its cache: the highest hash of image and daemon wins, so that most images
# stay where they are when a daemon is added.
if [[ -n ${BUILDKIT_HOSTS:-} ]]; then
  BUILDKIT_HOST=$(for host in $BUILDKIT_HOSTS; do printf '%s %s\n' "$(printf '%s %s' "$IMAGE" "$host" | sha256sum)" "$host"; done | LC_ALL=C sort | tail -n 1 | awk '{ print $NF }')
  export BUILDKIT_HOST
fi
read -ra flags <<< "${BUILDCTL_FLAGS:---timeout 120 --wait}"
options=()
for label in "${labels[@]}"; do options+=(--opt "label:$label"); done
if [[ -n ${PLATFORMS:-} ]]; then options+=(--opt "platform=$PLATFORMS"); fi
if [[ -n ${TARGET:-} ]]; then options+=(--opt "target=$TARGET"); fi
if [[ -n ${CACHE_SCOPE:-} ]]; then options+=(--opt "build-arg:BUILDKIT_CACHE_MOUNT_NS=$CACHE_SCOPE"); fi
if [[ ${PULL:-no} == yes ]]; then options+=(--opt image-resolve-mode=pull); fi
if [[ ${REPRODUCIBLE:-no} == yes ]]; then options+=(--opt "build-arg:SOURCE_DATE_EPOCH=$CREATED"); fi
lines --opt "${BUILD_ARGS:-}" build-arg: && options+=(${list[@]+"${list[@]}"})
lines --opt "${ATTESTATIONS:-}" attest: && options+=(${list[@]+"${list[@]}"})
lines --secret "${SECRETS:-}" && options+=(${list[@]+"${list[@]}"})
lines --import-cache "${CACHE_FROM:-}" && options+=(${list[@]+"${list[@]}"})
if [[ $PUSH == yes ]]; then
  lines --export-cache "${CACHE_TO:-}" && options+=(${list[@]+"${list[@]}"})
  joined=$(IFS=,; printf '%s' "${names[*]}")
  # Several names are one field with commas in it.
  options+=(--output "type=image,\"name=$joined\",push=true,$OUTPUT" --metadata-file "$DOCKER_CONFIG/result.json")
fi
buildctl "${flags[@]}" build \
  --progress plain \
  --frontend dockerfile.v0 \
  --local "context=$CONTEXT" \
  --local "dockerfile=$CONTEXT" \
  --opt "filename=$DOCKERFILE" \
  "${options[@]}"
