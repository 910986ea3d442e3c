# Reads BUILDER_OPTIONS, one a line, and BUILDER_KUBECONFIG.
[[ -n ${BUILDER_KUBECONFIG:-} ]] || { printf 'BUILDER_KUBECONFIG is empty: create the secret of the forge\n' >&2; exit 1; }
(umask 077 && printf '%s\n' "$BUILDER_KUBECONFIG" >"$DOCKER_CONFIG/kubeconfig")
export KUBECONFIG=$DOCKER_CONFIG/kubeconfig
lines --driver-opt "$BUILDER_OPTIONS"
"${buildx[@]}" create --name "$BUILDER" --driver kubernetes "${list[@]}" --buildkitd-config "$DOCKER_CONFIG/buildkitd.toml" >/dev/null
# The pods and their layers stay, so that the next job finds them by the name.
"${buildx[@]}" inspect --bootstrap "$BUILDER" >/dev/null || "${buildx[@]}" inspect --bootstrap "$BUILDER" >/dev/null
