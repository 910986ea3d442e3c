# Installs the units of a runner for rootless Podman, and starts the runner. Reads NAME, PREFIX, UNITS, FILES and SECRETS (a secret of Podman and its
# environment variable in each line). A secret that exists is kept if its variable is empty.
cd "$(dirname "${BASH_SOURCE[0]}")"

fail() {
  printf '%s\n' "$1" >&2
  exit 1
}

[[ $(id -u) -ne 0 ]] || fail 'run install.sh as the user whose containers run, not as root: bash install.sh'
for program in podman systemctl loginctl; do
  command -v "$program" >/dev/null || fail "$program is not installed"
done
version=$(podman version --format '{{.Client.Version}}')
IFS=. read -r major minor _ <<<"$version"
((major > 4 || (major == 4 && minor >= 4))) || fail "Podman is $version: Quadlet needs 4.4 or newer"
# Without the controllers, crun refuses limits: the requested cgroup controller `cpu` is not available.
controllers=${CONTROLLERS:-/sys/fs/cgroup/user.slice/user-$(id -u).slice/user@$(id -u).service/cgroup.controllers}
for controller in cpu memory; do
  grep -qw "$controller" "$controllers" 2>/dev/null ||
    fail "the cgroup controller $controller is not delegated to users: write '[Service]' and 'Delegate=cpu cpuset io memory pids' to /etc/systemd/system/user@.service.d/delegate.conf, run systemctl daemon-reload, and log in again"
done

while read -r secret variable; do
  [[ -n $secret ]] || continue
  if [[ -n ${!variable:-} ]]; then
    podman secret rm "$secret" >/dev/null 2>&1 || true
    printf '%s' "${!variable}" | podman secret create "$secret" - >/dev/null
  else
    podman secret inspect "$secret" >/dev/null 2>&1 || fail "$variable is empty: set it as the runbook says"
  fi
done <<<"$SECRETS"

config=$HOME/.config/cdk8s-forge/$NAME units=$HOME/.config/containers/systemd
mkdir -p "$config" "$units"
while read -r file; do
  [[ -n $file ]] || continue
  mkdir -p "$(dirname "$config/$file")"
  cp "$file" "$config/$file.new"
  chmod 0644 "$config/$file.new"
  mv "$config/$file.new" "$config/$file"
done <<<"$FILES"
# Units that are no longer declared go; the data of their volumes stay.
if [[ -e $config/units ]]; then
  while read -r unit; do
    if [[ $unit == *.container ]]; then systemctl --user stop "${unit%.container}.service" || true; fi
    rm -f "$units/$unit"
  done <"$config/units"
fi
while read -r unit; do cp "$unit" "$units/$unit"; done <<<"$UNITS"
printf '%s\n' "$UNITS" >"$config/units"
loginctl enable-linger
systemctl --user daemon-reload
systemctl --user start "$PREFIX-runner.service"
printf 'the runner %s is installed\n' "$NAME"
