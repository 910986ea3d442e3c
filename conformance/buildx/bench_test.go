// Package buildx plays the build steps of generated workflows with the real buildx: on a buildkitd, in a container of a Docker daemon,
// and in the Docker daemon itself.
package buildx

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
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
	sorted   = "main-0123456-1763600000"
	token    = "a-token-for-the-test"
)

// binaries is where buildx and the programs of the builder's image are built to.
var binaries string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		if os.Geteuid() != 0 {
			fmt.Println("NOT RUN: the daemons need root, and the right to mount")
			return 0
		}
		var err error
		if binaries, err = os.MkdirTemp("", "buildx-bin"); err != nil {
			fmt.Println(err)
			return 1
		}
		defer os.RemoveAll(binaries)
		for folder, packages := range map[string][]string{
			"":      {"github.com/docker/buildx/cmd/buildx", "./cmd/runtime"},
			"image": {"github.com/moby/buildkit/cmd/buildkitd", "github.com/moby/buildkit/cmd/buildctl", "./cmd/nothing"},
		} {
			build := exec.Command("go", append([]string{"build", "-o", filepath.Join(binaries, folder) + "/"}, packages...)...)
			// What is in the image of the builder has no libraries there.
			if folder != "" {
				build.Env = append(os.Environ(), "CGO_ENABLED=0")
			}
			if output, err := build.CombinedOutput(); err != nil {
				fmt.Printf("%s%v\n", output, err)
				return 1
			}
		}
		return m.Run()
	}())
}

// bench is registries, a checked out repository, and the hosts file in which the registries have names.
type bench struct {
	work string
	// registries are the servers by the host that the rendered files name.
	registries map[string]*httptest.Server
	authority  []byte
	// words are those of rendered files, and what they are in the test.
	words []string
	// environment is that of every step.
	environment []string
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{work: t.TempDir(), registries: map[string]*httptest.Server{}}
	for _, name := range []string{"registry.test:3000", "mirror.test:3001", "secured.test:3002"} {
		host, _, _ := net.SplitHostPort(name)
		server := httptest.NewUnstartedServer(nil)
		server.Config.ErrorLog = log.New(io.Discard, "", 0)
		scheme := "http"
		if host == "secured.test" {
			server.TLS = &tls.Config{Certificates: []tls.Certificate{b.certificate(t, host)}}
			scheme = "https"
		}
		server.Config.Handler = giteaLike(scheme, registry.New(registry.Logger(log.New(io.Discard, "", 0))))
		if scheme == "https" {
			server.StartTLS()
		} else {
			server.Start()
		}
		t.Cleanup(server.Close)
		b.registries[name] = server
		_, port, _ := net.SplitHostPort(server.Listener.Addr().String())
		b.words = append(b.words, name, host+":"+port)
	}
	b.write(t, "hosts", "127.0.0.1 localhost registry.test mirror.test secured.test buildkitd.test\n")
	b.write(t, "repository/app folder/docker/Dockerfile", "FROM scratch\nCOPY hello /hello\n")
	b.write(t, "repository/app folder/hello", "hello\n")
	b.write(t, "tmp/.keep", "")
	return b
}

// certificate is that of a server, by an authority of the test.
func (b *bench) certificate(t *testing.T, host string) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host}, DNSNames: []string{host}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	b.authority = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	pair, err := tls.X509KeyPair(b.authority, pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private}))
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

func (b *bench) write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(b.work, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// command runs a program where the registries have names, and where buildx is a plugin of docker for all users.
func (b *bench) command(environment []string, name string, args ...string) *exec.Cmd {
	script := `mount --bind "$1" /etc/hosts && mount -t tmpfs tmpfs /usr/local/lib && mkdir -p /usr/local/lib/docker/cli-plugins &&
		cp "$2" /usr/local/lib/docker/cli-plugins/docker-buildx && shift 2 && exec "$@"`
	words := []string{"--mount", "--", "sh", "-c", script, "sh", filepath.Join(b.work, "hosts"), filepath.Join(binaries, "buildx"), name}
	command := exec.Command("unshare", append(words, args...)...)
	command.Env = append([]string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + b.work, "TMPDIR=" + filepath.Join(b.work, "tmp"), "FORGE_HOSTS=" + filepath.Join(b.work, "hosts"),
	}, environment...)
	return command
}

