package setters_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cdk8s-forge/conformance/setters"
)

// written are the places in a repository that synth writes and Flux updates.
var written = []string{"images.yaml", "dist"}

// TestSetterLeavesEverythingElseInTheRepository plays one Flux run over what this repository has committed: its own output, and
// that of every example with an image lock.
func TestSetterLeavesEverythingElseInTheRepository(t *testing.T) {
	root := os.Getenv("FORGE_ROOT")
	if root == "" {
		root = "../.."
	}
	var locks []string
	for _, pattern := range []string{"examples/*/images.yaml", "examples/parts/*/images.yaml"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("no %s: %v", pattern, err)
		}
		locks = append(locks, found...)
	}
	t.Run("main.ts", func(t *testing.T) { leavesEverythingElse(t, root) })
	for _, lock := range locks {
		t.Run(filepath.Base(filepath.Dir(lock)), func(t *testing.T) { leavesEverythingElse(t, filepath.Dir(lock)) })
	}
}

func leavesEverythingElse(t *testing.T, root string) {
	t.Helper()
	work := copyOf(t, root)
	markers, err := setters.Markers(work, written...)
	if err != nil {
		t.Fatal(err)
	}
	if len(markers) == 0 {
		t.Fatalf("no marker in %s of %s: the image lock and the manifests should hold some", strings.Join(written, ", "), root)
	}
	values, err := setters.Bump(markers, setters.Release{Tag: "99.98.97-conformance.1", Digest: "sha256:" + strings.Repeat("c", 64)})
	if err != nil {
		t.Fatal(err)
	}
	before := read(t, work)
	result, err := values.Update(work, written...)
	if err != nil {
		t.Fatal(err)
	}
	requireOnlyMarkedDiffer(t, before, read(t, work), values)
	wanted := map[string]int{}
	for _, marker := range markers {
		if marker.Value != values[marker.Setter] {
			wanted[marker.File]++
		}
	}
	for _, change := range result.Changes {
		wanted[change.File]--
	}
	for file, missing := range wanted {
		if missing != 0 {
			t.Errorf("%s: %d marked values were not updated", file, missing)
		}
	}
}

func requireOnlyMarkedDiffer(t *testing.T, before, after map[string]string, values setters.Setters) {
	t.Helper()
	for file := range after {
		if _, ok := before[file]; !ok {
			t.Errorf("%s: a new file; Flux would commit it", file)
		}
	}
	for file, text := range before {
		if _, err := onlyMarkedValuesDiffer(text, after[file], values); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// copyOf copies what synth wrote to a folder that may be changed.
func copyOf(t *testing.T, root string) string {
	t.Helper()
	work := t.TempDir()
	for _, path := range written {
		source := filepath.Join(root, path)
		info, err := os.Stat(source)
		if err != nil {
			t.Fatalf("%v: run `npm run synth` first, or set FORGE_ROOT to a synthesized repository", err)
		}
		if !info.IsDir() {
			content, err := os.ReadFile(source)
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(work, path), string(content))
		} else if err := os.CopyFS(filepath.Join(work, path), os.DirFS(source)); err != nil {
			t.Fatal(err)
		}
	}
	return work
}
