package live

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The page for operators, on real servers: from an empty cluster to a green build with its commands only.
var walk = []act{
	{"an empty cluster, a forge and a program", (*stage).anEmptyCluster},
	{"the page synthesizes", (*stage).thePageSynthesizes},
	{"the page shows the steps", (*stage).thePageShowsTheSteps},
	{"the page sets up the cluster", (*stage).thePageSetsUp},
	{"once more, and nothing is to do", (*stage).thePageSetsUpAgain},
	{"the page delivers", (*stage).thePageDelivers},
	{"the page verifies a green build", (*stage).thePageVerifies},
	{"a smoke test follows a commit", (*stage).aSmokeTestFollows},
	{"the page deletes failed pods", (*stage).thePageDeletesFailedPods},
	{"no secret is in any log", (*stage).noSecretIsInALog},
}

func TestOperate(t *testing.T) {
	s := newStage(t)
	started := time.Now()
	for _, a := range walk {
		if !s.act(t, a) {
			t.Fatalf("the walk ends at %q", a.name)
		}
	}
	t.Logf("all: %s", seconds(time.Since(started)))
}

const botUser = "bot"

// pageBlocks are the commands of the page, in their order.
func (s *stage) pageBlocks(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.root, "docs", "operate.md"))
	must(t, err)
	var blocks []string
	for _, match := range regexp.MustCompile("(?ms)^```sh\n(.*?)^```").FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, match[1])
	}
	if len(blocks) != 6 {
		t.Fatalf("the page has %d blocks of commands, want 6: each is an act of this walk", len(blocks))
	}
	return blocks
}

// anEmptyCluster is what the page calls its prerequisites: a cluster without Flux, a forge with a repository that has a Dockerfile, a
// bot user, the program of this repository in a repository of its own, and tools.
func (s *stage) anEmptyCluster(t *testing.T) {
	must(t, s.startCluster(), s.startFront(), s.startGitea(), s.makeTools(), s.makeOperatorTools())
	s.eventually(t, time.Minute, "Gitea answers", s.gitea.answers)
	s.eventually(t, 2*time.Minute, "the API server answers", s.clusterAnswers)
	s.startKubelet(t)
	g := s.gitea
	_, err := g.api(http.MethodPost, "orgs", map[string]any{"username": organization, "visibility": "private"})
	must(t, err)
	_, err = g.api(http.MethodPost, "orgs/"+organization+"/repos", map[string]any{"name": filepath.Base(appRepo), "private": true, "default_branch": "main"})
	must(t, err, g.addUser(organization, botUser, "write", "repo.code", "repo.packages"))
	sources := s.clone(appRepo, "hello")
	must(t, os.MkdirAll(sources.folder, 0o755), sources.begin(), copyFile(s.Programs["hello"], filepath.Join(sources.folder, "hello")), s.write(sources, "Dockerfile", dockerfile), s.write(sources, "version", "first\n"))
	_, err = sources.push("Say hello", "main")
	must(t, err)
	s.writeProgram(t)
	token, err := g.token(g.user, s.pageScopes(t)...)
	must(t, err)
	s.remember("operator", token)
}

// writeProgram writes this repository's own program without its output, in a Git repository of the operator.
func (s *stage) writeProgram(t *testing.T) {
	c := s.clone("", "gitops")
	must(t, os.MkdirAll(c.folder, 0o755), os.CopyFS(c.folder, os.DirFS(filepath.Join(s.cases, "gitops"))))
	for _, name := range []string{"dist", "images.yaml", "main.ts"} {
		must(t, os.RemoveAll(filepath.Join(c.folder, name)))
	}
	program, err := os.ReadFile(filepath.Join(s.root, "main.ts"))
	must(t, err, os.WriteFile(filepath.Join(c.folder, "main.ts"), program, 0o644), os.Symlink(filepath.Join(s.root, "node_modules"), filepath.Join(c.folder, "node_modules")))
	must(t, os.WriteFile(filepath.Join(s.Folder, ".gitconfig"), []byte("[user]\n\tname = Operator\n\temail = operator@example.com\n[init]\n\tdefaultBranch = main\n"), 0o644))
	_, err = c.git("init", "--quiet")
	must(t, err)
}

// pageScopes are those that the page asks for in the token of the administrator.
func (s *stage) pageScopes(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.root, "docs", "operate.md"))
	must(t, err)
	row := regexp.MustCompile("(?m)^\\| `FORGE_TOKEN` \\|.*$").FindString(string(text))
	var scopes []string
	for _, match := range scopePattern.FindAllStringSubmatch(row, -1) {
		scopes = append(scopes, match[1])
	}
	if len(scopes) == 0 {
		t.Fatal("the page names no scopes of FORGE_TOKEN")
	}
	return scopes
}

