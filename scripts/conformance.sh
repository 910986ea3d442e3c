#!/usr/bin/env bash
# Lets the consumers' own Go code read what we write: generated documents, images.yaml and dist/.
set -euo pipefail
cd "$(dirname "$0")/.."
if ! command -v go >/dev/null; then
  echo "conformance needs Go 1.24 or newer (https://go.dev/dl): it runs the consumers' own parsers, which are written in Go" >&2
  exit 1
fi
documents="$(mktemp -d)"
trap 'rm -rf "$documents"' EXIT
node --import tsx scripts/conformance-documents.ts "$documents" "${CONFORMANCE_DOCUMENTS:-20000}" "${CONFORMANCE_SEED:-1}"
cd conformance
FORGE_DOCUMENTS="$documents" go test -count=1 "$@" ./...
