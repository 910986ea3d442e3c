// Package nodes lets the programs of a local cluster read what is written for them: kind, containerd, and Starlark for Tilt.
package nodes

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/containerd/containerd/v2/core/remotes/docker"
	"github.com/containerd/containerd/v2/core/remotes/docker/config"
	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"
	"go.starlark.net/syntax"
	yamlv3 "gopkg.in/yaml.v3"
	"sigs.k8s.io/kind/pkg/apis/config/v1alpha4"
	"sigs.k8s.io/yaml"
)

func folder(name string) string {
	return filepath.Join(os.Getenv("FORGE_CASES"), "dist", "host", name)
}

func TestKindReadsTheCluster(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(folder("local"), "kind.yml"))
	if err != nil {
		t.Fatal(err)
	}
	// Strictly, as kind itself decodes it.
	decoder := yamlv3.NewDecoder(strings.NewReader(string(text)))
	decoder.KnownFields(true)
	var cluster v1alpha4.Cluster
	if err := decoder.Decode(&cluster); err != nil {
		t.Fatal(err)
	}
	v1alpha4.SetDefaultsCluster(&cluster)
	node := cluster.Nodes[0]
	want := []v1alpha4.PortMapping{{ContainerPort: 30080, HostPort: 3000, ListenAddress: "127.0.0.1", Protocol: "TCP"}}
	if len(cluster.Nodes) != 2 || node.Role != v1alpha4.ControlPlaneRole || !reflect.DeepEqual(node.ExtraPortMappings, want) {
		t.Errorf("kind reads %+v", cluster)
	}
	for _, node := range cluster.Nodes {
		for _, mount := range node.ExtraMounts {
			if _, err := os.Stat(filepath.Join(folder("local"), mount.HostPath)); err != nil || !mount.Readonly {
				t.Errorf("%+v: %v", mount, err)
			}
		}
	}
}

// asked is one address that containerd asks for images, as its own reader makes it of hosts.toml.
type asked struct {
	url          string
	authority    bool
	capabilities docker.HostCapabilities
}

// read returns what containerd asks for a host, of files as they are on a node. The directories of the machine have no colon in their names.
func read(t *testing.T, root, name string) []asked {
	t.Helper()
	directory, err := config.HostDirFromRoot(root)(name)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if strings.Contains(filepath.Base(directory), ":") {
		t.Errorf("%s has a colon", directory)
	}
	text, err := os.ReadFile(filepath.Join(directory, "hosts.toml"))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	// On the node, the directory is at a path of its own.
	moved := t.TempDir()
	into := filepath.Join(moved, filepath.Base(directory))
	if err := os.MkdirAll(into, 0o700); err != nil {
		t.Fatal(err)
	}
	local := strings.ReplaceAll(string(text), "/etc/containerd/certs.d", root)
	if err := os.WriteFile(filepath.Join(into, "hosts.toml"), []byte(local), 0o600); err != nil {
		t.Fatal(err)
	}
	hosts, err := config.ConfigureHosts(context.Background(), config.HostOptions{HostDir: config.HostDirFromRoot(moved)})(name)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	got := []asked{}
	for _, host := range hosts {
		one := asked{url: host.Scheme + "://" + host.Host + host.Path, capabilities: host.Capabilities}
		if transport, ok := host.Client.Transport.(*http.Transport); ok {
			// No file of ours makes a node trust every certificate.
			if transport.TLSClientConfig != nil && transport.TLSClientConfig.InsecureSkipVerify {
				t.Errorf("%s: %s is not verified", name, one.url)
			}
			one.authority = transport.TLSClientConfig != nil && trusts(transport.TLSClientConfig.RootCAs)
		}
		got = append(got, one)
	}
	return got
}

func trusts(pool *x509.CertPool) bool {
	if pool == nil {
		return false
	}
	for _, subject := range pool.Subjects() { //nolint:staticcheck // the pool is made of a file, not of the system
		if strings.Contains(string(subject), "Example Home CA") {
			return true
		}
	}
	return false
}

// containerd asks mirrors first, then the host itself, each with its scheme, its path and its CA, and never pushes.
func TestContainerdReadsTheHosts(t *testing.T) {
	const pulls = docker.HostCapabilityPull | docker.HostCapabilityResolve
	root := filepath.Join(folder("local"), "certs.d")
	for name, want := range map[string][]asked{
		"localhost:3000": {{"http://localhost:30080/v2", false, pulls}, {"http://localhost:3000/v2", false, pulls}},
		// The server is asked twice, which changes nothing: containerd 1.6 drops a file without a [host] table.
		"host.docker.internal:30090": {
			{"https://host.docker.internal:30090/v2", true, pulls}, {"https://host.docker.internal:30090/v2", true, pulls},
		},
		"docker.io": {
			{"https://harbor.example.com:8443/v2/hub", true, pulls}, {"https://registry-1.docker.io/v2", false, pulls},
		},
	} {
		if got := read(t, root, name); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: containerd asks %+v, not %+v", name, got, want)
		}
	}
}

type loop struct {
	built   []string
	allowed []string
	applied string
}

