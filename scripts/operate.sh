#!/usr/bin/env bash
# Runs the commands of docs/operate.md against real servers: Gitea, the API server, Flux's source- and kustomize-controller.
# The servers are those of conformance/live, which builds them once.
#   bash scripts/operate.sh
set -euo pipefail
cd "$(dirname "$0")/.."
for tool in go bash git node; do
  command -v "$tool" > /dev/null || { printf 'operate: NOT RUN, %s is missing\n' "$tool" >&2; exit 1; }
done
(cd conformance/live && FORGE_LIVE_BUILD_ONLY=yes go test -count=1 -timeout 45m .)
node --import tsx --test conformance/operate/*.test.ts
# FORGE_REPOSITORIES=1000 delivers to as many repositories.
exec node --import tsx conformance/operate/many.ts
