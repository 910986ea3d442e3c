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
  if [[ $1 == *'unpigz: skipping: <stdin>: corrupted -- incomplete deflate data'* ]] || [[ $1 == *'failed to register layer'* ]]; then hint 'The download of a layer ended early, or the data of the engine is on a shared file system such as virtiofs.' 'Run make bases again: complete layers stay. If the error persists, move the data of the engine to a local disk.'; fi
  if [[ $1 == *'no matching manifest for linux/arm64'* ]]; then hint 'The base image does not exist for the platform of the machine.' 'Set platforms of the image, and prePullPlatform of the HostBuild. Then synth.'; fi
  if [[ $1 == *'exec format error'* ]]; then hint 'The image is for another platform, and the machine does not emulate the platform.' 'Run docker run --privileged --rm tonistiigi/binfmt:qemu-v10.2.3-68 --install all.'; fi
  if [[ $1 == *'runtime: lfstack.push invalid packing'* ]] || [[ $1 == *'JavaScript heap out of memory'* ]]; then hint 'A build of Node.js runs under emulation, or needs more memory than it has.' 'Build for the platform of the machine, or set NODE_OPTIONS in buildArgs.'; fi
  if [[ $1 == *'no basic auth credentials'* ]] || [[ $1 == *unauthorized* ]] || [[ $1 == *'make push'* ]]; then hint 'The engine of the machine is not logged in to the registry.' 'Run make --directory dist/host/local login.'; fi
  if [[ $1 == *'x509: certificate signed by unknown authority'* ]] || [[ $1 == *'make push'* ]]; then hint 'Docker of the machine does not trust the private CA of the registry.' 'Run sudo make --directory dist/host/local trust.'; fi
  if [[ $1 == *'unpigz: skipping: <stdin>: corrupted -- incomplete deflate data'* ]] || [[ $1 == *'failed to register layer'* ]]; then hint 'The download of a layer ended early, or the data of the engine is on a shared file system such as virtiofs.' 'Run make bases again: complete layers stay. If the error persists, move the data of the engine to a local disk.'; fi
  if [[ $1 == *'exec format error'* ]]; then hint 'The image is for another platform, and the machine does not emulate the platform.' 'Run podman run --privileged --rm tonistiigi/binfmt:qemu-v10.2.3-68 --install all.'; fi
  if [[ $1 == *'runtime: lfstack.push invalid packing'* ]] || [[ $1 == *'JavaScript heap out of memory'* ]]; then hint 'A build of Node.js runs under emulation, or needs more memory than it has.' 'Build for the platform of the machine, or set NODE_OPTIONS in buildArgs.'; fi
  if [[ $1 == *'no basic auth credentials'* ]] || [[ $1 == *unauthorized* ]] || [[ $1 == *'make push'* ]]; then hint 'The engine of the machine is not logged in to the registry.' 'Run make --directory dist/host/mac login.'; fi
  if [[ $1 == *'x509: certificate signed by unknown authority'* ]] || [[ $1 == *'make push'* ]]; then hint 'Podman of the machine does not trust the private CA of the registry.' 'Run make --directory dist/host/mac trust.'; fi
  if [[ $1 == *'environment variable "'*'" required by secret "'*'" is not set'* ]]; then hint 'Compose reads RUNNER_TOKEN of runner from the environment, also if the runner is registered already.' 'Set the variable and run the command again.'; fi
  if [[ $1 == *'x509: certificate signed by unknown authority'* ]]; then hint 'A private CA signed the certificate of host.docker.internal:30090, and the client does not trust the CA. If the URL ends in /v2/token, the client is buildctl in the job, not buildkitd.' 'Pass the registry to the client in main.ts. Configure nodes with the files of NodeConfig.'; fi
  if [[ $1 == *'failed to authorize: failed to fetch oauth token: unauthorized'* ]] || [[ $1 == *'401 Unauthorized'* ]]; then hint 'The token for host.docker.internal:30090 is wrong or expired, or its user cannot push. The token of a job cannot push.' 'Create a token with the scope write:package, whose user can write packages of platform, and replace the Actions secret.'; fi
  if [[ $1 == *'403 Forbidden'* ]]; then hint 'The layer or the packages of platform exceed the server'\''s own limit ([packages] LIMIT_SIZE_CONTAINER, LIMIT_TOTAL_OWNER_SIZE).' 'Increase the limit in the configuration of the server, delete old packages, or make the image smaller.'; fi
  if [[ $1 == *'500 Internal Server Error'* ]]; then hint 'The server of host.docker.internal:30090 fails. The builder repeated the request before the job failed.' 'Read the log of the server: usually the volume of the packages is full or read-only, or the database does not answer. Fix it, and run the job again.'; fi
  return 0
}

check 'Private CA ca: The CA in the repository is valid for another year' 'Certificate will not expire' 0 '' 'x509: certificate has expired or is not yet valid' 'openssl x509 -in certs/ca.crt -noout -checkend 31536000'
check 'Private CA ca: On the machine with the keys: the server'\''s certificate is valid for another 30 days' OK 0 '' 'x509: certificate has expired or is not yet valid' 'bash dist/host/ca/ca.sh check'
check 'Builds on a machine: local: The targets' 'one line per target' 0 '' '' 'make --directory dist/host/local help'
check 'Builds on a machine: mac: The targets' 'one line per target' 0 '' '' 'make --directory dist/host/mac help'
check 'Runner runner (outside the cluster): The containers run' 'docker and runner, each on a line' 0 '^(?=(?:[\s\S]*\n)?docker\r?(?:\n|$))(?=(?:[\s\S]*\n)?runner\r?(?:\n|$))' '' 'docker compose --project-directory dist/host/runner ps --status running --services'
check 'Runner runner (outside the cluster): Container docker is healthy' 'exit code 0' 0 '' '' 'docker compose --project-directory dist/host/runner exec -T docker docker info'
check 'Registry host.docker.internal:30090/platform: host.docker.internal:30090 answers' '401. The registry is running and requires authentication' 0 401 '' 'if [ -z "${CA:-}" ]; then CA=$(mktemp); trap '\''rm -f "$CA"'\'' EXIT; { cat certs/ca.crt; } > "$CA"; fi; export CA
curl --silent --show-error --cacert "$CA" --output /dev/null --write-out '\''%{http_code}\n'\'' https://host.docker.internal:30090/v2/'
check 'Registry host.docker.internal:30090/platform: The token realm of host.docker.internal:30090 answers' 'a status below 404: the realm is there, and may require a login' 0 '^(?:200|400|401|403)\n$' 'failed to authorize: failed to fetch oauth token' 'if [ -z "${CA:-}" ]; then CA=$(mktemp); trap '\''rm -f "$CA"'\'' EXIT; { cat certs/ca.crt; } > "$CA"; fi; export CA
curl --silent --show-error --cacert "$CA" --dump-header - --output /dev/null https://host.docker.internal:30090/v2/ | tr -d '\''\r'\'' | sed -n '\''s/^[Ww][Ww][Ww]-[Aa]uthenticate: *Bearer .*realm="\([^"]*\)".*/url = "\1"/p'\'' | curl --silent --show-error --cacert "$CA" --config - --output /dev/null --write-out '\''%{http_code}\n'\'''

printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
