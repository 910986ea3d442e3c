#!/usr/bin/env bash
# Plays one commit's whole way on real servers, and then what can go wrong: conformance/live, docs/live.md. Then it runs the commands
# of docs/operate.md, from an empty cluster to a green build.
# Arguments go to `go test`. With --ci, only the faults that CI has time for are played, and a machine that cannot do it is
# told so, which is no failure.
#   npm run live                                    # the chain and the faults
#   npm run live -- -short                          # the chain and docs/operate.md only
#   npm run live -- --operate                       # docs/operate.md only
#   FORGE_LIVE_FAULTS='killed|restarts' npm run live    # the chain and these faults
#   FORGE_LIVE_ROUNDS=200 FORGE_LIVE_FAULTS='Flux commits' npm run live    # rounds of Flux against the synth, half a minute to two each
#   FORGE_LIVE_LOGS=/tmp/logs npm run live          # keep the logs of a run that fails
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
if_possible=no
# In CI, what takes under ten minutes together and waits for no clock: the rest is for `npm run live`.
if [ "${1:-}" = --ci ]; then
  if_possible=yes
  export FORGE_LIVE_FAULTS=${FORGE_LIVE_FAULTS:-'skip ci|builds nothing|drift|fork|composite|no runner|example|fetches|cancels|wrong|restarts|killed|cut off|late|is full|forgotten|typed|old tags|forge answers|checks'}
  shift
fi
plays=(Live Operate)
if [ "${1:-}" = --operate ]; then
  plays=(Operate)
  shift
fi
missing=()
for tool in go bash curl git ip node npm nsenter unshare; do command -v "$tool" > /dev/null || missing+=("$tool"); done
[ "$(uname -s)" = Linux ] || missing+=('Linux')
[ "$(id -u)" = 0 ] || missing+=('root, for namespaces and mounts')
if [ ${#missing[@]} -gt 0 ]; then
  printf 'live: NOT RUN. It builds the servers from their sources and starts them in namespaces of their own. Missing:\n' >&2
  printf '  %s\n' "${missing[@]}" >&2
  if [ $if_possible = yes ]; then exit 0; fi
  exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
node --import tsx scripts/conformance-live.ts "$work"
export FORGE_ROOT=$root FORGE_CASES=$work FORGE_CRDS=${FORGE_CRDS:-$root/conformance/crds}
cd conformance/live
go vet ./...
# What is built once takes longer than what is played each time: a limit of its own.
FORGE_LIVE_BUILD_ONLY=yes go test -count=1 -timeout 45m -v .
for play in "${plays[@]}"; do
  go test -count=1 -timeout "$((30 + 3 * ${FORGE_LIVE_ROUNDS:-0}))m" -v -run "^Test$play\$" "$@" .
done
