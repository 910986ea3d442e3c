package apiserver

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
)

// latency is what a registry takes for a list of tags.
const latency = 20 * time.Millisecond

// load is a number of images, how often each is to be scanned, and flags of the controller.
type load struct {
	images   int
	interval time.Duration
	flags    []string
}

// Flux's own image-reflector-controller scans images of a registry that does nothing but count. It is measured, not judged, and only on request:
//
//	FORGE_LOAD='200@5m 1000@5m 3000@6m 3000@1m 3000@1m,--concurrent=20,--kube-api-qps=500' go test -v -run Reflector -timeout 2h .
func TestLoadOfImageReflector(t *testing.T) {
	wanted := os.Getenv("FORGE_LOAD")
	if wanted == "" {
		t.Skip("FORGE_LOAD names the loads")
	}
	tools := t.TempDir()
	build(t, "images", tools, "github.com/fluxcd/image-reflector-controller")
	for _, text := range strings.Fields(wanted) {
		t.Run(text, func(t *testing.T) { parseLoad(t, text).measure(t, tools) })
	}
}

func parseLoad(t *testing.T, text string) load {
	t.Helper()
	parts := strings.Split(text, ",")
	count, interval, _ := strings.Cut(parts[0], "@")
	images, err := strconv.Atoi(count)
	if err != nil {
		t.Fatal(err)
	}
	every, err := time.ParseDuration(interval)
	if err != nil {
		t.Fatal(err)
	}
	return load{images, every, parts[1:]}
}

func (l load) measure(t *testing.T, tools string) {
	server, config := newCluster(t)
	registry := startRegistry(t)
	l.objects(t, server, strings.TrimPrefix(registry.address, "http://"))
	metrics := startReflector(t, tools, config, l.flags)
	started := time.Now()
	for registry.images() < l.images {
		if time.Since(started) > 30*time.Minute {
			t.Fatalf("%d of %d images are scanned", registry.images(), l.images)
		}
		time.Sleep(100 * time.Millisecond)
	}
	first, start := time.Since(started), metrics.read(t)
	// Policies follow. Then each image is scanned twice or, if it takes longer than a minute, once.
	time.Sleep(20 * time.Second)
	window := max(2*time.Minute, l.interval*11/10)
	before, scans := metrics.read(t), registry.scans.Load()
	peak := registry.peak(window)
	after := metrics.read(t)
	minutes := window.Minutes()
	t.Logf("%d images, each every %s, %v: all scanned after %.0f s (%.0f s of CPU, %.0f requests to the API server); then %.0f scans a minute (%.0f wanted), at most %d in ten seconds, %.0f requests a minute to the API server, %.1f s of CPU a minute, %.0f MB",
		l.images, l.interval, l.flags, first.Seconds(), start.cpu, start.requests, float64(registry.scans.Load()-scans)/minutes, float64(l.images)/l.interval.Minutes(), peak,
		(after.requests-before.requests)/minutes, (after.cpu-before.cpu)/minutes, after.memory/1e6)
}

// Flux's own kustomize-controller applies a large platform, and then applies it again without a change. It is measured, not judged, and only on request:
//
//	FORGE_IMAGES=1600 node --import tsx scripts/conformance-kustomize.ts /tmp/platform
//	FORGE_PLATFORM=/tmp/platform go test -v -run LoadOfKustomize -timeout 2h .
func TestLoadOfKustomizeController(t *testing.T) {
	folder := os.Getenv("FORGE_PLATFORM")
	if folder == "" {
		t.Skip("FORGE_PLATFORM names the platform")
	}
	patience = 30 * time.Minute
	server, config := newCluster(t)
	flux := &flux{cluster: server, tools: t.TempDir(), archives: map[string][]byte{}}
	build(t, "controller", flux.tools, "github.com/fluxcd/kustomize-controller")
	flux.watched(t)
	flux.serve(t)
	metrics := flux.startController(t, config)
	platform := program{"platform", folder, true}
	flux.namespaces(t, platform, nil)
	steps := platform.steps(t)
	flux.variables(t, steps)
	flux.publish(t, platform, folder)
	flux.handOver(t, folder)
	flux.playOthers(t, platform, 5*time.Second)
	tell := func(what string, call func()) {
		before, started := metrics.read(t), time.Now()
		call()
		after := metrics.read(t)
		t.Logf("%s: %.0f s, %.1f s of CPU, %.0f requests to the API server, %.0f MB", what, time.Since(started).Seconds(), after.cpu-before.cpu, after.requests-before.requests, after.memory/1e6)
	}
	var kustomizations []*unstructured.Unstructured
	tell("first", func() { kustomizations = flux.awaitReady(t, steps) })
	t.Logf("%d objects in %d Kustomizations, an archive of %.1f MB", len(flux.inventory(t, kustomizations)), len(kustomizations), float64(len(flux.archives["/platform.tar.gz"]))/1e6)
	tell("again", func() { flux.applyAgain(t, kustomizations) })
}

