package apiserver

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// playOthers stands in for kubelet and the controllers that do not run here: whatever is made, is ready.
func (f *flux) playOthers(t *testing.T, program program, pause time.Duration) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			for _, kind := range readyKinds {
				f.makeReady(ctx, kind, program)
			}
			time.Sleep(pause)
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
