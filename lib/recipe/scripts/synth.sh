# Installs what the program needs, and synthesizes. Code of the repository runs here, so this step holds no credential.
# Reads: PREPARE, SYNTH, PREPARED (what an earlier round prepared for, or empty). Writes the output `prepared`.
set -euo pipefail
fail() { printf '%s\n' "$1" >&2; exit 1; }
command -v sha256sum >/dev/null || fail 'sha256sum is not on PATH: this step needs an image with coreutils or BusyBox'
wanted=none
if [ -f package-lock.json ]; then wanted=$(sha256sum package-lock.json | cut -d ' ' -f 1); fi
if [ "$wanted" != "$PREPARED" ]; then bash -euo pipefail -c "$PREPARE"; fi
bash -euo pipefail -c "$SYNTH"
printf 'prepared=%s\n' "$wanted" >> "${GITHUB_OUTPUT:-/dev/null}"