// makeOperatorTools puts npx and flux beside kubectl. There is no network: `npx cdk8s-forge` is this repository's, and `flux install`
// waits until the play has started the controllers.
func (s *stage) makeOperatorTools() error {
	tools := filepath.Join(s.Folder, "tools")
	npx := fmt.Sprintf("#!/bin/bash\n[ \"$1\" = cdk8s-forge ] || exit 127\nshift\nexec node --import %s %s \"$@\"\n", filepath.Join(s.root, "node_modules/tsx/dist/loader.mjs"), filepath.Join(s.root, "lib/cli/main.ts"))
	flux := fmt.Sprintf("#!/bin/bash\necho \"$*\" > %[1]s/flux.asked\nfor _ in {1..600}; do if [ -e %[1]s/flux.done ]; then exit 0; fi; sleep 0.1; done\nexit 1\n", s.Folder)
	return errors.Join(
		os.WriteFile(filepath.Join(tools, "npx"), []byte(npx), 0o755),
		os.WriteFile(filepath.Join(tools, "flux"), []byte(flux), 0o755),
		os.WriteFile(filepath.Join(s.Folder, "authority.crt"), s.authority, 0o644),
	)
}

// playFlux starts the controllers when `flux install` is called, and from then on does what the image controllers would.
func (s *stage) playFlux(ctx context.Context) error {
	asked := filepath.Join(s.Folder, "flux.asked")
	for !exists(asked) {
		if !sleep(ctx, 100*time.Millisecond) {
			return nil
		}
	}
	if err := errors.Join(s.installFlux(), os.WriteFile(filepath.Join(s.Folder, "flux.done"), nil, 0o644)); err != nil {
		return err
	}
	for sleep(ctx, time.Second) {
		if _, err := s.choose("flux-system", "hello-app"); err != nil {
			continue
		}
		if commit, err := s.automate("flux-system", "home"); err == nil && commit != "" {
			_ = s.cluster.reconcile("GitRepository", "flux-system", "home")
		}
	}
	return nil
}

// runPage runs a block of the page as it stands.
func (s *stage) runPage(t *testing.T, block string) string {
	t.Helper()
	command := exec.Command("bash", "-c", "set -euo pipefail\n"+block)
	command.Dir = s.clone("", "gitops").folder
	command.Env = append(s.operatorEnvironment(), "FORGE_TOKEN="+memory["operator"], "FORGE_USER="+botUser, "FORGE_PASSWORD="+passwords[botUser], "CA="+filepath.Join(s.Folder, "authority.crt"))
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	err := command.Run()
	must(t, os.WriteFile(filepath.Join(s.Folder, "logs", "page_"+random()[:8]+".log"), output.Bytes(), 0o644))
	if err != nil {
		t.Fatalf("%v: %s\n%s", err, block, tail(output.String(), 4000))
	}
	return output.String()
}

func want(t *testing.T, output string, patterns ...string) {
	t.Helper()
	for _, pattern := range patterns {
		if !regexp.MustCompile(pattern).MatchString(output) {
			t.Errorf("%q is not in the output:\n%s", pattern, tail(output, 4000))
		}
	}
}

func (s *stage) thePageSynthesizes(t *testing.T) {
	s.runPage(t, s.pageBlocks(t)[0])
	folder := s.clone("", "gitops").folder
	for _, name := range []string{"dist/RUNBOOK.md", "images.yaml"} {
		if !exists(filepath.Join(folder, name)) {
			t.Errorf("there is no %s", name)
		}
	}
	// The first chapter of the runbook has the same commands.
	text, err := os.ReadFile(filepath.Join(folder, "dist", "RUNBOOK.md"))
	must(t, err)
	_, chapter, _ := strings.Cut(string(text), "## Set up with the command")
	want(t, chapter, "(?s)^.{0,600}```sh\n"+regexp.QuoteMeta(s.commands(t, 2, 3, 4)))
}

// commands are the lines of blocks of the page that run the command, without those that only look.
func (s *stage) commands(t *testing.T, numbers ...int) string {
	all := s.pageBlocks(t)
	var lines []string
	for _, number := range numbers {
		for _, line := range strings.Split(all[number], "\n") {
			if strings.HasPrefix(line, "npx cdk8s-forge") && line != "npx cdk8s-forge secrets" {
				lines = append(lines, line+"\n")
			}
		}
	}
	return strings.Join(lines, "")
}

func (s *stage) thePageShowsTheSteps(t *testing.T) {
	output := s.runPage(t, s.pageBlocks(t)[1])
	want(t, output, "to install: flux install --components-extra=image-reflector-controller,image-automation-controller", `namespaces: to create: flux-system, apps, gitea \(privileged\)`, "repository: to create, and to push")
	if _, err := s.kubectl("get", "namespace", "gitea"); err == nil {
		t.Error("a dry run creates a namespace")
	}
	if _, err := s.gitea.api(http.MethodGet, "repos/"+programRepo, nil); err == nil {
		t.Error("a dry run creates a repository")
	}
}

