#!/bin/sh
# Asks GitHub for the configuration of a runner that takes one job, and leaves it for the container that runs the job. Runs in an init
# container, the only one that sees the credential.
set -eu

: "${API_URL:?}" "${API_PATH:?}" "${CREDENTIAL_NEEDS:?}" "${RUNNER_NAME:?}" "${RUNNER_LABELS:?}" "${RUNNER_GROUP_ID:?}"
: "${JIT_CONFIG_FILE:?}" "${WORK_DIR:?}"

umask 077

fail() {
  echo "$1" >&2
  exit 1
}

# Secrets reach curl in files: arguments are visible to every process.
authorize() {
  printf 'Authorization: Bearer %s\n' "$1" >"$WORK_DIR/header"
}

# Posts $2 to path $1 and prints the status; the answer is in a file.
post() {
  printf '%s' "$2" >"$WORK_DIR/request"
  curl --silent --show-error --retry "${RETRIES:-5}" --retry-connrefused --max-time 60 \
    --header "@$WORK_DIR/header" --header 'Accept: application/vnd.github+json' --header 'X-GitHub-Api-Version: 2022-11-28' \
    --header 'Content-Type: application/json' --data-binary "@$WORK_DIR/request" \
    --output "$WORK_DIR/answer" --write-out '%{http_code}' "$API_URL/$1"
}

field() {
  sed -n "s/.*\"$1\"[[:space:]]*:[[:space:]]*\"\([^\"]*\)\".*/\1/p" "$WORK_DIR/answer" | head -n 1
}

# GitHub's own words, which hold no secret.
said() {
  words="$(field message | tr -cd '[:print:]' | cut -c 1-200)"
  if [ -n "$words" ]; then printf '; GitHub says: %s' "$words"; fi
}

unreachable() {
  fail "GitHub's API cannot be reached at $API_URL: check network policies, proxy and certificate authorities"
}

base64url() {
  openssl base64 -A | tr '+/' '-_' | tr -d '='
}

# A GitHub App proves itself with a token that its private key signs, and gets another one for the installation: good for an hour, and
# for what is asked here.
installation_token() {
  : "${APP_ID:?}" "${INSTALLATION_ID:?}" "${APP_KEY_FILE:?}" "${INSTALLATION_REQUEST:?}"
  command -v openssl >/dev/null || fail "the runner's image holds no openssl, which signs for the GitHub App"
  now="$(date +%s)"
  claims="$(printf '{"iat":%s,"exp":%s,"iss":"%s"}' "$((now - 60))" "$((now + 540))" "$APP_ID" | base64url)"
  unsigned="$(printf '{"alg":"RS256","typ":"JWT"}' | base64url).$claims"
  printf '%s' "$unsigned" >"$WORK_DIR/unsigned"
  openssl dgst -sha256 -sign "$APP_KEY_FILE" -out "$WORK_DIR/signature" "$WORK_DIR/unsigned" 2>/dev/null ||
    fail "the private key of the GitHub App is not one: put the PEM file, as GitHub made it, under the key private-key of the Secret"
  authorize "$unsigned.$(base64url <"$WORK_DIR/signature")"
  status="$(post "app/installations/$INSTALLATION_ID/access_tokens" "$INSTALLATION_REQUEST")" || unreachable
  case "$status" in
    200 | 201) ;;
    401) fail "GitHub does not believe the App (401): the private key is not of application $APP_ID, or this machine's clock is wrong$(said)" ;;
    403) fail "GitHub refuses the App (403): is its installation $INSTALLATION_ID suspended?$(said)" ;;
    404) fail "GitHub knows no installation $INSTALLATION_ID of application $APP_ID (404)$(said)" ;;
    422) fail "GitHub gives no token for the installation (422): it needs the $CREDENTIAL_NEEDS, and the repository if it is for one$(said)" ;;
    *) fail "GitHub answered $status for a token of the installation$(said)" ;;
  esac
  token="$(field token)"
}

case "${CREDENTIAL:?}" in
  token)
    : "${TOKEN_FILE:?}"
    token="$(tr -d ' \t\r\n' <"$TOKEN_FILE")"
    ;;
  app) installation_token ;;
  *) fail "CREDENTIAL is neither token nor app" ;;
esac
case "$token" in
  '') fail "there is no token: put it under the key token of the Secret" ;;
  *[!A-Za-z0-9_.=-]*) fail "the token holds characters that tokens do not have" ;;
esac
authorize "$token"

# A name is taken if this container ran before, or if GitHub made the runner and its answer was lost.
name="$RUNNER_NAME"
attempt=1
while :; do
  status="$(post "$API_PATH/actions/runners/generate-jitconfig" \
    "{\"name\":\"$name\",\"runner_group_id\":$RUNNER_GROUP_ID,\"labels\":$RUNNER_LABELS,\"work_folder\":\"_work\"}")" || unreachable
  case "$status" in
    200 | 201) break ;;
    401) fail "GitHub refused the credential (401): it is wrong, revoked or has expired$(said)" ;;
    403) fail "GitHub forbids it (403): the credential needs the $CREDENTIAL_NEEDS, and runner group $RUNNER_GROUP_ID must take self-hosted runners$(said)" ;;
    404) fail "GitHub knows no $API_PATH or no runner group $RUNNER_GROUP_ID (404), or does not show it to this credential, which needs the $CREDENTIAL_NEEDS$(said)" ;;
    409)
      attempt=$((attempt + 1))
      if [ "$attempt" -gt 3 ]; then fail "GitHub has runners $RUNNER_NAME, $RUNNER_NAME-2 and $RUNNER_NAME-3 already (409): remove them on its page of runners$(said)"; fi
      name="$RUNNER_NAME-$attempt"
      ;;
    422) fail "GitHub does not take the runner (422): labels $RUNNER_LABELS, group $RUNNER_GROUP_ID$(said)" ;;
    429) fail "GitHub limits the rate of requests (429): count waiting jobs less often$(said)" ;;
    *) fail "GitHub answered $status for $API_URL/$API_PATH$(said)" ;;
  esac
done

config="$(field encoded_jit_config)"
case "$config" in
  '') fail "GitHub's answer holds no configuration: is something else listening at $API_URL?" ;;
  *[!A-Za-z0-9+/=_-]*) fail "GitHub's answer holds something else than a configuration" ;;
esac
printf '%s' "$config" >"$JIT_CONFIG_FILE.new"
mv "$JIT_CONFIG_FILE.new" "$JIT_CONFIG_FILE"
echo "runner $name is registered at $API_PATH for one job, with labels $RUNNER_LABELS"
