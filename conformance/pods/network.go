package pods

import (
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// Place is a pod as a network policy sees it.
type Place struct {
	Namespace string            `json:"namespace"`
	Labels    map[string]string `json:"labels"`
}

// Admits says whether the policies let a connection in, by the rules of the NetworkPolicy API: a pod that no policy selects takes
// everything; one that some select takes what any of them lists.
func Admits(policies []*networkingv1.NetworkPolicy, from, to Place, port int) (bool, error) {
	selected := false
	for _, policy := range policies {
		matches, err := selects(&policy.Spec.PodSelector, to.Labels)
		if err != nil {
			return false, err
		}
		if policy.Namespace != to.Namespace || !matches || !governsIngress(policy) {
			continue
		}
		selected = true
		for _, rule := range policy.Spec.Ingress {
			admitted, err := fromAdmitted(rule.From, policy.Namespace, from)
			if err != nil {
				return false, err
			}
			if admitted && portAdmitted(rule.Ports, port) {
				return true, nil
			}
		}
	}
	return !selected, nil
}

func governsIngress(policy *networkingv1.NetworkPolicy) bool {
	for _, kind := range policy.Spec.PolicyTypes {
		if kind == networkingv1.PolicyTypeIngress {
			return true
		}
	}
	return len(policy.Spec.PolicyTypes) == 0
}

func fromAdmitted(peers []networkingv1.NetworkPolicyPeer, own string, from Place) (bool, error) {
	if len(peers) == 0 {
		return true, nil
	}
	for _, peer := range peers {
		inNamespace := from.Namespace == own
		if peer.NamespaceSelector != nil {
			var err error
			if inNamespace, err = selects(peer.NamespaceSelector, map[string]string{"kubernetes.io/metadata.name": from.Namespace}); err != nil {
				return false, err
			}
		}
		pods, err := selects(peer.PodSelector, from.Labels)
		if err != nil {
			return false, err
		}
		if inNamespace && (peer.PodSelector == nil || pods) && peer.IPBlock == nil {
			return true, nil
		}
	}
	return false, nil
}

func portAdmitted(ports []networkingv1.NetworkPolicyPort, port int) bool {
	for _, candidate := range ports {
		if candidate.Port == nil || candidate.Port.IntValue() == port {
			return true
		}
	}
	return len(ports) == 0
}

func selects(selector *metav1.LabelSelector, of map[string]string) (bool, error) {
	s, err := metav1.LabelSelectorAsSelector(selector)
	if err != nil {
		return false, err
	}
	return s.Matches(labels.Set(of)), nil
}
