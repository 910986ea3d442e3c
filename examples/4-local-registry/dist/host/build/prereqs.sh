#!/usr/bin/env bash
set -euo pipefail
REGISTRY=localhost:3000
SCHEME=http
CONTEXTS=.
PLATFORMS=''
EMULATION=tonistiigi/binfmt:qemu-v10.2.3-68
# Checks what the builds need. Reads REGISTRY (host and port), SCHEME (http, https, or private for a private CA), CONTEXTS and PLATFORMS (one a line),
# EMULATION (an image) and SOURCE. It changes nothing.
bad=0
problem() {
  printf '%s\n' "$1" >&2
  bad=1
}
command -v docker >/dev/null || problem 'docker is not on PATH'
if command -v docker >/dev/null; then
  docker buildx version >/dev/null 2>&1 || problem 'docker buildx is not installed: install the package docker-buildx-plugin'
  docker info >/dev/null 2>&1 || problem 'no Docker daemon answers: start Docker, or check DOCKER_HOST and docker context'
fi
while IFS= read -r context; do
  [[ -d $SOURCE/$context ]] || problem "$SOURCE/$context is not a directory: set SOURCE to the directory with the sources"
done <<<"$CONTEXTS"
if [[ $SCHEME == http ]] && command -v docker >/dev/null; then
  known=$(docker info --format '{{range $name, $index := .RegistryConfig.IndexConfigs}}{{if not $index.Secure}}{{$name}}{{"\n"}}{{end}}{{end}}' 2>/dev/null || true)
  grep -qxF "$REGISTRY" <<<"$known" ||
    problem "the Docker daemon uses HTTPS for $REGISTRY: merge daemon.json of this directory into its own (/etc/docker/daemon.json), and restart it"
fi
# A builder that does not list its platforms is not judged.
known=$(docker buildx inspect 2>/dev/null | sed -n 's/^Platforms: *//p' | tr -d ' *' | tr , '\n' || true)
if [[ -n $known && -n $PLATFORMS ]]; then
  while IFS= read -r platform; do
    architecture=${platform#*/}
    grep -qxF "$platform" <<<"$known" ||
      problem "this machine does not build for $platform: docker run --privileged --rm $EMULATION --install ${architecture%%/*}"
  done <<<"$PLATFORMS"
fi
exit "$bad"
