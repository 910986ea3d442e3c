#!/usr/bin/env bash
# Plays one commit's whole way on real servers: conformance/live. Arguments go to `go test`.
#   npm run live                          # the chain and the faults
#   npm run live -- -short                # the chain alone
#   FORGE_LIVE_LOGS=/tmp/logs npm run live
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
if ! command -v go > /dev/null; then
  printf 'live needs Go (https://go.dev/dl): it builds the servers from their sources\n' >&2
  exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
node --import tsx scripts/conformance-live.ts "$work"
export FORGE_ROOT=$root FORGE_CASES=$work FORGE_CRDS=${FORGE_CRDS:-$root/../shared/crds}
cd conformance/live
go vet ./...
go test -count=1 -timeout 20m -v "$@" .
