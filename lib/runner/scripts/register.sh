#!/usr/bin/env bash
# Registers a runner, in an init container: the container that runs jobs never sees the registration token.
# Does nothing if the state on the volume was made with the same key; a new key makes a new runner.
set -euo pipefail

: "${RUNNER_PROGRAM:?}" "${CONFIG_FILE:?}" "${RUNNER_STATE_FILE:?}" "${RUNNER_NAME:?}"
: "${GITEA_INSTANCE_URL:?}" "${REGISTRATION_TOKEN_FILE:?}" "${REGISTRATION_KEY:?}"

key_file="${RUNNER_STATE_FILE}.key"

if [[ -s "$RUNNER_STATE_FILE" && -f "$key_file" && "$(<"$key_file")" == "$REGISTRATION_KEY" ]]; then
  echo "already registered"
  exit 0
fi

token="$(tr -d ' \t\r\n' <"$REGISTRATION_TOKEN_FILE")"
if [[ -z "$token" ]]; then
  echo "the registration token is empty: put it under the key 'token' of the Secret" >&2
  exit 1
fi

umask 077
rm -f "$RUNNER_STATE_FILE" "$key_file"

args=(register --config "$CONFIG_FILE" --instance "$GITEA_INSTANCE_URL" --name "$RUNNER_NAME")
if [[ -n "${RUNNER_EPHEMERAL:-}" ]]; then
  args+=(--ephemeral)
fi

# The token goes through a pipe: arguments are visible to every process. Newer runners read it from a file, older ones ask for
# token and name.
help="$("$RUNNER_PROGRAM" register --help 2>&1)"
if [[ "$help" == *--token-file* ]]; then
  "$RUNNER_PROGRAM" "${args[@]}" --no-interactive --token-file <(printf '%s' "$token")
else
  printf '%s\n%s\n' "$token" "$RUNNER_NAME" | "$RUNNER_PROGRAM" "${args[@]}"
fi

if [[ ! -s "$RUNNER_STATE_FILE" ]]; then
  echo "the runner did not write $RUNNER_STATE_FILE" >&2
  exit 1
fi
# Last, so that a registration that was cut short is made again.
printf '%s' "$REGISTRATION_KEY" >"$key_file"
