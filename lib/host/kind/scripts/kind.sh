clusters() { kind get clusters; }
create() { kind create cluster --name "$NAME" --config kind.yml --wait 5m; }
nodes() { kind get nodes --name "$NAME"; }
trust() {
  docker exec "$1" update-ca-certificates
  docker exec "$1" systemctl restart containerd
}
