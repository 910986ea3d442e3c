set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
