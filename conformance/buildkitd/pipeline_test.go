package buildkitd

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"
	"time"
)

const sorted = "main-0123456-1763600000"

// job is what the build step of one job of a pipeline is given by the jobs and steps before it.
type job struct {
	id, reference string
	// outputs are those that the step wrote, by name.
	outputs map[string]string
	log     string
	err     error
}

// run plays the build step of a job: expressions filled in, the script in bash, as a runner does.
func (b *bench) run(t *testing.T, id, reference string) job {
	t.Helper()
	var jobs map[string]renderedStep
	readCase(t, "pipeline.json", &jobs)
	rendered, ok := jobs[id]
	if !ok {
		t.Fatalf("there is no job %s", id)
	}
	values := strings.NewReplacer(
		"${{ steps.tags.outputs.tags }}", sorted+" latest", "${{ steps.tags.outputs.version }}", sorted,
		"${{ steps.check-out.outputs.time }}", "1763600000", "${{ github.sha }}", commit,
		"${{ github.event.pull_request.number }}", "3", "${{ needs.build-base.outputs.reference }}", reference,
		"${{ secrets.REGISTRY_USER }}", user, "${{ secrets.REGISTRY_TOKEN }}", password, "${{ secrets.NPM_TOKEN }}", "npm secret",
		host+":3000", host+":"+b.port,
	)
	output := filepath.Join(b.work, "output")
	environment := []string{"GITHUB_OUTPUT=" + output, "GITHUB_STEP_SUMMARY=" + filepath.Join(b.work, "summary.md")}
	for name, value := range rendered.Env {
		// Both pools are played by one daemon: no step runs, so that one architecture builds for the other.
		if name == "PLATFORM_HOSTS" {
			value = "linux/amd64=" + b.address() + " linux/arm64=" + b.address()
		}
		if value = values.Replace(value); strings.Contains(value, "${{") {
			t.Fatalf("%s: this test does not know the value of %s", name, value)
		}
		environment = append(environment, name+"="+value)
	}
	b.write(t, "step.sh", rendered.Run)
	log, err := played(t, func() *exec.Cmd {
		_ = os.Remove(output)
		step := b.command("bash", "--noprofile", "--norc", "-e", "-o", "pipefail", filepath.Join(b.work, "step.sh"))
		step.Dir = filepath.Join(b.work, "repository")
		step.Env = b.environment(append(environment, "BUILDKIT_HOST="+b.address())...)
		return step
	})
	made := job{id: id, reference: reference, outputs: map[string]string{}, log: string(log), err: err}
	text, _ := os.ReadFile(output)
	for _, line := range strings.Split(string(text), "\n") {
		if name, value, found := strings.Cut(line, "="); found {
			made.outputs[name] = value
		}
	}
	return made
}

// built is run for a build that must succeed.
func (b *bench) built(t *testing.T, id, reference string) job {
	t.Helper()
	made := b.run(t, id, reference)
	if made.err != nil {
		t.Fatalf("job %s: %v\n%s", id, made.err, made.log)
	}
	return made
}

// digest is that of a tag in the registry.
func (b *bench) digest(t *testing.T, repository, tag string) string {
	t.Helper()
	request, _ := http.NewRequest(http.MethodHead, fmt.Sprintf("%s/v2/%s/manifests/%s", b.server.URL, repository, tag), nil)
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	return response.Header.Get("Docker-Content-Digest")
}

// everything is all tags of the registry with their digests.
func (b *bench) everything(t *testing.T) string {
	t.Helper()
	var catalogue struct{ Repositories []string }
	b.get(t, "/v2/_catalog", &catalogue)
	var all []string
	for _, repository := range catalogue.Repositories {
		for _, tag := range b.tags(t, repository) {
			all = append(all, repository+":"+tag+"@"+b.digest(t, repository, tag))
		}
	}
	sort.Strings(all)
	return strings.Join(all, "\n")
}

