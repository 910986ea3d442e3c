#!/usr/bin/env bash
# Fails when the committed output is not what the program synthesizes.
set -euo pipefail
cd "$(dirname "$0")/.."
npm run --silent synth > /dev/null
git add --intent-to-add dist images.yaml
git diff --exit-code -- dist images.yaml || {
  printf 'the committed output is out of date: run `npm run synth` and commit dist/ and images.yaml\n' >&2
  exit 1
}
