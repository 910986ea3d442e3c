package signing

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// admitted asks policy-controller's tester about an image.
func (w *world) admitted(t *testing.T, env []string, policy, reference string) (string, error) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "policy.json")
	if err := os.WriteFile(file, []byte(policy), 0o600); err != nil {
		t.Fatal(err)
	}
	return start(dir, env, need(t, "tester"), "-policy", file, "-image", reference, "-log-level", "error")
}

func TestPolicyControllerAdmitsSignedImagesOnly(t *testing.T) {
	need(t, "tester")
	own, other := keys(t)
	for _, kind := range []string{"private", "local", "hub"} {
		t.Run(kind, func(t *testing.T) {
			w := newWorld(t, kind, true)
			rendered := w.of(t)
			legacy, env := rendered.Sign[0], w.insider(t)
			policy := string(rendered.Policy)
			reference := w.pushed(t, rendered.Image, nil)
			refused := func(why, policy, reference, part string) {
				t.Helper()
				if out, err := w.admitted(t, env, policy, reference); err == nil || !strings.Contains(out, part) {
					t.Errorf("%s: %s", why, out)
				}
			}
			refused("an image without a signature", policy, reference, "no signatures found")
			if kind == "hub" {
				refused("an image without a signature, by its whole name", policy, "index."+reference, "no signatures found")
			}
			if out, err := w.run(t, legacy, t.TempDir(), secrets(reference, own)); err != nil {
				t.Fatal(out)
			}
			names := []string{reference, rendered.Image + ":1.0.0"}
			if kind == "hub" {
				// Policy-controller completes the name of an image before it compares.
				names = append(names, "index."+reference, strings.TrimPrefix(reference, "docker.io/"))
			}
			for _, name := range names {
				if out, err := w.admitted(t, env, policy, name); err != nil {
					t.Errorf("the signed image %s: %s", name, out)
				}
			}
			// The step fails, and leaves a signature that nobody accepts.
			foreign := w.pushed(t, rendered.Image, nil)
			_, _ = w.run(t, legacy, t.TempDir(), secrets(foreign, other))
			refused("an image that somebody else signed", policy, foreign, "no matching signatures")
			bundled := w.pushed(t, rendered.Image, nil)
			if out, err := w.run(t, rendered.Sign[1], t.TempDir(), secrets(bundled, own)); err != nil {
				t.Fatal(out)
			}
			refused("a bundle of a key, for which synth refuses the policy", strings.Replace(policy, `"legacy"`, `"bundle"`, 1), bundled, "the authority must be keyless")
			refused("a bundle where a signature is wanted", policy, bundled, "no signatures found")
			elsewhere := w.pushed(t, strings.Replace(rendered.Image, "/web", "/other", 1), nil)
			refused("an image that the policy does not name", policy, elsewhere, "uncovered by policy")
		})
	}
}

func TestPolicyControllerReachesWhatSynthSays(t *testing.T) {
	need(t, "tester")
	own, _ := keys(t)
	private := newWorld(t, "private", true)
	rendered := private.of(t)
	reference := private.pushed(t, rendered.Image, nil)
	if out, err := private.run(t, rendered.Sign[0], t.TempDir(), secrets(reference, own)); err != nil {
		t.Fatal(out)
	}
	if out, err := private.admitted(t, private.network(), string(rendered.Policy), reference); err == nil || !strings.Contains(out, "certificate signed by unknown authority") {
		t.Errorf("without the CA of the registry: %s", out)
	}
	plain := newWorld(t, "plain", true)
	reference = plain.pushed(t, plain.of(t).Image, nil)
	if out, err := plain.run(t, plain.of(t).Sign[0], t.TempDir(), secrets(reference, own)); err != nil {
		t.Fatal(out)
	}
	// Synth refuses this policy, and says with these words why.
	policy := strings.ReplaceAll(string(rendered.Policy), rendered.Image, plain.of(t).Image)
	if out, err := plain.admitted(t, plain.insider(t), policy, reference); err == nil || !strings.Contains(out, "server gave HTTP response to HTTPS client") {
		t.Errorf("over plain HTTP: %s", out)
	}
}

func TestPolicyControllerReadsThePolicyForAnIdentity(t *testing.T) {
	need(t, "tester")
	w := newWorld(t, "private", true)
	// What verifies an identity is on the internet: here the policy is read, and its fields are checked.
	out, err := w.admitted(t, w.insider(t), string(w.of(t).Keyless), w.pushed(t, w.of(t).Image, nil))
	if err == nil || strings.Contains(out, "CIP is invalid") || strings.Contains(out, "CIP has warnings") {
		t.Errorf("the policy for an identity: %s", out)
	}
}
