#!/usr/bin/env bash
# Compiles the library with jsii into build/, and bundles its JavaScript.
set -euo pipefail
cd "$(dirname "$0")/.."
rm -rf build
# Node 20 is this project's floor on purpose; jsii's advice to leave it is not something a user of the build can act on.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20
npx --no-install jsii --fail-on-warnings --silence-warnings=reserved-word --silence-warnings=metadata/missing-dev-dependency --generate-tsconfig tsconfig.jsii.json
# jsii publishes members marked @internal in the types; TypeScript users get the types without them.
npx --no-install tsc --project tsconfig.jsii.json --emitDeclarationOnly --stripInternal --incremental false --composite false
# The JavaScript of jsii, a file per source file, is replaced.
node --import tsx scripts/bundle.ts build/lib
