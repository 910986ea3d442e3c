#!/usr/bin/env bash
# `docker compose up` of a runner with Docker in Docker, which registers at a real Gitea with a private CA, in namespaces of its own.
# Reads FORGE_CASES, WORK, COMPOSE, GITEA (a program), GITEA_SOURCES and RUNNER (a program without libraries).
# No registry of images can be reached: the images of the project are made here from the programs, under the names in compose.yml.
set -euo pipefail
project=$FORGE_CASES/runner/host/runner
ip link set lo up
mkdir -p /etc/docker
mount -t tmpfs tmpfs /etc/docker
export HOME=$WORK/home DOCKER_HOST=unix://$WORK/d.sock DOCKER_CONFIG=$WORK/home/.docker
mkdir -p "$DOCKER_CONFIG"

dockerd --data-root "$WORK/docker" --exec-root "$WORK/exec" --pidfile "$WORK/d.pid" --host "$DOCKER_HOST" --storage-driver vfs --bridge none \
  --iptables=false --ip6tables=false --ip-masq=false >"$WORK/dockerd.log" 2>&1 &
daemon=$!
files=(--file "$project/compose.yml")
compose() { "$COMPOSE" --project-directory "$project" "${files[@]}" "$@"; }
end() {
  local code=$?
  if [ "$code" != 0 ]; then
    compose logs --no-color | tail -40
    tail -5 "$WORK/dockerd.log"
  fi
  # Everything ends with the namespaces.
  kill -KILL "$daemon"
  exit "$code"
}
trap end EXIT
for ((i = 0; i < 300; i++)); do
  if docker info >/dev/null 2>&1; then break; fi
  sleep 0.2
done
docker info >/dev/null 2>&1 || { tail -5 "$WORK/dockerd.log"; echo 'NOT RUN: dockerd does not start here'; exit 0; }
docker network create probe >/dev/null 2>&1 || { echo 'NOT RUN: this kernel has no bridges'; exit 0; }
docker network rm probe >/dev/null

# image NAME PROGRAM...: the programs of this machine with their libraries, beside what is in $WORK/root.
image() {
  local name=$1 program
  shift
  for program in "$@"; do
    program=$(type -P "$program") || { echo "NOT RUN: no $program"; exit 0; }
    printf '%s\n' "$program"
    ldd "$program" 2>/dev/null | grep -o '/[^ ]*' || true
  done | sort -u >"$WORK/files"
  while IFS= read -r file; do
    mkdir -p "$WORK/root$(dirname "$file")"
    cp --dereference "$file" "$WORK/root$file"
  done <"$WORK/files"
  tar --create --directory "$WORK/root" . |
    docker import --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' "${changes[@]}" - "$name" >/dev/null
}
mkdir -p "$WORK"/root/{usr/bin,usr/sbin,usr/lib,usr/lib64,usr/local/bin,tmp,etc/ssl/certs,home}
for link in bin sbin lib lib64; do ln -s "usr/$link" "$WORK/root/$link"; done
cp /etc/passwd /etc/group "$WORK/root/etc/"
tools=(true bash sh env cat cp mv rm mkdir chmod chown mktemp grep sed awk tr cut head tail sort sha256sum date sleep id stat ls dirname basename wget)
cp "$RUNNER" "$WORK/root/usr/local/bin/gitea-runner"
changes=(--change 'ENTRYPOINT ["gitea-runner", "daemon", "--config", "/etc/cdk8s-forge/config.yaml"]')
image "$(sed -n 's/^ *image: \(gitea\/runner:.*\)/\1/p' "$project/compose.yml" | head -n 1)" "${tools[@]}"
rm "$WORK/root/usr/local/bin/gitea-runner"
# The daemon in the container has no overlay, no NAT and no bridge here, which a machine has.
cat >"$WORK/root/usr/local/bin/dockerd" <<'SCRIPT'
#!/usr/bin/bash
sed 's/overlay2/vfs/' /etc/docker/daemon.json >/tmp/daemon.json
exec /usr/sbin/dockerd --config-file /tmp/daemon.json --bridge none --iptables=false --ip6tables=false --ip-masq=false "$@"
SCRIPT
chmod +x "$WORK/root/usr/local/bin/dockerd"
changes=()
image "$(sed -n 's/^ *image: \(docker:.*\)/\1/p' "$project/compose.yml" | head -n 1)" "${tools[@]}" dockerd containerd containerd-shim-runc-v2 runc docker docker-proxy ip

