#!/usr/bin/env bash
set -euo pipefail
NAME=raibid PROGRAM=kind AUTHORITIES=
SYSCTLS=''
clusters() { kind get clusters; }
create() { kind create cluster --name "$NAME" --config kind.yml --wait 5m; }
nodes() { kind get nodes --name "$NAME"; }
trust() {
  docker exec "$1" update-ca-certificates
  docker exec "$1" systemctl restart containerd
}
# Creates a cluster whose nodes are containers, unless it exists, makes its nodes trust the CAs, and checks the kernel. Reads NAME, PROGRAM,
# AUTHORITIES and SYSCTLS, and calls the functions clusters, create, nodes and trust of the program.
cd "$(dirname "${BASH_SOURCE[0]}")"
for program in "$PROGRAM" docker; do
  command -v "$program" >/dev/null || { printf '%s is not installed\n' "$program" >&2; exit 1; }
done
existing=$(clusters)
if grep -qxF "$NAME" <<<"$existing"; then
  printf 'the cluster %s exists\n' "$NAME"
else
  create
fi
members=$(nodes)
if [[ -n $AUTHORITIES ]]; then
  while IFS= read -r node; do trust "$node"; done <<<"$members"
fi
# The nodes have the kernel of the machine, or of the virtual machine that Docker runs in.
wrong=''
while read -r name value least most; do
  [[ -n $name ]] || continue
  current=$(docker exec "${members%%$'\n'*}" sh -c "cat /proc/sys/${name//.//} 2>/dev/null || true")
  if [[ -n $current ]] && { ((current < least)) || { [[ $most != - ]] && ((current > most)); }; }; then
    wrong+=" $name=$value"
    printf '%s is %s: pods that need user namespaces do not start\n' "$name" "$current" >&2
  fi
done <<<"$SYSCTLS"
if [[ -n $wrong ]]; then
  printf 'on the machine, or in the virtual machine of Docker, run: sudo sysctl --write%s\n' "$wrong" >&2
  exit 1
fi
