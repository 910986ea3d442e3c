// Package pods reads rendered Kubernetes objects strictly into Kubernetes' own types, and asks Kubernetes' own Pod Security admission
// whether a namespace would take the pods in them.
package pods

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	schedulingv1 "k8s.io/api/scheduling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// kinds are the objects of Kubernetes itself that a synth may write; CRDs have groups with a dot that is none of these.
var kinds = map[string]func() metav1.Object{
	"v1/ConfigMap":                             func() metav1.Object { return &corev1.ConfigMap{} },
	"v1/Namespace":                             func() metav1.Object { return &corev1.Namespace{} },
	"v1/PersistentVolumeClaim":                 func() metav1.Object { return &corev1.PersistentVolumeClaim{} },
	"v1/Pod":                                   func() metav1.Object { return &corev1.Pod{} },
	"v1/Secret":                                func() metav1.Object { return &corev1.Secret{} },
	"v1/Service":                               func() metav1.Object { return &corev1.Service{} },
	"v1/ServiceAccount":                        func() metav1.Object { return &corev1.ServiceAccount{} },
	"apps/v1/DaemonSet":                        func() metav1.Object { return &appsv1.DaemonSet{} },
	"apps/v1/Deployment":                       func() metav1.Object { return &appsv1.Deployment{} },
	"apps/v1/StatefulSet":                      func() metav1.Object { return &appsv1.StatefulSet{} },
	"batch/v1/CronJob":                         func() metav1.Object { return &batchv1.CronJob{} },
	"batch/v1/Job":                             func() metav1.Object { return &batchv1.Job{} },
	"networking.k8s.io/v1/Ingress":             func() metav1.Object { return &networkingv1.Ingress{} },
	"networking.k8s.io/v1/NetworkPolicy":       func() metav1.Object { return &networkingv1.NetworkPolicy{} },
	"policy/v1/PodDisruptionBudget":            func() metav1.Object { return &policyv1.PodDisruptionBudget{} },
	"rbac.authorization.k8s.io/v1/ClusterRole": func() metav1.Object { return &rbacv1.ClusterRole{} },
	"rbac.authorization.k8s.io/v1/ClusterRoleBinding": func() metav1.Object { return &rbacv1.ClusterRoleBinding{} },
	"rbac.authorization.k8s.io/v1/Role":               func() metav1.Object { return &rbacv1.Role{} },
	"rbac.authorization.k8s.io/v1/RoleBinding":        func() metav1.Object { return &rbacv1.RoleBinding{} },
	"scheduling.k8s.io/v1/PriorityClass":              func() metav1.Object { return &schedulingv1.PriorityClass{} },
}

// Object is one document: what it says it is, and, for a kind of Kubernetes itself, what Kubernetes reads in it.
type Object struct {
	APIVersion, Kind, Namespace, Name string
	Typed                             metav1.Object
}

// ID names the object as claims do: Kind/namespace/name.
func (o Object) ID() string { return o.Kind + "/" + o.Namespace + "/" + o.Name }

// Parse reads the documents of a file, and fails for any field that Kubernetes does not know, and any that stands twice.
func Parse(data []byte) ([]Object, error) {
	var objects []Object
	for i, document := range bytes.Split(append([]byte("\n"), data...), []byte("\n---\n")) {
		if len(bytes.TrimSpace(document)) == 0 {
			continue
		}
		object, err := parse(document)
		if err != nil {
			return nil, fmt.Errorf("document %d: %w", i, err)
		}
		objects = append(objects, object)
	}
	return objects, nil
}

func parse(document []byte) (Object, error) {
	raw, err := yaml.YAMLToJSONStrict(document)
	if err != nil {
		return Object{}, err
	}
	var head struct {
		metav1.TypeMeta `json:",inline"`
		Metadata        metav1.ObjectMeta `json:"metadata"`
	}
	if err := json.UnmarshalCaseSensitivePreserveInts(raw, &head); err != nil {
		return Object{}, err
	}
	object := Object{APIVersion: head.APIVersion, Kind: head.Kind, Namespace: head.Metadata.Namespace, Name: head.Metadata.Name}
	group, _, _ := strings.Cut(head.APIVersion, "/")
	if strings.Contains(group, ".") && !strings.HasSuffix(group, ".k8s.io") {
		return object, nil
	}
	make, ok := kinds[head.APIVersion+"/"+head.Kind]
	if !ok {
		return object, fmt.Errorf("%s/%s is no kind that this test knows: add it to the table", head.APIVersion, head.Kind)
	}
	object.Typed = make()
	strict, err := json.UnmarshalStrict(raw, object.Typed)
	if err != nil {
		return object, fmt.Errorf("%s: %w", object.ID(), err)
	}
	if len(strict) > 0 {
		return object, fmt.Errorf("%s: %v", object.ID(), strict)
	}
	return object, nil
}

// ReadAll parses every *.yaml below a folder. Files that SOPS encrypted are left out: Kubernetes sees them only after Flux has
// decrypted them and taken away the part that is SOPS's own.
func ReadAll(folder string) ([]Object, error) {
	var objects []Object
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".yaml") || strings.HasSuffix(path, ".sops.yaml") {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		found, err := Parse(data)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		objects = append(objects, found...)
		return nil
	})
	return objects, err
}

// PodOf returns the pod that an object is or makes, if it does.
func PodOf(object metav1.Object) (metav1.ObjectMeta, *corev1.PodSpec) {
	template := func(t corev1.PodTemplateSpec) (metav1.ObjectMeta, *corev1.PodSpec) { return t.ObjectMeta, &t.Spec }
	switch o := object.(type) {
	case *corev1.Pod:
		return o.ObjectMeta, &o.Spec
	case *appsv1.Deployment:
		return template(o.Spec.Template)
	case *appsv1.StatefulSet:
		return template(o.Spec.Template)
	case *appsv1.DaemonSet:
		return template(o.Spec.Template)
	case *batchv1.Job:
		return template(o.Spec.Template)
	case *batchv1.CronJob:
		return template(o.Spec.JobTemplate.Spec.Template)
	}
	return metav1.ObjectMeta{}, nil
}
