// Package flux reads what cdk8s-forge wrote with Flux's own types, schemas and libraries.
package flux

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// A document of a manifest file.
type document struct {
	where  string
	json   []byte
	object map[string]any
}

func root() string {
	if dir := os.Getenv("FORGE_ROOT"); dir != "" {
		return dir
	}
	return filepath.Join("..", "..")
}

// clusterFolders are all `dist` folders: the project's own, the examples', and those of generated cases.
func outputFolders(t testing.TB) []string {
	t.Helper()
	folders := []string{filepath.Join(root(), "dist")}
	patterns := []string{
		filepath.Join(root(), "examples", "*", "dist"),
		filepath.Join(root(), "examples", "parts", "*", "dist"),
		filepath.Join(os.Getenv("FORGE_CASES"), "*", "dist"),
	}
	if onlyOldest {
		folders, patterns = nil, []string{filepath.Join(os.Getenv("FORGE_CASES"), "*-oldest", "dist")}
	}
	for _, pattern := range patterns {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		folders = append(folders, found...)
	}
	return folders
}

func documents(t testing.TB) []document {
	t.Helper()
	return documentsIn(t, outputFolders(t))
}

func documentsIn(t testing.TB, folders []string) []document {
	t.Helper()
	var all []document
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(folder, "clusters"), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".yaml") {
				if os.IsNotExist(err) {
					return nil
				}
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for i, part := range bytes.Split(text, []byte("\n---\n")) {
				where := fmt.Sprintf("%s[%d]", path, i)
				json, err := yaml.YAMLToJSONStrict(part)
				if err != nil {
					return fmt.Errorf("%s: %w", where, err)
				}
				var object map[string]any
				if err := yaml.Unmarshal(part, &object); err != nil {
					return fmt.Errorf("%s: %w", where, err)
				}
				all = append(all, document{where, json, object})
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(all) == 0 {
		t.Fatalf("no manifest below %s", root())
	}
	return all
}

func (d document) group() string {
	version, _ := d.object["apiVersion"].(string)
	group, _, found := strings.Cut(version, "/")
	if !found {
		return ""
	}
	return group
}

func (d document) version() string {
	version, _ := d.object["apiVersion"].(string)
	return version[strings.LastIndex(version, "/")+1:]
}

func (d document) kind() string {
	kind, _ := d.object["kind"].(string)
	return kind
}
