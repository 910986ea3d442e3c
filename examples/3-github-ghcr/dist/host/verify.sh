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
  if [[ $1 == *'failed to authorize: failed to fetch oauth token: unauthorized'* ]] || [[ $1 == *'401 Unauthorized'* ]]; then hint 'The token for ghcr.io is wrong or expired, or its user cannot push.' 'Create a token with the scope write:packages, and replace the Actions secret.'; fi
  if [[ $1 == *'500 Internal Server Error'* ]]; then hint 'The server of ghcr.io fails. The builder repeated the request before the job failed.' 'Check the status of the registry, and run the job again.'; fi
  if [[ $1 == *'DENIED: requested access to the resource is denied'* ]] || [[ $1 == *'failed to fetch anonymous token'* ]]; then hint 'The package at ghcr.io does not exist yet, or is private, as each new package is.' 'Change the visibility of the package in its settings, or set credentials of the registry.'; fi
  if [[ $1 == *'denied: permission_denied: write_package'* ]]; then hint 'The package belongs to another repository, or was pushed by a person: the token of the job cannot write to it.' 'Add the repository with the role Write, in "Manage Actions access" of the settings of the package.'; fi
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
check 'Workflows: The newest runs of example/moltbook succeed' 'success, also at <https://github.com/example/moltbook/actions>' 0 success '' 'gh run list --repo github.com/example/moltbook --limit 5'

printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
