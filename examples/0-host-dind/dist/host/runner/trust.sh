#!/bin/sh
# Writes one file with the authorities that the image trusts and those given as arguments: clients take one file or the other, not both.
set -eu
: "${SYSTEM_BUNDLE:?}" "${BUNDLE:?}"
if [ -s "$SYSTEM_BUNDLE" ]; then set -- "$SYSTEM_BUNDLE" "$@"; fi
for file in "$@"; do
  if ! grep -q -- '-----BEGIN CERTIFICATE-----' "$file"; then
    echo "$file holds no certificate" >&2
    exit 1
  fi
done
# awk ends every line, so that two certificates never share one.
awk 1 "$@" >"$BUNDLE.new"
mv "$BUNDLE.new" "$BUNDLE"
