package setters_test

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"cdk8s-forge/conformance/setters"
)

const lock = `images:
- image: "registry.example.com:5000/team/app:1.0.0" # {"$imagepolicy": "ns:app"}
  tag: "1.0.0" # {"$imagepolicy": "ns:app:tag"}
  name: "registry.example.com:5000/team/app" # {"$imagepolicy": "ns:app:name"}
  digest: "" # {"$imagepolicy": "ns:app:digest"}
- image: "registry.example.com:5000/team/db@sha256:aa" # {"$imagepolicy": "ns:db"}
note: |
  image: "a:1" # {"$imagepolicy": "ns:app"}
`

func TestMarkersAreThoseThatFluxSees(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "images.yaml"), lock)
	write(t, filepath.Join(root, "dist/readme.md"), lock)
	write(t, filepath.Join(root, "test/other.yaml"), lock)
	write(t, filepath.Join(root, "dist/.hidden/a.yml"), "a: b:1 # {\"$imagepolicy\": \"ns:app\"}\n")
	markers, err := setters.Markers(root, "images.yaml", "dist")
	if err != nil {
		t.Fatal(err)
	}
	want := []setters.Marker{
		{File: "images.yaml", Setter: "ns:app", Value: "registry.example.com:5000/team/app:1.0.0"},
		{File: "images.yaml", Setter: "ns:app:tag", Value: "1.0.0"},
		{File: "images.yaml", Setter: "ns:app:name", Value: "registry.example.com:5000/team/app"},
		{File: "images.yaml", Setter: "ns:app:digest", Value: ""},
		{File: "images.yaml", Setter: "ns:db", Value: "registry.example.com:5000/team/db@sha256:aa"},
		{File: "dist/.hidden/a.yml", Setter: "ns:app", Value: "b:1"},
	}
	if !reflect.DeepEqual(markers, want) {
		t.Errorf("%+v\nwant\n%+v", markers, want)
	}
}

func TestMarkersRefuseAFileThatFluxWouldSkip(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "a.yaml"), "a: b: c # {\"$imagepolicy\": \"ns:app\"}\n")
	if _, err := setters.Markers(root, "."); err == nil || !strings.Contains(err.Error(), "a.yaml") {
		t.Errorf("error %v", err)
	}
}

func TestBumpAndUpdatePlayFlux(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "images.yaml"), lock)
	markers, err := setters.Markers(root, "images.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range []struct {
		release  setters.Release
		policies []string
		want     *strings.Replacer
	}{
		{setters.Release{Tag: "7"}, []string{"ns:app"}, strings.NewReplacer(`app:1.0.0"`, `app:7"`, `"1.0.0"`, `"7"`)},
		{setters.Release{Tag: "1.1", Digest: "sha256:bb"}, nil, strings.NewReplacer(`app:1.0.0"`, `app:1.1@sha256:bb"`, `"1.0.0"`, `"1.1"`, `digest: ""`, `digest: "sha256:bb"`, `db@sha256:aa`, `db:1.1@sha256:bb`)},
	} {
		write(t, filepath.Join(root, "images.yaml"), lock)
		values, err := setters.Bump(markers, run.release, run.policies...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := values.Update(root, "images.yaml"); err != nil {
			t.Fatal(err)
		}
		if text, want := read(t, root)["images.yaml"], run.want.Replace(lock); text != want {
			t.Errorf("%v\n%s\nwant\n%s", run.release, text, want)
		}
	}
}

func TestBumpRefusesTwoNamesForOnePolicy(t *testing.T) {
	_, err := setters.Bump([]setters.Marker{{Setter: "ns:app", Value: "a/app:1"}, {Setter: "ns:app", Value: "b/app:1"}}, setters.Release{Tag: "2"})
	if err == nil || !strings.Contains(err.Error(), "both a/app and b/app") {
		t.Errorf("error %v", err)
	}
}

func TestBumpRefusesAnUnknownPart(t *testing.T) {
	_, err := setters.Bump([]setters.Marker{{Setter: "ns:app:version", Value: "1"}}, setters.Release{Tag: "2"})
	if err == nil || !strings.Contains(err.Error(), `"version"`) {
		t.Errorf("error %v", err)
	}
}
