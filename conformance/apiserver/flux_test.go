package apiserver

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

const (
	patience = time.Minute
	group    = "kustomize.toolkit.fluxcd.io"
)

// Flux's own kustomize-controller applies every program from its repository: the operator applies the entry, and the rest follows.
func TestFluxAppliesEveryProgramFromItsRepository(t *testing.T) {
	if _, err := os.Stat(crds()); err != nil {
		t.Skipf("there are no CRDs in %s: name a folder with them: FORGE_CRDS=…", crds())
	}
	config := start(t)
	plain, err := client.New(config, client.Options{Scheme: runtime.NewScheme()})
	if err != nil {
		t.Fatal(err)
	}
	flux := &flux{cluster: cluster{Client: plain}, tools: t.TempDir(), archives: map[string][]byte{}}
	build(t, "controller", flux.tools, "github.com/fluxcd/kustomize-controller", "github.com/getsops/sops/v3/cmd/sops", "filippo.io/age/cmd/age-keygen")
	flux.cluster.install(t)
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
	stop := f.playOthers(t, program)
	kustomizations := f.awaitReady(t, steps)
	if secret != nil {
		f.decrypted(t, secret)
	}
	f.substituted(t, program)
	stop()
	f.changesNothing(t, kustomizations)
	f.prunes(t, kustomizations)
}

// checkout copies what is committed.
func (f *flux) checkout(t *testing.T, program program) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.CopyFS(filepath.Join(folder, "dist"), os.DirFS(filepath.Join(program.folder, "dist"))); err != nil {
		t.Fatal(err)
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
	lines := regexp.MustCompile(`(?m)^ *kubectl apply (-f .*)$`).FindAllStringSubmatch(string(text), -1)
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

// encryptSecrets puts a Secret that sops itself encrypted in the place of one that is made up, and gives Flux the key.
func (f *flux) encryptSecrets(t *testing.T, folder string) *unstructured.Unstructured {
	t.Helper()
	files := glob(t, folder, "dist", "clusters", "*", "*", "*.sops.yaml")
	if len(files) == 0 {
		return nil
	}
	key := f.tool(t, nil, "age-keygen")
	recipient := strings.TrimSpace(f.tool(t, []byte(key), "age-keygen", "-y"))
	var plain *unstructured.Unstructured
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		object := map[string]any{}
		if err := yaml.Unmarshal(text, &object); err != nil {
			t.Fatal(err)
		}
		delete(object, "sops")
		plain = &unstructured.Unstructured{Object: object}
		values, _, _ := unstructured.NestedStringMap(object, "stringData")
		for name := range values {
			values[name] = `{"auths":{}}`
		}
		_ = unstructured.SetNestedStringMap(object, values, "stringData")
		if text, err = yaml.Marshal(object); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Dir(file), filepath.Base(file), text)
		f.tool(t, nil, "sops", "encrypt", "--age", recipient, "--encrypted-regex", "^(data|stringData)$", "--in-place", file)
	}
	f.patch(t, object("v1", "Secret", "flux-system", "sops-age", map[string]any{"stringData": map[string]any{"age.agekey": key}}))
	return plain
}

func (f *flux) tool(t *testing.T, input []byte, name string, arguments ...string) string {
	t.Helper()
	command := exec.Command(filepath.Join(f.tools, name), arguments...)
	command.Stdin = bytes.NewReader(input)
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return string(output)
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

// publish makes what source-controller makes of the repository: an archive, and its address in the status of the source.
func (f *flux) publish(t *testing.T, program program, folder string) {
	t.Helper()
	buffer := &bytes.Buffer{}
	zipped := gzip.NewWriter(buffer)
	archive := tar.NewWriter(zipped)
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		if err := archive.WriteHeader(&tar.Header{Name: filepath.ToSlash(name), Mode: 0o644, Size: int64(len(text))}); err != nil {
			return err
		}
		_, err = archive.Write(text)
		return err
	})
	if err != nil || archive.Close() != nil || zipped.Close() != nil {
		t.Fatalf("no archive: %v", err)
	}
	f.archives["/"+program.name+".tar.gz"] = buffer.Bytes()
}

func (f *flux) serve(t *testing.T) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		archive, known := f.archives[r.URL.Path]
		if !known {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(archive)
	}))
	t.Cleanup(server.Close)
	f.address = server.URL
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

