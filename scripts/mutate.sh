#!/usr/bin/env bash
# Which wrong programs do the tests of a module not notice? StrykerJS changes the module at one point at a time.
#   npm run mutate -- secret              all of lib/secret
#   npm run mutate -- flux 0.05 7         one line in twenty, chosen by seed 7
#   npm run mutate -- flux 1 1 lib/flux/adopt/places.ts
# MUTATE_STATIC=1 includes constants of modules, such as regular expressions: each of them runs all tests of the module.
set -euo pipefail
cd "$(dirname "$0")/.."
MUTATE_ROOM=${1:?a module, for example secret} MUTATE_SHARE=${2:-1} MUTATE_SEED=${3:-1} MUTATE_FILES=${4:-} \
  exec nice npx --no-install stryker run scripts/mutate/stryker.config.mjs
