package keda

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	kedav1alpha1 "github.com/kedacore/keda/v2/apis/keda/v1alpha1"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// testCase is one scaled runner: what the library wrote for it, and what it was asked for.
type testCase struct {
	Name    string            `json:"name"`
	Product string            `json:"product"`
	Scope   scope             `json:"scope"`
	Labels  []string          `json:"labels"`
	Objects []json.RawMessage `json:"objects"`
}

// scope is whose jobs a runner takes: an instance, organization, user or repository.
type scope struct {
	Kind  string `json:"kind"`
	Owner string `json:"owner"`
	Repo  string `json:"repo"`
}

// parts are the objects of a case that KEDA reads, as it reads them; nothing in them is unknown to it.
type parts struct {
	job            *kedav1alpha1.ScaledJob
	authentication *kedav1alpha1.TriggerAuthentication
}

func (c testCase) parts() (parts, error) {
	var found parts
	for _, object := range c.Objects {
		var meta struct {
			Kind string `json:"kind"`
		}
		if err := json.Unmarshal(object, &meta); err != nil {
			return found, err
		}
		var into any
		switch meta.Kind {
		case "ScaledJob":
			found.job = &kedav1alpha1.ScaledJob{}
			into = found.job
		case "TriggerAuthentication":
			found.authentication = &kedav1alpha1.TriggerAuthentication{}
			into = found.authentication
		default:
			continue
		}
		unknown, err := kjson.UnmarshalStrict(object, into)
		if err := errors.Join(append(unknown, err)...); err != nil {
			return found, fmt.Errorf("%s: %w", meta.Kind, err)
		}
	}
	if found.job == nil || found.authentication == nil {
		return found, fmt.Errorf("there is no ScaledJob with a TriggerAuthentication")
	}
	if len(found.job.Spec.Triggers) != 1 {
		return found, fmt.Errorf("%d triggers, not one", len(found.job.Spec.Triggers))
	}
	ref := found.job.Spec.Triggers[0].AuthenticationRef
	if ref == nil || ref.Name != found.authentication.Name || (ref.Kind != "" && ref.Kind != "TriggerAuthentication") {
		return found, fmt.Errorf("the trigger does not name its TriggerAuthentication %s", found.authentication.Name)
	}
	return found, kedav1alpha1.ValidateTriggers(found.job.Spec.Triggers)
}

func root() string {
	if r := os.Getenv("FORGE_ROOT"); r != "" {
		return r
	}
	return filepath.Join("..", "..")
}

// writtenCases are those that scripts/conformance-keda.ts wrote.
func writtenCases(t *testing.T) []testCase {
	folder := os.Getenv("FORGE_CASES")
	if folder == "" {
		t.Fatal("FORGE_CASES is not set: run scripts/conformance.sh keda")
	}
	text, err := os.ReadFile(filepath.Join(folder, "cases.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []testCase
	if err := json.Unmarshal(text, &cases); err != nil || len(cases) == 0 {
		t.Fatal("no cases", err)
	}
	return cases
}

// committedCases are the scaled runners of the examples; what they were asked for is read from their trigger.
func committedCases(t *testing.T) []testCase {
	files, err := filepath.Glob(filepath.Join(root(), "examples", "parts", "*", "dist", "clusters", "*", "*", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []testCase
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, casesIn(t, file, string(text))...)
	}
	return cases
}

func casesIn(t *testing.T, file, text string) []testCase {
	authentications := map[string]json.RawMessage{}
	var jobs []json.RawMessage
	for _, document := range strings.Split(text, "\n---\n") {
		if !strings.Contains(document, "keda.sh/") {
			continue
		}
		object, err := yaml.YAMLToJSON([]byte(document))
		if err != nil {
			t.Fatal(file, err)
		}
		var meta struct {
			Kind     string `json:"kind"`
			Metadata struct {
				Name string `json:"name"`
			} `json:"metadata"`
		}
		if err := json.Unmarshal(object, &meta); err != nil {
			t.Fatal(file, err)
		}
		switch meta.Kind {
		case "TriggerAuthentication":
			authentications[meta.Metadata.Name] = object
		case "ScaledJob":
			jobs = append(jobs, object)
		}
	}
	cases := make([]testCase, 0, len(jobs))
	for _, object := range jobs {
		var job kedav1alpha1.ScaledJob
		if err := json.Unmarshal(object, &job); err != nil {
			t.Fatal(file, err)
		}
		trigger := job.Spec.Triggers[0]
		product, asked, labels := readTrigger(trigger)
		cases = append(cases, testCase{
			Name: file + " " + job.Name, Product: product, Scope: asked, Labels: labels,
			Objects: []json.RawMessage{object, authentications[trigger.AuthenticationRef.Name]},
		})
	}
	return cases
}

// readTrigger tells what a trigger is for.
func readTrigger(trigger kedav1alpha1.ScaleTriggers) (product string, asked scope, labels []string) {
	metadata := trigger.Metadata
	switch trigger.Type {
	case "forgejo-runner":
		return "forgejo", scopeOf(metadata["global"] == "true", metadata["org"], metadata["owner"], metadata["repo"]), strings.Split(metadata["labels"], ",")
	case "github-runner":
		if metadata["labels"] != "" {
			labels = strings.Split(metadata["labels"], ",")
		}
		if metadata["runnerScope"] == "repo" {
			return "github", scope{Kind: "repository", Owner: metadata["owner"], Repo: strings.Split(metadata["repos"], ",")[0]}, labels
		}
		return "github", scope{Kind: "organization", Owner: metadata["owner"]}, labels
	}
	asked, _ = giteaScope(strings.SplitN(strings.SplitN(metadata["url"], "/api/v1", 2)[1], "?", 2)[0])
	return "gitea", asked, nil
}

func scopeOf(everywhere bool, organization, owner, repo string) scope {
	switch {
	case everywhere:
		return scope{Kind: "instance"}
	case organization != "":
		return scope{Kind: "organization", Owner: organization}
	case repo != "":
		return scope{Kind: "repository", Owner: owner, Repo: repo}
	}
	return scope{Kind: "user", Owner: user}
}
