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
  if [[ $1 == *'Reconciliation in progress'* ]]; then hint 'Flux applies a new commit only when the layer is ready, or after its timeout. The default is 5 minutes. Before the first build, no node can pull the initial tag.' 'Wait 5 minutes, once. Or set --feature-gates=CancelHealthCheckOnNewRevision=true at kustomize-controller (Flux 2.8 or newer): Flux then stops waiting at each new commit.'; fi
  if [[ $1 == *ImagePullBackOff* ]]; then hint 'The events contain the reason. Before the first build, the registry does not have the initial tag (see [Images](#images)).' '401 or denied: replace the Secret ghcr-credentials. It needs an entry for ghcr.io with a token that has the scope read:packages. not found: build the image.'; fi
  if [[ $1 == *'Waiting for a runner to pick up this job'* ]]; then hint 'No runner that is online has all labels of runs-on. Runner containers accepts jobs of scope repository example/hello with the labels self-hosted, linux, x64, containers. It has self-hosted and linux only if labels contains them. Or its runner group does not admit the repository.' 'Set runsOn to the runner. Admit the repository in the runner group; a public repository must be allowed there explicitly.'; fi
  if [[ $1 == *containers* ]] || [[ $1 == *Init:Error* ]]; then hint 'GitHub did not create a runner. The log contains the reason.' 'Replace the credential: it needs the repository permission "Administration" (read and write) at <https://github.com>.'; fi
  if [[ $1 == *'is deprecated and cannot receive messages'* ]]; then hint 'GitHub no longer accepts version 2.338.1 of the runner.' 'Set version of containers to a newer version, synth and commit.'; fi
  if [[ $1 == *'connection refused'* ]] || [[ $1 == *'i/o timeout'* ]] || [[ $1 == *Unavailable* ]]; then hint 'buildkitd buildkitd is not ready, or its NetworkPolicy does not admit the client. The policy keeps out a pod that you start for a test: use the commands of [Verify](#verify).' 'If the pod is ready, declare the client with connectFrom or admit, synth and commit.'; fi
  if [[ $1 == *'i/o timeout'* ]]; then hint 'NetworkPolicy buildkitd-egress allows only the destinations of egress.' 'If the host has a private address, declare the address: Egress.internet({ hosts: { … } }).'; fi
  if [[ $1 == *'no space left on device'* ]]; then hint 'The cache volume of buildkitd is full. Garbage collection runs after builds, never during a build.' '1. Delete the cache that no running build uses: kubectl --namespace ci exec statefulset/buildkitd --container buildkitd -- buildctl prune. **Later builds are slower until the cache is filled again.** 2. If the error returns, increase storage.'; fi
  if [[ $1 == *newuidmap* ]] || [[ $1 == *'operation not permitted'* ]] || [[ $1 == *mount*'permission denied'* ]]; then hint 'The node blocks user namespaces.' 'On the node, set user.max_user_namespaces above 0. On Ubuntu 24.04, also set kernel.apparmor_restrict_unprivileged_userns=0.'; fi
  if [[ $1 == *'failed to authorize: failed to fetch oauth token: unauthorized'* ]] || [[ $1 == *'401 Unauthorized'* ]]; then hint 'The token for ghcr.io is wrong or expired, or its user cannot push.' 'Create a token with the scope write:packages, and replace the Actions secret.'; fi
  if [[ $1 == *'500 Internal Server Error'* ]]; then hint 'The server of ghcr.io fails. The builder repeated the request before the job failed.' 'Check the status of the registry, and run the job again.'; fi
  if [[ $1 == *'DENIED: requested access to the resource is denied'* ]] || [[ $1 == *'failed to fetch anonymous token'* ]]; then hint 'The package at ghcr.io does not exist yet, or is private, as each new package is.' 'Change the visibility of the package in its settings, or set credentials of the registry.'; fi
  if [[ $1 == *'denied: permission_denied: write_package'* ]]; then hint 'The package belongs to another repository, or was pushed by a person: the token of the job cannot write to it.' 'Add the repository with the role Write, in "Manage Actions access" of the settings of the package.'; fi
  if [[ $1 == *'Waiting for a runner to pick up this job'* ]]; then hint 'No runner that is online has all labels of runs-on. Runner builds accepts jobs of scope organization example with the labels builds. It has self-hosted and linux only if labels contains them. Or its runner group does not admit the repository.' 'Set runsOn to the runner. Admit the repository in the runner group; a public repository must be allowed there explicitly.'; fi
  if [[ $1 == *Init:Error* ]]; then hint 'GitHub did not create a runner. The log contains the reason.' 'Replace the credential: it needs the organization permission "Self-hosted runners" (read and write) at <https://github.com>.'; fi
  if [[ $1 == *'is deprecated and cannot receive messages'* ]]; then hint 'GitHub no longer accepts version 2.338.1 of the runner.' 'Set version of builds to a newer version, synth and commit.'; fi
  if [[ $1 == *'NAME_UNKNOWN: repository name not known to registry'* ]] || [[ $1 == *'no tags in database'* ]]; then hint 'The registry does not have the image yet: no build has pushed it.' 'Push a commit to the repository of the image, and check that its workflow succeeds. If the image exists, check its name under [Images](#images).'; fi
  if [[ $1 == *'version list argument cannot be empty'* ]] || [[ $1 == *'unable to determine latest version'* ]]; then hint 'No tag in the registry matches the tags that are listed under [Images](#images).' 'Let the build push tags of this form, or change tags of the image in main.ts.'; fi
  return 0
}

