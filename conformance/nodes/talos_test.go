package nodes

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configpatcher"
	"github.com/siderolabs/talos/pkg/machinery/config/generate"
	"github.com/siderolabs/talos/pkg/machinery/config/machine"
)

type metal struct{}

func (metal) String() string        { return "metal" }
func (metal) RequiresInstall() bool { return true }
func (metal) InContainer() bool     { return false }

// Talos patches a machine configuration of its own with ours, validates the result, and finds every setting in it.
func TestTalosReadsThePatch(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(folder("talos"), "patch.yml"))
	if err != nil {
		t.Fatal(err)
	}
	patch, err := configpatcher.LoadPatch(text)
	if err != nil {
		t.Fatal(err)
	}
	input, err := generate.NewInput("local", "https://192.0.2.1:6443", "1.34.0", generate.WithInstallDisk("/dev/sda"))
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []machine.Type{machine.TypeControlPlane, machine.TypeWorker} {
		base, err := input.Config(kind)
		if err != nil {
			t.Fatal(err)
		}
		output, err := configpatcher.Apply(configpatcher.WithConfig(base), []configpatcher.Patch{patch})
		if err != nil {
			t.Fatal(err)
		}
		patched, err := output.Config()
		if err != nil {
			t.Fatal(err)
		}
		if warnings, err := patched.Validate(metal{}); err != nil || len(warnings) > 0 {
			t.Errorf("%s: %v %v", kind, warnings, err)
		}
		checkTalos(t, patched)
	}
	// The patch of a node without needs is a patch too, and Talos sees a wrong key.
	if _, err := configpatcher.LoadPatch([]byte("machine: {}\n")); err != nil {
		t.Error(err)
	}
	if _, err := configpatcher.LoadPatch([]byte(strings.Replace(string(text), "endpoints:", "endpoint:", 1))); err == nil {
		t.Error("Talos reads a wrong key")
	}
}

func checkTalos(t *testing.T, patched config.Provider) {
	t.Helper()
	mirrors := patched.RegistryMirrorConfigs()
	for host, want := range map[string][]string{
		"localhost:3000":         {"http://localhost:30080", "http://localhost:3000"},
		"docker.io":              {"https://harbor.example.com:8443/v2/hub", "https://registry-1.docker.io/v2"},
		"plain.example.com:5000": {"http://plain.example.com:5000"},
	} {
		mirror, ok := mirrors[host]
		if !ok || len(mirror.Endpoints()) != len(want) {
			t.Errorf("%s: Talos reads %+v", host, mirror)
			continue
		}
		for i, endpoint := range mirror.Endpoints() {
			if endpoint.Endpoint() != want[i] || endpoint.OverridePath() != (host == "docker.io") {
				t.Errorf("%s: Talos asks %s (whole: %v), not %s", host, endpoint.Endpoint(), endpoint.OverridePath(), want[i])
			}
		}
	}
	tls := patched.RegistryTLSConfigs()
	for _, host := range []string{"host.docker.internal:30090", "harbor.example.com:8443"} {
		read, ok := tls[host]
		if !ok || !strings.Contains(string(read.CA()), "BEGIN CERTIFICATE") || read.InsecureSkipVerify() {
			t.Errorf("%s: Talos reads %+v", host, read)
		}
	}
	if got := patched.Machine().Sysctls()["user.max_user_namespaces"]; got != "63359" {
		t.Errorf("user.max_user_namespaces is %q", got)
	}
	if roots := patched.TrustedRoots().ExtraTrustedRootCertificates(); len(roots) != 1 || !strings.Contains(roots[0], "BEGIN CERTIFICATE") {
		t.Errorf("Talos trusts %v", roots)
	}
}
