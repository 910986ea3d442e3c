package apiserver

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const group = "kustomize.toolkit.fluxcd.io"

// patience is how long a program may take to be ready; a load needs more of it.
var patience = time.Minute

// Flux's own kustomize-controller applies every program from its repository: the operator applies the entry, and the rest follows.
func TestFluxAppliesEveryProgramFromItsRepository(t *testing.T) {
	if testing.Short() {
		t.Skip("Flux's controller takes minutes to build")
	}
	server, config := newCluster(t)
	flux := &flux{cluster: server, tools: t.TempDir(), archives: map[string][]byte{}}
	build(t, "controller", flux.tools, "github.com/fluxcd/kustomize-controller", "github.com/getsops/sops/v3/cmd/sops", "filippo.io/age/cmd/age-keygen")
	flux.watched(t)
	flux.serve(t)
	flux.startController(t, config)
	for _, program := range programs(t) {
		// What one leaves behind would be in the way of the next.
		if program.isRepository && !t.Run(program.name, func(t *testing.T) { flux.follows(t, program) }) {
			break
		}
	}
}

type flux struct {
	cluster
	tools    string
	address  string
	archives map[string][]byte
}

func (f *flux) follows(t *testing.T, program program) {
	folder := f.checkout(t, program)
	program.folder = folder
	steps := program.steps(t)
	f.namespaces(t, program, nil)
	secret := f.encryptSecrets(t, folder)
	f.variables(t, steps)
	f.publish(t, program, folder)
	f.handOver(t, folder)
	stop := f.playOthers(t, program, 200*time.Millisecond)
	kustomizations := f.awaitReady(t, steps)
	if secret != nil {
		f.decrypted(t, secret)
	}
	f.substituted(t, program)
	stop()
	f.changesNothing(t, kustomizations)
	f.prunes(t, kustomizations)
}

// checkout copies what is committed of a program: its output, and the manifests of an example that it did not write.
func (f *flux) checkout(t *testing.T, program program) string {
	t.Helper()
	folder := t.TempDir()
	for _, name := range []string{"dist", "k8s"} {
		from := filepath.Join(program.folder, name)
		if _, err := os.Stat(from); os.IsNotExist(err) && name != "dist" {
			continue
		}
		if err := os.CopyFS(filepath.Join(folder, name), os.DirFS(from)); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// handOver does what the runbook has the operator do; Flux takes the rest from the repository.
func (f *flux) handOver(t *testing.T, folder string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, "dist", "RUNBOOK.md"))
	if err != nil {
		t.Fatal(err)
	}
	lines := regexp.MustCompile(`(?m)^ *kubectl apply (-f \S+/flux/.*)$`).FindAllStringSubmatch(string(text), -1)
	if len(lines) != 1 {
		t.Fatalf("the runbook says %d times to hand over the cluster", len(lines))
	}
	for _, name := range strings.Fields(strings.ReplaceAll(lines[0][1], "-f ", "")) {
		files := []string{filepath.Join(folder, name)}
		if strings.HasSuffix(name, "/") {
			files = glob(t, folder, name, "*.yaml")
		}
		for _, file := range files {
			for _, object := range read(t, file) {
				f.patch(t, object)
			}
		}
	}
}

// variables makes the Secrets that layers take their variables from.
func (f *flux) variables(t *testing.T, steps []step) {
	t.Helper()
	for _, kustomization := range kustomizationsIn(steps) {
		sources, _, _ := unstructured.NestedSlice(kustomization.Object, "spec", "postBuild", "substituteFrom")
		for _, source := range sources {
			if entry := source.(map[string]any); entry["kind"] == "Secret" {
				f.patch(t, object("v1", "Secret", kustomization.GetNamespace(), entry["name"].(string), map[string]any{}))
			}
		}
	}
}

