package signing

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// alpine is an image with these packages, in version 1.0.0.
func alpine(t *testing.T, packages ...string) v1.Image {
	t.Helper()
	var installed strings.Builder
	for _, name := range packages {
		installed.WriteString("P:" + name + "\nV:1.0.0\nA:x86_64\no:" + name + "\nL:MIT\n\n")
	}
	files := map[string]string{
		"etc/os-release":       "ID=alpine\nNAME=\"Alpine Linux\"\nVERSION_ID=3.20.1\n",
		"lib/apk/db/installed": installed.String(),
	}
	var layer bytes.Buffer
	writer := tar.NewWriter(&layer)
	for name, text := range files {
		if err := writer.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(text))}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(writer, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	made, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(layer.Bytes())), nil })
	if err != nil {
		t.Fatal(err)
	}
	config := &v1.ConfigFile{Architecture: "amd64", OS: "linux", RootFS: v1.RootFS{Type: "layers"}}
	base, err := mutate.ConfigFile(empty.Image, config)
	if err != nil {
		t.Fatal(err)
	}
	image, err := mutate.AppendLayers(base, made)
	if err != nil {
		t.Fatal(err)
	}
	return image
}

// mirror serves a database, at http://mirror.example.com/databases/v6/latest.json.
func mirror(t *testing.T) (*httptest.Server, *int) {
	t.Helper()
	dir := t.TempDir()
	if out, err := start(dir, nil, need(t, "grype-database"), dir); err != nil {
		t.Fatal(out)
	}
	asked := 0
	files := http.StripPrefix("/databases/v6/", http.FileServer(http.Dir(dir)))
	server := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		asked++
		files.ServeHTTP(answer, request)
	}))
	t.Cleanup(server.Close)
	return server, &asked
}

// report is the report of a scan, by the names of the vulnerabilities.
func report(t *testing.T, dir string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, ".scan-report/report.json"))
	if err != nil {
		t.Fatal(err)
	}
	var content struct {
		Matches []struct {
			Vulnerability struct{ ID string }
		}
	}
	if err := json.Unmarshal(text, &content); err != nil {
		t.Fatal(err)
	}
	found := []string{}
	for _, match := range content.Matches {
		found = append(found, match.Vulnerability.ID)
	}
	for _, name := range []string{"report.txt", "report.sarif"} {
		if info, err := os.Stat(filepath.Join(dir, ".scan-report", name)); err != nil || info.Size() == 0 {
			t.Errorf("no %s", name)
		}
	}
	return found
}

func TestGrypeFindsWhatTheDatabaseOfTheMirrorHas(t *testing.T) {
	need(t, "grype")
	database, asked := mirror(t)
	for _, kind := range []string{"plain", "private", "local"} {
		t.Run(kind, func(t *testing.T) {
			w := newWorld(t, kind, true)
			w.mirror = strings.TrimPrefix(database.URL, "http://")
			scans, cache := w.of(t).Scan, t.TempDir()
			leaky := w.pushed(t, w.of(t).Image, alpine(t, "leaky", "open", "safe"))
			open := w.pushed(t, w.of(t).Image, alpine(t, "open", "safe"))
			scan := func(id, reference string) (string, string, error) {
				dir := t.TempDir()
				ignored := "ignore:\n  - vulnerability: CVE-2026-0001\n"
				for name, text := range map[string]string{"ignored.yaml": ignored, ".grype.yaml": "ignore:\n  - vulnerability: CVE-2026-0001\n  - vulnerability: CVE-2026-0002\n"} {
					if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				out, err := w.run(t, scans[id], dir, map[string]string{"REFERENCE": reference, "CACHE_DIR": cache, "REGISTRY_USER": user, "REGISTRY_TOKEN": token})
				if strings.Contains(out, token) {
					t.Error("the log has a secret")
				}
				return out, dir, err
			}
			expect := func(id, reference string, fails bool, names ...string) {
				t.Helper()
				out, dir, err := scan(id, reference)
				if (err != nil) != fails {
					t.Fatalf("%s: %v: %s", id, err, out)
				}
				if found := strings.Join(report(t, dir), " "); found != strings.Join(names, " ") {
					t.Errorf("%s: %s is found\n%s", id, found, out)
				}
			}
			// The threshold, and no configuration of the directory: .grype.yaml ignores everything.
			expect("high", leaky, true, "CVE-2026-0001", "CVE-2026-0002")
			expect("high", open, false, "CVE-2026-0002")
			before := *asked
			expect("offline", leaky, false, "CVE-2026-0001", "CVE-2026-0002")
			if *asked != before {
				t.Error("an offline scan asks for a database")
			}
			expect("never", leaky, false, "CVE-2026-0001")
			expect("ignored", leaky, true, "CVE-2026-0002")
			if out, _, err := scan("high", strings.Split(leaky, "@")[0]+"@sha256:"+strings.Repeat("0", 64)); err == nil || !strings.Contains(out, "it may not reach the registry") {
				t.Errorf("an image that is not there: %s", out)
			}
		})
	}
}

func TestSyftListsThePackagesAndCosignAttestsThem(t *testing.T) {
	need(t, "syft")
	own, _ := keys(t)
	for _, kind := range []string{"plain", "private", "local"} {
		t.Run(kind, func(t *testing.T) {
			w := newWorld(t, kind, true)
			reference := w.pushed(t, w.of(t).Image, alpine(t, "leaky"))
			for format, s := range w.of(t).Sbom {
				dir := t.TempDir()
				// A configuration of the directory leaves everything out.
				if err := os.WriteFile(filepath.Join(dir, ".syft.yaml"), []byte("exclude: ['**']\n"), 0o600); err != nil {
					t.Fatal(err)
				}
				values := secrets(reference, own)
				values["REFERENCE"] = reference
				for _, one := range []step{s, w.of(t).AttestSbom[format]} {
					if out, err := w.run(t, one, dir, values); err != nil || strings.Contains(out, token) {
						t.Fatalf("%s: %v: %s", one.Name, err, out)
					}
				}
				out, err := w.verify(t, reference, "verify-attestation", "--type", format)
				if err != nil {
					t.Fatal(out)
				}
				text, err := os.ReadFile(filepath.Join(dir, s.Env["FILE"]))
				if err != nil || !strings.Contains(string(text), "leaky") {
					t.Errorf("%s: %v: the SBOM does not list the package", format, err)
				}
			}
		})
	}
}
