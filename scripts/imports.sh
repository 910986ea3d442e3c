#!/usr/bin/env bash
# Generates imports/ and conformance/crds/ from the CRDs of the versions in lib/support/pins.ts. Needs Go and its module proxy;
# nothing is read from a release page. The CRDs of Flux and of the Prometheus Operator are generated from their Go types, in the
# versions of scripts/imports/go.mod, as their own projects do. The other CRDs are files of their modules.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/crds"
GOTOOLCHAIN=$(sed -n 's/^toolchain //p' scripts/imports/go.mod)
export GOTOOLCHAIN

printf '== CRDs from Go types\n'
sources=()
while read -r package; do sources+=("paths=$package"); done < <(sed -n 's/^\t_ "\(.*\)"$/\1/p' scripts/imports/crds.go)
# As in the projects' own Makefiles; the Prometheus Operator allows dangerous types, which are floats.
(cd scripts/imports && go tool controller-gen crd:allowDangerousTypes=true "${sources[@]}" "output:crd:dir=$work/crds")

printf '== CRDs from files of modules\n'
node --import tsx scripts/imports.ts modules | while read -r module directory; do
  printf '%s\n' "$module"
  found=$(cd "$work" && go mod download -json "$module" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
  mkdir -p "$work/crds/${module//\//_}"
  cp "$found/$directory"/*.yaml "$work/crds/${module//\//_}/"
done

node --import tsx scripts/imports.ts reduce "$work/crds" "$root/conformance/crds" "$work/newest"
for crds in "$work"/newest/*.yaml; do
  npx --no-install cdk8s import --no-check-upgrade --no-save --language typescript --output imports "$crds"
done
git --no-pager diff --stat -- imports conformance/crds
