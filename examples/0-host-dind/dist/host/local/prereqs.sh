#!/usr/bin/env bash
set -euo pipefail
PLAIN=''
MIRRORS=''
CONTEXTS='azure-auth-sim
frontend'
PLATFORMS=linux/amd64
EMULATION=tonistiigi/binfmt:qemu-v10.2.3-68
# Checks what the builds need, and changes nothing. Reads CONTEXTS (one a line) and SOURCE.
bad=0
problem() {
  printf '%s\n' "$1" >&2
  bad=1
}
while IFS= read -r context; do
  [[ -d $SOURCE/$context ]] || problem "$SOURCE/$context is not a directory: set SOURCE to the directory with the sources"
done <<<"$CONTEXTS"
# The Docker daemon and its builder. Reads PLAIN (host and port of a registry with plain HTTP; empty for another one), MIRRORS (URLs of mirrors of
# Docker Hub, one a line), PLATFORMS (one a line) and EMULATION (an image).
registries() { docker info --format "{{range \$name, \$value := .RegistryConfig.$1}}$2{{\"\\n\"}}{{end}}" 2>/dev/null || true; }
merge='merge daemon.json of this directory into its own (/etc/docker/daemon.json), and restart it'
command -v docker >/dev/null || problem 'docker is not on PATH'
if command -v docker >/dev/null; then
  docker buildx version >/dev/null 2>&1 || problem 'docker buildx is not installed: install the package docker-buildx-plugin'
  docker info >/dev/null 2>&1 || problem 'no Docker daemon answers: start Docker, or check DOCKER_HOST and docker context'
fi
if [[ -n $PLAIN ]] && command -v docker >/dev/null; then
  hosts=$(registries IndexConfigs '{{if not $value.Secure}}{{$name}}{{end}}')
  # A daemon that uses plain HTTP for whole networks is not judged.
  networks=$(registries InsecureRegistryCIDRs '{{$value}}' | grep -vxF -e 127.0.0.0/8 -e ::1/128 || true)
  [[ -n $networks ]] || grep -qxF "$PLAIN" <<<"$hosts" || problem "the Docker daemon uses HTTPS for $PLAIN: $merge"
fi
if [[ -n $MIRRORS ]] && command -v docker >/dev/null; then
  known=$(registries Mirrors '{{$value}}')
  while IFS= read -r mirror; do
    grep -qxF -e "$mirror" -e "$mirror/" <<<"$known" || problem "the Docker daemon does not use the mirror $mirror: $merge"
  done <<<"$MIRRORS"
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
