package signing

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// everywhere runs a test in each kind of registry, with and without the API for referrers.
func everywhere(t *testing.T, test func(t *testing.T, w *world, referrers bool)) {
	need(t, "cosign")
	for _, kind := range []string{"plain", "private", "local", "hub"} {
		for _, referrers := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, referrers %t", kind, referrers), func(t *testing.T) { test(t, newWorld(t, kind, referrers), referrers) })
		}
	}
}

// verify is what somebody does who has the committed public key.
func (w *world) verify(t *testing.T, reference string, args ...string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "cosign.pub"), []byte(caseFile(t, "public.pem")), 0o600); err != nil {
		t.Fatal(err)
	}
	args = append(args, "--key", "cosign.pub", "--insecure-ignore-tlog=true")
	if w.ca == "" {
		args = append(args, "--allow-http-registry")
	}
	return start(dir, w.insider(t), need(t, "cosign"), append(args, reference)...)
}

func TestSignedImagesAreVerifiedAndOthersAreNot(t *testing.T) {
	own, other := keys(t)
	everywhere(t, func(t *testing.T, w *world, referrers bool) {
		for _, s := range w.of(t).Sign {
			reference := w.pushed(t, w.of(t).Image, nil)
			if out, err := w.verify(t, reference, "verify"); err == nil {
				t.Fatalf("an image without a signature is verified: %s", out)
			}
			out, err := w.run(t, s, t.TempDir(), secrets(reference, own))
			if err != nil {
				t.Fatal(out)
			}
			if strings.Contains(out, own) || strings.Contains(out, token) {
				t.Fatal("the log has a secret")
			}
			if out, err := w.verify(t, reference, "verify"); err != nil {
				t.Fatal(out)
			}
			found := w.left(t, reference)
			wanted := traces{signature: true}
			if s.Env["FORMAT"] == "bundle" {
				// A registry without the API has the list of referrers under a tag.
				wanted = traces{referrers: 1, list: !referrers}
			}
			if found != wanted {
				t.Errorf("%s: the registry has %+v", s.Env["FORMAT"], found)
			}
			reference = w.pushed(t, w.of(t).Image, nil)
			if out, err := w.run(t, s, t.TempDir(), secrets(reference, other)); err == nil || !strings.Contains(out, "does not fit the committed public key") {
				t.Fatalf("a key that is not the committed one is taken: %s", out)
			}
		}
	})
}

func TestAStatementIsAttested(t *testing.T) {
	own, _ := keys(t)
	everywhere(t, func(t *testing.T, w *world, _ bool) {
		for _, s := range w.of(t).Attest {
			reference := w.pushed(t, w.of(t).Image, nil)
			dir := t.TempDir()
			if out, err := w.run(t, s, dir, secrets(reference, own)); err == nil || !strings.Contains(out, "there is no file sbom.json") {
				t.Fatalf("a statement without a file: %s", out)
			}
			sbom := `{"spdxVersion":"SPDX-2.3","dataLicense":"CC0-1.0","SPDXID":"SPDXRef-DOCUMENT","name":"web","documentNamespace":"https://example.com/web","creationInfo":{"created":"2026-01-01T00:00:00Z","creators":["Tool: test"]},"packages":[]}`
			if err := os.WriteFile(filepath.Join(dir, "sbom.json"), []byte(sbom), 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := w.run(t, s, dir, secrets(reference, own)); err != nil {
				t.Fatal(out)
			}
			if out, err := w.verify(t, reference, "verify-attestation", "--type", "spdxjson"); err != nil {
				t.Fatal(out)
			}
			if out, err := w.verify(t, reference, "verify-attestation", "--type", "slsaprovenance1"); err == nil {
				t.Fatalf("an SBOM is taken for a provenance: %s", out)
			}
		}
	})
}

func TestWhoIsNotTrustedOrNotLoggedInIsToldSo(t *testing.T) {
	own, _ := keys(t)
	w := newWorld(t, "private", true)
	reference := w.pushed(t, w.of(t).Image, nil)
	values := secrets(reference, own)
	values["REGISTRY_TOKEN"] = "wrong"
	if out, err := w.run(t, w.of(t).Sign[0], t.TempDir(), values); err == nil || !strings.Contains(out, "401") {
		t.Fatalf("a wrong token: %s", out)
	}
	values = secrets(reference, own)
	values["CA_PEM"] = ""
	if out, err := w.run(t, w.of(t).Sign[0], t.TempDir(), values); err == nil || !strings.Contains(out, "certificate signed by unknown authority") {
		t.Fatalf("without the CA: %s", out)
	}
}
