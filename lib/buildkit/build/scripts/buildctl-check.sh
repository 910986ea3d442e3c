# Builds an image with buildctl and pushes it. Reads what build-check.sh reads, and BUILDKIT_HOST or BUILDKIT_HOSTS, BUILDCTL_FLAGS,
# OUTPUT (attributes of the image); one a line: CACHE_FROM, CACHE_TO, BUILD_ARGS, SECRETS, ATTESTATIONS; PLATFORMS, TARGET, CACHE_SCOPE.
command -v buildctl >/dev/null || { printf 'buildctl is not on PATH: give the runner a builder\n' >&2; exit 1; }
