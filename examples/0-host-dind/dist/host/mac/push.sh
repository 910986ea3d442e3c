#!/usr/bin/env bash
# Pushes an image with Podman: push.sh <name>.
set -euo pipefail
if podman manifest exists "$1" 2>/dev/null; then podman manifest push --all "$1" "docker://$1"; else podman push "$1"; fi
