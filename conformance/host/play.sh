#!/usr/bin/env bash
# Builds and pushes with the real make, buildx, Docker daemon and registries, in namespaces of its own. Reads FORGE_CASES, FORGE_ROOT, BUILDX,
# WORK, and HTPASSWD: the line of the user `operator` with REGISTRY_TOKEN.
set -euo pipefail
ip link set lo up
# Docker takes every name of 127.0.0.0/8 for insecure.
ip address add 192.0.2.1/32 dev lo
printf '127.0.0.1 localhost\n192.0.2.1 plain.test secured.test host.docker.internal mcr.microsoft.com\n' >"$WORK/hosts"
mount --bind "$WORK/hosts" /etc/hosts
mkdir -p /etc/docker
mount -t tmpfs tmpfs /etc/docker
export HOME=$WORK/home DOCKER_HOST=unix://$WORK/d.sock DOCKER_CONFIG=$WORK/home/.docker
mkdir -p "$DOCKER_CONFIG/cli-plugins"
cp "$BUILDX" "$DOCKER_CONFIG/cli-plugins/docker-buildx"

registry() {
  printf 'version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: %s}}\n%s\nhttp:\n  addr: %s:%s\n%s' \
    "$WORK/$1" "${4:-}" "${ADDRESS:-192.0.2.1}" "$2" "$3" >"$WORK/$1.yml"
  docker-registry serve "$WORK/$1.yml" >"$WORK/$1.log" 2>&1 &
}
# tls CERTIFICATE KEY
tls() { printf '  tls: {certificate: %s, key: %s}\n' "$1" "$2"; }
printf '%s\n' "$HTPASSWD" >"$WORK/htpasswd"
login="auth: {htpasswd: {realm: test, path: $WORK/htpasswd}}"
registry plain 5931 '' "$login"
registry secured 5932 "$(tls "$FORGE_CASES/server.crt" "$FORGE_CASES/server.key")"

ADDRESS=127.0.0.1 registry loopback 5933 ''
ADDRESS=127.0.0.1 registry mirror 5934 ''
mirror=$!

daemon=
start() {
  dockerd --data-root "$WORK/docker" --exec-root "$WORK/exec" --pidfile "$WORK/d.pid" --host "$DOCKER_HOST" --storage-driver vfs --bridge none \
    --iptables=false --ip6tables=false --ip-masq=false "$@" >>"$WORK/dockerd.log" 2>&1 &
  daemon=$!
  for ((i = 0; i < 300; i++)); do
    if docker info >/dev/null 2>&1; then return; fi
    sleep 0.2
  done
  tail -20 "$WORK/dockerd.log"
  echo 'NOT RUN: dockerd does not start here'
  exit 0
}
stop() {
  kill "$daemon"
  wait "$daemon" || true
}
build() {
  local name=$1
  shift
  make --directory "$FORGE_CASES/$name/host/local" SOURCE="$FORGE_CASES/sources" TAG=v1 "$@"
}
refused() {
  local text=$1
  shift
  if "$@" >"$WORK/said" 2>&1; then
    echo "accepted, but must fail with: $text"
    exit 1
  fi
  grep -qF "$text" "$WORK/said" || { cat "$WORK/said"; exit 1; }
}

# Without daemon.json, the check says so, and Docker says what the runbook says.
start
refused 'the Docker daemon uses HTTPS for plain.test:5931: merge daemon.json' build plain prereqs
refused 'the Docker daemon does not use the mirror http://localhost:5934: merge daemon.json' build loopback prereqs
if grep 5933 "$WORK/said"; then exit 1; fi
docker build --quiet --tag localhost:5934/library/base:v1 "$FORGE_CASES/sources/base" >/dev/null
docker push --quiet localhost:5934/library/base:v1
docker image rm localhost:5934/library/base:v1 >/dev/null
stop

