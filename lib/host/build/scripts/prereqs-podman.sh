# Podman. Reads PLAIN (host and port of a registry with plain HTTP; empty for another one) and MIRRORS (hosts of mirrors of Docker Hub, one a line).
copy='copy registries.conf of this directory to /etc/containers/registries.conf.d/ of the machine that runs the containers (podman machine ssh)'
if ! command -v podman >/dev/null; then
  problem 'podman is not on PATH'
elif ! podman info >/dev/null 2>&1; then
  problem 'Podman does not answer: podman machine start'
else
  known=$(podman info --format '{{json .Registries}}' 2>/dev/null | tr -d ' \n' || true)
  [[ -z $PLAIN || $known == *"\"Location\":\"$PLAIN\",\"Insecure\":true"* ]] ||
    problem "Podman uses HTTPS for $PLAIN: $copy"
  while IFS= read -r mirror; do
    [[ -z $mirror || $known == *"\"Location\":\"$mirror\""* ]] || problem "Podman does not use the mirror $mirror: $copy"
  done <<<"$MIRRORS"
fi
exit "$bad"