type index struct {
	MediaType string
	Manifests []struct {
		Digest   string
		Platform struct{ OS, Architecture string }
	}
}

func TestPipelinePushesAllTagsWithLabelsAndSaysTheDigest(t *testing.T) {
	b := newBench(t)
	base := b.built(t, "build-base", "")
	tags := b.tags(t, "platform/base")
	sort.Strings(tags)
	if strings.Join(tags, " ") != "latest "+sorted {
		t.Fatalf("tags %q", tags)
	}
	for _, tag := range tags {
		if digest := b.digest(t, "platform/base", tag); digest != base.outputs["digest"] || digest == "" {
			t.Errorf("%s is %s in the registry, and %q as output", tag, digest, base.outputs["digest"])
		}
	}
	var config struct {
		Config struct{ Labels map[string]string }
	}
	b.get(t, fmt.Sprintf("/v2/platform/base/blobs/%s", b.manifest(t, "platform/base", sorted).Config.Digest), &config)
	for label, want := range map[string]string{
		"revision": commit, "version": sorted, "created": "2025-11-20T00:53:20Z", "source": "http://registry.test:" + b.port + "/platform/app",
	} {
		if got := config.Config.Labels["org.opencontainers.image."+label]; got != want {
			t.Errorf("label %s is %q, want %q", label, got, want)
		}
	}
	if summary, _ := os.ReadFile(filepath.Join(b.work, "summary.md")); !strings.Contains(string(summary), base.outputs["digest"]) {
		t.Errorf("the summary does not name the digest:\n%s", summary)
	}
	if strings.Contains(base.log, password) {
		t.Error("the log shows the password")
	}
}

func TestPipelineBuildsFromTheBaseImageOfTheSameRun(t *testing.T) {
	b := newBench(t)
	b.write(t, "repository/derived/Dockerfile", "ARG BASE=scratch\nFROM ${BASE}\nCOPY more /more\n")
	b.write(t, "repository/derived/more", "more\n")
	base := b.built(t, "build-base", "")
	b.built(t, "build-derived", base.outputs["reference"])
	if layers := b.layers(t, "platform/derived", sorted); len(layers) != 2 || layers[0] != b.layers(t, "platform/base", sorted)[0] {
		t.Errorf("layers %q do not begin with those of the base image", layers)
	}
}

func (b *bench) layers(t *testing.T, repository, tag string) []string {
	t.Helper()
	var m struct{ Layers []struct{ Digest string } }
	b.get(t, fmt.Sprintf("/v2/%s/manifests/%s", repository, tag), &m)
	var digests []string
	for _, layer := range m.Layers {
		digests = append(digests, layer.Digest)
	}
	return digests
}

func TestPipelineHitsTheCacheOfTheRegistry(t *testing.T) {
	b := newBench(t)
	first := b.built(t, "build-base", "")
	cached := regexp.MustCompile(`(?m)^#\d+ CACHED$`)
	if cached.MatchString(first.log) {
		t.Errorf("the first build finds a cache:\n%s", first.log)
	}
	// All that is left is the cache in the registry.
	prune := b.command(filepath.Join(binaries, "buildctl"), "--addr", b.address(), "prune", "--all")
	prune.Env = b.environment()
	if output, err := prune.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	if second := b.built(t, "build-base", ""); !cached.MatchString(second.log) {
		t.Errorf("the second build finds no cache:\n%s", second.log)
	}
}

func TestPullRequestLeavesRegistryAndCacheAlone(t *testing.T) {
	b := newBench(t)
	b.built(t, "build-base", "")
	before := b.everything(t)
	b.write(t, "repository/app folder/hello", "changed by a pull request\n")
	check := b.built(t, "check-base", "")
	if after := b.everything(t); after != before {
		t.Errorf("the registry was\n%s\nand is\n%s", before, after)
	}
	if len(check.outputs) != 0 || !strings.Contains(check.log, "pushed nothing") {
		t.Errorf("outputs %v\n%s", check.outputs, check.log)
	}
	// A pull request that does not build fails.
	b.write(t, "repository/app folder/docker/Dockerfile", "FROM scratch\nCOPY missing /missing\n")
	if broken := b.run(t, "check-base", ""); broken.err == nil {
		t.Errorf("a broken pull request passes:\n%s", broken.log)
	}
}

