package buildkitd

import (
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
)

// binaries is where buildkitd and buildctl are built to, beside a runc that answers for its version: no test runs a step.
var binaries string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		if os.Geteuid() != 0 {
			fmt.Println("the daemon is not started: that needs root, and the right to mount")
			return 0
		}
		var err error
		if binaries, err = os.MkdirTemp("", "buildkit-bin"); err != nil {
			fmt.Println(err)
			return 1
		}
		defer os.RemoveAll(binaries)
		build := exec.Command("go", "build", "-o", binaries, "github.com/moby/buildkit/cmd/buildkitd", "github.com/moby/buildkit/cmd/buildctl")
		if output, err := build.CombinedOutput(); err != nil {
			fmt.Printf("%s%v\n", output, err)
			return 1
		}
		if err := os.WriteFile(filepath.Join(binaries, "runc"), []byte("#!/bin/sh\necho 'runc version 1.2.0'\n"), 0o755); err != nil {
			fmt.Println(err)
			return 1
		}
		return m.Run()
	}())
}

func daemons(t *testing.T) []rendered {
	t.Helper()
	var all []rendered
	readCase(t, "daemons.json", &all)
	if len(all) != 6 {
		t.Fatalf("%d daemons", len(all))
	}
	return all
}

// running starts a daemon, with certificates if it has TLS, and waits for it as a build step does: by the flags of the connection.
func running(t *testing.T, r rendered) *daemon {
	t.Helper()
	d := place(t, r)
	if d.hasTLS() {
		ca := newAuthority(t)
		ca.issue(t, filepath.Join(d.folder, "server"), x509.ExtKeyUsageServerAuth, append(d.ServerNames, "localhost")...)
		ca.issue(t, filepath.Join(d.folder, "client"), x509.ExtKeyUsageClientAuth)
	}
	d.start(t)
	if output, err := d.buildctl(d.tcp(), d.flags(), "debug", "workers"); err != nil {
		t.Fatalf("the daemon cannot be reached: %v\n%s", err, output)
	}
	return d
}

// Every mode's configuration starts the daemon, its probe works, and it collects garbage by the sizes derived from the volume.
func TestStarts(t *testing.T) {
	t.Parallel()
	for _, r := range daemons(t) {
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			d := running(t, r)
			output, err := d.buildctl(d.unix(), nil, "debug", "workers", "--verbose")
			if err != nil {
				t.Fatalf("the probe fails: %v\n%s", err, output)
			}
			sandbox, userNamespace := "sandbox", !strings.HasPrefix(d.Name, "privileged")
			if strings.HasPrefix(d.Name, "rootless") {
				sandbox = "no-sandbox"
			}
			if log, err := os.ReadFile(filepath.Join(d.folder, "log")); err != nil || userNamespace != inUserNamespace(d.process.Process.Pid) {
				t.Errorf("the daemon is not where the mode has it: %v\n%s", err, log)
			}
			if !regexp.MustCompile(`process-mode:\s+` + sandbox + `\n`).MatchString(output) {
				t.Errorf("process mode is not %s:\n%s", sandbox, output)
			}
			for key, share := range map[string]float64{"Reserved space": 0.1, "Maximum used space": 0.6, "Minimum free space": 0.2} {
				want := fmt.Sprintf("%s:\\s+%sGB", key, strings.TrimRight(regexp.QuoteMeta(fmt.Sprintf("%.8f", float64(r.Volume)*share/1e9)), "0"))
				if found := regexp.MustCompile(want).FindAllString(output, -1); len(found) != 3 {
					t.Errorf("%q stands %d times in:\n%s", want, len(found), output)
				}
			}
		})
	}
}

func inUserNamespace(pid int) bool {
	own, _ := os.Readlink("/proc/self/ns/user")
	theirs, _ := os.Readlink(fmt.Sprintf("/proc/%d/ns/user", pid))
	return own != theirs
}