// watched makes kinds that the controller looks at and that no program of ours has: without them it does not start.
func (f *flux) watched(t *testing.T) {
	t.Helper()
	for kind, plural := range map[string]string{"Bucket": "buckets", "ExternalArtifact": "externalartifacts"} {
		schema := map[string]any{"type": "object", "x-kubernetes-preserve-unknown-fields": true}
		f.patch(t, object("apiextensions.k8s.io/v1", "CustomResourceDefinition", "", plural+".source.toolkit.fluxcd.io", map[string]any{"spec": map[string]any{
			"group": "source.toolkit.fluxcd.io", "scope": "Namespaced", "names": map[string]any{"kind": kind, "plural": plural},
			"versions": []any{map[string]any{"name": "v1", "served": true, "storage": true, "schema": map[string]any{"openAPIV3Schema": schema}}},
		}}))
	}
}

func (f *flux) startController(t *testing.T, config *rest.Config, flags ...string) metrics {
	t.Helper()
	folder, port := t.TempDir(), freePort(t)
	kubeconfig := kubeconfigIn(t, folder, config)
	arguments := []string{"--watch-all-namespaces", "--enable-leader-election=false", "--requeue-dependency=1s", "--no-remote-bases", "--log-level=error",
		fmt.Sprintf("--metrics-addr=127.0.0.1:%d", port), fmt.Sprintf("--health-addr=127.0.0.1:%d", freePort(t))}
	environment := []string{"KUBECONFIG=" + kubeconfig, "RUNTIME_NAMESPACE=flux-system", "HOME=" + folder, "TMPDIR=" + folder}
	run(t, process{f.tools, "kustomize-controller", environment}, append(arguments, flags...)...)
	return metrics(fmt.Sprintf("http://127.0.0.1:%d/metrics", port))
}

// kubeconfigIn writes what a controller needs to find the API server.
func kubeconfigIn(t *testing.T, folder string, config *rest.Config) string {
	t.Helper()
	return write(t, folder, "kubeconfig", []byte(fmt.Sprintf(`{"apiVersion":"v1","kind":"Config","clusters":[{"name":"c","cluster":{"server":%q,"insecure-skip-tls-verify":true}}],
"users":[{"name":"u","user":{"token":%q}}],"contexts":[{"name":"x","context":{"cluster":"c","user":"u"}}],"current-context":"x"}`, config.Host, config.BearerToken)))
}

