// Package apiserver lets a real API server take everything that we write, the way Flux applies it: with Flux's own library, folder by
// folder in the order of the Kustomizations, after what the runbook says is to be done by hand.
package apiserver

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/fluxcd/cli-utils/pkg/kstatus/polling"
	"github.com/fluxcd/pkg/ssa"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func root() string {
	if dir := os.Getenv("FORGE_ROOT"); dir != "" {
		return dir
	}
	return filepath.Join("..", "..")
}

func crds() string {
	if dir := os.Getenv("FORGE_CRDS"); dir != "" {
		return dir
	}
	return filepath.Join(root(), "conformance", "crds")
}

// options are those of kustomize-controller.
func options() ssa.ApplyOptions {
	given := ssa.DefaultApplyOptions()
	given.ForceSelector = map[string]string{group + "/force": "Enabled"}
	given.ExclusionSelector = map[string]string{group + "/reconcile": "Disabled", group + "/ssa": "Ignore"}
	given.IfNotPresentSelector = map[string]string{group + "/ssa": "IfNotPresent"}
	given.Cleanup = ssa.ApplyCleanupOptions{Exclusions: map[string]string{group + "/ssa": "Merge"}}
	return given
}

type cluster struct {
	client.Client
	*ssa.ResourceManager
}

// newCluster is an API server that knows the CRDs, and nothing else.
func newCluster(t *testing.T) (cluster, *rest.Config) {
	t.Helper()
	if _, err := os.Stat(crds()); err != nil {
		t.Skipf("there are no CRDs in %s: name a folder with them: FORGE_CRDS=…", crds())
	}
	config := start(t)
	plain, err := client.New(config, client.Options{Scheme: runtime.NewScheme()})
	if err != nil {
		t.Fatal(err)
	}
	made := cluster{plain, ssa.NewResourceManager(plain, polling.NewStatusPoller(plain, plain.RESTMapper(), polling.Options{}), ssa.Owner{Field: "kustomize-controller", Group: group})}
	made.install(t)
	return made, config
}

func TestAnAPIServerTakesEveryProgramAsFluxAppliesIt(t *testing.T) {
	server, _ := newCluster(t)
	for _, program := range append(programs(t), cases(t)...) {
		t.Run(program.name, func(t *testing.T) { server.takes(t, program) })
	}
}

func (c cluster) takes(t *testing.T, program program) {
	var all []*unstructured.Unstructured
	for _, step := range program.steps(t) {
		all = append(all, step.objects...)
	}
	c.namespaces(t, program, all)
	for _, step := range program.steps(t) {
		changes, err := c.ApplyAllStaged(context.Background(), step.objects, options())
		if err != nil {
			t.Fatalf("%s: %v", step.path, err)
		}
		for _, entry := range changes.Entries {
			if entry.Action != ssa.CreatedAction && entry.Action != ssa.ConfiguredAction && entry.Action != ssa.UnchangedAction {
				t.Errorf("%s: %s is %s", step.path, entry.Subject, entry.Action)
			}
		}
	}
	for _, step := range program.steps(t) {
		changes, err := c.ApplyAllStaged(context.Background(), step.objects, options())
		if err != nil {
			t.Fatalf("%s, once more: %v", step.path, err)
		}
		for _, entry := range changes.Entries {
			if entry.Action != ssa.UnchangedAction && entry.Action != ssa.SkippedAction {
				t.Errorf("%s: %s is %s although nothing changed: Flux would write it at every interval", step.path, entry.Subject, entry.Action)
			}
		}
	}
	pods := 0
	for _, object := range all {
		pods += c.admitsPods(t, object)
	}
	t.Logf("%d objects, %d pods", len(all), pods)
	c.remove(t, all)
}

// namespaces does what the runbook says, to the letter. Without one, the namespaces are there, and allow everything.
func (c cluster) namespaces(t *testing.T, program program, objects []*unstructured.Unstructured) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(program.folder, "dist", "RUNBOOK.md"))
	if !program.isRepository || err != nil {
		for _, object := range objects {
			if object.GetNamespace() != "" {
				c.ensureNamespace(t, object.GetNamespace(), "privileged")
			}
		}
		return
	}
	// A large runbook has pages.
	pages := append(glob(t, program.folder, "dist", "runbook", "*", "*.md"), glob(t, program.folder, "dist", "runbook", "*", "*", "*.md")...)
	for _, page := range pages {
		more, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, more...)
	}
	c.ensureNamespace(t, "flux-system", "baseline")
	for _, found := range regexp.MustCompile(`kubectl create namespace (\S+)`).FindAllSubmatch(text, -1) {
		// What the runbook does not label gets the level that distributions with a strict default have.
		c.ensureNamespace(t, string(found[1]), "baseline")
	}
	for _, found := range regexp.MustCompile(`kubectl label namespace (\S+) pod-security\.kubernetes\.io/enforce=(\S+)`).FindAllSubmatch(text, -1) {
		c.ensureNamespace(t, string(found[1]), string(found[2]))
	}
}