func cases(t *testing.T, name string) []byte {
	t.Helper()
	folder := os.Getenv("FORGE_CASES")
	if folder == "" {
		t.Fatal("FORGE_CASES is not set: run scripts/conformance.sh buildx")
	}
	text, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

type step struct {
	Env map[string]string
	Run string
}

// job is what the build step of one job wrote.
type job struct {
	outputs map[string]string
	log     string
	err     error
}

// run plays the build step of a job: expressions filled in, the script in bash, as a runner does.
func (b *bench) run(t *testing.T, pipeline, id string) job {
	t.Helper()
	var steps map[string]map[string]step
	if err := json.Unmarshal(cases(t, "steps.json"), &steps); err != nil {
		t.Fatal(err)
	}
	rendered, ok := steps[pipeline][id]
	if !ok {
		t.Fatalf("there is no job %s of %s", id, pipeline)
	}
	values := strings.NewReplacer(append([]string{
		"${{ steps.tags.outputs.tags }}", sorted + " latest", "${{ steps.tags.outputs.version }}", sorted,
		"${{ steps.check-out.outputs.time }}", "1763600000", "${{ github.sha }}", commit, "${{ github.event.pull_request.number }}", "3",
		"${{ secrets.REGISTRY_USER }}", user, "${{ secrets.REGISTRY_TOKEN }}", password,
		"${{ secrets.REGISTRY_USER_MIRROR_TEST_3001 }}", user, "${{ secrets.REGISTRY_TOKEN_MIRROR_TEST_3001 }}", password,
	}, b.words...)...)
	output := filepath.Join(b.work, "output")
	environment := append([]string{"GITHUB_OUTPUT=" + output, "GITHUB_STEP_SUMMARY=" + filepath.Join(b.work, "summary.md")}, b.environment...)
	for name, value := range rendered.Env {
		if name == "BUILDER_CA_0" {
			value = string(b.authority)
		}
		if value = values.Replace(value); strings.Contains(value, "${{") {
			t.Fatalf("%s: this test does not know the value of %s", name, value)
		}
		environment = append(environment, name+"="+value)
	}
	script := b.write(t, "step.sh", rendered.Run)
	made := job{outputs: map[string]string{}}
	for attempt := 1; ; attempt++ {
		_ = os.Remove(output)
		var text bytes.Buffer
		command := b.command(environment, "bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script)
		command.Dir = filepath.Join(b.work, "repository")
		command.Stdout, command.Stderr = &text, &text
		command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		if err := command.Start(); err != nil {
			t.Fatal(err)
		}
		// A push of BuildKit can hang in containerd's pusher: such a step is ended and played again.
		timer := time.AfterFunc(120*time.Second, func() { _ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL) })
		made.err = command.Wait()
		made.log = text.String()
		if timer.Stop() || attempt == 2 {
			break
		}
		t.Logf("a step hung and is played again:\n%s", made.log)
	}
	text, _ := os.ReadFile(output)
	for _, line := range strings.Split(string(text), "\n") {
		if name, value, found := strings.Cut(line, "="); found {
			made.outputs[name] = value
		}
	}
	return made
}

// built is run for a build that must succeed.
func (b *bench) built(t *testing.T, pipeline, id string) job {
	t.Helper()
	made := b.run(t, pipeline, id)
	if made.err != nil {
		t.Fatalf("job %s of %s: %v\n%s", id, pipeline, made.err, made.log)
	}
	if strings.Contains(made.log, password) {
		t.Error("the log shows the password")
	}
	if left, _ := filepath.Glob(filepath.Join(b.work, "tmp", "tmp.*")); len(left) != 0 {
		t.Errorf("credentials are left behind: %q", left)
	}
	return made
}

func (b *bench) get(t *testing.T, registry, path string, into any) string {
	t.Helper()
	server := b.registries[registry]
	request, _ := http.NewRequest(http.MethodGet, server.URL+path, nil)
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := server.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return response.Header.Get("Docker-Content-Digest")
}

// everything is all tags of a registry with their digests.
func (b *bench) everything(t *testing.T, registry string) string {
	t.Helper()
	var catalogue struct{ Repositories []string }
	b.get(t, registry, "/v2/_catalog", &catalogue)
	var all []string
	for _, repository := range catalogue.Repositories {
		var list struct{ Tags []string }
		b.get(t, registry, fmt.Sprintf("/v2/%s/tags/list", repository), &list)
		for _, tag := range list.Tags {
			var ignored any
			all = append(all, repository+":"+tag+"@"+b.get(t, registry, fmt.Sprintf("/v2/%s/manifests/%s", repository, tag), &ignored))
		}
	}
	sort.Strings(all)
	return strings.Join(all, "\n")
}

// giteaLike puts Gitea's way of logging in before a registry: every request needs a token; GET of /v2/token gives one for user and
// password, POST of it does not exist; and the client is sent for it to the host that it asked.
func giteaLike(scheme string, next http.Handler) http.Handler {
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
			w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm="%s://%s/v2/token",service="container_registry",scope="*"`, scheme, r.Host))
			http.Error(w, `{"errors":[{"code":"UNAUTHORIZED"}]}`, http.StatusUnauthorized)
		}
	})
}
