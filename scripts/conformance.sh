#!/usr/bin/env bash
# Lets the consumers' own code read what we write: each folder of conformance/ is a Go module with the versions that one consumer
# is built with. Arguments name folders, or round-trip; without any, all of them run, and then the way round through Flux and back.
# In CI (where CI is set) Flux's own controller is left out: it takes minutes to build. Its library for applying is not.
#   CONFORMANCE_DOCUMENTS=200000 CONFORMANCE_SEED=7 npm run conformance -- setters
#   FC_SEED=7 npm run conformance            other generated cases, in every folder
set -euo pipefail
seed=${CONFORMANCE_SEED:-${FC_SEED:-1}}
cd "$(dirname "$0")/.."
root=$PWD
if ! command -v go > /dev/null; then
  printf 'conformance needs Go (https://go.dev/dl): it runs the consumers'\'' own parsers, which are written in Go\n' >&2
  exit 1
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A module may need a newer Go than the one that is installed: the toolchain of its go.mod comes from the module proxy.
toolchain() {
  local name
  name=$(sed -n 's/^toolchain //p' "$1")
  if [ -n "$name" ]; then export GOTOOLCHAIN=$name; fi
}

consumer() {
  local folder=$1 started=$SECONDS
  export FORGE_ROOT=$root FORGE_CASES=$work/$folder
  printf '== %s\n' "$folder"
  mkdir -p "$FORGE_CASES"
  if [ -f "scripts/conformance-$folder.ts" ]; then
    if [ "$folder" = setters ]; then
      set -- "${CONFORMANCE_DOCUMENTS:-20000}" "$seed"
    else
      set --
    fi
    node --import tsx "scripts/conformance-$folder.ts" "$FORGE_CASES" "$@"
  fi
  # A consumer may be too large to build whole.
  local flags=''
  if [ -f "conformance/$folder/prepare.sh" ]; then flags=$(bash "conformance/$folder/prepare.sh"); fi
  # Programs that read the files too; a program that cannot be had is named.
  if [ -f "conformance/$folder/linters.sh" ]; then eval "$(bash "conformance/$folder/linters.sh")"; fi
  (cd "conformance/$folder" && toolchain go.mod && export GOFLAGS="${GOFLAGS:-} $flags" && go vet ./... && go test -timeout 30m ${CI:+-short} ./...)
  # The oldest modules that are supported and can be had, beside the newest.
  if [ -f "conformance/$folder/go.oldest.mod" ]; then
    (cd "conformance/$folder" && toolchain go.oldest.mod && export GOFLAGS="${GOFLAGS:-} -modfile=go.oldest.mod -tags=oldest" && go vet ./... && go test -timeout 30m ${CI:+-short} ./...)
  fi
  # What a consumer measured: `go test` prints nothing of a test that passes.
  if [ -f "$FORGE_CASES/figures.txt" ]; then cat "$FORGE_CASES/figures.txt"; fi
  printf -- '-- %s seconds\n' "$((SECONDS - started))"
}

# Adopt manifests in hand-written shapes, let Flux's own library move their image, adopt them again: nothing may change.
adopt_round_trip() {
  local adopted=$work/adopted
  (cd conformance/setters && go build -o "$work/flux-update" ./cmd/flux-update)
  node --import tsx scripts/conformance-adopt.ts write "$adopted" "${CONFORMANCE_ADOPTED:-2000}" "$seed"
  "$work/flux-update" -root "$adopted" -tag 9.9.9 . > /dev/null
  node --import tsx scripts/conformance-adopt.ts check "$adopted" 9.9.9
}

# Synthesize, let Flux's own library move every image, synthesize again: nothing may change.
round_trip() {
  local name=$1 source=$2 copy=$work/round-trip/$1
  mkdir -p "$copy"
  if [ "$source" = "$root" ]; then
    cp -R "$source/main.ts" "$source/images.yaml" "$source/dist" "$copy/"
    ln -sfn "$root/lib" "$copy/lib"
    ln -sfn "$root/imports" "$copy/imports"
    ln -sfn "$root/node_modules" "$copy/node_modules"
  else
    # Whole: an example may hold manifests that are written by hand and adopted.
    cp -R "$source/." "$copy/"
  fi
  "$work/flux-update" -root "$copy" -tag 9.9.9 . > /dev/null
  # The lock says which policies reflect digests.
  local digested=()
  read -r -a digested <<< "$(sed -n 's/.*"$imagepolicy": "\(.*\):digest".*/-policy \1/p' "$copy/images.yaml" | tr '\n' ' ')"
  if [ ${#digested[@]} -gt 0 ]; then
    "$work/flux-update" -root "$copy" -tag 9.9.9 -digest "sha256:$(printf '%064d' 1)" "${digested[@]}" . > /dev/null
  fi
  cp -R "$copy" "$copy.updated"
  (cd "$copy" && env -u CDK8S_OUTDIR node --preserve-symlinks-main --import tsx main.ts)
  diff -r "$copy.updated" "$copy"
  # Each form of tags that a pipeline pushes, as scalars of both files.
  local tag
  for tag in main-0123abc-1763600000 main-build.12 main-build.12.02 2026.11.3 1.10.0; do
    [ "$name" = main ] || break
    "$work/flux-update" -root "$copy" -tag "$tag" . > /dev/null
    grep -q ":$tag\"\? # {\"\$imagepolicy\"" -r "$copy/dist" || { printf '%s: Flux did not write %s\n' "$name" "$tag" >&2; exit 1; }
    rm -rf "$copy.updated"
    cp -R "$copy" "$copy.updated"
    (cd "$copy" && env -u CDK8S_OUTDIR node --preserve-symlinks-main --import tsx main.ts)
    diff -r "$copy.updated" "$copy"
  done
  if diff -q "$source/images.yaml" "$copy/images.yaml" > /dev/null; then
    printf '%s: no image was moved\n' "$name" >&2
    exit 1
  fi
  printf '%s: after Flux moved every image, synth changed nothing\n' "$name"
}

folders=("$@")
if [ ${#folders[@]} -eq 0 ]; then
  # conformance/live starts servers rather than parsers: scripts/live.sh.
  for module in conformance/*/go.mod; do [[ $module == */live/* ]] || folders+=("$(basename "$(dirname "$module")")"); done
fi
for folder in "${folders[@]}"; do
  if [ "$folder" = round-trip ]; then continue; fi
  consumer "$folder"
  if [ "$folder" = setters ]; then adopt_round_trip; fi
done
if [ $# -eq 0 ] || [[ " $* " == *' round-trip '* ]]; then
  printf '== round trip\n'
  (cd conformance/setters && go build -o "$work/flux-update" ./cmd/flux-update)
  mkdir -p "$work/round-trip"
  ln -sfn "$root/lib" "$work/round-trip/lib"
  ln -sfn "$root/imports" "$work/round-trip/imports"
  ln -sfn "$root/node_modules" "$work/round-trip/node_modules"
  round_trip main "$root"
  for lock in examples/*/images.yaml examples/parts/*/images.yaml; do
    [ -f "$lock" ] && grep -q imagepolicy "$lock" && round_trip "$(dirname "$lock")" "$root/$(dirname "$lock")"
  done
  true
fi