func TestPipelineJoinsTwoPlatformsIntoOneIndex(t *testing.T) {
	b := newBench(t)
	made := b.built(t, "build-platforms", "")
	var joined index
	b.get(t, "/v2/platform/platforms/manifests/latest", &joined)
	var platforms []string
	for _, m := range joined.Manifests {
		platforms = append(platforms, m.Platform.OS+"/"+m.Platform.Architecture)
	}
	sort.Strings(platforms)
	if strings.Join(platforms, " ") != "linux/amd64 linux/arm64" {
		text, _ := json.Marshal(joined)
		t.Errorf("platforms %q, no more and no less than asked for: %s", platforms, text)
	}
	if digest := b.digest(t, "platform/platforms", sorted); digest != made.outputs["digest"] {
		t.Errorf("the index is %s, and %s as output", digest, made.outputs["digest"])
	}
}

func TestReproducibleBuildHasOneDigestAndItsAttestation(t *testing.T) {
	b := newBench(t)
	b.write(t, "repository/app folder/docker/Dockerfile", "FROM scratch\nWORKDIR /work\nCOPY hello /hello\n")
	platform := func() string {
		b.built(t, "build-exact", "")
		var attested index
		b.get(t, "/v2/platform/exact/manifests/latest", &attested)
		if len(attested.Manifests) != 2 || attested.Manifests[1].Platform.Architecture != "unknown" {
			t.Fatalf("no attestation beside the image: %+v", attested)
		}
		return attested.Manifests[0].Digest
	}
	first := platform()
	prune := b.command(filepath.Join(binaries, "buildctl"), "--addr", b.address(), "prune", "--all")
	prune.Env = b.environment()
	if output, err := prune.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	if err := os.Chtimes(filepath.Join(b.work, "repository/app folder/hello"), time.Unix(1, 0), time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if second := platform(); second != first {
		t.Errorf("equal sources give %s and %s", first, second)
	}
}

func TestPoolsOfTwoArchitecturesPushOneIndex(t *testing.T) {
	b := newBench(t)
	made := b.built(t, "native", "")
	var joined index
	b.get(t, "/v2/platform/native/manifests/latest", &joined)
	if len(joined.Manifests) != 2 {
		t.Fatalf("%+v\n%s", joined, made.log)
	}
	for i, architecture := range []string{"amd64", "arm64"} {
		if joined.Manifests[i].Platform.Architecture != architecture {
			t.Errorf("%d is for %s", i, joined.Manifests[i].Platform.Architecture)
		}
		var m struct{ Config struct{ Digest string } }
		b.get(t, "/v2/platform/native/manifests/"+joined.Manifests[i].Digest, &m)
		var config struct {
			Architecture string
			Config       struct{ Labels map[string]string }
		}
		b.get(t, "/v2/platform/native/blobs/"+m.Config.Digest, &config)
		if config.Architecture != architecture || config.Config.Labels["org.opencontainers.image.revision"] != commit {
			t.Errorf("the configuration of %s: %+v", architecture, config)
		}
	}
	if digest := b.digest(t, "platform/native", sorted); digest != made.outputs["digest"] {
		t.Errorf("the index is %s, and %s as output", digest, made.outputs["digest"])
	}
	caches := b.tags(t, "platform/native-cache")
	sort.Strings(caches)
	if strings.Join(caches, " ") != "buildcache-linux-amd64 buildcache-linux-arm64" {
		t.Errorf("caches %q", caches)
	}
	if again := b.built(t, "native", ""); !strings.Contains(again.log, "CACHED") {
		t.Errorf("nothing is cached:\n%s", again.log)
	}
}
