# Logs in to registries for the rest of the job, each with its own user: writes config.json of a directory of this job, and sets
# DOCKER_CONFIG. `docker login` is not used: it asks the registry over HTTPS. Reads: COUNT; HOSTS_<n>, USER_<n> and TOKEN_<n> from 1 on.
set -euo pipefail
fail() { printf '%s\n' "$1" >&2; exit 1; }
umask 077
directory=$(mktemp -d "${RUNNER_TEMP:-/tmp}/registry-XXXXXX")
entries=''
for ((n = 1; n <= COUNT; n++)); do
  hosts=HOSTS_$n user=USER_$n token=TOKEN_$n
  [[ -n ${!user:-} && -n ${!token:-} ]] || fail "there is no user or no token for ${!hosts}: create the secrets"
  [[ ${!user} != *:* ]] || fail "the user for ${!hosts} has a colon, which ends it"
  auth=$(printf '%s:%s' "${!user}" "${!token}" | base64 | tr -d '\n')
  printf '::add-mask::%s\n' "$auth"
  for host in ${!hosts}; do
    [[ $host =~ ^[A-Za-z0-9.:/_-]+$ ]] || fail "this is not a registry host: $host"
    entries+="${entries:+,}\"$host\":{\"auth\":\"$auth\"}"
  done
done
printf '{"auths":{%s}}\n' "$entries" >"$directory/config.json"
printf 'DOCKER_CONFIG=%s\n' "$directory" >>"${GITHUB_ENV:-/dev/null}"
printf 'logged in to %s registries\n' "$COUNT"
