# Shared by the steps that scan an image. Reads: REFERENCE (an image, with its digest if there is one), PLAIN_HTTP (yes, no), FAIL_ON
# (CRITICAL, HIGH, MEDIUM, LOW, or NEVER), IGNORE_FILE (a file of the job, or empty), IGNORE_UNFIXED (yes, no), DATABASE (a mirror, or
# empty), OFFLINE (yes: the database is in the cache already), CACHE_DIR (empty: the scanner's own), REPORT (the directory of the reports).
[[ $REFERENCE =~ ^[A-Za-z0-9][A-Za-z0-9._:/-]*(@sha256:[0-9a-f]{64})?$ ]] || fail "this is not an image: $REFERENCE"
[[ -z $IGNORE_FILE || -r $IGNORE_FILE ]] || fail "there is no file $IGNORE_FILE: check out the repository first, or remove ignoreFile"
rm -rf -- "$REPORT"
mkdir -p -- "$REPORT"
# Says what was found, and fails if that is too much. The summary of a run takes 1 MiB.
conclude() {
  local found=$1 table=$REPORT/report.txt
  # Names of packages are of strangers: no line of them may be a command for the runner.
  sed -e 's/##\[/## [/g' -e 's/^/| /' "$table"
  # shellcheck disable=SC2016 # a fence of Markdown
  { printf '### %s\n\n```text\n' "$REFERENCE"; head -c 60000 "$table" | sed 's/```/` ` `/g'; printf '\n```\n'; } >>"${GITHUB_STEP_SUMMARY:-/dev/null}"
  printf 'found=%s\n' "$found" >>"${GITHUB_OUTPUT:-/dev/null}"
  [[ $found == no ]] || fail "$REFERENCE has vulnerabilities of severity $FAIL_ON or higher"
}
