#!/usr/bin/env bash
# Runs the commands of docs/operate.md against real servers, from an empty cluster to a green build; lets a real Gitea tell Flux and people
# what happens (webhooks, notifications of a recovery); then delivers to many repositories of a real Gitea at once, and kills that run in the middle.
#   bash scripts/operate.sh
#   FORGE_REPOSITORIES=1000 bash scripts/operate.sh     # to as many; the default is 40
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/live.sh --operate
node --import tsx conformance/operate/tell.ts
exec node --import tsx conformance/operate/many.ts