// objects makes an ImageRepository and an ImagePolicy for each image, with intervals that differ by up to a tenth, as this library does.
func (l load) objects(t *testing.T, server cluster, host string) {
	t.Helper()
	server.ensure(t, object("v1", "Namespace", "", "load", nil))
	var workers sync.WaitGroup
	for worker := 0; worker < 8; worker++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for i := worker; i < l.images; i += 8 {
				name := fmt.Sprintf("service-%d", i)
				every := time.Duration(float64(l.interval) * (1 + float64(i*7919%201-100)/1000)).Round(time.Second)
				server.ensure(t, object("image.toolkit.fluxcd.io/v1", "ImageRepository", "load", name, map[string]any{"spec": map[string]any{
					"image": host + "/team/" + name, "interval": every.String(), "timeout": "1m", "insecure": true}}))
				server.ensure(t, object("image.toolkit.fluxcd.io/v1", "ImagePolicy", "load", name, map[string]any{"spec": map[string]any{
					"imageRepositoryRef": map[string]any{"name": name},
					"filterTags":         map[string]any{"pattern": `^main-[0-9a-f]+-(?P<build>[0-9]+)$`, "extract": "$build"},
					"policy":             map[string]any{"numerical": map[string]any{"order": "asc"}}}}))
			}
		}()
	}
	workers.Wait()
}

func (c cluster) ensure(t *testing.T, object *unstructured.Unstructured) {
	if err := c.Client.Create(context.Background(), object); err != nil {
		t.Errorf("%s: %v", key(object), err)
	}
}

// registry lists twenty tags of whatever image it is asked for.
type registry struct {
	address string
	scans   atomic.Int64
	seen    sync.Map
}

func startRegistry(t *testing.T) *registry {
	t.Helper()
	made := &registry{}
	var tags []string
	for i := 0; i < 20; i++ {
		tags = append(tags, fmt.Sprintf(`"main-%07x-%d"`, i, 1_700_000_000+i))
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, isList := strings.CutSuffix(r.URL.Path, "/tags/list")
		if !isList {
			return
		}
		time.Sleep(latency)
		made.scans.Add(1)
		made.seen.Store(name, true)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"name":%q,"tags":[%s]}`, strings.TrimPrefix(name, "/v2/"), strings.Join(tags, ","))
	}))
	t.Cleanup(server.Close)
	made.address = server.URL
	return made
}

func (r *registry) images() int {
	count := 0
	r.seen.Range(func(_, _ any) bool { count++; return true })
	return count
}

// peak watches for some time, and is the largest number of scans in ten seconds of it.
func (r *registry) peak(window time.Duration) int64 {
	var most int64
	for end := time.Now().Add(window); time.Now().Before(end); {
		before := r.scans.Load()
		time.Sleep(min(10*time.Second, time.Until(end)))
		most = max(most, r.scans.Load()-before)
	}
	return most
}

// metrics is where a controller tells what it has done.
type metrics string

type usage struct{ cpu, memory, requests float64 }

func startReflector(t *testing.T, tools string, config *rest.Config, flags []string) metrics {
	t.Helper()
	folder, port := t.TempDir(), freePort(t)
	arguments := []string{"--watch-all-namespaces", "--enable-leader-election=false", "--log-level=error", "--storage-path=" + filepath.Join(folder, "data"),
		fmt.Sprintf("--metrics-addr=127.0.0.1:%d", port), fmt.Sprintf("--health-addr=127.0.0.1:%d", freePort(t))}
	if err := os.Mkdir(filepath.Join(folder, "data"), 0o700); err != nil {
		t.Fatal(err)
	}
	environment := []string{"KUBECONFIG=" + kubeconfigIn(t, folder, config), "RUNTIME_NAMESPACE=flux-system", "HOME=" + folder, "TMPDIR=" + folder}
	run(t, process{tools, "image-reflector-controller", environment}, append(arguments, flags...)...)
	return metrics(fmt.Sprintf("http://127.0.0.1:%d/metrics", port))
}

func (m metrics) read(t *testing.T) usage {
	t.Helper()
	answer, err := http.Get(string(m))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	return usageIn(t, answer.Body)
}

func usageIn(t *testing.T, text io.Reader) usage {
	t.Helper()
	var sum usage
	lines := bufio.NewScanner(text)
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		number, err := strconv.ParseFloat(value, 64)
		if err != nil {
			continue
		}
		switch {
		case name == "process_cpu_seconds_total":
			sum.cpu += number
		case name == "process_resident_memory_bytes":
			sum.memory += number
		case strings.HasPrefix(name, "rest_client_requests_total{"):
			sum.requests += number
		}
	}
	return sum
}
