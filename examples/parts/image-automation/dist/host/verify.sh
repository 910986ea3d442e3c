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
  if [[ $1 == *ImagePullBackOff* ]]; then hint 'The events contain the reason. Before the first build, the registry does not have the initial tag (see [Images](#images)).' '401 or denied: replace the Secret registry-credentials. It needs an entry for git.example.com with a token that has the scope read:package. not found: build the image.'; fi
  if [[ $1 == *'failed to authorize: failed to fetch oauth token: unauthorized'* ]] || [[ $1 == *'401 Unauthorized'* ]]; then hint 'The token for git.example.com is wrong or expired, or its user cannot push. The token of a job cannot push.' 'Create a token with the scope write:package, whose user can write packages of platform, and replace the Actions secret.'; fi
  if [[ $1 == *'403 Forbidden'* ]]; then hint 'The layer or the packages of platform exceed the server'\''s own limit ([packages] LIMIT_SIZE_CONTAINER, LIMIT_TOTAL_OWNER_SIZE).' 'Increase the limit in the configuration of the server, delete old packages, or make the image smaller.'; fi
  if [[ $1 == *'500 Internal Server Error'* ]]; then hint 'The server of git.example.com fails. The builder repeated the request before the job failed.' 'Read the log of the server: usually the volume of the packages is full or read-only, or the database does not answer. Fix it, and run the job again.'; fi
  if [[ $1 == *'NAME_UNKNOWN: repository name not known to registry'* ]] || [[ $1 == *'no tags in database'* ]]; then hint 'The registry does not have the image yet: no build has pushed it.' 'Push a commit to the repository of the image, and check that its workflow succeeds. If the image exists, check its name under [Images](#images).'; fi
  if [[ $1 == *'version list argument cannot be empty'* ]] || [[ $1 == *'unable to determine latest version'* ]]; then hint 'No tag in the registry matches the tags that are listed under [Images](#images).' 'Let the build push tags of this form, or change tags of the image in main.ts.'; fi
  return 0
}

check 'Cluster home: Flux has applied every deployment layer' 'READY is True' 0 '' '' 'kubectl --namespace flux-system wait kustomizations.kustomize.toolkit.fluxcd.io --all --for condition=Ready --timeout 1m'
check 'Cluster home: Flux follows the images' 'READY is True. An ImagePolicy and its ImageRepository are ready after the first build' 0 '' '' 'kubectl --namespace flux-system wait imagerepositories.image.toolkit.fluxcd.io --all --for condition=Ready --timeout 1m
kubectl --namespace flux-system wait imagepolicies.image.toolkit.fluxcd.io --all --for condition=Ready --timeout 1m
kubectl --namespace flux-system wait imageupdateautomations.image.toolkit.fluxcd.io --all --for condition=Ready --timeout 1m'
check 'Cluster home: Every ImagePolicy has chosen a tag' 'a tag after each name' 0 '^(?:\S+=\S+\n)+$' 'no tags in database' 'kubectl --namespace flux-system get imagepolicies.image.toolkit.fluxcd.io --output '\''jsonpath={range .items[*]}{.metadata.name}={.status.latestRef.tag}{"\n"}{end}'\'''
check 'Cluster home: The Receivers of webhooks have an address' 'READY is True' 0 '' '' 'kubectl --namespace flux-system wait receivers.notification.toolkit.fluxcd.io --all --for condition=Ready --timeout 1m'
check 'Cluster home: A webhook has arrived' 'the time of the last one. Before the first push, there is none' 0 : '' 'kubectl --namespace flux-system get gitrepository home --output '\''jsonpath={.metadata.annotations.reconcile\.fluxcd\.io/requestedAt}'\'''
check 'Registry git.example.com/platform: git.example.com answers' '401. The registry is running and requires authentication' 0 401 '' 'curl --silent --show-error --output /dev/null --write-out '\''%{http_code}\n'\'' https://git.example.com/v2/'
check 'Registry git.example.com/platform: The token realm of git.example.com answers' 'a status below 404: the realm is there, and may require a login' 0 '^(?:200|400|401|403)\n$' 'failed to authorize: failed to fetch oauth token' 'curl --silent --show-error --dump-header - --output /dev/null https://git.example.com/v2/ | tr -d '\''\r'\'' | sed -n '\''s/^[Ww][Ww][Ww]-[Aa]uthenticate: *Bearer .*realm="\([^"]*\)".*/url = "\1"/p'\'' | curl --silent --show-error --config - --output /dev/null --write-out '\''%{http_code}\n'\'''
check 'Registry git.example.com/platform: Secret apps/registry-credentials can pull' '404. The login is accepted, and the image of this request does not exist' 0 '(?:404|200)' ImagePullBackOff 'kubectl --namespace apps get secret registry-credentials --output '\''go-template={{index .data ".dockerconfigjson" | base64decode}}'\'' | tr -d '\''\n'\'' | sed -n '\''s/.*"git\.example\.com": *{[^}]*"auth": *"\([^"]*\)".*/header = "Authorization: Basic \1"/p'\'' | curl --silent --show-error --config - --output /dev/null --write-out '\''%{http_code}\n'\'' https://git.example.com/v2/platform/cdk8s-forge-verify/tags/list'
if [ "$HEADER" != /dev/null ]; then
check 'Workflows: The newest runs of platform/gitops succeed' '"conclusion":"success", also at <https://git.example.com/platform/gitops/actions>' 0 '^(?:(?!"conclusion":"(?!running|waiting|blocked|queued|pending|in_progress)[a-z])[\s\S])*"conclusion":"success"' '' 'curl --silent --show-error --header @"$HEADER" '\''https://git.example.com/api/v1/repos/platform/gitops/actions/runs?limit=5'\'''
else
skip 'Workflows: The newest runs of platform/gitops succeed' 'FORGE_TOKEN is not set: create a token with the scope read:repository at https://git.example.com/user/settings/applications'
fi

printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
[ "$failed" = 0 ]
