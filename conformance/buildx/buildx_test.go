package buildx

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

const own = "registry.test:3000"

var cached = regexp.MustCompile(`(?m)^#\d+ CACHED$`)

type index struct {
	MediaType string
	Manifests []struct {
		Digest   string
		Platform struct{ OS, Architecture string }
	}
}

func platforms(joined index) string {
	var all []string
	for _, m := range joined.Manifests {
		all = append(all, m.Platform.OS+"/"+m.Platform.Architecture)
	}
	return strings.Join(all, " ")
}

// pushes checks the builds of a pipeline whose builder runs a whole BuildKit.
func pushes(t *testing.T, b *bench, pipeline string) {
	one := b.built(t, pipeline, "build-"+pipeline+"-one")
	var manifest struct {
		MediaType string
		Config    struct{ Digest string }
	}
	if digest := b.get(t, own, "/v2/platform/"+pipeline+"-one/manifests/"+sorted, &manifest); digest != one.outputs["digest"] || digest == "" {
		t.Errorf("the image is %q, and %q as output\n%s", digest, one.outputs["digest"], one.log)
	}
	var config struct {
		Config struct{ Labels map[string]string }
	}
	b.get(t, own, "/v2/platform/"+pipeline+"-one/blobs/"+manifest.Config.Digest, &config)
	for label, want := range map[string]string{"revision": commit, "version": sorted, "created": "2025-11-20T00:53:20Z"} {
		if got := config.Config.Labels["org.opencontainers.image."+label]; got != want {
			t.Errorf("label %s is %q", label, got)
		}
	}
	if cached.MatchString(one.log) {
		t.Errorf("the first build finds a cache:\n%s", one.log)
	}
	if again := b.built(t, pipeline, "build-"+pipeline+"-one"); !cached.MatchString(again.log) {
		t.Errorf("the second build finds no cache:\n%s", again.log)
	}

	two := b.built(t, pipeline, "build-"+pipeline+"-two")
	var joined index
	if digest := b.get(t, own, "/v2/platform/"+pipeline+"-two/manifests/latest", &joined); digest != two.outputs["digest"] {
		t.Errorf("the index is %s, and %s as output", digest, two.outputs["digest"])
	}
	if got := platforms(joined); got != "linux/amd64 linux/arm64" {
		t.Errorf("platforms %q, no more and no less than asked for", got)
	}

	attested := b.built(t, pipeline, "build-"+pipeline+"-attested")
	var here, there index
	digest := b.get(t, own, "/v2/platform/"+pipeline+"-attested/manifests/"+sorted, &here)
	if got := platforms(here); got != "linux/amd64 unknown/unknown" {
		t.Errorf("no attestation beside the image: %q", got)
	}
	var statement struct{ Subject, ArtifactType any }
	b.get(t, own, "/v2/platform/"+pipeline+"-attested/manifests/"+here.Manifests[1].Digest, &statement)
	if statement.Subject != nil || statement.ArtifactType != nil {
		t.Errorf("the attestation is stored in a form that some registries refuse: %+v", statement)
	}
	// The same image is in the other registry, by a login of its own.
	if mirrored := b.get(t, "mirror.test:3001", "/v2/mirror/"+pipeline+"-attested/manifests/latest", &there); mirrored != digest || digest != attested.outputs["digest"] {
		t.Errorf("the mirror has %s, the registry %s, the output is %s", mirrored, digest, attested.outputs["digest"])
	}
}

// leavesAlone checks that the build of a pull request changes nothing that other builds read.
func leavesAlone(t *testing.T, b *bench, pipeline, check string) {
	before := b.everything(t, own)
	if before == "" {
		t.Fatal("the registry is empty")
	}
	b.write(t, "repository/app folder/hello", "changed by a pull request\n")
	made := b.built(t, pipeline, check)
	if after := b.everything(t, own); after != before {
		t.Errorf("the registry was\n%s\nand is\n%s", before, after)
	}
	if len(made.outputs) != 0 || !strings.Contains(made.log, "pushed nothing") {
		t.Errorf("outputs %v\n%s", made.outputs, made.log)
	}
	b.write(t, "repository/app folder/docker/Dockerfile", "FROM scratch\nCOPY missing /missing\n")
	if broken := b.run(t, pipeline, check); broken.err == nil {
		t.Errorf("a broken pull request passes:\n%s", broken.log)
	}
}

func TestDriverRemoteOnABuildkitd(t *testing.T) {
	b := newBench(t)
	b.buildkitd(t)
	pushes(t, b, "remote")
	leavesAlone(t, b, "remote", "check-remote-one")
}

func TestDriverDockerContainerFindsItsBuilderAgain(t *testing.T) {
	b := newBench(t)
	b.dockerd(t)
	b.builderImage(t, image(t, "container", "build-container-one"))
	pushes(t, b, "container")
	// Each job has a home of its own, so that only the daemon knew of the builder.
	containers := strings.Fields(b.docker(t, "ps", "--all", "--format", "{{.Names}}"))
	// Of the four builds, one pushes to two registries, whose builder has another configuration than that of one registry.
	if names := regexp.MustCompile(`^(buildx_buildkit_forge-[0-9a-f]{10}0 ?){2}$`); !names.MatchString(strings.Join(containers, " ")) {
		t.Errorf("builders: %q", containers)
	}
	if volumes := strings.Fields(b.docker(t, "volume", "ls", "--quiet")); len(volumes) != len(containers) {
		t.Errorf("builders %q, and volumes %q", containers, volumes)
	}
	leavesAlone(t, b, "container", "check-container-one")
}

func TestDriverDockerContainerTrustsAPrivateAuthority(t *testing.T) {
	b := newBench(t)
	b.dockerd(t)
	b.builderImage(t, image(t, "secured", "build"))
	made := b.built(t, "secured", "build")
	var ignored any
	if digest := b.get(t, "secured.test:3002", "/v2/platform/secured-one/manifests/"+sorted, &ignored); digest != made.outputs["digest"] {
		t.Errorf("the image is %s, and %s as output", digest, made.outputs["digest"])
	}
}

func TestDriverDocker(t *testing.T) {
	b := newBench(t)
	b.dockerd(t)
	made := b.built(t, "docker", "build")
	var ignored any
	if digest := b.get(t, own, "/v2/platform/docker-one/manifests/"+sorted, &ignored); digest != made.outputs["digest"] {
		t.Errorf("the image is %s, and %s as output\n%s", digest, made.outputs["digest"], made.log)
	}
	if again := b.built(t, "docker", "build"); !cached.MatchString(again.log) {
		t.Errorf("the second build finds no cache:\n%s", again.log)
	}
	leavesAlone(t, b, "docker", "check")
}

// image is the image of BuildKit that a step names.
func image(t *testing.T, pipeline, id string) string {
	t.Helper()
	var steps map[string]map[string]step
	if err := json.Unmarshal(cases(t, "steps.json"), &steps); err != nil {
		t.Fatal(err)
	}
	return steps[pipeline][id].Env["BUILDER_IMAGE"]
}