check 'Cluster home: Flux has applied every deployment layer' 'READY is True' 0 '' '' 'kubectl --namespace flux-system wait kustomizations.kustomize.toolkit.fluxcd.io --all --for condition=Ready --timeout 1m'
check 'Cluster home: Flux follows the images' 'READY is True. An ImagePolicy and its ImageRepository are ready after the first build' 0 '' '' 'kubectl --namespace flux-system wait imagerepositories.image.toolkit.fluxcd.io --all --for condition=Ready --timeout 1m
kubectl --namespace flux-system wait imagepolicies.image.toolkit.fluxcd.io --all --for condition=Ready --timeout 1m
kubectl --namespace flux-system wait imageupdateautomations.image.toolkit.fluxcd.io --all --for condition=Ready --timeout 1m'
check 'Cluster home: Every ImagePolicy has chosen a tag' 'a tag after each name' 0 '^(?:\S+=\S+\n)+$' 'no tags in database' 'kubectl --namespace flux-system get imagepolicies.image.toolkit.fluxcd.io --output '\''jsonpath={range .items[*]}{.metadata.name}={.status.latestRef.tag}{"\n"}{end}'\'''
check 'Registry ghcr.io/example: ghcr.io answers' '401. The registry is running and requires authentication' 0 401 '' 'curl --silent --show-error --output /dev/null --write-out '\''%{http_code}\n'\'' https://ghcr.io/v2/'
check 'Registry ghcr.io/example: The token realm of ghcr.io answers' 'a status below 404: the realm is there, and may require a login' 0 '^(?:200|400|401|403)\n$' 'failed to authorize: failed to fetch oauth token' 'curl --silent --show-error --dump-header - --output /dev/null https://ghcr.io/v2/ | tr -d '\''\r'\'' | sed -n '\''s/^[Ww][Ww][Ww]-[Aa]uthenticate: *Bearer .*realm="\([^"]*\)".*/url = "\1"/p'\'' | curl --silent --show-error --config - --output /dev/null --write-out '\''%{http_code}\n'\'''
check 'Workflows: The newest runs of example/hello succeed' 'success, also at <https://github.com/example/hello/actions>' 0 success '' 'gh run list --repo github.com/example/hello --limit 5'
check 'Runner containers: KEDA counts jobs' 'READY is True; a pod for each job that waits or runs' 0 '' '' 'kubectl --namespace ci-docker wait scaledjob/containers --for condition=Ready --timeout 1m'
check 'Builder buildkitd: buildkitd answers' 'one line per worker, with its platforms' 0 'linux\/' '' 'kubectl --namespace ci exec statefulset/buildkitd --container buildkitd -- buildctl debug workers'
check 'Builder buildkitd: Its volume has free space' 'less than 90 % are used' 0 '\s(?:\d|[1-8]\d)%' 'no space left on device' 'kubectl --namespace ci exec statefulset/buildkitd --container buildkitd -- df -P /home/user/.local/share/buildkit'
check 'Builder buildkitd: The clock of its node is right' 'less than 100 seconds between the node and this machine' 0 '^-?\d{1,2}\n?$' '' 'echo $(($(kubectl --namespace ci exec statefulset/buildkitd --container buildkitd -- date +%s) - $(date +%s)))'
check 'Registry ghcr.io/example: Builder buildkitd reaches ghcr.io' '401. The registry is running and requires authentication' 0 401 '' 'kubectl --namespace ci exec statefulset/buildkitd --container buildkitd -- wget -O /dev/null https://ghcr.io/v2/ 2>&1 || true'
check 'Runner builds: KEDA counts jobs' 'READY is True; a pod for each job that waits or runs' 0 '' '' 'kubectl --namespace ci wait scaledjob/builds --for condition=Ready --timeout 1m'

printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
