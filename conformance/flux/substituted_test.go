package flux

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fluxcd/pkg/envsubst"
	"sigs.k8s.io/yaml"
)

// A text with variables: as this library writes it, and as it must be after Flux substituted it.
type substitutedCase struct {
	Written string            `json:"written"`
	Values  map[string]string `json:"values"`
	Read    string            `json:"read"`
}

// Flux parses a file, writes each object anew, substitutes, and parses the result: quotation marks of the file are gone by then.
func substitute(t *testing.T, written string, mapping func(string) (string, bool)) any {
	t.Helper()
	data := map[string]any{"key": written, "list": []string{written}}
	if !strings.Contains(written, "\n") {
		data[written] = "as a key"
	}
	object, err := json.Marshal(map[string]any{"data": data})
	if err != nil {
		t.Fatal(err)
	}
	text, err := yaml.JSONToYAML(object)
	if err != nil {
		t.Fatal(err)
	}
	output, err := envsubst.Eval(string(text), mapping)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	result, err := yaml.YAMLToJSON([]byte(output))
	if err != nil {
		t.Fatalf("%s: %v", output, err)
	}
	var read struct {
		Data map[string]any `json:"data"`
	}
	if err := json.Unmarshal(result, &read); err != nil {
		t.Fatal(err)
	}
	if list := read.Data["list"].([]any); len(list) != 1 || list[0] != read.Data["key"] {
		t.Errorf("%q is %#v in a list and %#v as a value", written, list, read.Data["key"])
	}
	if key, ok := read.Data["key"].(string); ok && data[written] != nil && read.Data[key] != "as a key" && key != "key" && key != "list" {
		t.Errorf("%q is no key %q: %s", written, key, result)
	}
	return read.Data["key"]
}

func TestAStringStaysAString(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(os.Getenv("FORGE_CASES"), "substituted.json"))
	if err != nil {
		t.Skip(err)
	}
	var cases []substitutedCase
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 1000 {
		t.Fatalf("only %d cases", len(cases))
	}
	for _, c := range cases {
		// As kustomize-controller asks, without and with its feature gate StrictPostBuildSubstitutions.
		for _, strict := range []bool{false, true} {
			read := substitute(t, c.Written, func(name string) (string, bool) {
				value, ok := c.Values[name]
				return value, ok || !strict
			})
			if read != c.Read {
				t.Errorf("%q with %v (strict: %v) is %#v, want %q", c.Written, c.Values, strict, read, c.Read)
			}
		}
	}
	t.Logf("%d texts", len(cases))
}