func (c cluster) ensureNamespace(t *testing.T, name, level string) {
	t.Helper()
	object := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": name}}}
	object.SetLabels(map[string]string{"pod-security.kubernetes.io/enforce": level})
	if err := c.Client.Patch(context.Background(), object, client.Apply, client.FieldOwner("operator"), client.ForceOwnership); err != nil {
		t.Fatal(err)
	}
}

// admitsPods makes the pod of a workload, without keeping it: the server holds it against the level of its namespace.
func (c cluster) admitsPods(t *testing.T, object *unstructured.Unstructured) int {
	t.Helper()
	paths := map[string][]string{
		"Deployment": {"spec", "template"}, "StatefulSet": {"spec", "template"}, "DaemonSet": {"spec", "template"}, "Job": {"spec", "template"},
		"CronJob": {"spec", "jobTemplate", "spec", "template"}, "ScaledJob": {"spec", "jobTargetRef", "template"},
	}
	path, isWorkload := paths[object.GetKind()]
	if !isWorkload {
		return 0
	}
	template, found, err := unstructured.NestedMap(object.Object, path...)
	if err != nil || !found {
		t.Fatalf("%s has no pod template: %v", object.GetName(), err)
	}
	pod := &unstructured.Unstructured{Object: template}
	pod.SetAPIVersion("v1")
	pod.SetKind("Pod")
	pod.SetName("")
	pod.SetGenerateName("test-")
	pod.SetNamespace(object.GetNamespace())
	c.ensureClasses(t, pod)
	// The admission plugin that names the account of a namespace does not run here.
	if _, named, _ := unstructured.NestedString(pod.Object, "spec", "serviceAccountName"); !named {
		_ = unstructured.SetNestedField(pod.Object, "default", "spec", "serviceAccountName")
	}
	// Of a StatefulSet the controller adds the volumes of its claims.
	claims, _, _ := unstructured.NestedSlice(object.Object, "spec", "volumeClaimTemplates")
	volumes, _, _ := unstructured.NestedSlice(pod.Object, "spec", "volumes")
	for _, claim := range claims {
		name, _, _ := unstructured.NestedString(claim.(map[string]any), "metadata", "name")
		volumes = append(volumes, map[string]any{"name": name, "persistentVolumeClaim": map[string]any{"claimName": name}})
	}
	_ = unstructured.SetNestedSlice(pod.Object, volumes, "spec", "volumes")
	if err := c.Client.Create(context.Background(), pod, client.DryRunAll); err != nil {
		t.Errorf("the pod of %s %s/%s: %v", object.GetKind(), object.GetNamespace(), object.GetName(), err)
	}
	return 1
}

// ensureClasses makes the classes that a pod names: those of a priority, and of a runtime.
func (c cluster) ensureClasses(t *testing.T, pod *unstructured.Unstructured) {
	t.Helper()
	priority, _, _ := unstructured.NestedString(pod.Object, "spec", "priorityClassName")
	runtime, _, _ := unstructured.NestedString(pod.Object, "spec", "runtimeClassName")
	classes := []map[string]any{
		{"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass", "metadata": map[string]any{"name": priority}, "value": int64(-1)},
		{"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": map[string]any{"name": runtime}, "handler": "handler"},
	}
	for i, name := range []string{priority, runtime} {
		if name == "" {
			continue
		}
		class := &unstructured.Unstructured{Object: classes[i]}
		if err := c.Client.Patch(context.Background(), class, client.Apply, client.FieldOwner("operator"), client.ForceOwnership); err != nil {
			t.Fatal(err)
		}
	}
}

func (c cluster) remove(t *testing.T, objects []*unstructured.Unstructured) {
	t.Helper()
	for _, object := range objects {
		if object.GetKind() == "Namespace" {
			continue
		}
		if err := c.Client.Delete(context.Background(), object, client.PropagationPolicy(metav1.DeletePropagationBackground)); err != nil && !apierrors.IsNotFound(err) {
			t.Fatal(err)
		}
	}
}

func (c cluster) install(t *testing.T) {
	t.Helper()
	objects := readFolder(t, crds())
	for _, object := range objects {
		if err := c.Client.Patch(context.Background(), object, client.Apply, client.FieldOwner("operator"), client.ForceOwnership); err != nil {
			t.Fatal(err)
		}
	}
	deadline := time.Now().Add(time.Minute)
	for _, object := range objects {
		for !established(c, object.GetName()) {
			if time.Now().After(deadline) {
				t.Fatalf("%s is not served", object.GetName())
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
}

func established(c cluster, name string) bool {
	definition := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}}
	if err := c.Client.Get(context.Background(), client.ObjectKey{Name: name}, definition); err != nil {
		return false
	}
	conditions, _, _ := unstructured.NestedSlice(definition.Object, "status", "conditions")
	for _, condition := range conditions {
		if entry := condition.(map[string]any); entry["type"] == "Established" && entry["status"] == string(corev1.ConditionTrue) {
			return true
		}
	}
	return false
}
