#!/usr/bin/env bash
# Everything that has to hold before a change lands.
set -euo pipefail
cd "$(dirname "$0")/.."
step() {
  printf '\n== %s\n' "$1"
  shift
  local started=$SECONDS
  "$@"
  printf -- '-- %s seconds\n' "$((SECONDS - started))"
}
if [ -z "${SKIP_TESTS:-}" ]; then step 'tests' npm test; fi
step 'lint' npm run --silent lint
step 'build' npm run --silent build
step 'changes of the API and the output are in the changelog' npm run --silent compat -- --strict
step 'versions of other software' npm run --silent sentinel
step 'committed output is up to date' bash scripts/drift.sh
step 'the package in an empty project' bash scripts/pack.sh
step 'benchmark' npm run --silent bench
if command -v go > /dev/null; then
  step 'conformance' npm run --silent conformance
  step 'live' bash scripts/live.sh --ci
else
  printf '\n== conformance and live: NOT RUN, because go is not installed\n'
fi
