# Compares the output with that of the commit where the pull request begins, and writes what Flux does as Markdown. Code of the
# repository runs here, so this step holds no credential. A comparison that fails is a warning: the check says what is wrong.
# Reads: BASE (the commit, if the forge names it), DIFF (the command). Writes the output `comment`.
set -euo pipefail
warn() { printf '::warning::no comparison: %s\n' "$1"; exit 0; }
command -v git >/dev/null || warn 'git is not on PATH'
git() { command git -c safe.directory="$PWD" "$@"; }
# GitHub checks out the merge with the base, whose first parent is the base.
base=$BASE
if [ -z "$base" ] && git rev-parse --verify --quiet 'HEAD^2' >/dev/null; then base=$(git rev-parse 'HEAD^1'); fi
if [ -z "$base" ]; then warn 'the run does not say where the pull request begins'; fi
git cat-file -e "$base^{commit}" 2>/dev/null || warn "the checkout does not have $base"
export BASE=$base
export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0=$PWD
comment=$(env -u GITHUB_ENV -u GITHUB_PATH -u GITHUB_STATE -u GITHUB_OUTPUT bash -euo pipefail -c "$DIFF") || warn "\`$DIFF\` failed"
printf '%s\n' "$comment"
end=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
printf 'comment<<%s\n%s\n%s\n' "$end" "$comment" "$end" >> "${GITHUB_OUTPUT:-/dev/null}"
