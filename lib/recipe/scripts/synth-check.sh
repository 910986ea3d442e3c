# Synthesizes and fails if that changes a committed file: what is committed is not what the program says.
# Reads: PREPARE, SYNTH.
set -euo pipefail
fail() { printf '%s\n' "$1" >&2; exit 1; }
command -v git >/dev/null || fail 'git is not on PATH: this step needs an image with git'
git() { command git -c safe.directory="$PWD" "$@"; }
bash -euo pipefail -c "$PREPARE"
bash -euo pipefail -c "$SYNTH"
if [ -z "$(git status --porcelain --untracked-files=all)" ]; then
  printf 'what is committed is what the program says\n'
  exit 0
fi
git add --all
git --no-pager diff --cached
fail "the output is not what the program says: run \`$SYNTH\`, and commit what it changes"
