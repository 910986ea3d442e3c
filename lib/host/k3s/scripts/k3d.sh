clusters() { k3d cluster list --no-headers | awk '{ print $1 }'; }
create() { k3d cluster create --config k3d.yml; }
nodes() { k3d node list --no-headers | awk -v cluster="$NAME" '$3 == cluster && ($2 == "server" || $2 == "agent") { print $1 }'; }
# The CAs are mounted where K3s reads them when the node is created.
trust() { :; }
