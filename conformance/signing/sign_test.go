// Package signing runs the steps that sign with the real cosign against a registry over plain HTTP, and verifies what they left there.
package signing

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// step is a rendered step.
type step struct {
	Name string            `json:"name"`
	Run  string            `json:"run"`
	Env  map[string]string `json:"env"`
}

var bin string

func TestMain(m *testing.M) {
	folder, err := os.MkdirTemp("", "cosign")
	if err != nil {
		panic(err)
	}
	build := exec.Command("go", "build", "-o", filepath.Join(folder, "cosign"), "github.com/sigstore/cosign/v3/cmd/cosign")
	if out, err := build.CombinedOutput(); err != nil {
		panic(string(out))
	}
	bin = folder
	code := m.Run()
	os.RemoveAll(folder)
	os.Exit(code)
}

func cosign(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	command := exec.Command(filepath.Join(bin, "cosign"), args...)
	command.Dir = dir
	command.Env = append(os.Environ(), "COSIGN_PASSWORD=pw", "HOME="+dir)
	out, err := command.CombinedOutput()
	return string(out), err
}

func keys(t *testing.T) (string, string, string) {
	t.Helper()
	dir := t.TempDir()
	if out, err := cosign(t, dir, "generate-key-pair"); err != nil {
		t.Fatal(out)
	}
	read := func(file string) string {
		data, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	return dir, read("cosign.key"), read("cosign.pub")
}

// run runs a step in bash as a runner does.
func run(t *testing.T, s step, values map[string]string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	script := filepath.Join(dir, "step.sh")
	if err := os.WriteFile(script, []byte(s.Run), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script)
	command.Dir = dir
	command.Env = []string{"HOME=" + dir, "PATH=" + bin + ":/usr/local/bin:/usr/bin:/bin"}
	for key, value := range s.Env {
		if own, ok := values[key]; ok {
			value = own
		}
		command.Env = append(command.Env, key+"="+value)
	}
	out, err := command.CombinedOutput()
	return string(out), err
}

func steps(t *testing.T) []step {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(os.Getenv("FORGE_CASES"), "steps.json"))
	if err != nil {
		t.Fatal("FORGE_CASES is not set: run scripts/conformance.sh signing: ", err)
	}
	var all []step
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// pushed is a new image in a registry over plain HTTP, by its digest.
func pushed(t *testing.T) (string, name.Repository) {
	t.Helper()
	server := httptest.NewServer(registry.New())
	t.Cleanup(server.Close)
	image, err := random.Image(64, 1)
	if err != nil {
		t.Fatal(err)
	}
	tag, err := name.NewTag(strings.TrimPrefix(server.URL, "http://") + "/team/web:1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	if err := remote.Write(tag, image); err != nil {
		t.Fatal(err)
	}
	digest, err := image.Digest()
	if err != nil {
		t.Fatal(err)
	}
	return tag.Context().Name() + "@" + digest.String(), tag.Context()
}

func TestSignedImagesAreVerifiedAndOthersAreNot(t *testing.T) {
	for _, s := range steps(t) {
		t.Run(s.Name, func(t *testing.T) {
			reference, repository := pushed(t)
			dir, private, public := keys(t)
			values := map[string]string{
				"REFERENCES": reference, "COSIGN_PRIVATE_KEY": private, "COSIGN_PASSWORD": "pw", "PUBLIC_KEY": public,
				"REGISTRY_USER": "robot", "REGISTRY_TOKEN": "s3cret", "REGISTRY_HOSTS": repository.RegistryStr(),
			}
			verify := func() (string, error) {
				return cosign(t, dir, "verify", "--key", "cosign.pub", "--insecure-ignore-tlog=true", "--allow-http-registry", reference)
			}
			if out, err := verify(); err == nil {
				t.Fatalf("an image without a signature is verified: %s", out)
			}
			out, err := run(t, s, values)
			if err != nil {
				t.Fatal(out)
			}
			if strings.Contains(out, private) || strings.Contains(out, "s3cret") {
				t.Fatal("the log has a secret")
			}
			if out, err := verify(); err != nil {
				t.Fatal(out)
			}
			_, other, _ := keys(t)
			values["COSIGN_PRIVATE_KEY"] = other
			reference, repository = pushed(t)
			values["REFERENCES"], values["REGISTRY_HOSTS"] = reference, repository.RegistryStr()
			if out, err := run(t, s, values); err == nil || !strings.Contains(out, "does not fit the committed public key") {
				t.Fatalf("a key that is not the committed one is taken: %s", out)
			}
		})
	}
}

func TestTheFormatIsTheOneThatWasAskedFor(t *testing.T) {
	for _, s := range steps(t) {
		reference, repository := pushed(t)
		_, private, public := keys(t)
		if out, err := run(t, s, map[string]string{
			"REFERENCES": reference, "COSIGN_PRIVATE_KEY": private, "COSIGN_PASSWORD": "pw", "PUBLIC_KEY": public,
			"REGISTRY_USER": "robot", "REGISTRY_TOKEN": "s3cret", "REGISTRY_HOSTS": repository.RegistryStr(),
		}); err != nil {
			t.Fatal(out)
		}
		tags, err := remote.List(repository)
		if err != nil {
			t.Fatal(err)
		}
		legacy := strings.Contains(strings.Join(tags, " "), ".sig")
		if wants := s.Env["FORMAT"] == "legacy"; legacy != wants {
			t.Errorf("%s: format %s, tags %v", s.Name, s.Env["FORMAT"], tags)
		}
	}
}
