# Lets only some results through. Reads also: ON (some of success, failure, cancelled, recovered), DETAIL (what a message without text says
# after the result). For recovered: API, FORGE_TOKEN, RUN_ID, RUN_NUMBER, RUN_ATTEMPT. A result before that nobody can read is a warning.
ask() { curl -q --silent --show-error --fail --max-time 20 --config <(printf 'header = "Authorization: token %s"\n' "$FORGE_TOKEN") --url "$API/$1"; }
# Gitea and Forgejo list the jobs of all runs, each attempt in a row of its own, the newest first. Rows may move from page to page.
before_on_gitea() {
  local page
  # shellcheck disable=SC2016 # variables of jq
  for page in 1 2 3 4; do ask "actions/tasks?limit=50&page=$page" || return 1; done |
    jq -rs --argjson number "$RUN_NUMBER" --argjson attempt "$RUN_ATTEMPT" '
      [.[].workflow_runs[]?] | unique_by(.id) as $rows | ([$rows[] | select(.run_number == $number)][0]) as $own
      | [$rows[] | select(.workflow_id == $own.workflow_id and .head_branch == $own.head_branch and .run_number <= $number)]
      | group_by(.run_number) | reverse
      | map([group_by(.name)[] | sort_by(-.id)
        | (if .[0].run_number != $number then .[:1] elif $attempt > 1 then .[1:2] else [] end)[].status])
      | map(if any(. == "failure") then "failure" elif length > 0 and all(. == "success" or . == "skipped") then "success" else empty end)
      | .[0] // ""'
}
before_on_github() {
  local word own path
  word='def word: if . == "success" then . elif . == "failure" or . == "timed_out" or . == "startup_failure" then "failure" else empty end;'
  if [ "$RUN_ATTEMPT" -gt 1 ]; then
    own=$(ask "actions/runs/$RUN_ID/attempts/$((RUN_ATTEMPT - 1))" | jq -r "$word .conclusion | word") || return 1
    if [ -n "$own" ]; then printf '%s' "$own" && return; fi
  fi
  path=$(ask "actions/runs/$RUN_ID" | jq -r '"actions/workflows/\(.workflow_id)/runs?per_page=50&branch=\(.head_branch | @uri)"') || return 1
  # shellcheck disable=SC2016 # variables of jq
  ask "$path" | jq -r --argjson number "$RUN_NUMBER" "$word"' [.workflow_runs[] | select(.run_number < $number) | .conclusion | word][0] // ""'
}
# Says how the run before ended, on the same branch and of the same workflow: success, failure, or nothing. Runs that were cancelled do not count.
before() {
  [[ $RUN_ID =~ ^[1-9][0-9]*$ && $RUN_NUMBER =~ ^[1-9][0-9]*$ && $RUN_ATTEMPT =~ ^[1-9][0-9]*$ ]] || return 1
  [[ -n $FORGE_TOKEN && $FORGE_TOKEN != *[$'\r\n"\\']* ]] || return 1
  case $API in */api/v1/*) before_on_gitea ;; *) before_on_github ;; esac
}
if [ "$STATUS" = success ] && [[ " $ON " == *' recovered '* ]]; then
  if ! command -v jq >/dev/null; then
    printf '::warning::the result before is unknown: jq is not on PATH\n'
  elif previous=$(before); then
    if [ "$previous" = failure ]; then STATUS=recovered; fi
  else
    printf '::warning::the result before is unknown: may the token of the job read runs (actions: read)?\n'
  fi
fi
if [[ " $ON " != *" $STATUS "* ]]; then
  printf 'nothing to notify of: %s\n' "$STATUS"
  exit 0
fi
MESSAGE=${MESSAGE:-"$STATUS: $DETAIL"}
