package nodes

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/k3d-io/k3d/v5/pkg/config"
	"github.com/k3d-io/k3d/v5/pkg/config/v1alpha5"
	"github.com/k3d-io/k3d/v5/pkg/runtimes"
	k3d "github.com/k3d-io/k3d/v5/pkg/types"
	"github.com/rancher/wharfie/pkg/registries"
	"github.com/spf13/viper"
	"sigs.k8s.io/yaml"
)

// The registries of the cases, as K3s must read them; certificates are below a directory.
func checkRegistries(t *testing.T, read *registries.Registry) {
	t.Helper()
	want := map[string][]string{
		"localhost:3000":         {"http://localhost:30080", "http://localhost:3000"},
		"docker.io":              {"https://harbor.example.com:8443/v2/hub", "https://registry-1.docker.io"},
		"plain.example.com:5000": {"http://plain.example.com:5000"},
	}
	for host, urls := range want {
		if got := read.Mirrors[host].Endpoints; !reflect.DeepEqual(got, urls) {
			t.Errorf("%s: K3s asks %v, not %v", host, got, urls)
		}
	}
	for _, host := range []string{"host.docker.internal:30090", "harbor.example.com:8443"} {
		if config, ok := read.Configs[host]; !ok || config.TLS == nil || config.TLS.CAFile == "" || config.TLS.InsecureSkipVerify {
			t.Errorf("%s: K3s reads %+v", host, config)
		}
	}
}

// The script puts every file where K3s' own reader finds it, on a machine in a directory.
func TestK3sReadsWhatTheScriptInstalls(t *testing.T) {
	root := t.TempDir()
	for file, text := range map[string]string{
		"proc/sys/user/max_user_namespaces":                     "0\n",
		"proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1\n",
		"bin/update-ca-certificates":                            "#!/bin/sh\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, file)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, file), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	install := exec.Command("bash", filepath.Join(folder("k3s"), "install.sh"))
	install.Env = append(os.Environ(), "ROOT="+root, "PATH="+filepath.Join(root, "bin")+":"+os.Getenv("PATH"))
	if output, err := install.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	text, err := os.ReadFile(filepath.Join(root, "etc/rancher/k3s/registries.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var strict registries.Registry
	if err := yaml.UnmarshalStrict(text, &strict); err != nil {
		t.Fatal(err)
	}
	// The paths are those of the machine.
	moved := filepath.Join(root, "registries.yaml")
	if err := os.WriteFile(moved, []byte(strings.ReplaceAll(string(text), "/etc/rancher", root+"/etc/rancher")), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := registries.GetPrivateRegistries(moved); err != nil {
		t.Fatal(err)
	}
	checkRegistries(t, &strict)
	for host, config := range strict.Configs {
		if pem, err := os.ReadFile(filepath.Join(root, config.TLS.CAFile)); err != nil || !strings.Contains(string(pem), "BEGIN CERTIFICATE") {
			t.Errorf("%s: %v", host, err)
		}
	}
}

// k3d validates its configuration with its own schema, and makes its cluster of it: which node has which port and which file.
func TestK3dReadsTheCluster(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(folder("k3d"), "k3d.yml"))
	if err != nil {
		t.Fatal(err)
	}
	// As k3d does before it reads the file; create.sh is in the directory.
	file := filepath.Join(t.TempDir(), "k3d.yml")
	expanded := os.Expand(string(text), func(name string) string { return map[string]string{"PWD": folder("k3d")}[name] })
	if err := os.WriteFile(file, []byte(expanded), 0o600); err != nil {
		t.Fatal(err)
	}
	schema, err := config.GetSchemaByVersion("k3d.io/v1alpha5")
	if err != nil {
		t.Fatal(err)
	}
	if err := config.ValidateSchemaFile(file, schema); err != nil {
		t.Fatal(err)
	}
	reader := viper.New()
	reader.SetConfigFile(file)
	if err := reader.ReadInConfig(); err != nil {
		t.Fatal(err)
	}
	simple, err := config.SimpleConfigFromViper(reader)
	if err != nil {
		t.Fatal(err)
	}
	// No key of the file is unknown to k3d's own types.
	var strict v1alpha5.SimpleConfig
	if err := yaml.UnmarshalStrict([]byte(expanded), &strict); err != nil {
		t.Error(err)
	}
	made, err := config.TransformSimpleToClusterConfig(context.Background(), runtimes.Docker, simple, file)
	if err != nil {
		t.Fatal(err)
	}
	if made, err = config.ProcessClusterConfig(*made); err != nil {
		t.Fatal(err)
	}
	checkRegistries(t, made.ClusterCreateOpts.Registries.Config)
	if made.Cluster.Name != "k3d" {
		t.Errorf("k3d creates %s", made.Cluster.Name)
	}
	roles := map[k3d.Role]int{}
	for _, node := range made.Cluster.Nodes {
		roles[node.Role]++
		if node.Role == k3d.LoadBalancerRole {
			continue
		}
		for host, config := range made.ClusterCreateOpts.Registries.Config.Configs {
			mounted := strings.Replace(config.TLS.CAFile, "/etc/rancher/k3s/certs", filepath.Join(folder("k3d"), "certs"), 1)
			if _, err := os.Stat(mounted); err != nil {
				t.Errorf("%s: %v", host, err)
			}
		}
		if !slices.Contains(node.Volumes, filepath.Join(folder("k3d"), "certs")+":/etc/rancher/k3s/certs:ro") {
			t.Errorf("%s mounts %v", node.Name, node.Volumes)
		}
	}
	if !reflect.DeepEqual(roles, map[k3d.Role]int{k3d.LoadBalancerRole: 1, k3d.ServerRole: 1, k3d.AgentRole: 1}) {
		t.Errorf("k3d creates %v", roles)
	}
	// The load balancer of k3d has the port, and passes it to the NodePort of the server.
	balancer, err := json.Marshal(map[string]any{"ports": made.Cluster.ServerLoadBalancer.Node.Ports, "to": made.Cluster.ServerLoadBalancer.Config.Ports})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"30080/tcp":[{"HostIp":"127.0.0.1","HostPort":"3000"}]`, `"30080.tcp":["k3d-k3d-server-0"]`,
		`"30022/tcp":[{"HostIp":"127.0.0.1","HostPort":"3022"}]`, `"30022.tcp":["k3d-k3d-server-0"]`,
	} {
		if !strings.Contains(string(balancer), want) {
			t.Errorf("k3d has no %s: %s", want, balancer)
		}
	}
}
