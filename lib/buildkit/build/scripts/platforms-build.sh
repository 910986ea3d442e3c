# Builds each platform on the daemons of its own nodes, at the same time, and joins the results into one index.
# Reads also PLATFORM_HOSTS, one platform=address,address for each platform, separated by spaces; and the flags of each platform, for
# example BUILDCTL_FLAGS_linux_amd64, with its certificate.
common=()
for label in "${labels[@]}"; do common+=(--opt "label:$label"); done
if [[ -n ${TARGET:-} ]]; then common+=(--opt "target=$TARGET"); fi
if [[ -n ${CACHE_SCOPE:-} ]]; then common+=(--opt "build-arg:BUILDKIT_CACHE_MOUNT_NS=$CACHE_SCOPE"); fi
if [[ ${PULL:-no} == yes ]]; then common+=(--opt image-resolve-mode=pull); fi
if [[ ${REPRODUCIBLE:-no} == yes ]]; then common+=(--opt "build-arg:SOURCE_DATE_EPOCH=$CREATED"); fi
lines --opt "${BUILD_ARGS:-}" build-arg: && common+=(${list[@]+"${list[@]}"})
lines --secret "${SECRETS:-}" && common+=(${list[@]+"${list[@]}"})
# Of several daemons of a platform, an image always finds the one that has its cache.
daemon() { for host in ${1//,/ }; do printf '%s %s\n' "$(printf '%s %s' "$IMAGE" "$host" | sha256sum)" "$host"; done | LC_ALL=C sort | tail -n 1 | awk '{ print $NF }'; }
# Each platform has a cache of its own: the last one to write a shared cache would replace the others.
cache() { sed -E "s#(^|,)(ref=[^,]+:[^,:/]+)#\1\2-$2#" <<<"$1"; }
builds=() parts=() first=''
for pair in $PLATFORM_HOSTS; do
  platform=${pair%%=*} host=$(daemon "${pair#*=}") name=${platform//\//-}
  if [[ ",$PLATFORMS," != *",$platform,"* ]]; then continue; fi
  variable=BUILDCTL_FLAGS_${platform//\//_}
  read -ra flags <<< "${!variable:---timeout 120 --wait}"
  if [[ -z $first ]]; then first=$host first_flags=("${flags[@]}"); fi
  options=("${common[@]}" --opt "platform=$platform")
  lines --import-cache "$(cache "${CACHE_FROM:-}" "$name")" && options+=(${list[@]+"${list[@]}"})
  if [[ $PUSH == yes ]]; then
    lines --export-cache "$(cache "${CACHE_TO:-}" "$name")" && options+=(${list[@]+"${list[@]}"})
    options+=(--output "type=image,name=$IMAGE,push=true,push-by-digest=true,name-canonical=true,$OUTPUT" --metadata-file "$DOCKER_CONFIG/$name.json")
  fi
  buildctl --addr "$host" "${flags[@]}" build --progress plain --frontend dockerfile.v0 --local "context=$CONTEXT" --local "dockerfile=$CONTEXT" \
    --opt "filename=$DOCKERFILE" "${options[@]}" &
  builds+=("$!") parts+=("$platform")
done
failed=no
for build in "${builds[@]}"; do wait "$build" || failed=yes; done
[[ $failed == no ]] || { printf 'a platform of %s was not built\n' "$IMAGE" >&2; exit 1; }
if [[ $PUSH == yes ]]; then
  # A Dockerfile of references only: BuildKit takes image and configuration of each platform as they are, and runs nothing.
  mkdir "$DOCKER_CONFIG/join"
  for platform in "${parts[@]}"; do
    name=${platform//\//-}
    part=$(sed -n '/"containerimage.digest"/{s/.*"containerimage.digest"[^"]*"\(sha256:[0-9a-f]\{64\}\)".*/\1/p;q;}' "$DOCKER_CONFIG/$name.json")
    [[ $part == sha256:* ]] || { printf 'the builder reports no digest of %s for %s\n' "$IMAGE" "$platform" >&2; exit 1; }
    printf 'FROM --platform=%s %s@%s AS %s\n' "$platform" "$IMAGE" "$part" "${name//-/}"
  done >"$DOCKER_CONFIG/join/Dockerfile"
  # shellcheck disable=SC2016 # BuildKit fills these in
  printf 'FROM ${TARGETOS}${TARGETARCH}${TARGETVARIANT}\n' >>"$DOCKER_CONFIG/join/Dockerfile"
  joined=$(IFS=,; printf '%s' "${names[*]}")
  all=$(IFS=,; printf '%s' "${parts[*]}")
  buildctl --addr "$first" "${first_flags[@]}" build --progress plain --frontend dockerfile.v0 \
    --local "context=$DOCKER_CONFIG/join" --local "dockerfile=$DOCKER_CONFIG/join" --opt "platform=$all" --opt multi-platform=true \
    --output "type=image,\"name=$joined\",push=true,oci-mediatypes=true" --metadata-file "$DOCKER_CONFIG/result.json"
fi
