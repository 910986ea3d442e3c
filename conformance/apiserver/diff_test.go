package apiserver

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// change is what `cdk8s-forge diff` says of an object.
type change struct {
	Action, Key, APIVersion, Kustomization, To, Deletes string
	Waits, Late                                         bool
}

type difference struct {
	Changes []change
	Halts   []halt
	// Uncertain: whether an object is refused depends on the order in which two Kustomizations act.
	Uncertain bool
}

type halt struct{ Kustomization, Reason string }

// The real kustomize-controller follows random edits of programs: what it deletes, replaces, refuses and leaves alone is what
// `cdk8s-forge diff` says, object by object. With the two commits of a migration, nothing that moves and no data is lost.
//
//	FORGE_EDITS=200 FORGE_SEED=7 go test -run Diff ./...
//	FORGE_EDITS=200 FORGE_SEED=7 FORGE_EDIT=128,136 go test -run Diff ./...    two of them
func TestDiffSaysWhatFluxDoes(t *testing.T) {
	if testing.Short() {
		t.Skip("Flux's controller takes minutes to build")
	}
	folder := t.TempDir()
	count, seed := variable("FORGE_EDITS", "24"), variable("FORGE_SEED", "1")
	generate := exec.Command("node", "--import", "tsx", "scripts/conformance-diff.ts", folder, count, seed)
	generate.Dir = root()
	if output, err := generate.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	} else {
		t.Logf("%s", output)
	}
	server, config := newCluster(t)
	flux := &flux{cluster: server, tools: t.TempDir(), archives: map[string][]byte{}}
	build(t, "controller", flux.tools, "github.com/fluxcd/kustomize-controller")
	flux.watched(t)
	flux.serve(t)
	flux.startController(t, config)
	flux.ensureNamespace(t, "flux-system", "privileged")
	go server.endNamespaces(t.Context())
	cases := glob(t, folder, "*", "diff.json")
	slots, wait := make(chan struct{}, 8), sync.WaitGroup{}
	only := strings.FieldsFunc(variable("FORGE_EDIT", ""), func(c rune) bool { return c == ',' })
	for _, file := range cases {
		if len(only) > 0 && !slices.Contains(only, filepath.Base(filepath.Dir(file))) {
			continue
		}
		edit := &edit{flux: flux, folder: filepath.Dir(file), name: "c" + filepath.Base(filepath.Dir(file))}
		wait.Add(1)
		go func() {
			defer wait.Done()
			slots <- struct{}{}
			defer func() { <-slots }()
			for _, fault := range edit.play(t) {
				t.Errorf("%s: %s", edit.name, fault)
			}
		}()
	}
	wait.Wait()
	t.Logf("%d edits", len(cases))
}

