# Reads BUILDER_NODES: for each daemon, its platforms (or nothing), the directory of the client's certificate (or nothing), and its
# addresses, separated by bars; BUILDER_TLS_CA, BUILDER_TLS_CERT and BUILDER_TLS_KEY, if the certificate is a secret of the forge.
export BUILDX_CONFIG=$DOCKER_CONFIG/buildx
tls=''
if [[ -n ${BUILDER_TLS_KEY+given} ]]; then
  [[ -n $BUILDER_TLS_CA && -n $BUILDER_TLS_CERT && -n $BUILDER_TLS_KEY ]] ||
    { printf 'a secret of the client certificate is empty: create the secrets of the forge\n' >&2; exit 1; }
  tls=$DOCKER_CONFIG/tls
  (
    umask 077
    mkdir -p "$tls"
    printf '%s\n' "$BUILDER_TLS_CA" >"$tls/ca.pem"
    printf '%s\n' "$BUILDER_TLS_CERT" >"$tls/cert.pem"
    printf '%s\n' "$BUILDER_TLS_KEY" >"$tls/key.pem"
  )
fi
number=0
while IFS='|' read -r platforms folder addresses; do
  # Of several daemons, an image always finds the one that has its cache.
  address=$(for host in $addresses; do printf '%s %s\n' "$(printf '%s %s' "$IMAGE" "$host" | sha256sum)" "$host"; done | LC_ALL=C sort | tail -n 1 | awk '{ print $NF }')
  node=(--name "$BUILDER" --node "$BUILDER$number" --driver remote)
  if [[ $number -gt 0 ]]; then node+=(--append); fi
  if [[ -n $platforms ]]; then node+=(--platform "$platforms"); fi
  folder=${folder:-$tls}
  if [[ -n $folder ]]; then node+=(--driver-opt "cacert=$folder/ca.pem,cert=$folder/cert.pem,key=$folder/key.pem"); fi
  "${buildx[@]}" create "${node[@]}" "$address" >/dev/null
  number=$((number + 1))
done <<<"$BUILDER_NODES"
# A daemon that is starting is waited for.
for ((left = 5; ; left--)); do
  if "${buildx[@]}" inspect --bootstrap "$BUILDER" >"$DOCKER_CONFIG/builder.txt" 2>&1; then break; fi
  if [[ $left -le 0 ]]; then cat "$DOCKER_CONFIG/builder.txt" >&2; exit 1; fi
  sleep 1
done
