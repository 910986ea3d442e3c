package buildkitd

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
)

const (
	user     = "ci"
	password = `pa"ss\w $(touch pwned) '0rd`
	commit   = "0123456789abcdef0123456789abcdef01234567"
	// host stands for the registry's Service: a name that is neither localhost nor an address, so that nobody assumes plain HTTP.
	host = "registry.test"
)

// sortable is what TagPolicy.timestamped('main') makes Flux look for.
var sortable = regexp.MustCompile(`^main-[0-9a-f]{7,40}-(?P<ts>[0-9]+)$`)

func TestBuildStepPushesWhatFluxCanSort(t *testing.T) {
	b := newBench(t)
	output, err := b.step(t, password)
	if err != nil {
		t.Fatalf("the build step failed: %v\n%s", err, output)
	}
	tags := b.tags(t, "platform/hello")
	if len(tags) != 1 || !sortable.MatchString(tags[0]) {
		t.Fatalf("tags of the image: %q, want one that matches %s", tags, sortable)
	}
	if label := b.label(t, "platform/hello", tags[0]); label != commit {
		t.Errorf("label org.opencontainers.image.revision is %q, want the commit", label)
	}
	cache := b.tags(t, "platform/hello-cache")
	if len(cache) != 1 {
		t.Fatalf("tags of the cache: %q, want one", cache)
	}
	if mediaType := b.manifest(t, "platform/hello-cache", cache[0]).MediaType; mediaType != "application/vnd.oci.image.manifest.v1+json" {
		t.Errorf("the cache is a %q; Gitea refuses an index of layers", mediaType)
	}
	if strings.Contains(output, password) {
		t.Error("the log shows the password")
	}
}

func TestBuildStepFailsWithTheWrongPassword(t *testing.T) {
	b := newBench(t)
	output, err := b.step(t, "wrong")
	if err == nil {
		t.Fatalf("the build step succeeded:\n%s", output)
	}
	if !strings.Contains(output, "unauthorized") {
		t.Errorf("the log does not say so:\n%s", output)
	}
	if left, _ := filepath.Glob(filepath.Join(b.work, "tmp", "*")); len(left) != 0 {
		t.Errorf("credentials are left behind: %q", left)
	}
}

// bench is a registry, a buildkitd and a checked out repository.
type bench struct {
	work, port string
	server     *httptest.Server
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{work: t.TempDir()}
	b.server = httptest.NewServer(giteaLike(registry.New(registry.Logger(log.New(io.Discard, "", 0)))))
	t.Cleanup(b.server.Close)
	_, b.port, _ = net.SplitHostPort(strings.TrimPrefix(b.server.URL, "http://"))
	b.write(t, "hosts", "127.0.0.1 localhost "+host+"\n")
	b.write(t, "repository/app folder/docker/Dockerfile", "FROM scratch\nCOPY hello /hello\n")
	b.write(t, "repository/app folder/hello", "hello\n")
	if err := os.MkdirAll(filepath.Join(b.work, "tmp"), 0o700); err != nil {
		t.Fatal(err)
	}
	b.startDaemon(t)
	return b
}

func (b *bench) address() string { return "unix://" + filepath.Join(b.work, "buildkitd.sock") }

func (b *bench) environment(more ...string) []string {
	return append([]string{"PATH=" + binaries + ":" + os.Getenv("PATH"), "HOME=" + b.work, "TMPDIR=" + filepath.Join(b.work, "tmp")}, more...)
}

// command runs a program where the registry's name is known.
func (b *bench) command(name string, args ...string) *exec.Cmd {
	script := `mount --bind "$1" /etc/hosts && shift && exec "$@"`
	return exec.Command("unshare", append([]string{"--mount", "--", "sh", "-c", script, "sh", filepath.Join(b.work, "hosts"), name}, args...)...)
}

func (b *bench) startDaemon(t *testing.T) {
	t.Helper()
	b.write(t, "buildkitd.toml", strings.ReplaceAll(readStep(t).TOML, host+":3000", host+":"+b.port))
	var log bytes.Buffer
	daemon := b.command("buildkitd", "--config", filepath.Join(b.work, "buildkitd.toml"), "--root", filepath.Join(b.work, "root"), "--addr", b.address())
	daemon.Env = b.environment()
	daemon.Stdout, daemon.Stderr = &log, &log
	if err := daemon.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = daemon.Process.Signal(os.Interrupt)
		_ = daemon.Wait()
		if t.Failed() {
			t.Logf("buildkitd said:\n%s", log.String())
		}
	})
	for start := time.Now(); time.Since(start) < 60*time.Second; time.Sleep(200 * time.Millisecond) {
		if exec.Command(filepath.Join(binaries, "buildctl"), "--addr", b.address(), "debug", "workers").Run() == nil {
			return
		}
	}
	t.Fatal("buildkitd did not start within a minute")
}