// endNamespaces does what the namespace controller does for empty namespaces: it ends those that are being deleted.
func (c cluster) endNamespaces(ctx context.Context) {
	for ctx.Err() == nil {
		list := &unstructured.UnstructuredList{}
		list.SetAPIVersion("v1")
		list.SetKind("NamespaceList")
		if err := c.Client.List(ctx, list); err == nil {
			for _, namespace := range list.Items {
				if namespace.GetDeletionTimestamp() != nil {
					unstructured.RemoveNestedField(namespace.Object, "spec", "finalizers")
					_ = c.Client.SubResource("finalize").Update(ctx, &namespace)
				}
			}
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func variable(name, initial string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return initial
}

// edit is a program before and after a change, as a cluster of its own.
type edit struct {
	*flux
	folder, name string
	revision     string
}

var archives sync.Mutex

func (e *edit) play(t *testing.T) []string {
	said, err := e.said(".")
	if err != nil {
		return []string{err.Error()}
	}
	_, missing := os.Stat(filepath.Join(e.folder, "kept", "dist"))
	migrates := missing == nil && (said.Uncertain || len(e.name)%2 == 0)
	if said.Uncertain && !migrates {
		t.Logf("%s: the order of two Kustomizations decides", e.name)
		return nil
	}
	e.ensureNamespace(t, "n-"+e.name, "privileged")
	if err := e.start(t); err != nil {
		return []string{err.Error()}
	}
	if err := e.follow("before", nil); err != nil {
		return []string{err.Error()}
	}
	before := e.uids(t)
	var faults []string
	if migrates {
		if err := e.follow("kept", nil); err != nil {
			return []string{err.Error()}
		}
		first := said
		// The second run of the command, after the first of the two commits.
		if said, err = e.said("kept"); err != nil {
			return []string{err.Error()}
		}
		faults = lost(first, said)
	}
	if err := e.follow("after", said.Halts); err != nil {
		return append(faults, err.Error())
	}
	return append(faults, e.compare(t, said, before)...)
}

func (e *edit) said(side string) (said difference, err error) {
	text, err := os.ReadFile(filepath.Join(e.folder, side, "diff.json"))
	if err == nil {
		err = json.Unmarshal(text, &said)
	}
	return said, err
}

// lost names what a migration does not save: objects that move, and claims. A field that cannot change and force are a request.
func lost(first, second difference) []string {
	var faults []string
	deleted := map[string]change{}
	for _, one := range second.Changes {
		if one.Deletes != "" && one.Action != "replace" {
			deleted[one.Key] = one
		}
	}
	for _, one := range first.Changes {
		if _, is := deleted[one.Key]; is && (one.Action == "move" || strings.HasSuffix(one.Key, "PersistentVolumeClaim")) {
			faults = append(faults, fmt.Sprintf("%s is lost in spite of the migration", one.Key))
		}
	}
	return faults
}

// compare holds the objects of the cluster against what was said of them.
func (e *edit) compare(t *testing.T, said difference, before map[string]types.UID) []string {
	var faults []string
	changes := map[string]change{}
	for _, one := range said.Changes {
		changes[one.Key] = one
	}
	for key, uid := range before {
		change, named := changes[key]
		now, exists := e.uid(t, key, change.APIVersion)
		deleted, replaced := !exists, exists && now != uid
		wanted := ""
		switch {
		case change.Deletes == "maybe":
			continue
		case !named, change.Waits, change.Action == "update", change.Action == "keep", change.Action == "refuse":
			wanted = "stays"
		case change.Action == "delete":
			wanted = "deleted"
		case change.Action == "move" && change.Deletes == "":
			wanted = "stays"
		case change.Action == "move" && change.Late && deleted:
			continue
		case change.Action == "move", change.Action == "replace":
			wanted = "replaced"
		}
		if seen := map[bool]string{true: "deleted", false: map[bool]string{true: "replaced", false: "stays"}[replaced]}[deleted]; seen != wanted {
			faults = append(faults, fmt.Sprintf("%s is %s, and diff says %s (%+v)", key, seen, wanted, change))
		}
	}
	for _, one := range said.Changes {
		if one.Action == "create" {
			if _, exists := e.uid(t, one.Key, one.APIVersion); exists == one.Waits {
				faults = append(faults, fmt.Sprintf("%s exists: %v, and diff says that it is created, waits: %v", one.Key, exists, one.Waits))
			}
		}
	}
	return faults
}

// start does what the operator does once: it applies the entry.
func (e *edit) start(t *testing.T) error {
	copied, err := e.copied("before")
	if err != nil {
		return err
	}
	for _, file := range glob(t, copied, "dist", "clusters", e.name, "flux", "*.yaml") {
		for _, object := range read(t, file) {
			// Flux takes over what kubectl has applied, so that fields which leave the file leave the object.
			if err := e.Client.Patch(context.Background(), object, client.Apply, client.FieldOwner("kubectl"), client.ForceOwnership); err != nil {
				return err
			}
		}
	}
	return nil
}

// follow publishes a side, and waits until every Kustomization has followed it, or stands still as was said.
func (e *edit) follow(side string, halts []halt) error {
	if err := e.publishSide(side); err != nil {
		return err
	}
	halted := map[string]bool{}
	for _, halt := range halts {
		halted[halt.Kustomization] = true
	}
	deadline, state := time.Now().Add(4*patience), ""
	for time.Now().Before(deadline) {
		if state = e.pending(side, halted); state == "" {
			// One that stands still must not have missed the revision.
			time.Sleep(time.Duration(len(halts)) * 500 * time.Millisecond)
			return nil
		}
		time.Sleep(200 * time.Millisecond)
	}
	return fmt.Errorf("%s is not followed: %s", side, state)
}

// pending names a Kustomization that has not followed the revision yet.
func (e *edit) pending(side string, halted map[string]bool) string {
	list := &unstructured.UnstructuredList{}
	list.SetAPIVersion(group + "/v1")
	list.SetKind("KustomizationList")
	if err := e.Client.List(context.Background(), list, client.InNamespace("flux-system")); err != nil {
		return err.Error()
	}
	wanted := e.kustomizations(side)
	for _, item := range list.Items {
		if item.GetName() != e.name && !strings.HasPrefix(item.GetName(), e.name+"-") {
			continue
		}
		if !wanted[item.GetName()] {
			return item.GetName() + " is still there"
		}
		delete(wanted, item.GetName())
		applied, _, _ := unstructured.NestedString(item.Object, "status", "lastAppliedRevision")
		conditions, _, _ := unstructured.NestedSlice(item.Object, "status", "conditions")
		if halted["flux-system/"+item.GetName()] {
			if !strings.Contains(fmt.Sprint(conditions), "status:False") {
				return fmt.Sprintf("%s does not stand still: %v", item.GetName(), conditions)
			}
			continue
		}
		observed, _, _ := unstructured.NestedInt64(item.Object, "status", "observedGeneration")
		if applied != e.revision || !isReady(&item) || observed != item.GetGeneration() {
			return fmt.Sprintf("%s: %v", item.GetName(), conditions)
		}
	}
	if len(wanted) > 0 && !halted["flux-system/"+e.name] {
		return fmt.Sprintf("not there: %v", wanted)
	}
	return ""
}

func (e *edit) kustomizations(side string) map[string]bool {
	found := map[string]bool{}
	text, err := os.ReadFile(filepath.Join(e.folder, side, "dist", "clusters", e.name, "flux", "layers.k8s.yaml"))
	if err != nil {
		return found
	}
	for _, document := range strings.Split(string(text), "---\n") {
		_, rest, _ := strings.Cut(document, "  name: ")
		name, _, _ := strings.Cut(rest, "\n")
		found[name] = true
	}
	return found
}

// copied is a side in which no layer waits until its objects are ready: nothing here becomes ready.
func (e *edit) copied(side string) (string, error) {
	copied := filepath.Join(e.folder, "published", side)
	source := filepath.Join(e.folder, side, "dist")
	return copied, filepath.WalkDir(source, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(source, path)
		target := filepath.Join(copied, "dist", name)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		return os.WriteFile(target, bytes.ReplaceAll(text, []byte("wait: true"), []byte("wait: false")), 0o644)
	})
}

// publishSide makes the artifact of a side the current one of the source.
func (e *edit) publishSide(side string) error {
	copied, err := e.copied(side)
	if err != nil {
		return err
	}
	name := e.name + "-" + side
	archive, err := archiveOf(copied)
	if err != nil {
		return err
	}
	archives.Lock()
	e.archives["/"+name+".tar.gz"] = archive
	archives.Unlock()
	artifact := e.artifact(program{name: name})
	e.revision = artifact["revision"].(string)
	patch, err := json.Marshal(map[string]any{"status": map[string]any{"artifact": artifact, "observedGeneration": 1, "conditions": []any{
		map[string]any{"type": "Ready", "status": "True", "reason": "Succeeded", "message": "stored", "lastTransitionTime": then},
	}}})
	if err != nil {
		return err
	}
	repository := object("source.toolkit.fluxcd.io/v1", "GitRepository", "flux-system", e.name, nil)
	return e.Client.Status().Patch(context.Background(), repository, client.RawPatch(types.MergePatchType, patch))
}

// uids are the identities of everything that Flux has applied.
func (e *edit) uids(t *testing.T) map[string]types.UID {
	found := map[string]types.UID{}
	for name := range e.kustomizations("before") {
		kustomization := object(group+"/v1", "Kustomization", "flux-system", name, nil)
		for _, one := range e.inventory(t, []*unstructured.Unstructured{kustomization}) {
			groupName := one.GroupVersionKind().Group
			found[fmt.Sprintf("%s_%s_%s_%s", one.GetNamespace(), strings.ReplaceAll(one.GetName(), ":", "__"), groupName, one.GetKind())] = e.get(t, one).GetUID()
		}
	}
	return found
}

// uid is the identity of an object now; one that is being deleted is gone.
func (e *edit) uid(t *testing.T, key, apiVersion string) (types.UID, bool) {
	part := strings.Split(key, "_")
	if apiVersion == "" {
		apiVersion = strings.TrimPrefix(part[2]+"/v1", "/")
	}
	wanted := object(apiVersion, part[len(part)-1], part[0], part[1], nil)
	found := object(apiVersion, part[len(part)-1], part[0], part[1], nil)
	err := e.Client.Get(context.Background(), client.ObjectKeyFromObject(wanted), found)
	return found.GetUID(), err == nil && found.GetDeletionTimestamp() == nil
}
