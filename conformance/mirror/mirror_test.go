// Package mirror reads the configuration of a RegistryMirror with distribution's own parser, and runs distribution with it:
// as a mirror of another registry, filled by the emitted script, and started again while that registry is gone.
package mirror

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/distribution/distribution/v3/configuration"
	"golang.org/x/crypto/bcrypt"
	"gopkg.in/yaml.v2"
)

var cases = os.Getenv("FORGE_CASES")

func textOf(t *testing.T, name, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(cases, name, file))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestConfigurationIsRead(t *testing.T) {
	for name, want := range map[string]struct {
		remote string
		ttl    time.Duration
	}{
		"hub":      {"https://registry-1.docker.io", 7 * 24 * time.Hour},
		"seeded":   {"https://registry-1.docker.io", 0},
		"expiring": {"https://registry-1.docker.io", 90 * time.Minute},
		"plain":    {"http://registry.example.com:5000", 7 * 24 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			text := textOf(t, name, "config.yml")
			config, err := configuration.Parse(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if config.Proxy.RemoteURL != want.remote || config.Proxy.TTL == nil || *config.Proxy.TTL != want.ttl {
				t.Fatalf("%+v", config.Proxy)
			}
			if config.Proxy.Exec == nil || config.Proxy.Exec.Command != "/etc/mirror/credentials.sh" || *config.Proxy.Exec.Lifetime != time.Minute {
				t.Fatalf("%+v", config.Proxy.Exec)
			}
			if config.Storage.Type() != "filesystem" || config.Storage.Parameters()["rootdirectory"] != "/var/lib/registry" {
				t.Fatalf("%+v", config.Storage)
			}
			// What expires is deleted, and nothing else may be.
			deletes := config.Storage["delete"]["enabled"] == true
			if deletes != (want.ttl > 0) {
				t.Fatalf("delete is %v with a time of %v", deletes, want.ttl)
			}
			if config.HTTP.Addr != ":5000" || !config.Health.StorageDriver.Enabled {
				t.Fatalf("%+v", config.HTTP)
			}
			if err := yaml.UnmarshalStrict([]byte(text), &configuration.Configuration{}); err != nil {
				t.Fatalf("a key that distribution does not know: %v", err)
			}
		})
	}
}

func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "registry")
	if out, err := exec.Command("go", "build", "-o", program, "github.com/distribution/distribution/v3/cmd/registry").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// serve starts distribution, and returns how to stop it. Without an answer within a quarter of a minute, ok is false.
func serve(t *testing.T, program, config, address string, env ...string) (stop func(), ok bool) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.yml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program, "serve", file)
	command.Env = append([]string{"PATH=" + os.Getenv("PATH"), "OTEL_TRACES_EXPORTER=none"}, env...)
	var log bytes.Buffer
	command.Stdout, command.Stderr = &log, &log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	stop = func() { _ = command.Process.Kill(); <-ended }
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		select {
		case err := <-ended:
			t.Logf("ended: %v\n%s", err, log.String())
			ended <- err
			return stop, false
		default:
		}
		if response, err := http.Get("http://" + address + "/"); err == nil {
			response.Body.Close()
			return stop, true
		}
	}
	stop()
	t.Fatalf("no answer: %s", log.String())
	return nil, false
}

func digestOf(data []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(data)) }

func send(t *testing.T, method, url, kind string, data []byte) *http.Response {
	t.Helper()
	request, _ := http.NewRequest(method, url, bytes.NewReader(data))
	request.Header.Set("Content-Type", kind)
	request.SetBasicAuth("bot", login)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode >= 300 {
		text, _ := io.ReadAll(response.Body)
		t.Fatalf("%s %s: %s %s", method, url, response.Status, text)
	}
	return response
}

