#!/usr/bin/env bash
# The checks of the runbook, as `npx cdk8s-forge verify` runs them. Exit code 1 if a check fails.
# FORGE_TOKEN is a token for the API of the forge. CA is a file with the certificates of private CAs.
# shellcheck disable=SC2016 # the checks are texts that another Bash runs
set -uo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 077
export HEADER=/dev/null
if [ -n "${FORGE_TOKEN:-}" ]; then
  HEADER=$work/header
  printf 'Authorization: token %s\n' "$FORGE_TOKEN" > "$HEADER"
fi
token=${FORGE_TOKEN:-}
unset FORGE_TOKEN
passed=0 failed=0 skipped=0
skip() {
  skipped=$((skipped + 1))
  printf 'skipped: %s\n  %s\n' "$1" "$2"
}
hint() {
  printf '  cause: %s\n  fix: %s\n' "$1" "$2"
}
# macOS has neither timeout nor grep -P.
if ! command -v timeout > /dev/null; then
  timeout() { perl -e 'alarm shift; exec @ARGV or exit 127' "$@"; }
fi
# matches <pattern of Perl> <file>
matches() {
  if printf x | grep -Pq x 2> /dev/null; then
    grep -Pzq -- "$1" "$2"
  else
    PATTERN=$1 perl -0777 -ne 'exit(/$ENV{PATTERN}/ ? 0 : 1)' "$2"
  fi
}
# check <title> <expected, in words> <exit code> <pattern of Perl, or nothing> <symptom, or nothing> <script>
check() {
  local code=0
  timeout 90 bash -c "set -eo pipefail
$6" > "$work/out" 2> "$work/err" < /dev/null || code=$?
  if [ "$code" = "$3" ] && { [ -z "$4" ] || matches "$4" "$work/out"; }; then
    passed=$((passed + 1))
    printf 'passed: %s\n' "$1"
    return
  fi
  failed=$((failed + 1))
  printf 'failed: %s\n  expected: %s\n' "$1" "$2"
  cat "$work/out" "$work/err" | tail -c 800 | while IFS= read -r line || [ -n "$line" ]; do
    [ -z "$token" ] || line=${line//"$token"/***}
    printf '  | %s\n' "$line"
  done
  advice "$(cat "$work/out" "$work/err") $5"
}

advice() {
  if [[ $1 == *'authentication required'* ]] || [[ $1 == *'failed to checkout'* ]]; then hint 'The credentials of GitRepository home cannot read the repository, or have expired.' 'Create a token whose user can read the repository, and replace the Secret of GitRepository home.'; fi
  if [[ $1 == *dependency*'is not ready'* ]]; then hint 'An earlier deployment layer is not ready.' 'Fix the layer that the message names. The message of that layer names the object that is not ready.'; fi
  if [[ $1 == *'dry-run failed'* ]]; then hint 'The API server rejects an object: its kind is not installed (no matches for kind), a field is immutable, or an admission rule denies it. Flux applies no object of the layer.' 'Install the CustomResourceDefinition, change the object in main.ts, or change the rule. Then synth and commit.'; fi
  if [[ $1 == *'No matching online runner with label'* ]]; then hint 'No runner that is online has all labels of runs-on. Runner pool accepts jobs of scope organization homelab with the labels ubuntu-latest.' 'The pods of the runner are listed at <https://git.example.com/org/homelab/settings/actions/runners> while they run.'; fi
  if [[ $1 == *'Cannot connect to the Docker daemon'* ]]; then hint 'The Docker daemon of pool is the container docker of its pods, and is not ready.' 'Fix the error that the log of the container contains.'; fi
  if [[ $1 == *'exit code 137'* ]] || [[ $1 == *OOMKilled* ]]; then hint 'The jobs need more memory than their container has.' 'Increase resources.memoryLimit, or reduce config.capacity.'; fi
  if [[ $1 == *'runner registration token not found'* ]] || [[ $1 == *''*'has been invalidated'* ]] || [[ $1 == *register* ]]; then hint 'The token in Secret pool-token was reset at the server, or belongs to another scope.' 'Delete the Job that fetched the token: kubectl --namespace ci delete jobs --selector app.kubernetes.io/name=registration-token,app.kubernetes.io/instance=pool-token. Flux creates the Job again, and the Job replaces the Secret.'; fi
  return 0
}

check 'Cluster home: Flux has applied every deployment layer' 'READY is True' 0 '' '' 'kubectl --namespace flux-system wait kustomizations.kustomize.toolkit.fluxcd.io --all --for condition=Ready --timeout 1m'
check 'Runner pool: KEDA counts jobs' 'READY is True; a pod for each job that waits or runs' 0 '' '' 'kubectl --namespace ci wait scaledjob/pool --for condition=Ready --timeout 1m'
if [ "$HEADER" != /dev/null ]; then
check 'Runner pool: The runner is online' 'names that begin with pool-, while jobs wait, with ubuntu-latest, "status":"online"; also at <https://git.example.com/org/homelab/settings/actions/runners>' 0 '' '' 'curl --silent --show-error --header @"$HEADER" https://git.example.com/api/v1/orgs/homelab/actions/runners'
else
skip 'Runner pool: The runner is online' 'FORGE_TOKEN is not set: create a token with the scope read:organization at https://git.example.com/user/settings/applications'
fi
check 'Registration token pool-token: The Job has fetched the token' 'COMPLETIONS is 1/1' 0 '' '' 'kubectl --namespace ci wait jobs --selector app.kubernetes.io/name=registration-token,app.kubernetes.io/instance=pool-token --for condition=complete --timeout 1m'

printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
