package apiserver

import (
	"bytes"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/fluxcd/pkg/ssa/utils"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// program is the output of one program: a repository with clusters, or a folder of manifests.
type program struct {
	name, folder string
	isRepository bool
}

// step is what one Kustomization applies.
type step struct {
	path    string
	objects []*unstructured.Unstructured
}

func programs(t *testing.T) []program {
	t.Helper()
	all := []program{{"main.ts", root(), true}}
	examples := append(glob(t, root(), "examples", "*", "dist"), glob(t, root(), "examples", "parts", "*", "dist")...)
	for _, folder := range examples {
		if _, err := os.Stat(filepath.Join(folder, "clusters")); err != nil {
			continue
		}
		example := filepath.Dir(folder)
		all = append(all, program{filepath.Base(example), example, true})
	}
	for _, folder := range examples {
		if manifests := glob(t, folder, "*.yaml"); len(manifests) > 0 {
			all = append(all, program{filepath.Base(filepath.Dir(folder)), folder, false})
		}
	}
	if len(all) < 2 {
		t.Fatalf("no examples below %s", root())
	}
	return all
}

// cases are those of the rooms: every executor, mode, storage, and Flux's objects with every option.
func cases(t *testing.T) []program {
	t.Helper()
	folder := os.Getenv("FORGE_CASES")
	if folder == "" {
		t.Log("without the rooms' cases: npm run conformance -- apiserver writes them")
		return nil
	}
	var all []program
	for _, pods := range glob(t, folder, "pods", "*", "objects.yaml") {
		// Made by chance, to compute levels of: nobody deploys them.
		if strings.Contains(pods, "computed-levels") {
			continue
		}
		all = append(all, program{filepath.Base(filepath.Dir(pods)), filepath.Dir(pods), false})
	}
	for _, flux := range glob(t, folder, "flux", "*", "dist") {
		all = append(all, program{"flux-" + filepath.Base(filepath.Dir(flux)), filepath.Dir(flux), true})
	}
	if len(all) < 100 {
		t.Fatalf("only %d cases in %s", len(all), folder)
	}
	return all
}

func glob(t *testing.T, parts ...string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(parts...))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// steps are the entry, which is applied by hand, and then each Kustomization after those that it depends on.
func (p program) steps(t *testing.T) []step {
	t.Helper()
	if !p.isRepository {
		return []step{{p.folder, readFolder(t, p.folder)}}
	}
	var steps []step
	for _, entry := range glob(t, p.folder, "dist", "clusters", "*", "flux") {
		objects := readFolder(t, entry)
		steps = append(steps, step{entry, objects})
		steps = append(steps, p.layers(t, objects, filepath.Base(filepath.Dir(entry)))...)
	}
	return steps
}

func (p program) layers(t *testing.T, entry []*unstructured.Unstructured, name string) []step {
	t.Helper()
	var steps []step
	done := map[string]bool{}
	waiting := map[string]*unstructured.Unstructured{}
	for _, object := range entry {
		if object.GetKind() == "Kustomization" {
			waiting[object.GetName()] = object
		}
	}
	for len(waiting) > 0 {
		before := len(waiting)
		for _, name := range sortedNames(waiting) {
			if !dependenciesIn(waiting[name], done) {
				continue
			}
			path, _, _ := unstructured.NestedString(waiting[name].Object, "spec", "path")
			if !strings.HasSuffix(path, "/flux") {
				steps = append(steps, step{path, readFolder(t, filepath.Join(p.folder, path))})
			}
			done[name] = true
			delete(waiting, name)
		}
		if len(waiting) == before {
			t.Fatalf("Kustomizations of cluster %s wait for each other, or for one that is not there: %v", name, sortedNames(waiting))
		}
	}
	return steps
}

func dependenciesIn(kustomization *unstructured.Unstructured, done map[string]bool) bool {
	dependencies, _, _ := unstructured.NestedSlice(kustomization.Object, "spec", "dependsOn")
	for _, dependency := range dependencies {
		if !done[dependency.(map[string]any)["name"].(string)] {
			return false
		}
	}
	return true
}

func sortedNames(objects map[string]*unstructured.Unstructured) []string {
	var names []string
	for name := range objects {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

func readFolder(t *testing.T, folder string) []*unstructured.Unstructured {
	t.Helper()
	files := glob(t, folder, "*.yaml")
	if len(files) == 0 {
		t.Fatalf("nothing in %s", folder)
	}
	var objects []*unstructured.Unstructured
	for _, file := range files {
		objects = append(objects, read(t, file)...)
	}
	return objects
}

func read(t *testing.T, file string) []*unstructured.Unstructured {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	objects, err := utils.ReadObjects(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	for _, object := range objects {
		decrypt(object)
	}
	return objects
}

// decrypt stands in for kustomize-controller, which has the key.
func decrypt(object *unstructured.Unstructured) {
	if _, isEncrypted := object.Object["sops"]; !isEncrypted {
		return
	}
	delete(object.Object, "sops")
	for field, value := range map[string]string{"data": "e30=", "stringData": "{}"} {
		values, found, _ := unstructured.NestedMap(object.Object, field)
		for key := range values {
			values[key] = value
		}
		if found {
			_ = unstructured.SetNestedMap(object.Object, values, field)
		}
	}
}