// push pushes an index of two platforms.
func push(t *testing.T, address string) {
	t.Helper()
	base := "http://" + address + "/v2/library/hello/"
	descriptor := func(kind string, data []byte) map[string]any {
		return map[string]any{"mediaType": kind, "digest": digestOf(data), "size": len(data)}
	}
	const image, index = "application/vnd.oci.image.manifest.v1+json", "application/vnd.oci.image.index.v1+json"
	var all []map[string]any
	for _, architecture := range []string{"amd64", "arm64"} {
		config, _ := json.Marshal(map[string]any{"architecture": architecture, "os": "linux", "config": map[string]any{}})
		layer := bytes.Repeat([]byte(architecture), 200_000)
		for _, blob := range [][]byte{config, layer} {
			location := send(t, "POST", base+"blobs/uploads/", "", nil).Header.Get("Location")
			send(t, "PUT", location+"&digest="+digestOf(blob), "application/octet-stream", blob)
		}
		manifest, _ := json.Marshal(map[string]any{
			"schemaVersion": 2, "mediaType": image,
			"config": descriptor("application/vnd.oci.image.config.v1+json", config),
			"layers": []any{descriptor("application/vnd.oci.image.layer.v1.tar", layer)},
		})
		send(t, "PUT", base+"manifests/"+digestOf(manifest), image, manifest)
		one := descriptor(image, manifest)
		one["platform"] = map[string]any{"os": "linux", "architecture": architecture}
		all = append(all, one)
	}
	list, _ := json.Marshal(map[string]any{"schemaVersion": 2, "mediaType": index, "manifests": all})
	send(t, "PUT", base+"manifests/v1", index, list)
}

// login is a password that neither YAML nor JSON would take as it is.
const login = `#a"b\c: d`

// hashed returns the file of a registry with basic authentication.
func hashed(t *testing.T) string {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(login), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return "bot:" + string(hash) + "\n"
}

func seed(t *testing.T, name, mirror string) (string, error) {
	t.Helper()
	command := exec.Command("node", filepath.Join(cases, name, "seed.mjs"))
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "MIRROR_URL=http://" + mirror, "RETRY_MILLISECONDS=20", "SEED_FILE=" + filepath.Join(cases, name, "seed.json")}
	out, err := command.CombinedOutput()
	return string(out), err
}

// local returns the emitted configuration, for addresses and directories of the test.
func local(text, remote, address, data, credentials string) string {
	return strings.NewReplacer(
		"https://registry-1.docker.io", "http://"+remote, "addr: :5000", "addr: "+address,
		"/var/lib/registry", data, "/etc/mirror/credentials.sh", credentials,
	).Replace(text)
}

func TestMirrorIsFilledAndServesOffline(t *testing.T) {
	if testing.Short() {
		t.Skip("builds distribution")
	}
	program := build(t)
	upstream, mirror, data := freeAddress(t), freeAddress(t), t.TempDir()
	htpasswd := filepath.Join(t.TempDir(), "htpasswd")
	if err := os.WriteFile(htpasswd, []byte(hashed(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	stopUpstream, _ := serve(t, program, fmt.Sprintf("version: 0.1\nstorage: {filesystem: {rootdirectory: %s}}\nhttp: {addr: %s}\nauth: {htpasswd: {realm: test, path: %s}}\n", t.TempDir(), upstream, htpasswd), upstream)
	push(t, upstream)
	folder := t.TempDir()
	for file, text := range map[string]string{"username": "bot\n", "password": login} {
		if err := os.WriteFile(filepath.Join(folder, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	config := local(textOf(t, "seeded", "config.yml"), upstream, mirror, data, filepath.Join(cases, "seeded", "credentials.sh"))

	// Without the login, the registry refuses.
	stop, _ := serve(t, program, config, mirror)
	if out, err := seed(t, "seeded", mirror); err == nil {
		t.Fatalf("filled without a login: %s", out)
	}
	stop()

	stop, ok := serve(t, program, config, mirror, "LOGIN_FOLDER="+folder)
	if !ok {
		t.Fatal("the mirror does not start")
	}
	out, err := seed(t, "seeded", mirror)
	if err != nil || !strings.Contains(out, "library/hello:v1: the mirror has it") {
		t.Fatalf("%v: %s", err, out)
	}
	// Nobody deletes what is kept.
	request, _ := http.NewRequest("DELETE", "http://"+mirror+"/v2/library/hello/manifests/v1", nil)
	if response, err := http.DefaultClient.Do(request); err != nil || response.StatusCode != http.StatusMethodNotAllowed {
		t.Fatalf("%v %v", response, err)
	}
	stop()
	stopUpstream()

	stop, ok = serve(t, program, config, mirror)
	if !ok {
		t.Fatal("the mirror does not start while the registry is gone")
	}
	if out, err := seed(t, "seeded", mirror); err != nil {
		t.Fatalf("the seeded image is not there offline: %s", out)
	}
	stop()

	// The reason for the command of the login: without one, distribution asks the registry at its start.
	before, _, _ := strings.Cut(config, "  exec:")
	if stop, ok := serve(t, program, before, mirror); ok {
		stop()
		t.Fatal("distribution now starts without exec while the registry is gone")
	}
}
