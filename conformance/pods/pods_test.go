//go:build !oldest

package pods

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/pod-security-admission/api"
)

// claims are what the library says about the objects of one case.
type claims struct {
	// Levels is the Pod Security level that the library says a pod needs, by Kind/namespace/name.
	Levels map[string]api.Level `json:"levels"`
	// Traffic is who may reach whom.
	Traffic []struct {
		Why     string `json:"why"`
		From    Place  `json:"from"`
		To      Place  `json:"to"`
		Port    int    `json:"port"`
		Allowed bool   `json:"allowed"`
	} `json:"traffic"`
}

// Every object that is committed, here and in the examples, has no field that Kubernetes does not know; and where the program makes
// the namespace, the namespace takes the pods.
func TestCommittedObjects(t *testing.T) {
	folders := []string{filepath.Join(root(), "dist")}
	examples, err := filepath.Glob(filepath.Join(root(), "examples", "*", "dist"))
	if err != nil {
		t.Fatal(err)
	}
	parts, err := filepath.Glob(filepath.Join(root(), "examples", "parts", "*", "dist"))
	if err != nil || len(parts) == 0 {
		t.Fatal("no parts", err)
	}
	examples = append(examples, parts...)
	for _, folder := range append(folders, examples...) {
		t.Run(folder, func(t *testing.T) {
			objects, err := ReadAll(folder)
			if err != nil {
				t.Fatal(err)
			}
			enforced := map[string]api.Level{}
			for _, object := range objects {
				if namespace, ok := object.Typed.(*corev1.Namespace); ok {
					enforced[namespace.Name] = api.Level(namespace.Labels[api.EnforceLevelLabel])
				}
			}
			for _, object := range objects {
				meta, spec := PodOf(object.Typed)
				if level := enforced[object.Namespace]; spec != nil && level != "" {
					if refusal, err := Refusal(level, api.LatestVersion(), &meta, spec); err != nil || refusal != "" {
						t.Errorf("%s is refused by its namespace, which enforces %s: %s %v", object.ID(), level, refusal, err)
					}
				}
			}
		})
	}
}

func TestCases(t *testing.T) {
	folder := os.Getenv("FORGE_CASES")
	if folder == "" {
		t.Fatal("FORGE_CASES is not set: run scripts/conformance.sh pods")
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) == 0 {
		t.Fatal("no cases", err)
	}
	for _, entry := range entries {
		t.Run(entry.Name(), func(t *testing.T) { checkCase(t, filepath.Join(folder, entry.Name())) })
	}
}

func checkCase(t *testing.T, folder string) {
	objects, err := ReadAll(folder)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(folder, "claims.json"))
	if err != nil {
		t.Fatal(err)
	}
	var claimed claims
	if err := json.Unmarshal(data, &claimed); err != nil {
		t.Fatal(err)
	}
	checkLevels(t, objects, claimed.Levels)
	checkTraffic(t, objects, claimed)
}

// The level claimed is the strictest that admits the pod: a lower one would refuse it, a higher one would be wider than needed.
func checkLevels(t *testing.T, objects []Object, claimed map[string]api.Level) {
	t.Helper()
	seen := 0
	for _, object := range objects {
		meta, spec := PodOf(object.Typed)
		if spec == nil {
			continue
		}
		level, ok := claimed[object.ID()]
		if !ok {
			t.Errorf("no level is claimed for %s", object.ID())
			continue
		}
		seen++
		strictest, err := Strictest(api.LatestVersion(), &meta, spec)
		if err != nil {
			t.Fatal(err)
		}
		if strictest != level {
			refusal, _ := Refusal(level, api.LatestVersion(), &meta, spec)
			t.Errorf("%s: %s is claimed, %s is needed: %s", object.ID(), level, strictest, refusal)
		}
		if refusal, err := Refusal(level, api.MajorMinorVersion(1, 30), &meta, spec); err != nil || refusal != "" {
			t.Errorf("%s: Kubernetes 1.30 refuses it at %s: %s %v", object.ID(), level, refusal, err)
		}
	}
	if seen != len(claimed) {
		t.Errorf("%d levels are claimed, but there are %d pods", len(claimed), seen)
	}
}

