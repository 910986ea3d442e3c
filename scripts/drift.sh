#!/usr/bin/env bash
# Fails when the committed output is not what the program synthesizes.
set -euo pipefail
cd "$(dirname "$0")/.."
npx --no-install cdk8s synth --no-check-upgrade > /dev/null
git add --intent-to-add dist images.yaml
git diff --exit-code -- dist images.yaml || {
  printf 'the committed output is out of date: run `npx cdk8s synth` and commit dist/ and images.yaml\n' >&2
  exit 1
}
