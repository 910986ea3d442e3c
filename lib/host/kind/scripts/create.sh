# Creates the cluster of kind, unless it exists, and makes its nodes trust the CAs. Reads NAME and AUTHORITIES.
cd "$(dirname "${BASH_SOURCE[0]}")"
for program in kind docker; do
  command -v "$program" >/dev/null || { printf '%s is not installed\n' "$program" >&2; exit 1; }
done
clusters=$(kind get clusters)
if grep -qxF "$NAME" <<<"$clusters"; then
  printf 'the cluster %s exists\n' "$NAME"
else
  kind create cluster --name "$NAME" --config kind.yml --wait 5m
fi
if [[ -n $AUTHORITIES ]]; then
  nodes=$(kind get nodes --name "$NAME")
  while IFS= read -r node; do
    docker exec "$node" update-ca-certificates
    docker exec "$node" systemctl restart containerd
  done <<<"$nodes"
fi
