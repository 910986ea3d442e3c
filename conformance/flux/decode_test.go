package flux

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	helm "github.com/fluxcd/helm-controller/api/v2"
	automation "github.com/fluxcd/image-automation-controller/api/v1"
	reflector "github.com/fluxcd/image-reflector-controller/api/v1"
	kustomize "github.com/fluxcd/kustomize-controller/api/v1"
	receiver "github.com/fluxcd/notification-controller/api/v1"
	notification "github.com/fluxcd/notification-controller/api/v1beta3"
	source "github.com/fluxcd/source-controller/api/v1"
)

var types = map[string]func() any{
	"image.toolkit.fluxcd.io/v1/ImageRepository":       func() any { return &reflector.ImageRepository{} },
	"image.toolkit.fluxcd.io/v1/ImagePolicy":           func() any { return &reflector.ImagePolicy{} },
	"image.toolkit.fluxcd.io/v1/ImageUpdateAutomation": func() any { return &automation.ImageUpdateAutomation{} },
	"source.toolkit.fluxcd.io/v1/GitRepository":        func() any { return &source.GitRepository{} },
	"source.toolkit.fluxcd.io/v1/OCIRepository":        func() any { return &source.OCIRepository{} },
	"source.toolkit.fluxcd.io/v1/HelmRepository":       func() any { return &source.HelmRepository{} },
	"helm.toolkit.fluxcd.io/v2/HelmRelease":            func() any { return &helm.HelmRelease{} },
	"kustomize.toolkit.fluxcd.io/v1/Kustomization":     func() any { return &kustomize.Kustomization{} },
	"notification.toolkit.fluxcd.io/v1/Receiver":       func() any { return &receiver.Receiver{} },
	"notification.toolkit.fluxcd.io/v1beta3/Provider":  func() any { return &notification.Provider{} },
	"notification.toolkit.fluxcd.io/v1beta3/Alert":     func() any { return &notification.Alert{} },
}

// The types that only the newest modules have: newest_test.go.
func init() {
	for key, typed := range newestTypes {
		types[key] = typed
	}
}

// Every Flux object decodes into the controller's own type, with no field that the type does not know.
func TestStrictDecode(t *testing.T) {
	seen := map[string]int{}
	for _, d := range documents(t) {
		if !strings.HasSuffix(d.group(), ".toolkit.fluxcd.io") {
			continue
		}
		key := d.group() + "/" + d.version() + "/" + d.kind()
		seen[key]++
		typed, known := types[key]
		if !known {
			t.Errorf("%s: %s is no type of the controllers", d.where, key)
			continue
		}
		decoder := json.NewDecoder(bytes.NewReader(d.json))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(typed()); err != nil {
			t.Errorf("%s: %v", d.where, err)
		}
	}
	for key, n := range seen {
		t.Logf("%4d %s", n, key)
	}
}
