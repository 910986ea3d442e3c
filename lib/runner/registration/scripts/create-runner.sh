#!/bin/sh
# Creates a runner at the forge, and puts its UUID and token into a Secret. Running it again changes nothing: a Secret that has a runner
# keeps it. Delete the Secret for another runner.
set -eu

: "${TARGET_NAMESPACE:?}" "${TARGET_SECRET:?}" "${WORK_DIR:?}" "${FORGE_URL:?}" "${FORGE_API_PATH:?}" "${API_TOKEN_FILE:?}" "${RUNNER_NAME:?}"
account="${SERVICE_ACCOUNT_DIR:-/var/run/secrets/kubernetes.io/serviceaccount}"
secret="${KUBERNETES_URL:-https://kubernetes.default.svc}/api/v1/namespaces/$TARGET_NAMESPACE/secrets/$TARGET_SECRET"

umask 077

fail() {
  echo "$1" >&2
  exit 1
}

# Secrets reach curl in files: arguments are visible to every process.
bearer() {
  printf 'Authorization: %s %s\n' "$1" "$(tr -d ' \t\r\n' <"$2")" >"$3"
}

ask() {
  curl --silent --show-error --retry 10 --retry-connrefused --max-time 30 --write-out '%{http_code}' "$@"
}

field() {
  sed -n "s/.*\"$1\"[[:space:]]*:[[:space:]]*\"\([^\"]*\)\".*/\1/p" "$WORK_DIR/answer" | head -n 1
}

in_kubernetes() {
  ask --cacert "$account/ca.crt" --header "@$WORK_DIR/kubernetes-header" "$@"
}

bearer Bearer "$account/token" "$WORK_DIR/kubernetes-header"
status="$(in_kubernetes --output "$WORK_DIR/answer" "$secret")"
case "$status" in
  200) ;;
  403) fail "the service account may not read secret $TARGET_SECRET (403)" ;;
  404) fail "there is no secret $TARGET_NAMESPACE/$TARGET_SECRET (404): it is applied together with this job" ;;
  *) fail "kubernetes answered $status" ;;
esac
if [ -n "$(field uuid)" ] && [ -n "$(field token)" ]; then
  echo "secret $TARGET_NAMESPACE/$TARGET_SECRET has a runner already"
  exit 0
fi

bearer token "$API_TOKEN_FILE" "$WORK_DIR/forge-header"
url="$FORGE_URL/api/v1/$FORGE_API_PATH/actions/runners"
printf '{"name":"%s"}' "$RUNNER_NAME" >"$WORK_DIR/runner"
set -- --request POST --header "@$WORK_DIR/forge-header" --header 'Content-Type: application/json'
if [ -n "${FORGE_CA_FILE:-}" ]; then set -- "$@" --cacert "$FORGE_CA_FILE"; fi
status="$(ask "$@" --data-binary "@$WORK_DIR/runner" --output "$WORK_DIR/answer" "$url")"
case "$status" in
  200 | 201) ;;
  401 | 403) fail "the forge refused the API token ($status): it needs the scope ${API_TOKEN_SCOPE:-write:admin}, and its user the right to manage runners" ;;
  404 | 405) fail "the forge creates no runner at $url ($status): Forgejo 15.0 is the first that does; check the owner's and repository's name" ;;
  *) fail "the forge answered $status for $url" ;;
esac
uuid="$(field uuid)"
token="$(field token)"
case "$uuid" in
  '' | *[!0-9a-f-]*) fail "what the forge gave is not the UUID of a runner" ;;
esac
case "$token" in
  '' | *[!A-Za-z0-9_-]*) fail "what the forge gave is not the token of a runner" ;;
esac

printf '{"stringData":{"uuid":"%s","token":"%s"}}' "$uuid" "$token" >"$WORK_DIR/patch"
status="$(in_kubernetes --request PATCH --header 'Content-Type: application/merge-patch+json' --data-binary "@$WORK_DIR/patch" \
  --output /dev/null "$secret?fieldManager=cdk8s-forge-registration-token")"
case "$status" in
  200) echo "secret $TARGET_NAMESPACE/$TARGET_SECRET has runner $uuid" ;;
  403) fail "the service account may not patch secret $TARGET_SECRET (403)" ;;
  *) fail "kubernetes answered $status" ;;
esac
