# The configuration of a builder of its own: how registries are reached, and the private CAs. buildx copies it into the builder once.
export BUILDX_CONFIG=$DOCKER_CONFIG/buildx
number=0
for authority in ${BUILDER_CAS:-}; do
  variable=BUILDER_CA_$number number=$((number + 1))
  mkdir -p "$DOCKER_CONFIG/ca/$authority"
  printf '%s\n' "${!variable}" >"$DOCKER_CONFIG/ca/$authority/ca.crt"
  # buildx would fetch tokens itself, and does not read this configuration.
  export BUILDKIT_NO_CLIENT_TOKEN=1
done
config=${BUILDER_CONFIG:-}
printf '%s\n' "${config//\/cdk8s-forge-ca\//$DOCKER_CONFIG/ca/}" >"$DOCKER_CONFIG/buildkitd.toml"