func (f *flux) startController(t *testing.T, config *rest.Config) {
	t.Helper()
	folder := t.TempDir()
	kubeconfig := write(t, folder, "kubeconfig", []byte(fmt.Sprintf(`{"apiVersion":"v1","kind":"Config","clusters":[{"name":"c","cluster":{"server":%q,"insecure-skip-tls-verify":true}}],
"users":[{"name":"u","user":{"token":%q}}],"contexts":[{"name":"x","context":{"cluster":"c","user":"u"}}],"current-context":"x"}`, config.Host, config.BearerToken)))
	run(t, process{f.tools, "kustomize-controller", []string{"KUBECONFIG=" + kubeconfig, "RUNTIME_NAMESPACE=flux-system", "HOME=" + folder, "TMPDIR=" + folder}},
		"--watch-all-namespaces", "--enable-leader-election=false", "--requeue-dependency=1s", "--no-remote-bases", "--log-level=error",
		fmt.Sprintf("--metrics-addr=127.0.0.1:%d", freePort(t)), fmt.Sprintf("--health-addr=127.0.0.1:%d", freePort(t)))
}

// playOthers stands in for kubelet and the controllers that do not run here: whatever is made, is ready.
func (f *flux) playOthers(t *testing.T, program program) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			for _, kind := range readyKinds {
				f.makeReady(ctx, kind, program)
			}
			time.Sleep(200 * time.Millisecond)
		}
	}()
	stop = func() {
		cancel()
		<-done
	}
	t.Cleanup(stop)
	return stop
}

var readyKinds = [][2]string{
	{"apps/v1", "Deployment"}, {"apps/v1", "StatefulSet"}, {"apps/v1", "DaemonSet"}, {"batch/v1", "Job"}, {"v1", "PersistentVolumeClaim"},
	{"source.toolkit.fluxcd.io/v1", "GitRepository"}, {"source.toolkit.fluxcd.io/v1", "OCIRepository"}, {"source.toolkit.fluxcd.io/v1", "HelmRepository"}, {"helm.toolkit.fluxcd.io/v2", "HelmRelease"},
	{"image.toolkit.fluxcd.io/v1", "ImageRepository"}, {"image.toolkit.fluxcd.io/v1", "ImagePolicy"}, {"image.toolkit.fluxcd.io/v1", "ImageUpdateAutomation"}, {"notification.toolkit.fluxcd.io/v1", "Receiver"},
}

func (f *flux) makeReady(ctx context.Context, kind [2]string, program program) {
	list := &unstructured.UnstructuredList{}
	list.SetAPIVersion(kind[0])
	list.SetKind(kind[1] + "List")
	if err := f.Client.List(ctx, list); err != nil {
		return
	}
	for i := range list.Items {
		item := &list.Items[i]
		before, _, _ := unstructured.NestedMap(item.Object, "status")
		status := f.readyStatus(item, program)
		if covers(before, status) {
			continue
		}
		patch, err := json.Marshal(map[string]any{"status": status})
		if err == nil {
			_ = f.Client.Status().Patch(ctx, item, client.RawPatch(types.MergePatchType, patch))
		}
	}
}

// covers says whether a status says all of another: then it need not be written.
func covers(before, status map[string]any) bool {
	for key, value := range status {
		if fmt.Sprint(before[key]) != fmt.Sprint(value) {
			return false
		}
	}
	return true
}

const then = "2026-01-01T00:00:00Z"

