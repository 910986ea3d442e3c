# The image goes to further registries too. Reads for each, from 1 on, MIRROR_<n> (its name there) and, if the host has no entry yet,
# MIRROR_<n>_HOST, MIRROR_<n>_USER and MIRROR_<n>_TOKEN.
umask 077
for ((mirror = 1; ; mirror++)); do
  name=MIRROR_$mirror host=MIRROR_${mirror}_HOST user=MIRROR_${mirror}_USER token=MIRROR_${mirror}_TOKEN
  if [[ -z ${!name:-} ]]; then break; fi
  for tag in $TAGS; do names+=("${!name}:$tag"); done
  if [[ -z ${!host:-} ]]; then continue; fi
  [[ ${!host} =~ ^[A-Za-z0-9.:/_-]+$ ]] || { printf '%s is not a registry host\n' "${!host}" >&2; exit 1; }
  [[ -n ${!user:-} && -n ${!token:-} ]] || { printf 'there is no user or no token for %s: create the secrets of the registry\n' "${!host}" >&2; exit 1; }
  [[ ${!user} != *:* ]] || { printf '%s holds a colon, which ends it\n' "$user" >&2; exit 1; }
  auth=$(printf '%s:%s' "${!user}" "${!token}" | base64 | tr -d '\n')
  printf '::add-mask::%s\n' "$auth"
  config=$(<"$DOCKER_CONFIG/config.json")
  printf '%s,"%s":{"auth":"%s"}}}\n' "${config%\}\}}" "${!host}" "$auth" >"$DOCKER_CONFIG/config.json"
done
