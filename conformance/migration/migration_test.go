// Kubernetes' own validation of updates takes every workload that runs to what the library renders for it.
package migration

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	"k8s.io/kubernetes/pkg/apis/apps"
	_ "k8s.io/kubernetes/pkg/apis/apps/install"
	appsvalidation "k8s.io/kubernetes/pkg/apis/apps/validation"
	"k8s.io/kubernetes/pkg/apis/batch"
	_ "k8s.io/kubernetes/pkg/apis/batch/install"
	batchvalidation "k8s.io/kubernetes/pkg/apis/batch/validation"
	"k8s.io/kubernetes/pkg/apis/core"
	_ "k8s.io/kubernetes/pkg/apis/core/install"
	corevalidation "k8s.io/kubernetes/pkg/apis/core/validation"
	"k8s.io/kubernetes/pkg/capabilities"
)

// An address as the API server gives one to a Service that asks for none. Server-side apply leaves it where it is.
const address = "10.96.0.10"

func init() {
	// As the API server is started with --allow-privileged, which clusters are.
	capabilities.Setup(true, 0)
}

type key struct{ kind, name string }

// read decodes the objects of a file with the defaults of the API server, by kind and name.
func read(t *testing.T, file string) map[key]runtime.Object {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	objects := map[key]runtime.Object{}
	for _, document := range strings.Split("\n"+string(text), "\n---\n") {
		if strings.TrimSpace(document) == "" {
			continue
		}
		object, kind, err := legacyscheme.Codecs.UniversalDecoder(
			apps.SchemeGroupVersion, batch.SchemeGroupVersion, core.SchemeGroupVersion,
		).Decode([]byte(document), nil, nil)
		if runtime.IsNotRegisteredError(err) {
			continue // a custom resource, or a kind that is only created
		}
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		meta := object.(metav1.Object)
		meta.SetResourceVersion("1")
		meta.SetUID("00000000-0000-4000-8000-000000000000")
		objects[key{kind.Kind, meta.GetName()}] = object
	}
	return objects
}

// update validates as the API server would, when the object of the program is applied over the one that is there.
func update(t *testing.T, before, after runtime.Object) field.ErrorList {
	t.Helper()
	switch old := before.(type) {
	case *apps.StatefulSet:
		return appsvalidation.ValidateStatefulSetUpdate(after.(*apps.StatefulSet), old, corevalidation.PodValidationOptions{})
	case *apps.Deployment:
		next := after.(*apps.Deployment)
		errors := appsvalidation.ValidateDeploymentUpdate(next, old, corevalidation.PodValidationOptions{})
		// The registry's strategy compares the selector.
		return append(errors, corevalidation.ValidateImmutableField(next.Spec.Selector, old.Spec.Selector, field.NewPath("spec", "selector"))...)
	case *apps.DaemonSet:
		next := after.(*apps.DaemonSet)
		// The registry's strategy counts the templates, and compares the selector.
		next.Spec.TemplateGeneration = old.Spec.TemplateGeneration + 1
		errors := appsvalidation.ValidateDaemonSetUpdate(next, old, corevalidation.PodValidationOptions{})
		return append(errors, corevalidation.ValidateImmutableField(next.Spec.Selector, old.Spec.Selector, field.NewPath("spec", "selector"))...)
	case *core.Service:
		next := after.(*core.Service)
		allocate(old)
		if next.Spec.ClusterIP == "" {
			next.Spec.ClusterIP = old.Spec.ClusterIP
		}
		allocate(next)
		return corevalidation.ValidateServiceUpdate(next, old)
	case *core.PersistentVolumeClaim:
		return corevalidation.ValidatePersistentVolumeClaimUpdate(after.(*core.PersistentVolumeClaim), old, corevalidation.PersistentVolumeClaimSpecValidationOptions{})
	case *batch.CronJob:
		return batchvalidation.ValidateCronJobUpdate(after.(*batch.CronJob), old, corevalidation.PodValidationOptions{})
	}
	t.Fatalf("no update of %T is known", before)
	return nil
}

func allocate(service *core.Service) {
	if service.Spec.ClusterIP == "" {
		service.Spec.ClusterIP = address
	}
	service.Spec.ClusterIPs = []string{service.Spec.ClusterIP}
}

func cases(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(os.Getenv("FORGE_CASES"), "*", "after.yaml"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no cases in FORGE_CASES: %v", err)
	}
	return found
}

func TestKubernetesTakesEveryUpdate(t *testing.T) {
	for _, file := range cases(t) {
		name := filepath.Base(filepath.Dir(file))
		t.Run(name, func(t *testing.T) {
			before, after := read(t, filepath.Join("before", name+".yaml")), read(t, file)
			if len(before) == 0 {
				t.Fatal("nothing runs before")
			}
			for id, object := range before {
				next, ok := after[id]
				if !ok {
					t.Errorf("%s %s is not taken over", id.kind, id.name)
					continue
				}
				for _, found := range update(t, object, next) {
					t.Errorf("%s %s: %v", id.kind, id.name, found)
				}
			}
		})
	}
}

// Without the words for it, Kubernetes refuses: the test above proves something.
func TestKubernetesRefusesTheDefaults(t *testing.T) {
	for _, file := range cases(t) {
		name := filepath.Base(filepath.Dir(file))
		naive, err := os.Stat(filepath.Join(filepath.Dir(file), "naive.yaml"))
		if err != nil {
			continue
		}
		t.Run(name, func(t *testing.T) {
			before, after := read(t, filepath.Join("before", name+".yaml")), read(t, filepath.Join(filepath.Dir(file), naive.Name()))
			refused := false
			for id, object := range before {
				if next, ok := after[id]; !ok || len(update(t, object, next)) > 0 {
					refused = true
				}
			}
			if !refused {
				t.Error("nothing was refused, so the case proves nothing")
			}
		})
	}
}
