#!/usr/bin/env bash
# Builds and pushes with the real make, Podman and registries, in namespaces of its own. Reads FORGE_CASES and WORK.
set -euo pipefail
ip link set lo up
export HOME=$WORK/home XDG_RUNTIME_DIR=$WORK/xdg CONTAINERS_STORAGE_CONF=$WORK/storage.conf
mkdir -p "$HOME" "$XDG_RUNTIME_DIR"
printf '[storage]\ndriver = "vfs"\ngraphroot = "%s"\nrunroot = "%s"\n' "$WORK/root" "$WORK/run" >"$CONTAINERS_STORAGE_CONF"
for port in 5933 5934; do
  printf 'version: 0.1\nlog: {level: error}\nstorage: {filesystem: {rootdirectory: %s}}\nhttp: {addr: "127.0.0.1:%s"}\n' "$WORK/$port" "$port" >"$WORK/$port.yml"
  docker-registry serve "$WORK/$port.yml" >"$WORK/$port.log" 2>&1 &
done
mirror=$!
mkdir -p "$WORK/a repository"
cp -R "$FORGE_CASES/podman/host/local" "$WORK/a repository/local"
cp -R "$FORGE_CASES/sources" "$WORK/the sources"
run() { make --directory "$WORK/a repository/local" SOURCE="$WORK/the sources" TAG=v1 "$@"; }
if run prereqs 2>"$WORK/said"; then exit 1; fi
grep -F 'Podman uses HTTPS for localhost:5933: copy registries.conf' "$WORK/said"
grep -F 'Podman does not use the mirror localhost:5934: copy registries.conf' "$WORK/said"
export CONTAINERS_REGISTRIES_CONF="$WORK/a repository/local/registries.conf"
run prereqs
podman build --quiet --tag localhost:5934/library/base:v1 "$FORGE_CASES/sources/base"
podman push --quiet localhost:5934/library/base:v1 --tls-verify=false
podman image rm localhost:5934/library/base:v1 >/dev/null
run images push
for image in top upper both; do
  [[ $(curl -s "http://localhost:5933/v2/platform/$image/tags/list") == '{"name":"platform/'$image'","tags":["v1"]}' ]]
done
[[ $(podman image inspect --format '{{index .Labels "text"}}' localhost:5933/platform/top:v1) == 'a ${b} %{c} "d"' ]]
# An index. Podman takes equal layers from its cache, whichever the platform: this base has nothing that differs.
curl -s --header 'Accept: application/vnd.oci.image.index.v1+json' http://localhost:5933/v2/platform/both/manifests/v1 | grep -F '"manifests":['
kill "$mirror"
run image-upper 2>&1 | grep -F 'cannot pull docker.io/library/base:v1: the builds use the image on this machine'
echo 'PLAYED'
