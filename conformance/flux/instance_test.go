//go:build !oldest

package flux

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/Masterminds/semver/v3"
	operator "github.com/controlplaneio-fluxcd/flux-operator/api/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// instanceSchema is that of the operator's own module: its definition is under a licence that keeps it out of this repository.
func instanceSchema(t *testing.T) schema {
	t.Helper()
	output, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/controlplaneio-fluxcd/flux-operator").Output()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(strings.TrimSpace(string(output)), "config", "crd", "bases", "fluxcd.controlplane.io_fluxinstances.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var crd apiextensionsv1.CustomResourceDefinition
	if err := yaml.Unmarshal(text, &crd); err != nil {
		t.Fatal(err)
	}
	return compile(t, crd.Spec.Versions[0])
}

// The Flux Operator decodes every FluxInstance strictly, its API server admits it, and its range has a version of Flux in it.
func TestFluxInstances(t *testing.T) {
	instances := instanceSchema(t)
	folders, err := filepath.Glob(filepath.Join(os.Getenv("FORGE_CASES"), "instances", "*", "dist"))
	if err != nil {
		t.Fatal(err)
	}
	count, sharded, small := 0, 0, 0
	for _, d := range documentsIn(t, folders) {
		if d.object["kind"] != "FluxInstance" {
			continue
		}
		count++
		if d.object["apiVersion"] != operator.GroupVersion.String() {
			t.Errorf("%s: apiVersion is %v", d.where, d.object["apiVersion"])
		}
		var instance operator.FluxInstance
		decoder := json.NewDecoder(bytes.NewReader(d.json))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&instance); err != nil {
			t.Errorf("%s: %v", d.where, err)
		}
		for _, problem := range instances.problems(d.object) {
			t.Errorf("%s: %s", d.where, problem)
		}
		if instance.Name != "flux" {
			t.Errorf("%s: the operator takes one instance, named flux, not %s", d.where, instance.Name)
		}
		constraint, err := semver.NewConstraint(instance.Spec.Distribution.Version)
		if err != nil {
			t.Errorf("%s: %v", d.where, err)
		} else if !constraint.Check(semver.MustParse("2.10.3")) && !constraint.Check(semver.MustParse("2.9.3")) && !constraint.Check(semver.MustParse("2.7.3")) {
			t.Errorf("%s: no version of Flux is in %q", d.where, instance.Spec.Distribution.Version)
		}
		if instance.Spec.Sharding != nil {
			sharded++
		}
		if instance.Spec.Cluster != nil && instance.Spec.Cluster.Size == "small" {
			small++
		}
	}
	if count < 10 || sharded == 0 || small == 0 {
		t.Errorf("%d instances, %d with shards, %d small: that proves too little", count, sharded, small)
	}
	if len(instances.problems(map[string]any{"spec": map[string]any{"components": []any{"no-controller"}}})) == 0 {
		t.Error("the schema refuses nothing, so it proves nothing")
	}
}
