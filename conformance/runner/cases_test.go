// Package runner lets the runner programs read the config.yaml that is rendered for them.
//
// Gitea's runner 1.0.8 is the newest one that can be had as a Go module: 2.0.0 and later have no /v2 in their module path, which Go
// cannot resolve, and none below 1.0.0 is served under the old path. So 1.0.8 is built and run; the files for the others are decoded
// strictly into what they are known to read.
package runner

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// Case is one runner: a folder with the files of its ConfigMap.
type Case struct {
	Folder, Product, Version, Executor, Program string
	Ephemeral                                   bool
}

// fewest is the number of cases below which the proof is not worth its name.
const fewest = 200

func cases(t *testing.T) []Case {
	t.Helper()
	root := os.Getenv("FORGE_CASES")
	if root == "" {
		t.Fatal("FORGE_CASES is not set: run `npm run conformance -- runner`, which makes the files and names their folder")
	}
	content, err := os.ReadFile(filepath.Join(root, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []Case
	if err := json.Unmarshal(content, &all); err != nil {
		t.Fatal(err)
	}
	if len(all) < fewest {
		t.Fatalf("%d cases, at least %d are wanted", len(all), fewest)
	}
	return all
}

func (c Case) file(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(os.Getenv("FORGE_CASES"), c.Folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
