package setters_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"testing"

	goyaml "go.yaml.in/yaml/v3"
	"sigs.k8s.io/yaml"

	"cdk8s-forge/conformance/setters"
)

// manifest is what scripts/conformance-documents.ts says about the files it wrote.
type manifest struct {
	// Setters holds the new value of every marker in the files.
	Setters setters.Setters
	// Documents counts the documents in all files.
	Documents int
	Files     map[string]struct {
		// Documents are the values that the emitter was given, as JSON.
		Documents []json.RawMessage
		// Marked counts the managed scalars.
		Marked int
	}
}

// fewest is the number of documents below which the proof is not worth its name.
const fewest = 20000

func documents(t *testing.T) (string, manifest) {
	t.Helper()
	folder := os.Getenv("FORGE_CASES")
	if folder == "" {
		t.Fatal("FORGE_CASES is not set: run `npm run conformance`, which generates the documents and names their folder")
	}
	content, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var m manifest
	if err := json.Unmarshal(content, &m); err != nil {
		t.Fatal(err)
	}
	if m.Documents < fewest {
		t.Fatalf("%d documents, want at least %d", m.Documents, fewest)
	}
	return filepath.Join(folder, "files"), m
}

// TestRandomDocumentsKeepEverythingButMarkedValues lets Flux's library update thousands of documents that the emitter wrote from hostile data.
func TestRandomDocumentsKeepEverythingButMarkedValues(t *testing.T) {
	folder, m := documents(t)
	work := t.TempDir()
	if err := os.CopyFS(work, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	before := read(t, work)
	result, err := m.Setters.Update(work, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range result.Skipped {
		t.Errorf("%s does not parse", file)
	}
	after := read(t, work)
	if len(after) != len(before) || len(before) != len(m.Files) {
		t.Errorf("%d files became %d, of %d in the manifest", len(before), len(after), len(m.Files))
	}
	for file, text := range before {
		changed, err := onlyMarkedValuesDiffer(text, after[file], m.Setters)
		if err != nil {
			t.Errorf("%s: %v", file, err)
		} else if changed != m.Files[file].Marked {
			t.Errorf("%s: %d marked values changed, want %d", file, changed, m.Files[file].Marked)
		}
	}
	t.Logf("%d documents in %d files, %d values changed", m.Documents, len(before), len(result.Changes))
}

// readers are the ways in which Flux and Kubernetes turn YAML into data.
var readers = map[string]func([]byte) ([]byte, error){
	"go-yaml v3, as Flux reads": func(text []byte) ([]byte, error) {
		var value interface{}
		if err := goyaml.Unmarshal(text, &value); err != nil {
			return nil, err
		}
		return json.Marshal(value)
	},
	"sigs.k8s.io/yaml, as Kubernetes reads": func(text []byte) ([]byte, error) { return yaml.YAMLToJSONStrict(text) },
}

var separator = regexp.MustCompile(`(?m)^---\n`)

// TestRandomDocumentsReadBack shows that Go's readers see the very data that the emitter was given.
func TestRandomDocumentsReadBack(t *testing.T) {
	folder, m := documents(t)
	texts := read(t, folder)
	for name, reader := range readers {
		t.Run(name, func(t *testing.T) {
			for file, expected := range m.Files {
				found := separator.Split(texts[file], -1)
				if len(found) != len(expected.Documents) {
					t.Errorf("%s: %d documents, want %d", file, len(found), len(expected.Documents))
					continue
				}
				for i, text := range found {
					seen, err := reader([]byte(text))
					if err != nil {
						t.Errorf("%s, document %d: %v", file, i, err)
					} else if !sameJSON(t, seen, expected.Documents[i]) {
						t.Errorf("%s, document %d reads as\n%s\nwant\n%s", file, i, seen, expected.Documents[i])
					}
				}
			}
		})
	}
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	var x, y interface{}
	if err := json.Unmarshal(a, &x); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &y); err != nil {
		t.Fatal(err)
	}
	return reflect.DeepEqual(x, y)
}
