#!/usr/bin/env bash
# Builds and pushes with the real make, buildx, Docker daemon and registries, in namespaces of its own. Reads FORGE_CASES, BUILDX and WORK.
set -euo pipefail
ip link set lo up
# Docker takes every name of 127.0.0.0/8 for insecure.
ip address add 192.0.2.1/32 dev lo
printf '127.0.0.1 localhost\n192.0.2.1 plain.test secured.test\n' >"$WORK/hosts"
mount --bind "$WORK/hosts" /etc/hosts
mkdir -p /etc/docker
mount -t tmpfs tmpfs /etc/docker
export HOME=$WORK/home DOCKER_HOST=unix://$WORK/d.sock DOCKER_CONFIG=$WORK/home/.docker
mkdir -p "$DOCKER_CONFIG/cli-plugins"
cp "$BUILDX" "$DOCKER_CONFIG/cli-plugins/docker-buildx"

registry() {
  printf 'version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: %s}}\nhttp:\n  addr: 192.0.2.1:%s\n%s' "$WORK/$1" "$2" "$3" >"$WORK/$1.yml"
  docker-registry serve "$WORK/$1.yml" >"$WORK/$1.log" 2>&1 &
}
registry plain 5931 ''
registry secured 5932 "  tls: {certificate: $FORGE_CASES/server.crt, key: $FORGE_CASES/server.key}"

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
stop

start --config-file "$FORGE_CASES/plain/host/local/daemon.json"
build plain images push
[[ $(curl -s http://plain.test:5931/v2/platform/top/tags/list) == '{"name":"platform/top","tags":["v1"]}' ]]
# What bake could have replaced in a build argument is as it was.
[[ $(docker inspect --format '{{index .Config.Labels "text"}}' plain.test:5931/platform/top:v1) == 'a ${b} %{c} "d"' ]]

build secured image-base
refused 'certificate signed by unknown authority' build secured push-base
build secured trust images push
[[ $(curl -s --cacert "$FORGE_CASES/ca.crt" https://secured.test:5932/v2/platform/top/tags/list) == '{"name":"platform/top","tags":["v1"]}' ]]
echo 'PLAYED'
