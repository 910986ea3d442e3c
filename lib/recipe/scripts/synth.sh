# Installs what the program needs, and synthesizes. Code of the repository runs here, so this step holds no credential.
# What this code asks the runner to set for later steps is dropped: a PATH or BASH_ENV would run its code where the token is.
# Reads: PREPARE, SYNTH, PREPARED (what an earlier round prepared for, or empty). Writes the output `prepared`.
set -euo pipefail
fail() { printf '%s\n' "$1" >&2; exit 1; }
command -v sha256sum >/dev/null || fail 'sha256sum is not on PATH: this step needs an image with coreutils or BusyBox'
wanted=none
if [ -f package-lock.json ]; then wanted=$(sha256sum package-lock.json | cut -d ' ' -f 1); fi
untrusted() { env -u GITHUB_ENV -u GITHUB_PATH -u GITHUB_STATE -u GITHUB_OUTPUT bash -euo pipefail -c "$1"; }
if [ "$wanted" != "$PREPARED" ]; then untrusted "$PREPARE"; fi
untrusted "$SYNTH"
for file in "${GITHUB_ENV:-}" "${GITHUB_PATH:-}" "${GITHUB_STATE:-}" "${GITHUB_OUTPUT:-}"; do
  if [ -f "$file" ]; then : > "$file"; fi
done
printf 'prepared=%s\n' "$wanted" >> "${GITHUB_OUTPUT:-/dev/null}"
