//go:build !oldest

package registry

import (
	"context"
	"net/http"

	hostsconfig "github.com/containerd/containerd/v2/core/remotes/docker/config"
)

// oldContainerd tells whether containerd is one that refuses a hosts.toml without a [host] table.
const oldContainerd = false

// hostsOf asks the newest containerd where it goes for a host, by the files of a folder.
func hostsOf(root, host string) ([]registryHost, error) {
	found, err := hostsconfig.ConfigureHosts(context.Background(), hostsconfig.HostOptions{HostDir: hostsconfig.HostDirFromRoot(root)})(host)
	hosts := []registryHost{}
	for _, one := range found {
		hosts = append(hosts, registryHost{one.Scheme, one.Host, one.Path, one.Client})
	}
	return hosts, err
}

// registryHost is one address that containerd tries.
type registryHost struct {
	Scheme, Host, Path string
	Client             *http.Client
}
