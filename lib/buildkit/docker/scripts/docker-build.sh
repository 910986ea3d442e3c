options=()
for label in "${labels[@]}"; do options+=(--label "$label"); done
if [[ -n ${PLATFORMS:-} ]]; then options+=(--platform "$PLATFORMS"); fi
if [[ -n ${TARGET:-} ]]; then options+=(--target "$TARGET"); fi
if [[ -n ${CACHE_SCOPE:-} ]]; then options+=(--build-arg "BUILDKIT_CACHE_MOUNT_NS=$CACHE_SCOPE"); fi
if [[ ${PULL:-no} == yes ]]; then options+=(--pull); fi
if [[ ${REPRODUCIBLE:-no} == yes ]]; then options+=(--build-arg "SOURCE_DATE_EPOCH=$CREATED"); fi
lines --build-arg "${BUILD_ARGS:-}" && options+=(${list[@]+"${list[@]}"})
lines --secret "${SECRETS:-}" && options+=(${list[@]+"${list[@]}"})
lines --cache-from "${CACHE_FROM:-}" && options+=(${list[@]+"${list[@]}"})
# buildx adds attestations of its own choice unless they are off. BuildKit writes provenance=mode=max and sbom=, buildx separates by commas.
attested=${ATTESTATIONS:-}
if [[ $attested != *provenance=* ]]; then options+=(--provenance=false); fi
attested=${attested//provenance=mode=/provenance,mode=}
lines --attest "${attested//sbom=/sbom}" type= && options+=(${list[@]+"${list[@]}"})
if [[ $PUSH == yes ]]; then
  lines --cache-to "${CACHE_TO:-}" && options+=(${list[@]+"${list[@]}"})
  joined=$(IFS=,; printf '%s' "${names[*]}")
  options+=(--output "type=image,\"name=$joined\",push=true,$OUTPUT" --metadata-file "$DOCKER_CONFIG/result.json")
else
  options+=(--output type=cacheonly)
fi
"${buildx[@]}" build --builder "$BUILDER" --progress plain --file "$CONTEXT/$DOCKERFILE" "${options[@]}" "$CONTEXT"
