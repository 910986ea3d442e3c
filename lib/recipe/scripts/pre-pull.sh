# Pulls images into the Docker daemon, each again after a while if that fails: layers that are complete stay.
# Reads: IMAGES (one a line), PLATFORM (empty for the daemon's own), ATTEMPTS, PAUSE (seconds; twice as long each time).
set -euo pipefail
fail() { printf '%s\n' "$1" >&2; exit 1; }
command -v docker >/dev/null || fail 'docker is not on PATH: this step needs an image with the Docker client'
docker version >/dev/null || fail 'no Docker daemon answers: the runner must hand its socket to jobs'

pull=(docker pull --quiet)
[ -z "$PLATFORM" ] || pull+=(--platform "$PLATFORM")
while IFS= read -r image; do
  pause=$PAUSE
  for ((attempt = 1; ; attempt++)); do
    if "${pull[@]}" "$image"; then break; fi
    ((attempt < ATTEMPTS)) || fail "cannot pull $image: $ATTEMPTS attempts failed"
    printf 'attempt %d of %d failed; again in %d seconds\n' "$attempt" "$ATTEMPTS" "$pause" >&2
    sleep "$pause"
    ((pause *= 2))
  done
done <<<"$IMAGES"
