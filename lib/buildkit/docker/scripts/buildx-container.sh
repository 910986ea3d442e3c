"${buildx[@]}" create --name "$BUILDER" --driver docker-container --driver-opt "image=$BUILDER_IMAGE" \
  --buildkitd-config "$DOCKER_CONFIG/buildkitd.toml" >/dev/null
# The container and its state stay in the daemon, so that the next job finds its layers. Two jobs may create it at once: one of them
# finds the container of the other.
"${buildx[@]}" inspect --bootstrap "$BUILDER" >/dev/null || "${buildx[@]}" inspect --bootstrap "$BUILDER" >/dev/null
