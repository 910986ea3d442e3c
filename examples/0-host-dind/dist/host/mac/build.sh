#!/usr/bin/env bash
# Builds images with Podman: build.sh [target]... Without targets, it builds all. Reads SOURCE and TAG.
set -euo pipefail
cd "$SOURCE"
build() {
  case $1 in
    azure-auth-sim)
      podman build \
        --file azure-auth-sim/Dockerfile \
        --platform linux/amd64 \
        --tag host.docker.internal:30090/platform/azure-auth-sim:"$TAG" \
        azure-auth-sim
      ;;
    frontend)
      podman build \
        --file frontend/Dockerfile \
        --build-arg NODE_OPTIONS=--max-old-space-size=1024 \
        --tag host.docker.internal:30090/platform/frontend:"$TAG" \
        frontend
      ;;
    *) printf 'there is no image %s\n' "$1" >&2; exit 2 ;;
  esac
}
# An image comes after the images that it is built from.
needs() {
  case $1 in
    azure-auth-sim) printf '%s\n' azure-auth-sim ;;
    frontend) printf '%s\n' frontend ;;
    *) printf '%s\n' "$1" ;;
  esac
}
(($# > 0)) || set -- azure-auth-sim frontend
built=' '
for target; do
  while IFS= read -r name; do
    [[ $built != *" $name "* ]] || continue
    build "$name" </dev/null
    built+="$name "
  done <<<"$(needs "$target")"
done
