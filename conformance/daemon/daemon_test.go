// daemon.json, read by the code of the Docker daemon itself.
package daemon

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
	"testing"

	"github.com/moby/moby/v2/daemon/config"
	"github.com/spf13/pflag"
)

func files(t *testing.T) []string {
	found, err := filepath.Glob(filepath.Join(os.Getenv("FORGE_CASES"), "*.json"))
	if err != nil || len(found) == 0 {
		t.Fatalf("FORGE_CASES names the folder that scripts/conformance-daemon.ts wrote: %v", err)
	}
	return found
}

func load(file string) (*config.Config, error) {
	defaults, err := config.New()
	if err != nil {
		return nil, err
	}
	// The daemon's helper program is not installed where this test runs.
	defaults.EnableUserlandProxy = false
	return config.MergeDaemonConfigurations(defaults, nil, file)
}

// Every key is one that the daemon knows, every value is one that it takes, and the hosts are the ones declared.
func TestDaemonTakesTheFile(t *testing.T) {
	for _, file := range files(t) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		strict := json.NewDecoder(bytes.NewReader(text))
		strict.DisallowUnknownFields()
		if err := strict.Decode(&config.Config{}); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		conf, err := load(file)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if err := config.Validate(conf); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		expected, err := os.ReadFile(strings.TrimSuffix(file, ".json") + ".expected")
		if err != nil {
			t.Fatal(err)
		}
		insecure := append([]string{}, conf.InsecureRegistries...)
		sort.Strings(insecure)
		if !reflect.DeepEqual(insecure, strings.Fields(string(expected))) && len(insecure)+len(strings.Fields(string(expected))) > 0 {
			t.Errorf("%s: insecure registries %v, not %v", file, insecure, string(expected))
		}
		if conf.MaxConcurrentUploads != 10 || conf.MaxConcurrentDownloads != 7 || conf.MTU != 1400 || conf.Root != "/var/lib/docker" {
			t.Errorf("%s: %+v", file, conf.CommonConfig)
		}
		if mtu := conf.DefaultNetworkOpts["bridge"]["com.docker.network.driver.mtu"]; mtu != "1400" {
			t.Errorf("%s: networks of jobs have MTU %q", file, mtu)
		}
	}
}

// What refuseFlagsThatTheFileSays refuses, the daemon refuses: that is why it is refused.
func TestDaemonRefusesFlagAndFile(t *testing.T) {
	flags := pflag.NewFlagSet("dockerd", pflag.ContinueOnError)
	flags.Int("mtu", 1500, "")
	if err := flags.Parse([]string{"--mtu=1450"}); err != nil {
		t.Fatal(err)
	}
	defaults, err := config.New()
	if err != nil {
		t.Fatal(err)
	}
	defaults.EnableUserlandProxy = false
	file := filepath.Join(t.TempDir(), "daemon.json")
	if err := os.WriteFile(file, []byte(`{"mtu": 1400}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := config.MergeDaemonConfigurations(defaults, flags, file); err == nil || !strings.Contains(err.Error(), "both as a flag and in the configuration file") {
		t.Errorf("the daemon says: %v", err)
	}
}
