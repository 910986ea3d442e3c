set -euo pipefail
fail() { printf '%s\n' "$1" >&2; exit 1; }
command -v git >/dev/null || fail 'git is not on PATH: this step needs an image with git'
