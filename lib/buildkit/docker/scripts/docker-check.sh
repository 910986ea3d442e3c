# Builds an image with docker buildx and pushes it. Reads what build-check.sh reads, and BUILDER (a name; `default` is the Docker daemon)
# with the variables of its driver; OUTPUT, PLATFORMS, TARGET, CACHE_SCOPE; one a line: CACHE_FROM, CACHE_TO, BUILD_ARGS, SECRETS,
# ATTESTATIONS. What another job left in the home directory is not read: neither plugins nor builders.
command -v docker >/dev/null || { printf 'docker is not on PATH: use a runner whose jobs have Docker\n' >&2; exit 1; }
docker buildx version >/dev/null 2>&1 || { printf 'docker buildx is not installed for all users: install docker-buildx-plugin in the image of the job\n' >&2; exit 1; }
buildx=(docker buildx)
