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
  if [[ $1 == *'No matching online runner with label'* ]] || [[ $1 == *'must contain at least one job without dependencies'* ]]; then hint 'No runner that is online has all labels of runs-on. Runner runner accepts jobs of scope instance with the labels ubuntu-latest.' 'Check that the runner is online at <https://git.home.arpa:30090/-/admin/actions/runners>. If it is not listed, its registration token belongs to another scope: replace it.'; fi
  if [[ $1 == *'runner registration token not found'* ]] || [[ $1 == *''*'has been invalidated'* ]] || [[ $1 == *register* ]]; then hint 'The registration token of runner was reset at the server, or belongs to another scope. Registered runners do not need the token.' 'Replace the Secret, then delete the pod. Flux does not delete the pod: its StatefulSet creates it again.'; fi
  if [[ $1 == *'no longer registered'* ]] || [[ $1 == *'unregistered runner'* ]]; then hint 'The record of the runner was deleted at the server.' 'Set another key in the registration of runner (Registration.token(secret, { key: … })), synth and commit. The runner registers again.'; fi
  if [[ $1 == *'Cannot connect to the Docker daemon'* ]]; then hint 'The Docker daemon of runner is the container docker of its pods, and is not ready.' 'Fix the error that the log of the container contains.'; fi
  if [[ $1 == *'no space left on device'* ]]; then hint 'The volume of the image layers of runner is full.' '1. Increase layers of the executor. 2. Or delete every image, container and cache that no container uses: kubectl --namespace ci exec statefulset/runner --container docker -- docker system prune --all --force. **The next builds start without them.**'; fi
  if [[ $1 == *'x509: certificate signed by unknown authority'* ]]; then hint 'A private CA signed the certificate of <https://git.home.arpa:30090>. Runners and their jobs trust the CA. Programs with a trust store of their own do not, for example Java, Firefox, or a container that a job starts.' 'Add the CA to the trust store of the program.'; fi
  if [[ $1 == *'exit code 137'* ]] || [[ $1 == *OOMKilled* ]]; then hint 'The jobs need more memory than their container has.' 'Increase resources.memoryLimit, or reduce config.capacity.'; fi
  if [[ $1 == *'x509: certificate signed by unknown authority'* ]]; then hint 'A private CA signed the certificate of git.home.arpa:30090, and the client does not trust the CA. If the URL ends in /v2/token, the client is buildctl in the job, not buildkitd.' 'Pass the registry to the client in main.ts. Configure nodes with the files of NodeConfig.'; fi
  if [[ $1 == *'failed to authorize: failed to fetch oauth token: unauthorized'* ]] || [[ $1 == *'401 Unauthorized'* ]]; then hint 'The token for git.home.arpa:30090 is wrong or expired, or its user cannot push. The token of a job cannot push.' 'Create a token with the scope write:package, whose user can write packages of platform, and replace the Actions secret.'; fi
  if [[ $1 == *'403 Forbidden'* ]]; then hint 'The layer or the packages of platform exceed the server'\''s own limit ([packages] LIMIT_SIZE_CONTAINER, LIMIT_TOTAL_OWNER_SIZE).' 'Increase the limit in the configuration of the server, delete old packages, or make the image smaller.'; fi
  if [[ $1 == *'500 Internal Server Error'* ]]; then hint 'The server of git.home.arpa:30090 fails. The builder repeated the request before the job failed.' 'Read the log of the server: usually the volume of the packages is full or read-only, or the database does not answer. Fix it, and run the job again.'; fi
  return 0
}

check 'Runner runner: The pods are ready' complete 0 '' '' 'kubectl --namespace ci rollout status statefulset/runner --timeout 1m'
check 'Runner runner: The runner has declared its labels' 'one line per pod, with ubuntu-latest' 0 '' '' 'kubectl --namespace ci logs --selector app.kubernetes.io/name=gitea-runner,app.kubernetes.io/instance=runner --container runner --prefix --tail=-1 | grep '\''declare successfully'\'''
check 'Runner runner: Its volume has free space' 'less than 90 % are used' 0 '\s(?:\d|[1-8]\d)%' 'no space left on device' 'kubectl --namespace ci exec statefulset/runner --container runner -- df -P /data'
check 'Runner runner: The clock of its node is right' 'less than 100 seconds between the node and this machine' 0 '^-?\d{1,2}\n?$' '' 'echo $(($(kubectl --namespace ci exec statefulset/runner --container runner -- date +%s) - $(date +%s)))'
if [ "$HEADER" != /dev/null ]; then
check 'Runner runner: The runner is online' 'runner-0, with ubuntu-latest, "status":"online"; also at <https://git.home.arpa:30090/-/admin/actions/runners>' 0 '(?=[\s\S]*"name":"runner-0"(?=[^\]]*"ubuntu-latest[":])[^{}]*"status":"online")' '' 'if [ -z "${CA:-}" ]; then CA=$(mktemp); trap '\''rm -f "$CA"'\'' EXIT; { kubectl --namespace ci get configmap home-ca --output '\''go-template={{index .data "ca.crt"}}'\''; } > "$CA"; fi; export CA
curl --silent --show-error --cacert "$CA" --header @"$HEADER" https://git.home.arpa:30090/api/v1/admin/actions/runners'
else
skip 'Runner runner: The runner is online' 'FORGE_TOKEN is not set: create a token with the scope read:admin at https://git.home.arpa:30090/user/settings/applications'
fi
if [ -n "${CA:-}" ]; then
check 'Registry git.home.arpa:30090/platform: git.home.arpa:30090 answers' '401. The registry is running and requires authentication' 0 401 '' 'curl --silent --show-error --cacert "$CA" --output /dev/null --write-out '\''%{http_code}\n'\'' https://git.home.arpa:30090/v2/'
else
skip 'Registry git.home.arpa:30090/platform: git.home.arpa:30090 answers' 'CA is not set: set it to a file with the certificates'
fi
if [ -n "${CA:-}" ]; then
check 'Registry git.home.arpa:30090/platform: The token realm of git.home.arpa:30090 answers' 'a status below 404: the realm is there, and may require a login' 0 '^(?:200|400|401|403)\n$' 'failed to authorize: failed to fetch oauth token' 'curl --silent --show-error --cacert "$CA" --dump-header - --output /dev/null https://git.home.arpa:30090/v2/ | tr -d '\''\r'\'' | sed -n '\''s/^[Ww][Ww][Ww]-[Aa]uthenticate: *Bearer .*realm="\([^"]*\)".*/url = "\1"/p'\'' | curl --silent --show-error --cacert "$CA" --config - --output /dev/null --write-out '\''%{http_code}\n'\'''
else
skip 'Registry git.home.arpa:30090/platform: The token realm of git.home.arpa:30090 answers' 'CA is not set: set it to a file with the certificates'
fi

printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