// renderedStep is a step out of a workflow file, and the configuration of the daemon that it is for.
type renderedStep struct {
	Env  map[string]string `json:"env"`
	Run  string            `json:"run"`
	TOML string            `json:"toml"`
}

func readStep(t *testing.T) renderedStep {
	t.Helper()
	var step renderedStep
	readCase(t, "step.json", &step)
	return step
}

// step runs the build step of a workflow file as a runner does: expressions filled in, the script in bash.
func (b *bench) step(t *testing.T, secret string) (string, error) {
	t.Helper()
	rendered := readStep(t)
	values := strings.NewReplacer(
		"${{ github.ref }}", "refs/heads/main", "${{ github.sha }}", commit,
		"${{ secrets.REGISTRY_USER }}", user, "${{ secrets.REGISTRY_TOKEN }}", secret, host+":3000", host+":"+b.port,
	)
	var environment []string
	for name, value := range rendered.Env {
		value = values.Replace(value)
		if strings.Contains(value, "${{") {
			t.Fatalf("%s: this test does not know the value of %s", name, value)
		}
		environment = append(environment, name+"="+value)
	}
	b.write(t, "step.sh", rendered.Run)
	output, err := played(t, func() *exec.Cmd {
		step := b.command("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", filepath.Join(b.work, "step.sh"))
		step.Dir = filepath.Join(b.work, "repository")
		step.Env = b.environment(append(environment, "BUILDKIT_HOST="+b.address())...)
		return step
	})
	return string(output), err
}

func (b *bench) write(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join(b.work, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (b *bench) get(t *testing.T, path string, into any) {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, b.server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

func (b *bench) tags(t *testing.T, repository string) []string {
	var list struct{ Tags []string }
	b.get(t, fmt.Sprintf("/v2/%s/tags/list", repository), &list)
	return list.Tags
}

type manifest struct {
	MediaType string
	Config    struct{ Digest string }
}

func (b *bench) manifest(t *testing.T, repository, tag string) manifest {
	var m manifest
	b.get(t, fmt.Sprintf("/v2/%s/manifests/%s", repository, tag), &m)
	return m
}

func (b *bench) label(t *testing.T, repository, tag string) string {
	var config struct {
		Config struct{ Labels map[string]string }
	}
	b.get(t, fmt.Sprintf("/v2/%s/blobs/%s", repository, b.manifest(t, repository, tag).Config.Digest), &config)
	return config.Config.Labels["org.opencontainers.image.revision"]
}

const token = "a-token-for-the-test"

// giteaLike puts Gitea's way of logging in before a registry: every request needs a token; GET of /v2/token gives one for user and
// password, POST of it does not exist; and the client is sent for it to the host that it asked.
func giteaLike(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, secret, _ := r.BasicAuth()
		switch {
		case r.URL.Path == "/v2/token" && r.Method != http.MethodGet:
			http.NotFound(w, r)
		case r.URL.Path == "/v2/token" && name == user && secret == password:
			_ = json.NewEncoder(w).Encode(map[string]string{"token": token})
		case r.URL.Path != "/v2/token" && r.Header.Get("Authorization") == "Bearer "+token:
			next.ServeHTTP(w, r)
		default:
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="http://%s/v2/token",service="container_registry",scope="*"`, r.Host))
			http.Error(w, `{"errors":[{"code":"UNAUTHORIZED"}]}`, http.StatusUnauthorized)
		}
	})
}

// played runs a step. A push of BuildKit can hang for ever in containerd's pusher (seen with 0.32.2, once in some hundred
// builds): such a step is ended and played again, as a person would start the job again.
func played(t *testing.T, command func() *exec.Cmd) ([]byte, error) {
	t.Helper()
	for attempt := 1; ; attempt++ {
		var log bytes.Buffer
		step := command()
		step.Stdout, step.Stderr = &log, &log
		step.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if err := step.Start(); err != nil {
			return nil, err
		}
		done := make(chan error, 1)
		go func() { done <- step.Wait() }()
		select {
		case err := <-done:
			return log.Bytes(), err
		case <-time.After(90 * time.Second):
			_ = syscall.Kill(-step.Process.Pid, syscall.SIGKILL)
			err := <-done
			if attempt == 3 {
				return log.Bytes(), err
			}
			t.Logf("a step hung and is played again:\n%s", log.String())
		}
	}
}
