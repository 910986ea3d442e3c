package live

import (
	"bytes"
	"crypto/tls"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// object is one of Kubernetes', or a part of one.
type object map[string]any

// at follows names and indices; nil if there is nothing.
func (o object) at(path ...any) any {
	var current any = map[string]any(o)
	for _, step := range path {
		switch key := step.(type) {
		case string:
			fields, _ := current.(map[string]any)
			current = fields[key]
		case int:
			items, _ := current.([]any)
			if key >= len(items) {
				return nil
			}
			current = items[key]
		}
	}
	return current
}

func (o object) text(path ...any) string {
	text, _ := o.at(path...).(string)
	return text
}

func (o object) number(path ...any) int {
	number, _ := o.at(path...).(float64)
	return int(number)
}

func (o object) flag(path ...any) bool {
	flag, _ := o.at(path...).(bool)
	return flag
}

func (o object) list(path ...any) []object {
	items, _ := o.at(path...).([]any)
	var all []object
	for _, item := range items {
		if fields, isObject := item.(map[string]any); isObject {
			all = append(all, fields)
		}
	}
	return all
}

func (o object) texts(path ...any) []string {
	items, _ := o.at(path...).([]any)
	var all []string
	for _, item := range items {
		all = append(all, fmt.Sprint(item))
	}
	return all
}

func (o object) name() string      { return o.text("metadata", "name") }
func (o object) namespace() string { return o.text("metadata", "namespace") }

// condition is "True", "False", "Unknown" or nothing, with what is said about it.
func (o object) condition(kind string) (status, message string) {
	for _, condition := range o.list("status", "conditions") {
		if condition.text("type") == kind {
			return condition.text("status"), condition.text("reason") + ": " + condition.text("message")
		}
	}
	return "", "no condition"
}

// cluster is the API server.
type cluster struct {
	address, token string
	client         *http.Client
}

func newCluster(address, token string) *cluster {
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, MaxIdleConnsPerHost: 10}
	return &cluster{address, token, &http.Client{Transport: transport, Timeout: 20 * time.Second}}
}

var paths = map[string]string{
	"Secret":                "api/v1/namespaces/%s/secrets",
	"ConfigMap":             "api/v1/namespaces/%s/configmaps",
	"Service":               "api/v1/namespaces/%s/services",
	"Pod":                   "api/v1/namespaces/%s/pods",
	"ServiceAccount":        "api/v1/namespaces/%s/serviceaccounts",
	"StatefulSet":           "apis/apps/v1/namespaces/%s/statefulsets",
	"Deployment":            "apis/apps/v1/namespaces/%s/deployments",
	"Job":                   "apis/batch/v1/namespaces/%s/jobs",
	"CronJob":               "apis/batch/v1/namespaces/%s/cronjobs",
	"Kustomization":         "apis/kustomize.toolkit.fluxcd.io/v1/namespaces/%s/kustomizations",
	"GitRepository":         "apis/source.toolkit.fluxcd.io/v1/namespaces/%s/gitrepositories",
	"ImageRepository":       "apis/image.toolkit.fluxcd.io/v1/namespaces/%s/imagerepositories",
	"ImagePolicy":           "apis/image.toolkit.fluxcd.io/v1/namespaces/%s/imagepolicies",
	"ImageUpdateAutomation": "apis/image.toolkit.fluxcd.io/v1/namespaces/%s/imageupdateautomations",
}

func path(kind, namespace string) string {
	template := paths[kind]
	if namespace == "" {
		return strings.Replace(template, "namespaces/%s/", "", 1)
	}
	return fmt.Sprintf(template, namespace)
}

func (c *cluster) get(kind, namespace, name string) (object, error) {
	return c.call(http.MethodGet, path(kind, namespace)+"/"+name, "", nil)
}

// all are the objects of a kind, in every namespace if none is named.
func (c *cluster) all(kind, namespace string) ([]object, error) {
	list, err := c.call(http.MethodGet, path(kind, namespace), "", nil)
	return list.list("items"), err
}

// setStatus does what the controller of a kind would do.
func (c *cluster) setStatus(kind, namespace, name string, status map[string]any) error {
	_, err := c.call(http.MethodPatch, path(kind, namespace)+"/"+name+"/status", "application/merge-patch+json", map[string]any{"status": status})
	return err
}

// reconcile asks Flux to look at an object now, as its command line does.
func (c *cluster) reconcile(kind, namespace, name string) error {
	patch := map[string]any{"metadata": map[string]any{"annotations": map[string]any{"reconcile.fluxcd.io/requestedAt": time.Now().Format(time.RFC3339Nano)}}}
	_, err := c.call(http.MethodPatch, path(kind, namespace)+"/"+name, "application/merge-patch+json", patch)
	return err
}

// secret are the values of a Secret.
func (c *cluster) secret(namespace, name string) (map[string]string, error) {
	secret, err := c.get("Secret", namespace, name)
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	data, _ := secret.at("data").(map[string]any)
	for key, value := range data {
		text, err := base64.StdEncoding.DecodeString(fmt.Sprint(value))
		if err != nil {
			return nil, err
		}
		values[key] = string(text)
	}
	return values, nil
}

// accountToken is a new one of an account, as a kubelet asks for it.
func (c *cluster) accountToken(namespace, account string) (string, error) {
	answer, err := c.call(http.MethodPost, path("ServiceAccount", namespace)+"/"+account+"/token", "application/json", map[string]any{"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": map[string]any{}})
	return answer.text("status", "token"), err
}

func (c *cluster) call(method, path, contentType string, body any) (object, error) {
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		reader = bytes.NewReader(text)
	}
	request, err := http.NewRequest(method, c.address+"/"+path, reader)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := c.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode >= 300 {
		return nil, fmt.Errorf("%s %s: %s: %s", method, path, response.Status, text)
	}
	var result object
	return result, json.Unmarshal(text, &result)
}
