package gitea

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// files returns every workflow for Gitea of the repository's output and examples, and the generated cases.
func files(t *testing.T) []string {
	t.Helper()
	root := os.Getenv("FORGE_ROOT")
	if root == "" {
		root = filepath.Join("..", "..")
	}
	folders, err := filepath.Glob(filepath.Join(root, "examples", "*", "dist"))
	if err != nil {
		t.Fatal(err)
	}
	parts, err := filepath.Glob(filepath.Join(root, "examples", "parts", "*", "dist"))
	if err != nil || len(parts) == 0 {
		t.Fatal("no parts", err)
	}
	folders = append(folders, parts...)
	folders = append(folders, filepath.Join(root, "dist"))
	if cases := os.Getenv("FORGE_CASES"); cases != "" {
		folders = append(folders, cases)
	}
	var found []string
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && strings.HasSuffix(path, ".yml") && strings.Contains(path, "/.gitea/workflows/") {
				found = append(found, path)
			}
			return err
		})
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	if len(found) == 0 {
		t.Fatal("no workflow was found")
	}
	return found
}

// What the server does on a push: read the file, look at its triggers, take the jobs apart by matrix, and write each anew for a runner.
func TestTheServerTakesEveryWorkflowApart(t *testing.T) {
	for _, file := range files(t) {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := readWorkflow(bytes.NewReader(content))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		events, err := parseRawOn(&whole.RawOn)
		if err != nil || len(events) == 0 {
			t.Errorf("%s: %d triggers: %v", file, len(events), err)
		}
		parts, err := parse(content, withGitContext(&githubContext{Ref: "refs/heads/main", EventName: "push"}))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if len(parts) < len(whole.Jobs) {
			t.Errorf("%s: %d jobs became %d", file, len(whole.Jobs), len(parts))
		}
		for _, part := range parts {
			checkPart(t, file, whole, part)
		}
	}
}

// checkPart reads a job as the runner gets it, and compares it with the one in the file.
func checkPart(t *testing.T, file string, whole *workflow, part *singleWorkflow) {
	t.Helper()
	id, _ := part.Job()
	text, err := part.Marshal()
	if err != nil {
		t.Errorf("%s: job %s: %v", file, id, err)
		return
	}
	read, err := readWorkflow(bytes.NewReader(text))
	if err != nil {
		t.Errorf("%s: job %s does not come back: %v", file, id, err)
		return
	}
	given, got := whole.GetJob(id), read.GetJob(id)
	if len(given.Steps) != len(got.Steps) {
		t.Errorf("%s: job %s has %d steps, had %d", file, id, len(got.Steps), len(given.Steps))
		return
	}
	for i, step := range given.Steps {
		other := got.Steps[i]
		if step.Run != other.Run || step.ID != other.ID || step.Shell != other.Shell || step.Uses != other.Uses || step.If.Value != other.If.Value || step.TimeoutMinutes != other.TimeoutMinutes {
			t.Errorf("%s: job %s: step %q changed", file, id, step.Name)
		}
		if !reflect.DeepEqual(step.Environment(), other.Environment()) || !reflect.DeepEqual(step.With, other.With) {
			t.Errorf("%s: job %s: the values of step %q changed", file, id, step.Name)
		}
	}
}