// tilt names Tilt's builtins that the Tiltfile uses, with their arguments; Tilt itself cannot be had as a module.
func tilt(t *testing.T, file, current string) (loop, error) {
	var seen loop
	main := filepath.Dir(file)
	absolute := func(path string) string {
		if filepath.IsAbs(path) {
			return path
		}
		return filepath.Join(main, path)
	}
	builtin := func(name string, run func(args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error)) *starlark.Builtin {
		return starlark.NewBuiltin(name, func(_ *starlark.Thread, _ *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
			return run(args, kwargs)
		})
	}
	step := func(name string) *starlark.Builtin {
		return builtin(name, func(args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
			var first, second string
			var trigger starlark.Value
			if name == "sync" {
				return starlark.None, starlark.UnpackArgs(name, args, kwargs, "local_path", &first, "remote_path", &second)
			}
			return starlark.None, starlark.UnpackArgs(name, args, kwargs, "cmd", &first, "trigger?", &trigger)
		})
	}
	predeclared := starlark.StringDict{
		"os": &starlarkstruct.Module{Name: "os", Members: starlark.StringDict{
			"getenv": builtin("getenv", func(args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) { return args[1], nil }),
			"path": &starlarkstruct.Module{Name: "path", Members: starlark.StringDict{
				"join": builtin("join", func(args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
					var parts []string
					for _, part := range args {
						parts = append(parts, string(part.(starlark.String)))
					}
					return starlark.String(filepath.Join(parts...)), nil
				}),
			}},
		}},
		"config":      &starlarkstruct.Module{Name: "config", Members: starlark.StringDict{"main_dir": starlark.String(main)}},
		"k8s_context": builtin("k8s_context", func(starlark.Tuple, []starlark.Tuple) (starlark.Value, error) { return starlark.String(current), nil }),
		"fail": builtin("fail", func(args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
			return nil, fmt.Errorf("%s", string(args[0].(starlark.String)))
		}),
		"allow_k8s_contexts": builtin("allow_k8s_contexts", func(args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
			seen.allowed = append(seen.allowed, string(args[0].(starlark.String)))
			return starlark.None, nil
		}),
		"sync": step("sync"),
		"run":  step("run"),
		"docker_build": builtin("docker_build", func(args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
			var ref, from, dockerfile, target, platform string
			var arguments *starlark.Dict
			var pull bool
			var live *starlark.List
			if err := starlark.UnpackArgs("docker_build", args, kwargs, "ref", &ref, "context", &from, "build_args?", &arguments, "dockerfile?", &dockerfile,
				"live_update?", &live, "target?", &target, "pull?", &pull, "platform?", &platform); err != nil {
				return nil, err
			}
			for _, path := range []string{from, dockerfile} {
				if _, err := os.Stat(absolute(path)); err != nil {
					return nil, err
				}
			}
			seen.built = append(seen.built, ref)
			return starlark.None, nil
		}),
		"listdir": builtin("listdir", func(args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
			files := starlark.NewList(nil)
			err := filepath.Walk(absolute(string(args[0].(starlark.String))), func(path string, info os.FileInfo, err error) error {
				if err == nil && !info.IsDir() {
					return files.Append(starlark.String(path))
				}
				return err
			})
			return files, err
		}),
		"read_yaml_stream": builtin("read_yaml_stream", func(args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
			text, err := os.ReadFile(string(args[0].(starlark.String)))
			if err != nil {
				return nil, err
			}
			objects := starlark.NewList(nil)
			for _, document := range strings.Split(string(text), "\n---\n") {
				var object map[string]any
				if err := yaml.Unmarshal([]byte(document), &object); err != nil {
					return nil, err
				}
				entry := starlark.NewDict(2)
				for key, value := range object {
					if err := entry.SetKey(starlark.String(key), starlark.String(fmt.Sprint(value))); err != nil {
						return nil, err
					}
				}
				if err := objects.Append(entry); err != nil {
					return nil, err
				}
			}
			return objects, nil
		}),
		"encode_yaml_stream": builtin("encode_yaml_stream", func(args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
			return starlark.String(args[0].String()), nil
		}),
		"k8s_yaml": builtin("k8s_yaml", func(args starlark.Tuple, _ []starlark.Tuple) (starlark.Value, error) {
			seen.applied = string(args[0].(starlark.String))
			return starlark.None, nil
		}),
	}
	// Tilt's own options: statements at the top level, and new names for old values.
	options := &syntax.FileOptions{Set: true, While: true, TopLevelControl: true, GlobalReassign: true}
	_, err := starlark.ExecFileOptions(options, &starlark.Thread{Name: "Tiltfile"}, file, nil, predeclared)
	return seen, err
}

func TestStarlarkRunsTheTiltfile(t *testing.T) {
	file := filepath.Join(folder("tilt"), "Tiltfile")
	seen, err := tilt(t, file, "kind-local")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"localhost:3000/raibid-admin/base", "localhost:3000/raibid-admin/web"}
	if !reflect.DeepEqual(seen.built, want) || !reflect.DeepEqual(seen.allowed, []string{"kind-local"}) {
		t.Errorf("Tilt does %+v", seen)
	}
	if !strings.Contains(seen.applied, `"Deployment"`) || strings.Contains(seen.applied, "fluxcd.io") {
		t.Errorf("Tilt applies %s", seen.applied)
	}
	if _, err := tilt(t, file, "production"); err == nil || !strings.Contains(err.Error(), "kubectl config use-context kind-local") {
		t.Errorf("another context: %v", err)
	}
}