func checkTraffic(t *testing.T, objects []Object, claimed claims) {
	t.Helper()
	var policies []*networkingv1.NetworkPolicy
	for _, object := range objects {
		if policy, ok := object.Typed.(*networkingv1.NetworkPolicy); ok {
			policies = append(policies, policy)
		}
	}
	for _, flow := range claimed.Traffic {
		allowed, err := Admits(policies, flow.From, flow.To, flow.Port)
		if err != nil {
			t.Fatal(err)
		}
		if allowed != flow.Allowed {
			t.Errorf("%s: from %v to %v port %d: allowed is %v", flow.Why, flow.From, flow.To, flow.Port, allowed)
		}
	}
}

// The checks above are worth something only if they fail for what they are there for.
func TestTheChecksBite(t *testing.T) {
	for name, document := range map[string]string{
		"an unknown field":            "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {clusterIp: None}\n",
		"a field twice":               "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: b}\ndata: {a: c}\n",
		"a number where text belongs": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: 1}\n",
		"an unknown kind":             "apiVersion: apps/v1\nkind: StatefullSet\nmetadata: {name: a}\n",
	} {
		if _, err := Parse([]byte(document)); err == nil {
			t.Errorf("%s goes unnoticed", name)
		}
	}
	objects, err := Parse([]byte("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, securityContext: {seccompProfile: {type: Unconfined}}}]}\n---\napiVersion: example.com/v1\nkind: Thing\nmetadata: {name: b}\nspec: {any: thing}\n"))
	if err != nil || len(objects) != 2 {
		t.Fatal(objects, err)
	}
	meta, spec := PodOf(objects[0].Typed)
	if level, err := Strictest(api.LatestVersion(), &meta, spec); err != nil || level != api.LevelPrivileged {
		t.Errorf("an unconfined pod passes at %s: %v", level, err)
	}
	if refusal, _ := Refusal(api.LevelBaseline, api.LatestVersion(), &meta, spec); !strings.Contains(refusal, "seccompProfile") {
		t.Errorf("refusal: %q", refusal)
	}
}

// The rules of the NetworkPolicy API that the cases rely on.
func TestAdmits(t *testing.T) {
	objects, err := Parse([]byte(`apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: a, namespace: ci}
spec:
  podSelector: {matchLabels: {app: builder}}
  policyTypes: [Ingress]
  ingress:
  - from:
    - podSelector: {matchLabels: {app: runner}}
      namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ci}}
    - podSelector: {matchLabels: {app: local}}
    ports: [{port: 1234, protocol: TCP}]
`))
	if err != nil {
		t.Fatal(err)
	}
	policies := []*networkingv1.NetworkPolicy{objects[0].Typed.(*networkingv1.NetworkPolicy)}
	builder := Place{"ci", map[string]string{"app": "builder"}}
	for _, c := range []struct {
		from    Place
		to      Place
		port    int
		allowed bool
	}{
		{Place{"ci", map[string]string{"app": "runner"}}, builder, 1234, true},
		{Place{"ci", map[string]string{"app": "local"}}, builder, 1234, true},
		{Place{"ci", map[string]string{"app": "runner"}}, builder, 6060, false},
		{Place{"other", map[string]string{"app": "runner"}}, builder, 1234, false},
		{Place{"other", map[string]string{"app": "local"}}, builder, 1234, false},
		{Place{"ci", map[string]string{"app": "else"}}, builder, 1234, false},
		{Place{"ci", map[string]string{"app": "else"}}, Place{"ci", map[string]string{"app": "web"}}, 80, true},
		{Place{"ci", map[string]string{"app": "else"}}, Place{"other", map[string]string{"app": "builder"}}, 1234, true},
	} {
		if allowed, err := Admits(policies, c.from, c.to, c.port); err != nil || allowed != c.allowed {
			t.Errorf("%+v: %v %v", c, allowed, err)
		}
	}
}
