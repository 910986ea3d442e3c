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
  if [[ $1 == *'no basic auth credentials'* ]] || [[ $1 == *unauthorized* ]] || [[ $1 == *'make push'* ]]; then hint 'The engine of the machine is not logged in to the registry.' 'Run make --directory dist/host/build login.'; fi
  if [[ $1 == *'authentication required'* ]] || [[ $1 == *'failed to checkout'* ]]; then hint 'The credentials of GitRepository local cannot read the repository, or have expired.' 'Create a token whose user can read the repository, and replace the Secret of GitRepository local.'; fi
  if [[ $1 == *dependency*'is not ready'* ]]; then hint 'An earlier deployment layer is not ready.' 'Fix the layer that the message names. The message of that layer names the object that is not ready.'; fi
  if [[ $1 == *'dry-run failed'* ]]; then hint 'The API server rejects an object: its kind is not installed (no matches for kind), a field is immutable, or an admission rule denies it. Flux applies no object of the layer.' 'Install the CustomResourceDefinition, change the object in main.ts, or change the rule. Then synth and commit.'; fi
  if [[ $1 == *'connection refused'* ]] || [[ $1 == *'connection reset by peer'* ]] || [[ $1 == *localhost:3000* ]]; then hint 'Gitea gitea does not run, or nothing leads from the machine to NodePort 30080.' 'If the pod is not ready, fix what its events name. If the pod is ready, open the port: see the chapter of the cluster.'; fi
  if [[ $1 == *'unexpected EOF'* ]] || [[ $1 == *'no space left on device'* ]]; then hint 'The volume of mirror hub is full. A mirror deletes images by age only.' 'Increase storage, or set a shorter expireAfter. To empty the mirror, run kubectl --namespace raibid-system exec statefulset/hub --container mirror -- rm -rf /var/lib/registry/docker /var/lib/registry/scheduler-state.json and kubectl --namespace raibid-system rollout restart statefulset/hub. **This deletes all images of the mirror. Clients pull them again.**'; fi
  if [[ $1 == *toomanyrequests* ]] || [[ $1 == *unauthorized* ]]; then hint 'docker.io refuses the pulls of mirror hub: the rate limit, or the login.' 'Set credentials of the mirror, or replace the token in its Secret. Meanwhile, clients pull from the registry itself.'; fi
  if [[ $1 == *'http: server gave HTTP response to HTTPS client'* ]]; then hint 'gitea-http.raibid-system.svc.cluster.local:3000, localhost:3000 uses plain HTTP, and the client uses HTTPS.' 'Pass the registry to the client in main.ts: registries of a builder or of a Docker executor. Configure nodes with the files of NodeConfig.'; fi
  if [[ $1 == *'failed to authorize: failed to fetch oauth token: unauthorized'* ]] || [[ $1 == *'401 Unauthorized'* ]]; then hint 'The token for gitea-http.raibid-system.svc.cluster.local:3000 is wrong or expired, or its user cannot push. The token of a job cannot push.' 'Create a token with the scope write:package, whose user can write packages of raibid-admin, and replace the Actions secret.'; fi
  if [[ $1 == *'403 Forbidden'* ]]; then hint 'The layer or the packages of raibid-admin exceed the server'\''s own limit ([packages] LIMIT_SIZE_CONTAINER, LIMIT_TOTAL_OWNER_SIZE).' 'Increase the limit in the configuration of the server, delete old packages, or make the image smaller.'; fi
  if [[ $1 == *'500 Internal Server Error'* ]]; then hint 'The server of gitea-http.raibid-system.svc.cluster.local:3000 fails. The builder repeated the request before the job failed.' 'Read the log of the server: usually the volume of the packages is full or read-only, or the database does not answer. Fix it, and run the job again.'; fi
  return 0
}

check 'Builds on a machine: build: The targets' 'one line per target' 0 '' '' 'make --directory dist/host/build help'
check 'Cluster local: Flux has applied every deployment layer' 'READY is True' 0 '' '' 'kubectl --namespace flux-system wait kustomizations.kustomize.toolkit.fluxcd.io --all --for condition=Ready --timeout 1m'
check 'Server gitea: Flux has installed the release' 'READY is True' 0 '' '' 'kubectl --namespace raibid-system wait helmrelease/gitea --for condition=Ready --timeout 1m'
check 'Server gitea: http://localhost:3000 answers' 200 0 '^200\n$' '' 'curl --silent --show-error --output /dev/null --write-out '\''%{http_code}\n'\'' http://localhost:3000/api/healthz'
check 'Mirror hub of docker.io: The mirror answers' '{}' 0 '\{\}' '' 'kubectl --namespace raibid-system exec statefulset/hub --container mirror -- wget -q -O - http://127.0.0.1:5000/v2/'
check 'Mirror hub of docker.io: Its volume has free space' 'less than 90 % are used' 0 '\s(?:\d|[1-8]\d)%' 'no space left on device' 'kubectl --namespace raibid-system exec statefulset/hub --container mirror -- df -P /var/lib/registry'
check 'Mirror hub of docker.io: The clock of its node is right' 'less than 100 seconds between the node and this machine' 0 '^-?\d{1,2}\n?$' '' 'echo $(($(kubectl --namespace raibid-system exec statefulset/hub --container mirror -- date +%s) - $(date +%s)))'
check 'Retention retention: The CronJob is there' 'the name of the CronJob' 0 'cronjob\.batch\/retention' '' 'kubectl --namespace raibid-system get cronjob retention --output name'
skip 'Retention retention: [raibid-server](http://localhost:3000/raibid-admin/-/packages/container/raibid-server)' 'no command shows it; expected: the page has the tags, their sizes and the command that pulls'
check 'Registry localhost:3000/raibid-admin: localhost:3000 answers' '401. The registry is running and requires authentication' 0 401 '' 'curl --silent --show-error --output /dev/null --write-out '\''%{http_code}\n'\'' http://localhost:3000/v2/'
check 'Registry localhost:3000/raibid-admin: The token realm of localhost:3000 answers' 'a status below 404: the realm is there, and may require a login' 0 '^(?:200|400|401|403)\n$' 'failed to authorize: failed to fetch oauth token' 'curl --silent --show-error --dump-header - --output /dev/null http://localhost:3000/v2/ | tr -d '\''\r'\'' | sed -n '\''s/^[Ww][Ww][Ww]-[Aa]uthenticate: *Bearer .*realm="\([^"]*\)".*/url = "\1"/p'\'' | curl --silent --show-error --config - --output /dev/null --write-out '\''%{http_code}\n'\'''
check 'Cluster of kind raibid: The nodes' 'condition met per node' 0 '' '' 'kubectl --context kind-raibid wait nodes --all --for condition=Ready --timeout 1m'
check 'Development with Tilt: tilt: The Tiltfile' 'JSON with the manifests' 0 '' '' 'SOURCE="$SOURCE" tilt alpha tiltfile-result --file dist/host/tilt/Tiltfile'

printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
