#!/usr/bin/env bash
set -euo pipefail
IMAGES='docker.io/library/rust:1.83-slim
docker.io/library/debian:bookworm-slim'
PLATFORM=''
ATTEMPTS=5
PAUSE=5
# Pulls base images into the Docker daemon, each again after a while if that fails: layers that are complete stay. Reads IMAGES (one a line),
# PLATFORM (empty for the daemon's own), ATTEMPTS and PAUSE (seconds; twice as long each time).
pull=(docker pull)
[[ -z $PLATFORM ]] || pull+=(--platform "$PLATFORM")
while IFS= read -r image; do
  pause=$PAUSE
  for ((attempt = 1; ; attempt++)); do
    if "${pull[@]}" "$image" </dev/null; then break; fi
    if ((attempt >= ATTEMPTS)); then
      printf 'cannot pull %s: %d attempts failed\n' "$image" "$ATTEMPTS" >&2
      exit 1
    fi
    printf 'attempt %d of %d failed; again in %d seconds\n' "$attempt" "$ATTEMPTS" "$pause" >&2
    sleep "$pause"
    ((pause *= 2))
  done
done <<<"$IMAGES"
