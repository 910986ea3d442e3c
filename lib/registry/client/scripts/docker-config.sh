# Writes a Docker client's config.json with one entry for each registry host.
# Reads: REGISTRY_HOSTS (separated by spaces), REGISTRY_USER, REGISTRY_TOKEN, DOCKER_CONFIG (the folder).
# The values are in no argument; the entry holds them in base64 only, $auth, so nothing needs quoting for JSON.
set -euo pipefail
: "${REGISTRY_HOSTS:?one or more hosts}" "${REGISTRY_USER:?the user}" "${REGISTRY_TOKEN:?the token}" "${DOCKER_CONFIG:?the folder}"
case $REGISTRY_USER in *:*) printf 'REGISTRY_USER holds a colon, which ends it\n' >&2; exit 1 ;; esac
umask 077
mkdir -p "$DOCKER_CONFIG"
auth=$(printf '%s:%s' "$REGISTRY_USER" "$REGISTRY_TOKEN" | base64 | tr -d '\n')
separator=''
{
  printf '{"auths":{'
  for host in $REGISTRY_HOSTS; do
    case $host in *[!A-Za-z0-9.:/_-]*) printf '%s is not a registry host\n' "$host" >&2; exit 1 ;; esac
    printf '%s"%s":{"auth":"%s"}' "$separator" "$host" "$auth"
    separator=','
  done
  printf '}}\n'
} > "$DOCKER_CONFIG/config.json.new"
mv "$DOCKER_CONFIG/config.json.new" "$DOCKER_CONFIG/config.json"
