// Package buildkit lets the daemon's own loader read every buildkitd.toml that was rendered, and a strict one besides: the loader
// ignores keys that it does not know, so that it alone would not notice a typo.
package buildkit

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/moby/buildkit/cmd/buildkitd/config"
	"github.com/pelletier/go-toml/v2"
	"sigs.k8s.io/yaml"
)

func root() string {
	if r := os.Getenv("FORGE_ROOT"); r != "" {
		return r
	}
	return filepath.Join("..", "..")
}

// strictly decodes as the loader does, but refuses keys that the daemon would ignore.
func strictly(text string) (config.Config, error) {
	var c config.Config
	err := toml.NewDecoder(strings.NewReader(text)).DisallowUnknownFields().Decode(&c)
	return c, err
}

// committed returns the buildkitd.toml of every ConfigMap in dist/ and in the examples.
func committed(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, pattern := range []string{"dist", "examples/*/dist", "examples/parts/*/dist"} {
		folders, err := filepath.Glob(filepath.Join(root(), pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, folder := range folders {
			err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
				if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".yaml") {
					return err
				}
				data, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				for _, document := range bytes.Split(data, []byte("\n---\n")) {
					var object struct {
						Kind     string
						Metadata struct{ Name string }
						Data     map[string]string
					}
					// Other kinds have other shapes below data; they are not of interest here.
					if yaml.Unmarshal(document, &object) == nil && object.Kind == "ConfigMap" && object.Data["buildkitd.toml"] != "" {
						files[path+" "+object.Metadata.Name] = object.Data["buildkitd.toml"]
					}
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return files
}

// cases returns what scripts/conformance-buildkit.ts wrote, and the size of each volume.
func cases(t *testing.T) (map[string]string, map[string]int64) {
	t.Helper()
	folder := os.Getenv("FORGE_CASES")
	if folder == "" {
		t.Fatal("FORGE_CASES is not set: run scripts/conformance.sh buildkit")
	}
	data, err := os.ReadFile(filepath.Join(folder, "volumes.json"))
	if err != nil {
		t.Fatal(err)
	}
	volumes := map[string]int64{}
	if err := json.Unmarshal(data, &volumes); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for name := range volumes {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		files[name] = string(data)
	}
	if len(files) < 100 {
		t.Fatalf("only %d cases", len(files))
	}
	return files, volumes
}

func check(t *testing.T, text string) config.Config {
	t.Helper()
	if _, err := config.Load(strings.NewReader(text)); err != nil {
		t.Errorf("the daemon would not start: %v", err)
	}
	c, err := strictly(text)
	if err != nil {
		t.Errorf("the daemon would ignore a key: %v", err)
	}
	oci := c.Workers.OCI
	if len(c.GRPC.Address) != 2 || !strings.HasPrefix(c.GRPC.Address[0], "unix://") || !strings.HasPrefix(c.GRPC.Address[1], "tcp://") {
		t.Errorf("listens on %v", c.GRPC.Address)
	}
	if (c.GRPC.TLS.Cert == "") != (c.GRPC.TLS.Key == "") || (c.GRPC.TLS.Cert == "") != (c.GRPC.TLS.CA == "") {
		t.Errorf("incomplete TLS, or clients without certificates: %+v", c.GRPC.TLS)
	}
	if oci.NoProcessSandbox && !oci.Rootless {
		t.Error("can't enable NoProcessSandbox without Rootless")
	}
	switch oci.Snapshotter {
	case "overlayfs", "fuse-overlayfs", "native":
	default:
		t.Errorf("snapshotter %q", oci.Snapshotter)
	}
	if len(oci.GCPolicy) > 0 && !oci.GCConfig.IsUnset() {
		t.Error("worker-level sizes beside policies: the daemon ignores them")
	}
	for host, registry := range c.Registries {
		if registry.PlainHTTP != nil && *registry.PlainHTTP && registry.Insecure != nil && *registry.Insecure {
			t.Errorf("%s: http and insecure together mean HTTPS first", host)
		}
	}
	return c
}

func TestCommittedConfigurations(t *testing.T) {
	files := committed(t)
	if len(files) == 0 {
		t.Fatal("no buildkitd.toml in dist/ or examples/")
	}
	for name, text := range files {
		t.Run(name, func(t *testing.T) { check(t, text) })
	}
}

func TestCases(t *testing.T) {
	files, volumes := cases(t)
	for name, text := range files {
		t.Run(name, func(t *testing.T) {
			oci := check(t, text).Workers.OCI
			ceilings := []config.DiskSpace{oci.GCMaxUsedSpace}
			for _, policy := range oci.GCPolicy {
				ceilings = append(ceilings, policy.MaxUsedSpace)
			}
			for _, ceiling := range ceilings {
				if ceiling.Percentage != 0 || ceiling.Bytes > volumes[name]*7/10 {
					t.Errorf("may use %+v of a volume of %d bytes", ceiling, volumes[name])
				}
			}
		})
	}
}

// The checks above are worth something only if they fail for what they are there for.
func TestTheChecksBite(t *testing.T) {
	for name, text := range map[string]string{
		"a size as Kubernetes writes it": "[worker.oci]\nmaxUsedSpace = \"10Gi\"\n",
		"a time in days":                 "[history]\nmaxAge = \"30d\"\n",
	} {
		if _, err := config.Load(strings.NewReader(text)); err == nil {
			t.Errorf("%s: the daemon takes it", name)
		}
	}
	typo := "[worker.oci]\nmaxUsedSpaces = 1\n"
	if _, err := config.Load(strings.NewReader(typo)); err != nil {
		t.Errorf("the daemon no longer ignores unknown keys: %v", err)
	}
	if _, err := strictly(typo); err == nil {
		t.Error("a typo goes unnoticed")
	}
}
