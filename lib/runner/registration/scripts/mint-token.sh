#!/bin/sh
# Asks the forge for a registration token and puts it into a Secret. Running it again changes nothing: the forge answers with the
# token that is active, and makes one only if there is none.
set -eu

: "${TARGET_NAMESPACE:?}" "${TARGET_SECRET:?}" "${WORK_DIR:?}"
kubernetes="${KUBERNETES_URL:-https://kubernetes.default.svc}"
account="${SERVICE_ACCOUNT_DIR:-/var/run/secrets/kubernetes.io/serviceaccount}"

umask 077

fail() {
  echo "$1" >&2
  exit 1
}

# Secrets reach curl in files: arguments are visible to every process.
bearer() {
  printf 'Authorization: %s %s\n' "$1" "$(tr -d ' \t\r\n' <"$2")" >"$3"
}

mint_by_api() {
  : "${FORGE_URL:?}" "${FORGE_API_PATH:?}" "${API_TOKEN_FILE:?}"
  bearer token "$API_TOKEN_FILE" "$WORK_DIR/forge-header"
  url="$FORGE_URL/api/v1/$FORGE_API_PATH/actions/runners/registration-token"
  set -- --silent --show-error --retry 10 --retry-connrefused --max-time 30 --header "@$WORK_DIR/forge-header" \
    --output "$WORK_DIR/answer" --write-out '%{http_code}'
  if [ -n "${FORGE_CA_FILE:-}" ]; then set -- "$@" --cacert "$FORGE_CA_FILE"; fi
  status="$(curl "$@" --request POST "$url")"
  # Servers before 1.26 know GET as well, the oldest nothing else.
  if [ "$status" = 404 ] || [ "$status" = 405 ]; then status="$(curl "$@" "$url")"; fi
  case "$status" in
    200 | 201) ;;
    401 | 403) fail "the forge refused the API token ($status): it needs the scope ${API_TOKEN_SCOPE:-write:admin}, and its user the right to manage runners" ;;
    404) fail "the forge knows no $url (404): check the owner's and repository's name, and that Actions are enabled" ;;
    *) fail "the forge answered $status for $url" ;;
  esac
  sed -n 's/.*"token"[[:space:]]*:[[:space:]]*"\([^"]*\)".*/\1/p' "$WORK_DIR/answer"
}

mint_by_command() {
  : "${GITEA_CONFIG:?}"
  # A copy, because the program completes a configuration that lacks a secret.
  cp "$GITEA_CONFIG" "$WORK_DIR/app.ini"
  export GITEA_WORK_DIR="$WORK_DIR"
  if [ -n "${FORGE_SCOPE:-}" ]; then
    gitea --config "$WORK_DIR/app.ini" actions generate-runner-token --scope "$FORGE_SCOPE"
  else
    gitea --config "$WORK_DIR/app.ini" actions generate-runner-token
  fi
}

case "${MINT_BY:?}" in
  api) minted="$(mint_by_api)" ;;
  command) minted="$(mint_by_command)" ;;
  *) fail "MINT_BY is neither api nor command" ;;
esac

token="$(printf '%s' "$minted" | tail -n 1 | tr -d ' \t\r\n')"
case "$token" in
  '') fail "the forge gave no token" ;;
  *[!A-Za-z0-9_-]*) fail "what the forge gave is not a registration token" ;;
esac

bearer Bearer "$account/token" "$WORK_DIR/kubernetes-header"
printf '{"stringData":{"token":"%s"}}' "$token" >"$WORK_DIR/patch"
status="$(curl --silent --show-error --retry 10 --retry-connrefused --max-time 30 --cacert "$account/ca.crt" \
  --request PATCH --header "@$WORK_DIR/kubernetes-header" --header 'Content-Type: application/merge-patch+json' \
  --data-binary "@$WORK_DIR/patch" --output /dev/null --write-out '%{http_code}' \
  "$kubernetes/api/v1/namespaces/$TARGET_NAMESPACE/secrets/$TARGET_SECRET?fieldManager=cdk8s-forge-registration-token")"
case "$status" in
  200) echo "secret $TARGET_NAMESPACE/$TARGET_SECRET holds the registration token" ;;
  403) fail "the service account may not patch secret $TARGET_SECRET (403)" ;;
  404) fail "there is no secret $TARGET_NAMESPACE/$TARGET_SECRET (404): it is applied together with this job" ;;
  *) fail "kubernetes answered $status" ;;
esac
