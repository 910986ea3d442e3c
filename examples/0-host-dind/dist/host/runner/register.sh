#!/usr/bin/env bash
# Registers a runner, in an init container: the container that runs jobs never sees the registration token.
# Keeps the state on the volume if the program wrote it with this key and these labels; otherwise makes a new runner. Jobs can write
# to the volume. So the state carries a signature that only this container can make, because it alone sees the token.
set -euo pipefail
export LC_ALL=C

: "${RUNNER_PROGRAM:?}" "${CONFIG_FILE:?}" "${RUNNER_STATE_FILE:?}" "${RUNNER_NAME:?}"
: "${GITEA_INSTANCE_URL:?}" "${REGISTRATION_TOKEN_FILE:?}" "${REGISTRATION_KEY:?}"

key_file="${RUNNER_STATE_FILE}.key"

is_file() {
  [[ -f "$1" && ! -L "$1" && -s "$1" ]]
}

digest() {
  sha256sum | cut -d ' ' -f 1
}

# Prints the signature of the state; fails if its labels are others than those declared. The labels are not signed, because the
# program writes them again when they change.
signature() {
  local text labels
  is_file "$RUNNER_STATE_FILE" || return 1
  [[ "$(tr -d '\000' <"$RUNNER_STATE_FILE" | wc -c)" -eq "$(wc -c <"$RUNNER_STATE_FILE")" ]] || return 1
  text="$(<"$RUNNER_STATE_FILE")"
  [[ "$text" =~ ^(.*)\"labels\":[[:space:]]*\[([^]]*)\](.*)$ ]] || return 1
  text="${BASH_REMATCH[1]}[]${BASH_REMATCH[3]}"
  labels="${BASH_REMATCH[2]//[[:space:]]/}"
  [[ "$labels" == "${REGISTRATION_LABELS-$labels}" ]] || return 1
  printf '%s\n%s' "$token" "$(printf '%s\n%s\n%s' "$token" "$REGISTRATION_KEY" "$text" | digest)" | digest
}

token="$(tr -d ' \t\r\n' <"$REGISTRATION_TOKEN_FILE")"
if [[ -z "$token" ]]; then
  echo "the registration token is empty: put it under the key 'token' of the Secret" >&2
  exit 1
fi

if is_file "$key_file" && signed="$(signature)" && [[ "$(tr -d '\000' <"$key_file")" == "$signed" ]]; then
  echo "already registered"
  exit 0
fi
if [[ -e "$RUNNER_STATE_FILE" || -L "$RUNNER_STATE_FILE" ]]; then
  echo "the state on the volume is not of this registration: making a new runner"
fi

umask 077
# A job may have left a folder, a link or a pipe in the place of a file.
rm -rf -- "$RUNNER_STATE_FILE" "$key_file" "$RUNNER_STATE_FILE.lock"

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
  # Forgejo's runner asks for the address too, whatever its arguments say.
  {
    if [[ -n "${RUNNER_ASKS_ADDRESS:-}" ]]; then printf '%s\n' "$GITEA_INSTANCE_URL"; fi
    printf '%s\n%s\n' "$token" "$RUNNER_NAME"
  } | "$RUNNER_PROGRAM" "${args[@]}"
fi

if ! is_file "$RUNNER_STATE_FILE"; then
  echo "the runner did not write $RUNNER_STATE_FILE" >&2
  exit 1
fi
# Last, so that a registration that was cut short is made again.
if signed="$(signature)"; then
  printf '%s' "$signed" >"$key_file"
else
  echo "the runner did not write the declared labels to $RUNNER_STATE_FILE: it registers again at the next start" >&2
fi