# Base images of Docker Hub come from the mirror of the cluster, whose NodePort is a port of the machine. Without it, those of the machine do.
start --config-file "$FORGE_CASES/loopback/host/local/daemon.json"
build loopback images push
[[ $(curl -s http://localhost:5933/v2/upper/tags/list) == '{"name":"upper","tags":["v1"]}' ]]
kill "$mirror"
build loopback images 2>&1 | grep -F 'cannot pull docker.io/library/base:v1: the builds use the image on this machine'
docker image rm docker.io/library/base:v1 >/dev/null
sed -i 's/^ATTEMPTS=.*/ATTEMPTS=1/' "$FORGE_CASES/loopback/host/local/pre-pull.sh"
refused 'cannot pull docker.io/library/base:v1: 1 attempts failed' build loopback images
stop

start --config-file "$FORGE_CASES/plain/host/local/daemon.json"
build plain images
refused 'no basic auth credentials' build plain push
# The config.json that jobs get, of the script that writes it.
REGISTRY_HOSTS=plain.test:5931 REGISTRY_USER=operator bash "$FORGE_CASES/docker-config.sh"
build plain push
[[ $(curl -s --user "operator:$REGISTRY_TOKEN" http://plain.test:5931/v2/platform/top/tags/list) == '{"name":"platform/top","tags":["v1"]}' ]]
# What bake could have replaced in a build argument is as it was.
[[ $(docker inspect --format '{{index .Config.Labels "text"}}' plain.test:5931/platform/top:v1) == 'a ${b} %{c} "d"' ]]

build secured image-base
refused 'certificate signed by unknown authority' build secured push-base
build secured trust images push
[[ $(curl -s --cacert "$FORGE_CASES/ca.crt" https://secured.test:5932/v2/platform/top/tags/list) == '{"name":"platform/top","tags":["v1"]}' ]]

# The first system as its operator runs it: a CA of their own, the server with its certificate, a synth, then the Makefile.
system=$WORK/root/examples/0-host-dind
mkdir -p "$WORK/root/examples"
for link in lib imports node_modules tsconfig.json package.json; do ln -s "$FORGE_ROOT/$link" "$WORK/root/$link"; done
cp -R "$FORGE_ROOT/examples/0-host-dind" "$system"
rm "$system/certs/ca.crt"
export KEYS=$WORK/keys
bash "$system/dist/host/ca/ca.sh"
bash "$system/dist/host/ca/ca.sh" check
(cd "$system" && env -u CDK8S_OUTDIR node --preserve-symlinks --preserve-symlinks-main --import tsx main.ts)
cmp "$system/certs/ca.crt" "$system/dist/host/local/certs/ca.crt"
registry gitea 30090 "$(tls "$KEYS/server.crt" "$KEYS/server.key")" "$login"
# The base image comes from where it is: for this network, a registry with a certificate of the test.
registry base 443 "$(tls "$FORGE_CASES/server.crt" "$FORGE_CASES/server.key")"
mkdir -p /etc/docker/certs.d/mcr.microsoft.com
cp "$FORGE_CASES/ca.crt" /etc/docker/certs.d/mcr.microsoft.com/
for ((i = 0; i < 50; i++)); do
  if curl --silent --cacert "$system/certs/ca.crt" https://host.docker.internal:30090/v2/ >/dev/null; then break; fi
  sleep 0.2
done
base=mcr.microsoft.com/azure-functions/python:4-python3.11
docker build --quiet --tag "$base" "$FORGE_CASES/sources/base" >/dev/null
docker push --quiet "$base"
docker image rm "$base" >/dev/null
for image in azure-auth-sim frontend; do
  mkdir -p "$WORK/apps/$image"
  printf 'FROM scratch\nARG NODE_OPTIONS\nLABEL options=$NODE_OPTIONS\nCOPY Dockerfile /\n' >"$WORK/apps/$image/Dockerfile"
done
first() { make --directory "$system/dist/host/local" SOURCE="$WORK/apps" TAG=v1 "$@"; }
first images
docker image inspect "$base" >/dev/null
refused 'certificate signed by unknown authority' first push
first trust
refused 'no basic auth credentials' first push
REGISTRY_USER=operator first login
first push
for image in azure-auth-sim frontend; do
  [[ $(curl -s --cacert "$system/certs/ca.crt" --user "operator:$REGISTRY_TOKEN" "https://host.docker.internal:30090/v2/platform/$image/tags/list") == '{"name":"platform/'$image'","tags":["v1"]}' ]]
done
[[ $(docker inspect --format '{{.Config.Labels.options}}' host.docker.internal:30090/platform/frontend:v1) == --max-old-space-size=1024 ]]
echo 'PLAYED'
