#!/usr/bin/env bash
set -euo pipefail
ENGINE=docker
IMAGES='docker.io/library/rust:1.83-slim
docker.io/library/debian:bookworm-slim'
PLATFORM=''
ATTEMPTS=5
PAUSE=5
# Pulls base images into the store of an engine, each again after a while if that fails: layers that are complete stay. An image that cannot be pulled
# but is on the machine is enough. Reads ENGINE (docker or podman), IMAGES (one a line), PLATFORM (empty for the daemon's own), ATTEMPTS and PAUSE (seconds; twice as
# long each time).
pull=("$ENGINE" pull)
inspect=("$ENGINE" image inspect)
[[ -z $PLATFORM ]] || pull+=(--platform "$PLATFORM") inspect+=(--platform "$PLATFORM")
is_here() {
  local found
  # Podman and older versions of Docker have no platform to ask for: the image of a name is for one.
  "${inspect[@]}" "$1" >/dev/null 2>&1 && return
  found=$("$ENGINE" image inspect --format '{{.Os}}/{{.Architecture}}{{with .Variant}}/{{.}}{{end}}' "$1" 2>/dev/null) || return
  [[ -z $PLATFORM || $found == "$PLATFORM" || $found == "$PLATFORM"/* ]]
}
while IFS= read -r image; do
  pause=$PAUSE
  for ((attempt = 1; ; attempt++)); do
    if "${pull[@]}" "$image" </dev/null; then break; fi
    if is_here "$image"; then
      printf 'cannot pull %s: the builds use the image on this machine\n' "$image" >&2
      break
    fi
    if ((attempt >= ATTEMPTS)); then
      printf 'cannot pull %s: %d attempts failed\n' "$image" "$ATTEMPTS" >&2
      exit 1
    fi
    printf 'attempt %d of %d failed; again in %d seconds\n' "$attempt" "$ATTEMPTS" "$pause" >&2
    sleep "$pause"
    ((pause *= 2))
  done
done <<<"$IMAGES"
