package flux

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structural "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	"sigs.k8s.io/yaml"
)

type schema struct {
	structural *structural.Structural
	validator  validation.SchemaValidator
	cel        *cel.Validator
}

func crdFolder() string {
	if dir := os.Getenv("FORGE_CRDS"); dir != "" {
		return dir
	}
	return filepath.Join(root(), "conformance", "crds")
}

func schemas(t *testing.T) map[string]schema {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(crdFolder(), "*.yaml"))
	found := map[string]schema{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range bytes.Split(text, []byte("\n---\n")) {
			var crd apiextensionsv1.CustomResourceDefinition
			if err := yaml.Unmarshal(part, &crd); err != nil || crd.Kind != "CustomResourceDefinition" {
				continue
			}
			for _, version := range crd.Spec.Versions {
				found[crd.Spec.Group+"/"+version.Name+"/"+crd.Spec.Names.Kind] = compile(t, version)
			}
		}
	}
	return found
}

func compile(t *testing.T, version apiextensionsv1.CustomResourceDefinitionVersion) schema {
	t.Helper()
	var internal apiextensions.CustomResourceValidation
	if err := apiextensionsv1.Convert_v1_CustomResourceValidation_To_apiextensions_CustomResourceValidation(version.Schema, &internal, nil); err != nil {
		t.Fatal(err)
	}
	s, err := structural.NewStructural(internal.OpenAPIV3Schema)
	if err != nil {
		t.Fatal(err)
	}
	validator, _, err := validation.NewSchemaValidator(internal.OpenAPIV3Schema)
	if err != nil {
		t.Fatal(err)
	}
	return schema{s, validator, cel.NewValidator(s, true, celconfig.PerCallLimit)}
}

func (s schema) problems(object map[string]any) []string {
	var problems []string
	for _, err := range validation.ValidateCustomResource(nil, object, s.validator) {
		problems = append(problems, err.Error())
	}
	rules, _ := s.cel.Validate(context.Background(), field.NewPath(""), s.structural, object, nil, celconfig.RuntimeCELCostBudget)
	for _, err := range rules {
		problems = append(problems, err.Error())
	}
	unknown := pruning.PruneWithOptions(object, s.structural, true, structural.UnknownFieldPathOptions{TrackUnknownFieldPaths: true})
	for _, path := range unknown {
		problems = append(problems, "unknown field "+path)
	}
	return problems
}

// Every custom resource is admitted by its CRD: structural schema, rules in CEL, and no field that would be pruned.
func TestCustomResourcesAreAdmitted(t *testing.T) {
	known := schemas(t)
	if len(known) == 0 {
		t.Logf("NOT CHECKED: no CRDs in %s; set FORGE_CRDS to a folder with the CRDs of Flux and the other operators", crdFolder())
		return
	}
	checked, kinds := 0, map[string]bool{}
	for _, d := range documents(t) {
		s, ok := known[d.group()+"/"+d.version()+"/"+d.kind()]
		if !ok {
			continue
		}
		checked++
		kinds[d.kind()] = true
		for _, problem := range s.problems(d.object) {
			t.Errorf("%s: %s", d.where, problem)
		}
	}
	// What signs images is admitted too: a policy that the cluster refuses verifies nothing.
	for _, kind := range []string{"ImagePolicy", "ImageValidatingPolicy", "ClusterImagePolicy"} {
		if !kinds[kind] && os.Getenv("FORGE_CASES") != "" && os.Getenv("FORGE_CRDS") == "" {
			t.Errorf("no %s was checked", kind)
		}
	}
	t.Logf("%d custom resources against %d schemas", checked, len(known))
}

// The check itself is awake: what CEL, the schema and pruning forbid is found.
func TestSchemaCheckFindsMistakes(t *testing.T) {
	known := schemas(t)
	policy, ok := known["image.toolkit.fluxcd.io/v1/ImagePolicy"]
	if !ok {
		t.Logf("NOT CHECKED: no CRD of ImagePolicy in %s", crdFolder())
		return
	}
	for name, text := range map[string]string{
		"interval without Always": `{"spec":{"imageRepositoryRef":{"name":"a"},"policy":{"semver":{"range":"1.x"}},"interval":"5m"}}`,
		"Always without interval": `{"spec":{"imageRepositoryRef":{"name":"a"},"policy":{"semver":{"range":"1.x"}},"digestReflectionPolicy":"Always"}}`,
		"days":                    `{"spec":{"imageRepositoryRef":{"name":"a"},"policy":{"semver":{"range":"1.x"}},"digestReflectionPolicy":"Always","interval":"1d"}}`,
		"unknown field":           `{"spec":{"imageRepositoryRef":{"name":"a"},"policy":{"semver":{"range":"1.x"}},"colour":"red"}}`,
	} {
		var object map[string]any
		if err := yaml.Unmarshal([]byte(text), &object); err != nil {
			t.Fatal(err)
		}
		if len(policy.problems(object)) == 0 {
			t.Errorf("%s: not found", name)
		}
	}
}