# Gitea on the machine, with the certificate of the private CA: containers reach it as host.docker.internal.
mkdir -p "$WORK/gitea/static"
ln -s "$GITEA_SOURCES"/{templates,options,public} "$WORK/gitea/static/"
cat >"$WORK/gitea/app.ini" <<INI
RUN_USER = $(id -un)
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true
WORK_PATH = $WORK/gitea
[server]
PROTOCOL = https
CERT_FILE = $FORGE_CASES/server.crt
KEY_FILE = $FORGE_CASES/server.key
ROOT_URL = https://host.docker.internal:30090/
HTTP_ADDR = 0.0.0.0
HTTP_PORT = 30090
DISABLE_SSH = true
OFFLINE_MODE = true
STATIC_ROOT_PATH = $WORK/gitea/static
[database]
DB_TYPE = sqlite3
PATH = $WORK/gitea/gitea.db
[security]
INSTALL_LOCK = true
PASSWORD_HASH_ALGO = pbkdf2_v1
[actions]
ENABLED = true
[log]
LEVEL = Error
INI
gitea() { "$GITEA" --config "$WORK/gitea/app.ini" "$@"; }
gitea migrate >"$WORK/gitea.log" 2>&1 || { tail -20 "$WORK/gitea.log"; exit 1; }
gitea admin user create --username operator --random-password --email operator@example.com --admin --must-change-password=false >/dev/null
token=$(gitea admin user generate-access-token --username operator --scopes all --raw | tail -n 1)
gitea web >>"$WORK/gitea.log" 2>&1 &
api() { curl --silent --fail --cacert "$FORGE_CASES/ca.crt" --header "Authorization: token $token" "https://127.0.0.1:30090/api/v1/$1"; }
for ((i = 0; i < 300; i++)); do
  if api version >/dev/null; then break; fi
  sleep 0.2
done
api version >/dev/null

# A machine whose root lacks capabilities, such as a container, cannot start a privileged container: the daemon gets what there is.
if ! docker run --rm --privileged --network none --entrypoint true "$(sed -n 's/^ *image: \(gitea\/runner:.*\)/\1/p' "$project/compose.yml" | head -n 1)" >/dev/null 2>&1; then
  echo 'NOT PRIVILEGED: the daemon gets the capabilities of this machine'
  bounding=$(capsh --decode="$(sed -n 's/^CapBnd:\s*//p' /proc/self/status)" | sed 's/^.*=//; s/,cap_\(perfmon\|bpf\|checkpoint_restore\)//g; s/cap_//g; s/,/, /g')
  printf 'services: { docker: { privileged: !reset false, cap_add: [%s], security_opt: ["seccomp=unconfined"] } }\n' "$bounding" >"$WORK/override.yml"
  files+=(--file "$WORK/override.yml")
fi

# Without the token, compose says what the runbook says.
if compose up --detach >"$WORK/said" 2>&1; then
  echo 'compose starts without a token'
  exit 1
fi
grep -q 'environment variable "RUNNER_TOKEN" required by secret ".*runner-token" is not set' "$WORK/said" || { cat "$WORK/said"; exit 1; }

RUNNER_TOKEN=$(gitea actions generate-runner-token | tail -n 1)
export RUNNER_TOKEN
online() {
  api admin/actions/runners | jq --exit-status '.runners | length == 1 and .[0].status == "online" and .[0].name == "runner" and [.[0].labels[].name] == ["ubuntu-latest"]' >/dev/null
}
compose up --detach --wait --wait-timeout 180
online || { api admin/actions/runners; exit 1; }
[[ $(docker inspect --format '{{.State.Health.Status}}' runner-docker-1) == healthy ]]
# The same daemon.json, certificate and known_hosts are in the daemon.
docker exec runner-docker-1 cat /etc/docker/certs.d/host.docker.internal:30090/ca.crt | cmp - "$FORGE_CASES/ca.crt"
echo REGISTERED

# A restart without the token in its environment keeps the identity; the token is in no container.
if docker ps --all --quiet | xargs docker inspect | grep -qF "$RUNNER_TOKEN"; then
  echo 'the token is in the description of a container'
  exit 1
fi
compose restart runner
for ((i = 0; i < 100; i++)); do
  if online; then break; fi
  sleep 0.3
done
online
echo PLAYED