func (f *flux) readyStatus(item *unstructured.Unstructured, program program) map[string]any {
	generation := item.GetGeneration()
	ready := func(kinds ...string) []any {
		var conditions []any
		for _, kind := range kinds {
			conditions = append(conditions, map[string]any{"type": kind, "status": "True", "reason": "Succeeded", "message": "", "lastTransitionTime": then, "observedGeneration": generation})
		}
		return conditions
	}
	replicas, found, _ := unstructured.NestedInt64(item.Object, "spec", "replicas")
	if !found {
		replicas = 1
	}
	switch item.GetKind() {
	case "Deployment":
		conditions := []any{
			map[string]any{"type": "Available", "status": "True", "reason": "MinimumReplicasAvailable", "lastTransitionTime": then, "lastUpdateTime": then},
			map[string]any{"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable", "lastTransitionTime": then, "lastUpdateTime": then},
		}
		return map[string]any{"observedGeneration": generation, "replicas": replicas, "updatedReplicas": replicas, "readyReplicas": replicas, "availableReplicas": replicas, "conditions": conditions}
	case "StatefulSet":
		return map[string]any{"observedGeneration": generation, "replicas": replicas, "updatedReplicas": replicas, "readyReplicas": replicas, "currentReplicas": replicas, "availableReplicas": replicas, "currentRevision": "a", "updateRevision": "a"}
	case "DaemonSet":
		return map[string]any{"observedGeneration": generation, "desiredNumberScheduled": int64(1), "currentNumberScheduled": int64(1), "updatedNumberScheduled": int64(1), "numberAvailable": int64(1), "numberReady": int64(1), "numberMisscheduled": int64(0)}
	case "Job":
		return map[string]any{"startTime": then, "completionTime": then, "succeeded": int64(1), "conditions": []any{
			map[string]any{"type": "SuccessCriteriaMet", "status": "True", "lastTransitionTime": then, "lastProbeTime": then}, map[string]any{"type": "Complete", "status": "True", "lastTransitionTime": then, "lastProbeTime": then},
		}}
	case "PersistentVolumeClaim":
		return map[string]any{"phase": "Bound"}
	case "GitRepository":
		return map[string]any{"observedGeneration": generation, "conditions": ready("Ready"), "artifact": f.artifact(program)}
	default:
		return map[string]any{"observedGeneration": generation, "conditions": ready("Ready")}
	}
}

func (f *flux) artifact(program program) map[string]any {
	archive := f.archives["/"+program.name+".tar.gz"]
	return map[string]any{
		"url": f.address + "/" + program.name + ".tar.gz", "path": program.name + ".tar.gz", "revision": f.revision(program.name), "digest": fmt.Sprintf("sha256:%x", sha256.Sum256(archive)),
		"lastUpdateTime": then, "size": int64(len(archive)),
	}
}

func (f *flux) revision(name string) string {
	return fmt.Sprintf("main@sha1:%x", sha256.Sum256([]byte(name)))[:50]
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

// decrypted holds what Flux applied against what was encrypted.
func (f *flux) decrypted(t *testing.T, plain *unstructured.Unstructured) {
	t.Helper()
	wanted, _, _ := unstructured.NestedStringMap(plain.Object, "stringData")
	given, _, _ := unstructured.NestedStringMap(f.get(t, plain).Object, "data")
	for name, value := range wanted {
		if got, _ := base64.StdEncoding.DecodeString(given[name]); string(got) != value {
			t.Errorf("Secret %s holds something else under %s than was encrypted", plain.GetName(), name)
		}
	}
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
	after := f.versions(t, kustomizations)
	for name, version := range before {
		if after[name] != version {
			t.Errorf("%s was written although nothing changed", name)
		}
	}
	t.Logf("%d objects", len(before))
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

func key(object *unstructured.Unstructured) string {
	return fmt.Sprintf("%s %s/%s", object.GetKind(), object.GetNamespace(), object.GetName())
}

func (f *flux) exists(t *testing.T, wanted *unstructured.Unstructured) bool {
	t.Helper()
	found := object(wanted.GetAPIVersion(), wanted.GetKind(), "", "", nil)
	return f.Client.Get(context.Background(), client.ObjectKeyFromObject(wanted), found) == nil
}

func (f *flux) get(t *testing.T, wanted *unstructured.Unstructured) *unstructured.Unstructured {
	t.Helper()
	found := object(wanted.GetAPIVersion(), wanted.GetKind(), "", "", nil)
	deadline := time.Now().Add(patience)
	for {
		err := f.Client.Get(context.Background(), client.ObjectKeyFromObject(wanted), found)
		if err == nil {
			return found
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s: %v", key(wanted), err)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func (f *flux) patch(t *testing.T, object *unstructured.Unstructured) {
	t.Helper()
	if err := f.Client.Patch(context.Background(), object, client.Apply, client.FieldOwner("operator"), client.ForceOwnership); err != nil {
		t.Fatal(err)
	}
}

func object(apiVersion, kind, namespace, name string, fields map[string]any) *unstructured.Unstructured {
	made := &unstructured.Unstructured{Object: map[string]any{}}
	for field, value := range fields {
		made.Object[field] = value
	}
	made.SetAPIVersion(apiVersion)
	made.SetKind(kind)
	made.SetNamespace(namespace)
	made.SetName(name)
	return made
}
