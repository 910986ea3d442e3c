package apiserver

import (
	"context"
	"fmt"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

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