// With TLS, the port is closed to whoever has no certificate of the right authority, RUN steps among them.
func TestWhoIsLetIn(t *testing.T) {
	t.Parallel()
	for _, r := range daemons(t) {
		if !r.hasTLS() {
			continue
		}
		t.Run(r.Name, func(t *testing.T) {
			t.Parallel()
			d := running(t, r)
			strangers := filepath.Join(d.folder, "strangers")
			newAuthority(t).issue(t, strangers, x509.ExtKeyUsageClientAuth)
			trusted, err := os.ReadFile(filepath.Join(d.folder, "client", "ca.pem"))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(strangers, "ca.pem"), trusted, 0o600); err != nil {
				t.Fatal(err)
			}
			for who, flags := range map[string][]string{
				"without TLS":                      nil,
				"without a certificate":            {"--tlscacert", filepath.Join(strangers, "ca.pem")},
				"with one of another authority":    {"--tlsdir", strangers},
				"with the server's name not in it": {"--tlsdir", filepath.Join(d.folder, "client"), "--tlsservername", "other.example.com"},
			} {
				t.Run(who, func(t *testing.T) {
					t.Parallel()
					if output, err := d.buildctl(d.tcp(), flags, "debug", "workers"); err == nil {
						t.Errorf("let in:\n%s", output)
					}
				})
			}
		})
	}
}

// A build pushes image and cache as the step asks for it, and a daemon that has never seen the image takes the cache from there.
func TestCacheInARegistry(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	defer server.Close()
	image := strings.TrimPrefix(server.URL, "http://") + "/platform/hello"
	var cache struct{ From, To []string }
	readCase(t, "cache.json", &cache)
	named := func(value string) string { return strings.ReplaceAll(value, "IMAGE", image) }
	sources := t.TempDir()
	for name, text := range map[string]string{"Dockerfile": "FROM scratch AS first\nCOPY a /a\nFROM scratch\nCOPY --from=first /a /b\n", "a": "hello\n"} {
		if err := os.WriteFile(filepath.Join(sources, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	build := func() string {
		d := running(t, daemons(t)[0])
		output, err := d.buildctl(d.tcp(), d.flags(), "build", "--progress", "plain", "--frontend", "dockerfile.v0", "--local", "context="+sources, "--local", "dockerfile="+sources,
			"--import-cache", named(cache.From[0]), "--export-cache", named(cache.To[0]), "--output", "type=image,name="+image+":main-1,push=true,oci-mediatypes=true")
		if err != nil {
			t.Fatalf("%v\n%s", err, output)
		}
		return output
	}
	if first := build(); strings.Contains(first, "CACHED") {
		t.Errorf("the first build found a cache:\n%s", first)
	}
	if second := build(); strings.Count(second, "CACHED") < 1 {
		t.Errorf("the second build found no cache:\n%s", second)
	}
	var manifest struct {
		MediaType string `json:"mediaType"`
	}
	response, err := http.Get(server.URL + "/v2/platform/hello-cache/manifests/buildcache")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(&manifest); err != nil {
		t.Fatal(err)
	}
	if manifest.MediaType != "application/vnd.oci.image.manifest.v1+json" {
		t.Errorf("the cache is a %s: Gitea takes image manifests only", manifest.MediaType)
	}
}

// The drain waits for a client that is connected to the real daemon, and not for one that has gone.
func TestDrain(t *testing.T) {
	t.Parallel()
	d := running(t, daemons(t)[0])
	drain := func(limit int) time.Duration {
		run := exec.Command("sh", filepath.Join(os.Getenv("FORGE_CASES"), "drain.sh"))
		run.Env = []string{"PATH=" + os.Getenv("PATH"), fmt.Sprintf("DRAIN_PORT=%d", d.port), fmt.Sprintf("DRAIN_SECONDS=%d", limit)}
		started := time.Now()
		if output, err := run.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, output)
		}
		return time.Since(started)
	}
	client := exec.Command(filepath.Join(binaries, "buildctl"), "--addr", d.tcp(), "debug", "monitor")
	if err := client.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second)
	if waited := drain(5); waited < 4*time.Second {
		t.Errorf("it waited %s for a client that was connected all the time", waited)
	}
	_ = client.Process.Kill()
	_ = client.Wait()
	if waited := drain(60); waited > 20*time.Second {
		t.Errorf("it waited %s for nobody", waited)
	}
}
