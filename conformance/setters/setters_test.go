package setters_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"cdk8s-forge/conformance/setters"
)

// TestMeasuredCases shows that this package does what the controller was measured to do: it is the ground on which the other tests stand.
func TestMeasuredCases(t *testing.T) {
	var fixture struct {
		Setters setters.Setters
		Cases   []struct {
			Name, Status, Before string
			After                map[string]string
		}
	}
	content, err := os.ReadFile("testdata/setter-cases.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, &fixture); err != nil {
		t.Fatal(err)
	}
	if len(fixture.Cases) != 258 {
		t.Fatalf("%d cases, want 258", len(fixture.Cases))
	}
	for _, c := range fixture.Cases {
		t.Run(c.Name, func(t *testing.T) {
			root := t.TempDir()
			write(t, filepath.Join(root, "f.yaml"), c.Before)
			result, err := fixture.Setters.Update(root, ".")
			if status := statusOf(result, err); status != c.Status {
				t.Errorf("status %s (%v), want %s", status, err, c.Status)
			}
			if files := read(t, root); !reflect.DeepEqual(files, c.After) {
				t.Errorf("files\n%q\nwant\n%q", files, c.After)
			}
		})
	}
}

func statusOf(result setters.Result, err error) string {
	switch {
	case err != nil:
		return "error"
	case len(result.Skipped) > 0:
		return "skipped-unparseable"
	case len(result.Changes) > 0:
		return "changed"
	default:
		return "no-match"
	}
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// read returns the files below root by their path.
func read(t *testing.T, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, file)
		files[relative] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