// awaitReady waits until every Kustomization has applied the revision, and all that it made is ready.
func (f *flux) awaitReady(t *testing.T, steps []step) []*unstructured.Unstructured {
	t.Helper()
	wanted := kustomizationsIn(steps)
	if len(wanted) == 0 {
		t.Fatal("there is no Kustomization")
	}
	deadline := time.Now().Add(patience)
	for _, kustomization := range wanted {
		for !isReady(f.get(t, kustomization)) {
			if time.Now().After(deadline) {
				status, _, _ := unstructured.NestedMap(f.get(t, kustomization).Object, "status")
				t.Fatalf("Kustomization %s is not ready: %v", kustomization.GetName(), status["conditions"])
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
	return wanted
}

func kustomizationsIn(steps []step) []*unstructured.Unstructured {
	var all []*unstructured.Unstructured
	for _, step := range steps {
		for _, object := range step.objects {
			if object.GetKind() == "Kustomization" {
				all = append(all, object)
			}
		}
	}
	return all
}

func isReady(object *unstructured.Unstructured) bool {
	conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	for _, condition := range conditions {
		entry := condition.(map[string]any)
		if entry["type"] == "Ready" {
			return entry["status"] == "True"
		}
	}
	return false
}

// substituted looks for variables of the program that Flux has put in, and for those of scripts that it has left alone.
func (f *flux) substituted(t *testing.T, program program) {
	t.Helper()
	if program.name != "image-automation" {
		return
	}
	data := func(name string) map[string]string {
		values, _, _ := unstructured.NestedStringMap(f.get(t, object("v1", "ConfigMap", "apps", name, nil)).Object, "data")
		return values
	}
	if site := data("settings")["SITE"]; site != "https://www.example.com" {
		t.Errorf("the variable is not put in: %q", site)
	}
	if script := data("scripts")["migrate.sh"]; !strings.Contains(script, `for table in ${TABLES:-users}; do echo "migrating $table"; done`) {
		t.Errorf("the script has changed: %q", script)
	}
}

// changesNothing lets Flux apply the same once more.
func (f *flux) changesNothing(t *testing.T, kustomizations []*unstructured.Unstructured) {
	t.Helper()
	before := f.versions(t, kustomizations)
	if len(before) < len(kustomizations) {
		t.Fatalf("Flux knows of %d objects only", len(before))
	}
	f.applyAgain(t, kustomizations)
	after := f.versions(t, kustomizations)
	for name, version := range before {
		if after[name] != version {
			t.Errorf("%s was written although nothing changed", name)
		}
	}
	t.Logf("%d objects", len(before))
}

// applyAgain lets Flux apply all Kustomizations once more, and waits until they are ready.
func (f *flux) applyAgain(t *testing.T, kustomizations []*unstructured.Unstructured) {
	t.Helper()
	asked := time.Now().Format(time.RFC3339Nano)
	for _, kustomization := range kustomizations {
		patch := fmt.Sprintf(`{"metadata":{"annotations":{"reconcile.fluxcd.io/requestedAt":%q}}}`, asked)
		if err := f.Client.Patch(context.Background(), f.get(t, kustomization), client.RawPatch(types.MergePatchType, []byte(patch))); err != nil {
			t.Fatal(err)
		}
	}
	deadline := time.Now().Add(patience)
	for _, kustomization := range kustomizations {
		for {
			handled, _, _ := unstructured.NestedString(f.get(t, kustomization).Object, "status", "lastHandledReconcileAt")
			if handled == asked && isReady(f.get(t, kustomization)) {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("Kustomization %s was not applied again", kustomization.GetName())
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
}

// versions are those of all that Flux has applied, by its own inventory; of what has a status, it is the specification's.
func (f *flux) versions(t *testing.T, kustomizations []*unstructured.Unstructured) map[string]string {
	t.Helper()
	versions := map[string]string{}
	for _, object := range f.inventory(t, kustomizations) {
		current := f.get(t, object)
		name := fmt.Sprintf("%s %s/%s", object.GetKind(), object.GetNamespace(), object.GetName())
		if versions[name] = current.GetResourceVersion(); current.GetGeneration() != 0 {
			versions[name] = fmt.Sprint(current.GetGeneration())
		}
	}
	return versions
}

func (f *flux) inventory(t *testing.T, kustomizations []*unstructured.Unstructured) []*unstructured.Unstructured {
	t.Helper()
	var objects []*unstructured.Unstructured
	for _, kustomization := range kustomizations {
		entries, _, _ := unstructured.NestedSlice(f.get(t, kustomization).Object, "status", "inventory", "entries")
		for _, entry := range entries {
			fields := entry.(map[string]any)
			// <namespace>_<name>_<group>_<kind>
			id := strings.Split(fields["id"].(string), "_")
			apiVersion := strings.TrimPrefix(id[2]+"/"+fields["v"].(string), "/")
			objects = append(objects, object(apiVersion, id[3], id[0], strings.ReplaceAll(id[1], "__", ":"), nil))
		}
	}
	return objects
}

// prunes takes the program away: Flux removes all that it made, but what is told to stay.
func (f *flux) prunes(t *testing.T, kustomizations []*unstructured.Unstructured) {
	t.Helper()
	objects := f.inventory(t, kustomizations)
	kept := map[string]bool{}
	for _, object := range objects {
		annotations, labels := f.get(t, object).GetAnnotations(), f.get(t, object).GetLabels()
		kept[key(object)] = annotations[group+"/prune"] == "disabled" || labels[group+"/prune"] == "disabled"
	}
	for i := len(kustomizations) - 1; i >= 0; i-- {
		if err := f.Client.Delete(context.Background(), f.get(t, kustomizations[i])); err != nil {
			t.Fatal(err)
		}
	}
	deadline := time.Now().Add(patience)
	for _, object := range append(objects, kustomizations...) {
		if kept[key(object)] {
			if !f.exists(t, object) {
				t.Errorf("%s is gone, and was to stay", key(object))
			}
			continue
		}
		for f.exists(t, object) {
			if time.Now().After(deadline) {
				t.Fatalf("%s is still there", key(object))
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
}
