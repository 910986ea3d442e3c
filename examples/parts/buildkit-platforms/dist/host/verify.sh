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
  if [[ $1 == *'connection refused'* ]] || [[ $1 == *'i/o timeout'* ]] || [[ $1 == *Unavailable* ]]; then hint 'buildkitd builders-amd64 is not ready, or its NetworkPolicy does not admit the client. The policy keeps out a pod that you start for a test: use the commands of [Verify](#verify).' 'If the pod is ready, declare the client with connectFrom or admit, synth and commit.'; fi
  if [[ $1 == *'i/o timeout'* ]]; then hint 'NetworkPolicy builders-amd64-egress allows only the destinations of egress.' 'If the host has a private address, declare the address: Egress.internet({ hosts: { … } }).'; fi
  if [[ $1 == *'no space left on device'* ]]; then hint 'The cache volume of builders-amd64 is full. Garbage collection runs after builds, never during a build.' '1. Delete the cache that no running build uses: kubectl --namespace ci exec statefulset/builders-amd64 --container buildkitd -- buildctl prune. **Later builds are slower until the cache is filled again.** 2. If the error returns, increase storage.'; fi
  if [[ $1 == *newuidmap* ]] || [[ $1 == *'operation not permitted'* ]] || [[ $1 == *mount*'permission denied'* ]]; then hint 'The node blocks user namespaces.' 'On the node, set user.max_user_namespaces above 0. On Ubuntu 24.04, also set kernel.apparmor_restrict_unprivileged_userns=0.'; fi
  if [[ $1 == *'failed to authorize: failed to fetch oauth token: unauthorized'* ]] || [[ $1 == *'401 Unauthorized'* ]]; then hint 'The token for ghcr.io is wrong or expired, or its user cannot push.' 'Create a token with the scope write:packages, and replace the Actions secret.'; fi
  if [[ $1 == *'500 Internal Server Error'* ]]; then hint 'The server of ghcr.io fails. The builder repeated the request before the job failed.' 'Check the status of the registry, and run the job again.'; fi
  if [[ $1 == *'DENIED: requested access to the resource is denied'* ]] || [[ $1 == *'failed to fetch anonymous token'* ]]; then hint 'The package at ghcr.io does not exist yet, or is private, as each new package is.' 'Change the visibility of the package in its settings, or set credentials of the registry.'; fi
  if [[ $1 == *'denied: permission_denied: write_package'* ]]; then hint 'The package belongs to another repository, or was pushed by a person: the token of the job cannot write to it.' 'Add the repository with the role Write, in "Manage Actions access" of the settings of the package.'; fi
  if [[ $1 == *'connection refused'* ]] || [[ $1 == *'i/o timeout'* ]] || [[ $1 == *Unavailable* ]]; then hint 'buildkitd builders-arm64 is not ready, or its NetworkPolicy does not admit the client. The policy keeps out a pod that you start for a test: use the commands of [Verify](#verify).' 'If the pod is ready, declare the client with connectFrom or admit, synth and commit.'; fi
  if [[ $1 == *'i/o timeout'* ]]; then hint 'NetworkPolicy builders-arm64-egress allows only the destinations of egress.' 'If the host has a private address, declare the address: Egress.internet({ hosts: { … } }).'; fi
  if [[ $1 == *'no space left on device'* ]]; then hint 'The cache volume of builders-arm64 is full. Garbage collection runs after builds, never during a build.' '1. Delete the cache that no running build uses: kubectl --namespace ci exec statefulset/builders-arm64 --container buildkitd -- buildctl prune. **Later builds are slower until the cache is filled again.** 2. If the error returns, increase storage.'; fi
  if [[ $1 == *newuidmap* ]] || [[ $1 == *'operation not permitted'* ]] || [[ $1 == *mount*'permission denied'* ]]; then hint 'The node blocks user namespaces.' 'On the node, set user.max_user_namespaces above 0. On Ubuntu 24.04, also set kernel.apparmor_restrict_unprivileged_userns=0.'; fi
  return 0
}

check 'Builder builders-amd64: Pods of ci reach it' 'condition met; otherwise the log says why not' 0 '' '' 'kubectl --namespace ci wait job/builders-amd64-smoke-test --for condition=complete --timeout 1m'
check 'Builder builders-arm64: Pods of ci reach it' 'condition met; otherwise the log says why not' 0 '' '' 'kubectl --namespace ci wait job/builders-arm64-smoke-test --for condition=complete --timeout 1m'
check 'Builder builders-amd64: buildkitd answers' 'one line per worker, with its platforms' 0 'linux\/' '' 'kubectl --namespace ci exec statefulset/builders-amd64 --container buildkitd -- buildctl debug workers'
check 'Builder builders-amd64: Its volume has free space' 'less than 90 % are used' 0 '\s(?:\d|[1-8]\d)%' 'no space left on device' 'kubectl --namespace ci exec statefulset/builders-amd64 --container buildkitd -- df -P /home/user/.local/share/buildkit'
check 'Builder builders-amd64: The clock of its node is right' 'less than 100 seconds between the node and this machine' 0 '^-?\d{1,2}\n?$' '' 'echo $(($(kubectl --namespace ci exec statefulset/builders-amd64 --container buildkitd -- date +%s) - $(date +%s)))'
check 'Registry ghcr.io/example: Builder builders-amd64 reaches ghcr.io' '401. The registry is running and requires authentication' 0 401 '' 'kubectl --namespace ci exec statefulset/builders-amd64 --container buildkitd -- wget -O /dev/null https://ghcr.io/v2/ 2>&1 || true'
check 'Registry ghcr.io/example: ghcr.io answers' '401. The registry is running and requires authentication' 0 401 '' 'curl --silent --show-error --output /dev/null --write-out '\''%{http_code}\n'\'' https://ghcr.io/v2/'
check 'Registry ghcr.io/example: The token realm of ghcr.io answers' 'a status below 404: the realm is there, and may require a login' 0 '^(?:200|400|401|403)\n$' 'failed to authorize: failed to fetch oauth token' 'curl --silent --show-error --dump-header - --output /dev/null https://ghcr.io/v2/ | tr -d '\''\r'\'' | sed -n '\''s/^[Ww][Ww][Ww]-[Aa]uthenticate: *Bearer .*realm="\([^"]*\)".*/url = "\1"/p'\'' | curl --silent --show-error --config - --output /dev/null --write-out '\''%{http_code}\n'\'''
check 'Builder builders-arm64: buildkitd answers' 'one line per worker, with its platforms' 0 'linux\/' '' 'kubectl --namespace ci exec statefulset/builders-arm64 --container buildkitd -- buildctl debug workers'
check 'Builder builders-arm64: Its volume has free space' 'less than 90 % are used' 0 '\s(?:\d|[1-8]\d)%' 'no space left on device' 'kubectl --namespace ci exec statefulset/builders-arm64 --container buildkitd -- df -P /home/user/.local/share/buildkit'
check 'Builder builders-arm64: The clock of its node is right' 'less than 100 seconds between the node and this machine' 0 '^-?\d{1,2}\n?$' '' 'echo $(($(kubectl --namespace ci exec statefulset/builders-arm64 --container buildkitd -- date +%s) - $(date +%s)))'
check 'Registry ghcr.io/example: Builder builders-arm64 reaches ghcr.io' '401. The registry is running and requires authentication' 0 401 '' 'kubectl --namespace ci exec statefulset/builders-arm64 --container buildkitd -- wget -O /dev/null https://ghcr.io/v2/ 2>&1 || true'

printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
