package pods

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// levels from the strictest to the widest.
var levels = []api.Level{api.LevelRestricted, api.LevelBaseline, api.LevelPrivileged}

// Refusal is why a namespace that enforces a level would not take a pod; empty if it would.
func Refusal(level api.Level, version api.Version, meta *metav1.ObjectMeta, spec *corev1.PodSpec) (string, error) {
	evaluator, err := newEvaluator()
	if err != nil {
		return "", err
	}
	result := policy.AggregateCheckResults(evaluator.EvaluatePod(api.LevelVersion{Level: level, Version: version}, meta, spec))
	if result.Allowed {
		return "", nil
	}
	return result.ForbiddenDetail(), nil
}

// Strictest is the strictest level that takes a pod.
func Strictest(version api.Version, meta *metav1.ObjectMeta, spec *corev1.PodSpec) (api.Level, error) {
	for _, level := range levels {
		refusal, err := Refusal(level, version, meta, spec)
		if err != nil {
			return "", err
		}
		if refusal == "" {
			return level, nil
		}
	}
	return "", nil
}
