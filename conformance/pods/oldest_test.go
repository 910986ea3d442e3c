//go:build oldest

package pods

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// later are the fields that Kubernetes 1.28 does not have. A program for 1.28 says so, and writes none of them.
var later = []string{`.securityContext.appArmorProfile"`}

// unknown returns the fields of a folder that Kubernetes 1.28 does not know, less those that are allowed.
func unknown(t *testing.T, folder string, allowed []string) []string {
	t.Helper()
	problems := []string{}
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".yaml") || strings.HasSuffix(path, ".sops.yaml") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, problem := range problemsOf(data) {
			if !hasOne(problem, allowed) {
				problems = append(problems, path+": "+problem)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return problems
}

// problemsOf returns what Kubernetes finds wrong with the documents of a file, one text for each field.
func problemsOf(data []byte) []string {
	problems := []string{}
	for _, document := range strings.Split("\n"+string(data), "\n---\n") {
		if strings.TrimSpace(document) == "" {
			continue
		}
		if _, err := parse([]byte(document)); err != nil {
			problems = append(problems, strings.Split(err.Error(), ", ")...)
		}
	}
	return problems
}

func hasOne(text string, parts []string) bool {
	for _, part := range parts {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// Every object that is committed, and every case, has only fields of Kubernetes 1.28, less the one that programs for 1.28 leave out.
func TestObjectsOfOldest(t *testing.T) {
	folders, err := filepath.Glob(filepath.Join(root(), "examples", "*", "dist"))
	if err != nil || len(folders) == 0 {
		t.Fatal("no examples", err)
	}
	parts, err := filepath.Glob(filepath.Join(root(), "examples", "parts", "*", "dist"))
	if err != nil || len(parts) == 0 {
		t.Fatal("no parts", err)
	}
	folders = append(folders, parts...)
	for _, folder := range append(folders, filepath.Join(root(), "dist"), os.Getenv("FORGE_CASES")) {
		for _, problem := range unknown(t, folder, later) {
			t.Error(problem)
		}
	}
}

// What is written for Kubernetes 1.28 has no field that 1.28 does not know.
func TestProgramsForOldest(t *testing.T) {
	folders, err := filepath.Glob(filepath.Join(os.Getenv("FORGE_CASES"), "*kubernetes-1.28*"))
	if err != nil || len(folders) == 0 {
		t.Fatal("no cases for 1.28", err)
	}
	for _, folder := range folders {
		for _, problem := range unknown(t, folder, nil) {
			t.Error(problem)
		}
	}
}

// The check is worth something only if it fails for what it is there for.
func TestOldestBites(t *testing.T) {
	pod := "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  containers:\n  - name: a\n    securityContext:\n      appArmorProfile:\n        type: Unconfined\n"
	if found := problemsOf([]byte(pod)); len(found) != 1 || !hasOne(found[0], later) {
		t.Errorf("appArmorProfile is not seen: %v", found)
	}
}
