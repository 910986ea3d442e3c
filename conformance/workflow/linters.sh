#!/usr/bin/env bash
# Installs actionlint and zizmor in the versions that are written beside this file, and prints where they are:
#   export FORGE_ACTIONLINT=… FORGE_ZIZMOR=…
# Both are kept outside of the repository, in a directory per version, so that only the first run needs the network.
# A linter that cannot be installed is named on standard error, and its variable is not printed.
set -euo pipefail
cd "$(dirname "$0")"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/cdk8s-forge/linters

not_checked() { printf 'NOT CHECKED: workflows by %s: %s\n' "$1" "$2" >&2; }
found() { printf 'export FORGE_%s=%q\n' "$1" "$2"; }

actionlint() {
  local version folder
  version=$(sed -n 's|.*github.com/rhysd/actionlint v\([0-9.]*\).*|\1|p' actionlint/go.mod)
  folder=$cache/actionlint-$version
  if [ ! -x "$folder/actionlint" ]; then
    mkdir -p "$folder"
    if ! (cd actionlint && GOFLAGS='' go build -o "$folder/actionlint" github.com/rhysd/actionlint/cmd/actionlint) >&2; then
      not_checked actionlint 'the Go module cannot be fetched or built'
      return
    fi
  fi
  found ACTIONLINT "$folder/actionlint"
  command -v shellcheck > /dev/null || not_checked 'shellcheck (called by actionlint)' 'it is not on PATH'
}

zizmor() {
  local version folder
  version=$(sed -n 's/^zizmor==//p' requirements.txt)
  folder=$cache/zizmor-$version
  if [ ! -x "$folder/bin/zizmor" ]; then
    if ! command -v python3 > /dev/null; then
      not_checked zizmor 'python3 is not on PATH'
      return
    fi
    rm -rf "$folder"
    if ! { python3 -m venv "$folder" && "$folder/bin/pip" install --quiet --disable-pip-version-check -r requirements.txt; } >&2; then
      rm -rf "$folder"
      not_checked zizmor 'it cannot be installed from PyPI'
      return
    fi
  fi
  found ZIZMOR "$folder/bin/zizmor"
}

actionlint
zizmor