func (s *stage) thePageSetsUp(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	played := make(chan error, 1)
	go func() { played <- s.playFlux(ctx) }()
	s.ending = func() error {
		stop()
		return <-played
	}
	output := s.runPage(t, s.pageBlocks(t)[2])
	want(t, output, "done: Flux: installed\n", "ready: GitRepository home\n", "ready: Kustomization home-platform\n", "waits for the first build: Kustomization home-apps: flux-system/hello-app\n")
	for _, name := range []string{"buildkitd-0", "runner-0"} {
		must(t, s.podIsReady("gitea", name))
	}
	namespace, err := s.kubectl("get", "namespace", "gitea", "--output", "yaml")
	must(t, err)
	want(t, namespace, "pod-security.kubernetes.io/enforce: privileged")
	s.rememberSecrets(t)
}

// rememberSecrets notes what the command created, so that no log may show it.
func (s *stage) rememberSecrets(t *testing.T) {
	for _, name := range []string{"apps/registry-credentials", "flux-system/registry-credentials", "flux-system/flux-system", "gitea/runner-token"} {
		namespace, own, _ := strings.Cut(name, "/")
		values, err := s.cluster.secret(namespace, own)
		must(t, err)
		for key, value := range values {
			if key != "username" {
				s.secret(value, name+" "+key)
			}
			for _, match := range regexp.MustCompile(`"(?:auth|password)": *"([^"]+)"`).FindAllStringSubmatch(value, -1) {
				s.secret(match[1], name+" "+key)
			}
		}
	}
}

func (s *stage) thePageSetsUpAgain(t *testing.T) {
	output := s.runPage(t, s.pageBlocks(t)[2])
	want(t, output, "done: Flux: there", "done: namespaces: all there\n", "done: secrets: all there\n", "done: repository: platform/gitops exists, has this commit\n")
}

func (s *stage) thePageDelivers(t *testing.T) {
	output := s.runPage(t, s.pageBlocks(t)[3])
	want(t, output, "(?m)^platform/hello: [0-9a-f]{10}$", "created: .gitea/workflows/hello-app.yml")
}

// thePageVerifies waits for the first build, its tag, and the pods: every check passes, and the application answers.
func (s *stage) thePageVerifies(t *testing.T) {
	must(t, s.playKubectl())
	output := s.runPage(t, s.pageBlocks(t)[4])
	want(t, output, "6 present, 0 missing, 0 incomplete, 0 unknown", "(?m)^[0-9]+ passed, 0 failed, 0 skipped$")
	head, err := s.gitea.head(appRepo, "main")
	must(t, err)
	log := s.succeeded(t, time.Minute, appRepo, head)
	match := regexp.MustCompile("pushed " + regexp.QuoteMeta(giteaHost) + ":3000/" + imageName + `:([^\s@]+)`).FindStringSubmatch(log)
	if match == nil {
		t.Fatalf("the log names no tag:\n%s", tail(log, 3000))
	}
	s.deploymentRuns(t, match[1], "first\n")
}

// aSmokeTestFollows a commit to its image and its tag.
func (s *stage) aSmokeTestFollows(t *testing.T) {
	output := s.runPage(t, "npx cdk8s-forge verify --only 'chosen a tag' --smoke "+appRepo+"\n")
	want(t, output, "(?m)^passed: Smoke test of platform/hello: Flux commits the tag$", "(?m)^5 passed, 0 failed, 0 skipped$")
	must(t, s.ending())
	// The checks of the script are those of the command.
	script := s.runPage(t, "bash dist/host/verify.sh\n")
	want(t, script, "(?m)^[0-9]+ passed, 0 failed, 0 skipped$")
}

// thePageDeletesFailedPods deletes a pod that a node evicted, with no other one.
func (s *stage) thePageDeletesFailedPods(t *testing.T) {
	_, err := s.kubectlWith(evictedPod, "create", "-f", "-")
	must(t, err, s.cluster.setStatus("Pod", "gitea", "evicted", map[string]any{"phase": "Failed", "reason": "Evicted"}))
	output := s.runPage(t, s.pageBlocks(t)[5])
	want(t, output, `^pod "evicted" deleted`)
	if strings.Count(output, "deleted") != 1 {
		t.Errorf("it deletes more than the failed pod:\n%s", output)
	}
	for _, name := range []string{"buildkitd-0", "runner-0"} {
		must(t, s.podIsReady("gitea", name))
	}
}

// evictedPod is on no node: nothing starts it, and the API server deletes it at once.
const evictedPod = `
apiVersion: v1
kind: Pod
metadata: {name: evicted, namespace: gitea}
spec:
  serviceAccountName: runner
  containers: [{name: main, image: registry.example.com/none:1}]
`
