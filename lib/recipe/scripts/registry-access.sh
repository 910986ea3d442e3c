# How a program in Go reaches a registry: its credentials, and a private authority beside those of the system. The files are in a folder of
# this step. What another job left in the home directory is not read.
# Reads: CA_PEM (empty: those of the system), REGISTRY_USER and REGISTRY_TOKEN (empty: no login), REGISTRY_HOSTS.
set -euo pipefail
fail() { printf '%s\n' "$1" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export DOCKER_CONFIG=$work/docker
mkdir "$DOCKER_CONFIG"
if [[ -n ${REGISTRY_TOKEN:-} ]]; then
  [[ ${REGISTRY_USER:-} != '' && $REGISTRY_USER != *:* ]] || fail 'REGISTRY_USER is empty or has a colon'
  credential=$(printf '%s:%s' "$REGISTRY_USER" "$REGISTRY_TOKEN" | base64 | tr -d '\n')
  printf '::add-mask::%s\n' "$credential"
  entries=''
  for host in $REGISTRY_HOSTS; do
    [[ $host =~ ^[A-Za-z0-9.:/_-]+$ ]] || fail "this is not a registry host: $host"
    entries+="${entries:+,}\"$host\":{\"auth\":\"$credential\"}"
  done
  (umask 077 && printf '{"auths":{%s}}\n' "$entries" >"$DOCKER_CONFIG/config.json")
  unset REGISTRY_TOKEN credential entries
fi
if [[ -n ${CA_PEM:-} ]]; then
  for system in "${SSL_CERT_FILE:-}" /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /etc/ssl/ca-bundle.pem /etc/ssl/cert.pem; do
    if [[ -r $system ]]; then cat "$system" >"$work/ca.pem" && break; fi
  done
  printf '\n%s\n' "$CA_PEM" >>"$work/ca.pem"
  export SSL_CERT_FILE=$work/ca.pem
fi
