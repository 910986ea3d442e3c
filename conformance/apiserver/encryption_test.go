package apiserver

import (
	"bytes"
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// encryptSecrets puts a Secret that sops itself encrypted in the place of one that is made up, and gives Flux the key.
func (f *flux) encryptSecrets(t *testing.T, folder string) *unstructured.Unstructured {
	t.Helper()
	files := glob(t, folder, "dist", "clusters", "*", "*", "*.sops.yaml")
	if len(files) == 0 {
		return nil
	}
	key := f.tool(t, nil, "age-keygen")
	recipient := strings.TrimSpace(f.tool(t, []byte(key), "age-keygen", "-y"))
	var plain *unstructured.Unstructured
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		object := map[string]any{}
		if err := yaml.Unmarshal(text, &object); err != nil {
			t.Fatal(err)
		}
		delete(object, "sops")
		plain = &unstructured.Unstructured{Object: object}
		values, _, _ := unstructured.NestedStringMap(object, "stringData")
		for name := range values {
			values[name] = `{"auths":{}}`
		}
		_ = unstructured.SetNestedStringMap(object, values, "stringData")
		if text, err = yaml.Marshal(object); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Dir(file), filepath.Base(file), text)
		f.tool(t, nil, "sops", "encrypt", "--age", recipient, "--encrypted-regex", "^(data|stringData)$", "--in-place", file)
	}
	f.patch(t, object("v1", "Secret", "flux-system", "sops-age", map[string]any{"stringData": map[string]any{"age.agekey": key}}))
	return plain
}

func (f *flux) tool(t *testing.T, input []byte, name string, arguments ...string) string {
	t.Helper()
	command := exec.Command(filepath.Join(f.tools, name), arguments...)
	command.Stdin = bytes.NewReader(input)
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return string(output)
}

// decrypted holds what Flux applied against what was encrypted.
func (f *flux) decrypted(t *testing.T, plain *unstructured.Unstructured) {
	t.Helper()
	wanted, _, _ := unstructured.NestedStringMap(plain.Object, "stringData")
	given, _, _ := unstructured.NestedStringMap(f.get(t, plain).Object, "data")
	for name, value := range wanted {
		if got, _ := base64.StdEncoding.DecodeString(given[name]); string(got) != value {
			t.Errorf("Secret %s holds something else under %s than was encrypted", plain.GetName(), name)
		}
	}
}
