# Builds an image with buildx and pushes it. Reads what build-check.sh reads, and BUILDER (a name) with the variables of its driver; OUTPUT,
# PLATFORMS, TARGET, CACHE_SCOPE; one a line: CACHE_FROM, CACHE_TO, BUILD_ARGS, SECRETS, ATTESTATIONS. No Docker daemon is needed: buildx
# may be a plugin of docker, or a program of its own.
if command -v buildx >/dev/null; then
  buildx=(buildx)
elif docker buildx version >/dev/null 2>&1; then
  buildx=(docker buildx)
else
  printf 'buildx is not on PATH, and docker buildx is not installed for all users: install one of them in the image of the job\n' >&2
  exit 1
fi
