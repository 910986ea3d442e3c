package flux

import (
	"encoding/json"
	"testing"

	"github.com/google/cel-go/cel"
	celext "github.com/google/cel-go/ext"
)

// resourceFilter is compiled as notification-controller does: maps of anything, with the extension for strings.
func compiledFilter(t *testing.T, text string) cel.Program {
	t.Helper()
	env, err := cel.NewEnv(
		celext.Strings(),
		cel.Variable("res", cel.MapType(cel.StringType, cel.DynType)),
		cel.Variable("req", cel.MapType(cel.StringType, cel.DynType)),
	)
	if err != nil {
		t.Fatal(err)
	}
	ast, issues := env.Compile(text)
	if issues != nil && issues.Err() != nil {
		t.Fatalf("%s: %v", text, issues.Err())
	}
	if ast.OutputType() != cel.BoolType {
		t.Fatalf("%s is a %s, and Flux needs a bool", text, ast.OutputType())
	}
	program, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		t.Fatal(err)
	}
	return program
}

// What Gitea sends for a container image, and what else a server may send.
var calls = map[string]string{
	"hello":    `{"action":"created","package":{"id":7,"owner":{"login":"platform"},"type":"container","name":"hello","version":"main-1234567-1700000000"}}`,
	"team/own": `{"action":"created","package":{"type":"container","name":"team/own","version":"1.0.0"}}`,
	"":         `{"zen":"Keep it logically awesome."}`,
	"none":     `{"package":{"type":"container"}}`,
}

func isTrue(t *testing.T, filter cel.Program, resource map[string]any, call string) bool {
	t.Helper()
	var body map[string]any
	if err := json.Unmarshal([]byte(call), &body); err != nil {
		t.Fatal(err)
	}
	out, _, err := filter.Eval(map[string]any{"res": resource, "req": body})
	if err != nil {
		t.Fatalf("an error ends the search for resources: %v", err)
	}
	return out.Value().(bool)
}

func TestFilterOfImages(t *testing.T) {
	if onlyOldest {
		t.Skip("the language of filters is the same")
	}
	filters := 0
	for _, each := range documents(t) {
		spec, _ := each.object["spec"].(map[string]any)
		text, _ := spec["resourceFilter"].(string)
		if each.object["kind"] != "Receiver" || text == "" {
			continue
		}
		filters++
		filter := compiledFilter(t, text)
		for name, call := range calls {
			for _, image := range []string{"hello", "team/own"} {
				resource := map[string]any{"metadata": map[string]any{
					"name": "x", "annotations": map[string]any{"cdk8s-forge/image": image, "other": "hello"},
				}}
				if got := isTrue(t, filter, resource, call); got != (name == image) {
					t.Errorf("%s: a push of %q scans %q: %v", each.where, name, image, got)
				}
			}
			for _, metadata := range []map[string]any{{"name": "hello"}, {"annotations": map[string]any{"other": name}}} {
				if isTrue(t, filter, map[string]any{"metadata": metadata}, call) {
					t.Errorf("%s: %q scans an object without the annotation", each.where, name)
				}
			}
		}
	}
	if filters == 0 {
		t.Error("no Receiver has a filter")
	}
}
