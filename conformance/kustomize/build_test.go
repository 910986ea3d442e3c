// Package kustomize builds every folder of the output as Flux's kustomize-controller does: a folder without a kustomization file is
// taken whole, each file of it as a resource.
package kustomize

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"syscall"
	"testing"
	"time"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

func root() string {
	if dir := os.Getenv("FORGE_ROOT"); dir != "" {
		return dir
	}
	return filepath.Join("..", "..")
}

// folders are those that a Flux Kustomization points at.
func folders(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"dist/clusters/*/*", "examples/*/dist/clusters/*/*", "examples/parts/*/dist/clusters/*/*"} {
		found, err := filepath.Glob(filepath.Join(root(), pattern))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	if len(all) == 0 {
		t.Fatalf("no cluster folder below %s", root())
	}
	return all
}

// load reads a folder as Flux scans it: recursively, hidden files too, .yaml and .yml.
func load(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		if ext := filepath.Ext(path); ext != ".yaml" && ext != ".yml" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(folder, path)
		files[filepath.ToSlash(relative)] = text
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// build runs kustomize with the options of kustomize-controller, and returns the number of objects.
func build(files map[string][]byte) (int, error) {
	system := filesys.MakeFsInMemory()
	var names []string
	for name, text := range files {
		if err := system.WriteFile("/folder/"+name, text); err != nil {
			return 0, err
		}
		names = append(names, name)
	}
	sort.Strings(names)
	kustomization := "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n- " + strings.Join(names, "\n- ") + "\n"
	if err := system.WriteFile("/folder/kustomization.yaml", []byte(kustomization)); err != nil {
		return 0, err
	}
	options := krusty.MakeDefaultOptions()
	options.LoadRestrictions = types.LoadRestrictionsNone
	options.PluginConfig = types.DisabledPluginConfig()
	resources, err := krusty.MakeKustomizer(options).Run(system, "/folder")
	if err != nil {
		return 0, err
	}
	return resources.Size(), nil
}

// Every folder builds, and no object gets lost or joined with another on the way.
func TestEveryFolderBuilds(t *testing.T) {
	for _, folder := range folders(t) {
		files := load(t, folder)
		written := 0
		for name, text := range files {
			if strings.HasPrefix(filepath.Base(name), "kustomization.") {
				t.Errorf("%s: %s would take the place of the whole folder", folder, name)
			}
			written += bytes.Count(text, []byte("\n---\n")) + 1
		}
		built, err := build(files)
		if err != nil {
			t.Errorf("%s: %v", folder, err)
			continue
		}
		if built != written {
			t.Errorf("%s: %d objects are written, %d are built", folder, written, built)
		}
	}
}

// What this library refuses at synth, kustomize refuses here: the check is awake.
func TestBuildFindsWhatStopsFlux(t *testing.T) {
	object := func(name string) string {
		return fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: %s\n  namespace: a\n", name)
	}
	for what, files := range map[string]map[string][]byte{
		"one identity twice":     {"a.yaml": []byte(object("x")), "b.yaml": []byte(object("x"))},
		"generateName":           {"a.yaml": []byte("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  generateName: x\n")},
		"a file without objects": {"a.yaml": []byte(object("x")), "values.yaml": []byte("replicas: 1\n")},
	} {
		if _, err := build(files); err == nil {
			t.Errorf("%s: builds", what)
		}
	}
}

// The largest Kustomization that this library lets through builds well within the five minutes that it gives Flux.
func TestLargestKustomizationBuildsInTime(t *testing.T) {
	const largest = 1000
	files := map[string][]byte{}
	for i := 0; i < largest; i++ {
		text := fmt.Sprintf("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c%d\n  namespace: a\ndata:\n  key: value\n", i)
		files[fmt.Sprintf("chart-%d.k8s.yaml", i)] = []byte(text)
	}
	start := time.Now()
	built, err := build(files)
	if err != nil || built != largest {
		t.Fatalf("%d objects, %v", built, err)
	}
	took := time.Since(start)
	t.Logf("%d objects: %s", largest, took.Round(time.Millisecond))
	if took > time.Minute {
		t.Errorf("%d objects take %s to build: lower the limit in lib/flux/cluster/size.ts", largest, took)
	}
}

// A cluster that states how many images it is to have gets Kustomizations that kustomize builds at once: 6,400 pipelines with their
// Deployments, by default. The times are printed, and no check depends on them.
//
//	FORGE_IMAGES=800 npm run conformance -- kustomize
func TestKustomizationsOfALargePlatformBuildAtOnce(t *testing.T) {
	cases := os.Getenv("FORGE_CASES")
	if cases == "" {
		t.Skip("npm run conformance writes the platform")
	}
	found, err := filepath.Glob(filepath.Join(cases, "dist", "clusters", "*", "*"))
	if err != nil || len(found) < 10 {
		t.Fatalf("%d directories, %v", len(found), err)
	}
	var report strings.Builder
	total, most, slowest := 0, 0, time.Duration(0)
	for _, folder := range found {
		files := load(t, folder)
		start := cpuTime(t)
		built, err := build(files)
		took := cpuTime(t) - start
		if err != nil {
			t.Errorf("%s: %v", folder, err)
		}
		if built > 500 {
			t.Errorf("%s has %d objects", folder, built)
		}
		fmt.Fprintf(&report, "%-20s %5d objects %7.2f s\n", filepath.Base(folder), built, took.Seconds())
		total, most, slowest = total+built, max(most, built), max(slowest, took)
	}
	verdict := "reached"
	if slowest >= limit {
		verdict = "MISSED"
	}
	fmt.Fprintf(&report, "%d objects in %d directories, at most %d; the slowest build takes %.2f s of CPU time  %s: under %.0f s\n",
		total, len(found), most, slowest.Seconds(), verdict, limit.Seconds())
	if err := os.WriteFile(filepath.Join(cases, "figures.txt"), []byte(report.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}

// limit is what a build should take at most.
const limit = 3 * time.Second

// cpuTime is that of this process, which other processes of the machine disturb less than the time of day.
func cpuTime(t *testing.T) time.Duration {
	t.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		t.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
