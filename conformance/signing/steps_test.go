package signing

import (
	"context"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// step is a rendered step.
type step struct {
	Name string            `json:"name"`
	Run  string            `json:"run"`
	Env  map[string]string `json:"env"`
}

// cases are what was rendered for a registry.
type cases struct {
	Name       string          `json:"name"`
	Image      string          `json:"image"`
	Sign       []step          `json:"sign"`
	Attest     []step          `json:"attest"`
	Scan       map[string]step `json:"scan"`
	Sbom       map[string]step `json:"sbom"`
	AttestSbom map[string]step `json:"attestSbom"`
	Policy     json.RawMessage `json:"policy"`
	Keyless    json.RawMessage `json:"keyless"`
}

type dialer struct{ address string }

func (d *dialer) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	return (&net.Dialer{}).DialContext(ctx, network, d.address)
}

func caseFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(os.Getenv("FORGE_CASES"), name))
	if err != nil {
		t.Fatal("FORGE_CASES is not set: run scripts/conformance.sh signing: ", err)
	}
	return string(data)
}

// of is what was rendered for the registry of this world.
func (w *world) of(t *testing.T) cases {
	t.Helper()
	text := caseFile(t, "cases.json")
	if w.kind == "local" {
		text = strings.ReplaceAll(text, "127.0.0.1:5000", w.address)
	}
	var all []cases
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatal(err)
	}
	for _, one := range all {
		if one.Name == w.kind {
			return one
		}
	}
	t.Fatalf("no case %s", w.kind)
	return cases{}
}

// keys are the key of the committed public key, and another one, each as cosign writes it.
func keys(t *testing.T) (own, other string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "private.pem"), []byte(caseFile(t, "private.pem")), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"import-key-pair", "--key", "private.pem", "--output-key-prefix", "own"}, {"generate-key-pair", "--output-key-prefix", "other"}} {
		if out, err := start(dir, []string{"COSIGN_PASSWORD=pw"}, need(t, "cosign"), args...); err != nil {
			t.Fatal(out)
		}
	}
	read := func(file string) string {
		data, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	return read("own.key"), read("other.key")
}

func start(dir string, env []string, program string, args ...string) (string, error) {
	command := exec.Command(program, args...)
	command.Dir = dir
	command.Env = append([]string{"HOME=" + dir, "PATH=" + folder() + ":/usr/local/bin:/usr/bin:/bin"}, env...)
	out, err := command.CombinedOutput()
	return string(out), err
}

// network is how a program reaches the registry of this world, without a credential and without trust in its CA.
func (w *world) network() []string {
	return []string{"HTTP_PROXY=" + w.proxy, "HTTPS_PROXY=" + w.proxy}
}

// insider is a program with the credential and the trust that an operator gives it.
func (w *world) insider(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	host, _, _ := strings.Cut(w.of(t).Image, "/")
	if w.kind == "hub" {
		host = "https://index.docker.io/v1/"
	}
	config, err := json.Marshal(map[string]any{"auths": map[string]any{host: map[string]string{"username": user, "password": token}}})
	if err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{"config.json": string(config), "ca.pem": w.ca} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := append(w.network(), "DOCKER_CONFIG="+dir)
	if w.ca != "" {
		env = append(env, "SSL_CERT_FILE="+filepath.Join(dir, "ca.pem"))
	}
	return env
}

// run runs a step in bash as a runner does, in this directory. Values take the place of expressions.
func (w *world) run(t *testing.T, s step, dir string, values map[string]string) (string, error) {
	t.Helper()
	script := filepath.Join(t.TempDir(), "step.sh")
	if err := os.WriteFile(script, []byte(s.Run), 0o600); err != nil {
		t.Fatal(err)
	}
	env := w.network()
	for key, value := range s.Env {
		if own, ok := values[key]; ok {
			value = own
		} else if key == "CA_PEM" {
			value = w.ca
		}
		env = append(env, key+"="+value)
	}
	return start(dir, env, "/bin/bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script)
}

func secrets(reference, key string) map[string]string {
	return map[string]string{
		"REFERENCES": reference, "COSIGN_PRIVATE_KEY": key, "COSIGN_PASSWORD": "pw", "REGISTRY_USER": user, "REGISTRY_TOKEN": token,
	}
}
