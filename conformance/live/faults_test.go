package live

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"sigs.k8s.io/yaml"
)

// What goes wrong, and what goes on afterwards: each act leaves the stage as it found it.
var faults = []act{
	{"a commit that says skip ci starts nothing", (*stage).skipsCommits},
	{"a pull request to an application builds nothing", (*stage).pullRequestBuildsNothing},
	{"a pull request with drift fails, and one without passes", (*stage).pullRequestsAreChecked},
	{"a fork gets no secrets and waits for approval", (*stage).forkGetsNoSecrets},
	{"a composite action and a called workflow hand values on", (*stage).callsAndActions},
	{"a job that no runner takes says so", (*stage).nobodyRuns},
	{"every example's workflow runs", (*stage).examplesRun},
	{"a Job fetches the registration token", (*stage).tokenIsFetched},
	{"a new run cancels the old one of its group", (*stage).newRunCancelsOld},
	{"the clock starts a run", (*stage).clockStartsRuns},
	{"a job ends at its time limit", (*stage).timeoutEndsJobs},
	{"a wrong registry token fails as the runbook says", (*stage).wrongRegistryToken},
	{"Gitea restarts in the middle of a build", (*stage).giteaRestarts},
	{"the runner is killed in the middle of a job", (*stage).runnerIsKilled},
	{"the runner is cut off from buildkitd", (*stage).networkIsCut},
	{"the registry answers 500", (*stage).registryAnswers500},
	{"a server that answers late loses no job", (*stage).lateAnswersLoseNoJob},
	{"the volume of buildkitd is full", (*stage).buildkitdIsFull},
	{"two builders behind a private CA build for two platforms", (*stage).twoBuildersBehindAPrivateCa},
	{"Flux commits while a synth is under way", (*stage).fluxRacesSynth},
	{"Flux has the wrong password", (*stage).fluxHasTheWrongPassword},
	{"a runner that the forge has forgotten comes back by a new key", (*stage).runnerIsForgotten},
	{"typed values arrive as they were typed", (*stage).typedValuesArrive},
	{"old tags are deleted, and none that is deployed", (*stage).retentionDeletes},
	{"the forge answers as its version is said to", (*stage).versionFacts},
	{"the runbook's checks answer as they say", (*stage).runbookChecks},
}

func (s *stage) skipsCommits(t *testing.T) {
	c := s.clone(appRepo, "hello")
	commit, err := c.push("Say nothing [skip ci]", "main")
	must(t, err)
	time.Sleep(2 * time.Second)
	s.noRun(t, appRepo, commit)
}

func (s *stage) noRun(t *testing.T, repository, commit string) {
	t.Helper()
	runs, err := s.gitea.runs(repository, commit)
	must(t, err)
	if len(runs) != 0 {
		t.Errorf("%s at %s has %d runs", repository, commit[:7], len(runs))
	}
}

func (s *stage) openPullRequest(t *testing.T, repository, branch string) int {
	t.Helper()
	answer, err := s.gitea.api(http.MethodPost, "repos/"+repository+"/pulls", map[string]any{"title": branch, "head": branch, "base": "main"})
	must(t, err)
	return answer.number("number")
}

func (s *stage) closePullRequest(t *testing.T, repository string, number int) {
	t.Helper()
	_, err := s.gitea.api(http.MethodPatch, fmt.Sprintf("repos/%s/pulls/%d", repository, number), map[string]any{"state": "closed"})
	must(t, err)
}

func (s *stage) pullRequestBuildsNothing(t *testing.T) {
	before, err := s.gitea.tags(imageName)
	must(t, err)
	c := s.clone(appRepo, "hello")
	_, err = c.git("checkout", "--quiet", "-B", "proposal")
	must(t, err)
	commit, err := c.push("Propose", "proposal")
	must(t, err)
	number := s.openPullRequest(t, appRepo, "proposal")
	time.Sleep(2 * time.Second)
	s.noRun(t, appRepo, commit)
	s.closePullRequest(t, appRepo, number)
	must(t, c.fetch())
	after, err := s.gitea.tags(imageName)
	must(t, err)
	if len(after) != len(before) {
		t.Errorf("there are %d tags, were %d", len(after), len(before))
	}
}

// edit changes the program in a clone.
func (c *clone) edit(was, is string) error {
	file := filepath.Join(c.folder, "main.ts")
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if strings.Count(string(text), was) != 1 {
		return fmt.Errorf("main.ts has %q %d times", was, strings.Count(string(text), was))
	}
	return os.WriteFile(file, []byte(strings.Replace(string(text), was, is, 1)), 0o644)
}

// synth does what a person does before a commit.
func (s *stage) synth(c *clone) error {
	modules := filepath.Join(c.folder, "node_modules")
	if err := os.Symlink(filepath.Join(s.root, "node_modules"), modules); err != nil {
		return err
	}
	command := exec.Command("node", "--preserve-symlinks-main", "--import", "tsx", "main.ts")
	command.Dir = c.folder
	output, err := command.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("%w: %s", err, output)
	}
	return errors.Join(err, os.Remove(modules))
}

const (
	dockerfileWas = "dockerfile: 'Dockerfile'"
	dockerfileIs  = "dockerfile: 'docker/Dockerfile'"
)

func (s *stage) pullRequestsAreChecked(t *testing.T) {
	c := s.clone(programRepo, "gitops")
	must(t, c.fetch(), c.edit(dockerfileWas, dockerfileIs))
	drifted, err := c.push("Move the Dockerfile, and forget to synthesize", "proposal")
	must(t, err)
	number := s.openPullRequest(t, programRepo, "proposal")
	run := s.finished(t, 5*time.Minute, programRepo, drifted)
	log := s.log(t, programRepo, run)
	if run.text("conclusion") != "failure" || !strings.Contains(log, "the output is not what the program says") || !strings.Contains(log, "+          DOCKERFILE: docker/Dockerfile") {
		t.Errorf("it ended with %s:\n%s", run.text("conclusion"), tail(log, 3000))
	}
	// The workflow file belongs to a repository, not to a cluster.
	s.commentSays(t, number, "nothing changes")
	must(t, s.synth(c))
	whole, err := c.push("Synthesize", "proposal")
	must(t, err)
	if log := s.succeeded(t, 5*time.Minute, programRepo, whole); !strings.Contains(log, "what is committed is what the program says") {
		t.Errorf("the log does not say so:\n%s", tail(log, 2000))
	}
	// The claim of buildkitd gets another name: its StatefulSet cannot be changed, and Flux would apply nothing more.
	must(t, c.edit("storage: Storage.persistent(Size.gibibytes(50))", "storage: Storage.persistent(Size.gibibytes(60))"), s.synth(c))
	grown, err := c.push("Ask for more storage", "proposal")
	must(t, err)
	s.succeeded(t, 5*time.Minute, programRepo, grown)
	s.commentSays(t, number, "StatefulSet gitea/buildkitd", "cannot be updated", "spec.volumeClaimTemplates cannot change")
	s.closePullRequest(t, programRepo, number)
	must(t, c.fetch())
}

// commentSays waits for the one comment on a pull request of the program's repository, and looks for its words.
func (s *stage) commentSays(t *testing.T, number int, words ...string) {
	t.Helper()
	var bodies []string
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline); time.Sleep(time.Second) {
		answer, err := s.gitea.api(http.MethodGet, fmt.Sprintf("repos/%s/issues/%d/comments", programRepo, number), nil)
		must(t, err)
		bodies = nil
		items, _ := answer["items"].([]any)
		for _, item := range items {
			bodies = append(bodies, object(item.(map[string]any)).text("body"))
		}
		if len(bodies) == 1 && containsAll(bodies[0], words) {
			return
		}
	}
	t.Errorf("the pull request has %d comments, and should have one with %q:\n%s", len(bodies), words, strings.Join(bodies, "\n---\n"))
}

func containsAll(text string, words []string) bool {
	for _, word := range words {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

// symptoms are what the runbook's table says that one sees, of the line that has a text.
func (r runbook) symptoms(with string) []string {
	for _, line := range strings.Split(r.text, "\n") {
		if cells := strings.Split(line, " | "); strings.HasPrefix(line, "| ") && strings.Contains(cells[0], with) {
			var all []string
			for _, symptom := range words(cells[0]) {
				all = append(all, strings.Trim(symptom, "… "))
			}
			return all
		}
	}
	return nil
}

// shows looks for one of the runbook's symptoms in a log.
func (s *stage) shows(t *testing.T, log, with string) {
	t.Helper()
	symptoms := s.runbook.symptoms(with)
	if len(symptoms) == 0 {
		t.Fatalf("the runbook has no symptom with %q", with)
	}
	for _, symptom := range symptoms {
		if strings.Contains(strings.ToLower(log), strings.ToLower(symptom)) {
			return
		}
	}
	t.Errorf("the runbook says that one of %q is seen; seen is:\n%s", symptoms, tail(log, 1500))
}

func (s *stage) setActionsSecret(t *testing.T, name, value string) {
	t.Helper()
	_, err := s.gitea.api(http.MethodPut, "orgs/"+organization+"/actions/secrets/"+name, map[string]any{"data": value})
	must(t, err)
}

func (s *stage) wrongRegistryToken(t *testing.T) {
	s.setActionsSecret(t, "REGISTRY_TOKEN", "not-the-token")
	c := s.clone(appRepo, "hello")
	must(t, s.write(c, "version", "third\n"))
	commit, err := c.push("With a wrong token", "main")
	must(t, err)
	run := s.finished(t, 2*time.Minute, appRepo, commit)
	log := s.log(t, appRepo, run)
	if run.text("conclusion") != "failure" {
		t.Errorf("it ended with %s", run.text("conclusion"))
	}
	s.shows(t, log, "at a push")
	for _, row := range s.runbook.rows {
		if row.name == "REGISTRY_TOKEN" {
			must(t, s.actionsSecret(row))
		}
	}
	s.build(t, "third\n")
}

// hold stops every process of buildkitd where it is, until it is let go: a build that takes as long as an act needs.
func (s *stage) hold(t *testing.T) (letGo func()) {
	t.Helper()
	p := s.kubelet.pod("gitea", "buildkitd-0")
	signal := func(signal syscall.Signal) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if running := p.running["buildkitd"]; running != nil {
			_ = running.Process.Signal(signal)
		}
	}
	signal(syscall.SIGSTOP)
	t.Cleanup(func() { signal(syscall.SIGCONT) })
	return func() { signal(syscall.SIGCONT) }
}

// building pushes, and waits until the job has come to its build step.
func (s *stage) building(t *testing.T, version string) string {
	t.Helper()
	c := s.clone(appRepo, "hello")
	must(t, s.write(c, "version", version))
	commit, err := c.push("Version "+version, "main")
	must(t, err)
	s.eventually(t, time.Minute, "the build step begins", func() error {
		runs, err := s.gitea.runs(appRepo, commit)
		if err != nil || len(runs) != 1 {
			return fmt.Errorf("%d runs, %w", len(runs), err)
		}
		// The server shows steps a while after they begin; what runs in the pod is sure.
		processes, err := s.kubelet.pod("gitea", "runner-0").exec("runner", "sh", "-c", "cat /proc/[0-9]*/comm")
		if !strings.Contains(processes, "buildctl") {
			return fmt.Errorf("there run %q, %w", processes, err)
		}
		return nil
	})
	return commit
}

func (s *stage) giteaRestarts(t *testing.T) {
	letGo := s.hold(t)
	commit := s.building(t, "fourth\n")
	must(t, s.gitea.restart(""))
	s.eventually(t, time.Minute, "Gitea answers again", s.gitea.answers)
	letGo()
	s.succeeded(t, 2*time.Minute, appRepo, commit)
}

func (s *stage) runnerIsKilled(t *testing.T) {
	before, err := s.gitea.api(http.MethodGet, "admin/actions/runners", nil)
	must(t, err)
	letGo := s.hold(t)
	commit := s.building(t, "fifth\n")
	must(t, s.kubelet.pod("gitea", "runner-0").kill("runner"))
	letGo()
	// The server notices a job that says nothing after ten minutes; this act has not got them.
	must(t, s.gitea.restart("[actions]\nZOMBIE_TASK_TIMEOUT = 10s\n"))
	s.eventually(t, time.Minute, "Gitea answers again", s.gitea.answers)
	run := s.finished(t, 3*time.Minute, appRepo, commit)
	if run.text("conclusion") == "success" {
		t.Error("the job of a runner that was killed is a success")
	}
	must(t, s.gitea.restart(""))
	s.eventually(t, time.Minute, "Gitea answers again", s.gitea.answers)
	s.eventually(t, time.Minute, "the runner is back", func() error { return s.podIsReady("gitea", "runner-0") })
	s.build(t, "fifth again\n")
	after, err := s.gitea.api(http.MethodGet, "admin/actions/runners", nil)
	must(t, err)
	if len(after.list("runners")) != len(before.list("runners")) {
		t.Errorf("there are %d runners, were %d", len(after.list("runners")), len(before.list("runners")))
	}
}

// networkIsCut for a while: buildctl waits for its daemon, and the build goes through.
func (s *stage) networkIsCut(t *testing.T) {
	p := s.kubelet.pod("gitea", "buildkitd-0")
	must(t, p.cut(true))
	t.Cleanup(func() { _ = p.cut(false) })
	commit := s.building(t, "sixth\n")
	time.Sleep(5 * time.Second)
	must(t, p.cut(false))
	s.succeeded(t, 2*time.Minute, appRepo, commit)
}

// fluxRacesSynth changes the program without its output. While the job synthesizes, Flux moves an image: neither is lost.
// FORGE_LIVE_ROUNDS repeats it, to find what is rare.
func (s *stage) fluxRacesSynth(t *testing.T) {
	rounds := 1
	if text := os.Getenv("FORGE_LIVE_ROUNDS"); text != "" {
		count, err := strconv.Atoi(text)
		must(t, err)
		rounds = count
	}
	if rounds > 1 {
		s.raceOften(t, rounds)
		return
	}
	t.Logf("the push was rejected and repeated: %v", s.race(t, "race\n"))
}

func (s *stage) race(t *testing.T, version string) (rejected bool) {
	t.Helper()
	tag := s.build(t, version)
	chosen, err := s.choose("flux-system", "hello-app")
	must(t, err)
	if chosen != tag {
		t.Fatalf("it chose %s, want %s", chosen, tag)
	}
	c := s.clone(programRepo, "gitops")
	must(t, c.fetch(), c.edit(dockerfileWas, dockerfileIs))
	commit, err := c.push("Move the Dockerfile", "main")
	must(t, err)
	s.eventually(t, time.Minute, "the job is under way", func() error {
		runs, err := s.gitea.runs(programRepo, commit)
		if err != nil || len(runs) != 1 || runs[0].text("status") != "in_progress" {
			return fmt.Errorf("%v, %w", runs, err)
		}
		return nil
	})
	time.Sleep(time.Second)
	moved, err := s.automate("flux-system", "home")
	must(t, err)
	log := s.succeeded(t, 5*time.Minute, programRepo, commit)
	if !strings.Contains(log, "the push was rejected; again from the newest commit") && !strings.Contains(log, "pushed ") {
		t.Errorf("the log does not say what happened:\n%s", tail(log, 2000))
	}
	rejected = strings.Contains(log, "the push was rejected; again")
	// Flux's commit has a run of its own, which may have been the one to push.
	s.finished(t, 5*time.Minute, programRepo, moved)
	must(t, c.fetch())
	for file, want := range map[string]string{"images.yaml": tag, "dist/clusters/home/apps/apps.k8s.yaml": tag, "dist/repositories/" + appRepo + "/.gitea/workflows/hello-app.yml": "DOCKERFILE: docker/Dockerfile"} {
		text, err := os.ReadFile(filepath.Join(c.folder, file))
		must(t, err)
		if !strings.Contains(string(text), want) {
			t.Errorf("%s has no %q: something was lost", file, want)
		}
	}
	history, err := c.git("merge-base", "--is-ancestor", moved, "HEAD")
	if err != nil {
		t.Errorf("Flux's commit is not in the branch: %s %v", history, err)
	}
	// Back to what the repository of the application is.
	must(t, c.edit(dockerfileIs, dockerfileWas), s.synth(c))
	back, err := c.push("Move the Dockerfile back", "main")
	must(t, err, s.cluster.reconcile("GitRepository", "flux-system", "home"))
	s.synthChangesNothing(t, back)
	s.eventually(t, 2*time.Minute, "the newest commit is applied", func() error { return s.applied("home-apps", back) })
	s.deploymentRuns(t, tag, version)
	return rejected
}

func (s *stage) fluxHasTheWrongPassword(t *testing.T) {
	var row secretRow
	for _, candidate := range s.runbook.rows {
		if candidate.namespace == "flux-system" && candidate.scope == "write:repository" {
			row = candidate
		}
	}
	good, err := s.cluster.secret(row.namespace, row.name)
	must(t, err)
	must(t, s.makeSecret(row, map[string]string{"username": good["username"], "password": "not-the-password"}), s.cluster.reconcile("GitRepository", "flux-system", "home"))
	var said string
	s.eventually(t, time.Minute, "the repository is not ready", func() error {
		source, err := s.cluster.get("GitRepository", "flux-system", "home")
		status, message := source.condition("Ready")
		said = message
		if err == nil && status != "False" {
			err = fmt.Errorf("%s, %s", status, message)
		}
		return err
	})
	s.shows(t, said, "at Flux's GitRepository")
	must(t, s.makeSecret(row, good), s.cluster.reconcile("GitRepository", "flux-system", "home"))
	s.eventually(t, time.Minute, "the repository is ready", func() error {
		source, err := s.cluster.get("GitRepository", "flux-system", "home")
		if status, message := source.condition("Ready"); err == nil && status != "True" {
			err = errors.New(message)
		}
		return err
	})
}

// runnerIsForgotten deletes the runner at the forge, and does what the runbook says then; the token is wrong at first.
func (s *stage) runnerIsForgotten(t *testing.T) {
	const path = "admin/actions/runners"
	answer, err := s.gitea.api(http.MethodGet, path, nil)
	must(t, err)
	forgotten := answer.number("runners", 0, "id")
	for _, runner := range answer.list("runners") {
		if runner.text("name") == "runner-0" {
			forgotten = runner.number("id")
		}
	}
	_, err = s.gitea.api(http.MethodDelete, fmt.Sprintf("%s/%d", path, forgotten), nil)
	must(t, err)
	p := s.kubelet.pod("gitea", "runner-0")
	s.eventually(t, time.Minute, "the runner notices", func() error {
		text, err := os.ReadFile(p.logFile("runner"))
		if err != nil {
			return err
		}
		for _, symptom := range s.runbook.symptoms("in the log of the runner") {
			if strings.Contains(string(text), symptom) {
				return nil
			}
		}
		return fmt.Errorf("none of %q in %s", s.runbook.symptoms("in the log of the runner"), tail(string(text), 600))
	})
	good, err := s.cluster.secret("gitea", "runner-token")
	must(t, err)
	row := secretRow{namespace: "gitea", name: "runner-token", kind: "Opaque"}
	must(t, s.makeSecret(row, map[string]string{"token": "not-the-token"}))
	c := s.clone(programRepo, "gitops")
	must(t, c.fetch(), c.edit("SecretSource.existing('runner-token'))", "SecretSource.existing('runner-token'), { key: 'again' })"), s.synth(c))
	commit, err := c.push("Register the runner anew", "main")
	must(t, err, s.cluster.reconcile("GitRepository", "flux-system", "home"))
	s.eventually(t, time.Minute, "the registration fails", func() error {
		text, err := os.ReadFile(p.logFile("register"))
		if err != nil {
			return err
		}
		for _, symptom := range s.runbook.symptoms("in the log of `register`") {
			if strings.Contains(string(text), symptom) {
				return nil
			}
		}
		return fmt.Errorf("none of %q in %s", s.runbook.symptoms("in the log of `register`"), tail(string(text), 600))
	})
	must(t, s.makeSecret(row, good))
	s.eventually(t, time.Minute, "another runner is online", func() error {
		answer, err := s.gitea.api(http.MethodGet, path, nil)
		if err != nil {
			return err
		}
		for _, runner := range answer.list("runners") {
			if runner.text("name") == "runner-0" && runner.text("status") == "online" && runner.number("id") != forgotten {
				return nil
			}
		}
		return fmt.Errorf("%v", answer)
	})
	s.build(t, "eighth\n")
	s.eventually(t, 2*time.Minute, "the platform is ready", func() error { return s.applied("home-platform", commit) })
	// A runner whose job says nothing for a minute is shown as offline: the next act begins when it is idle.
	s.synthChangesNothing(t, commit)
}

const probeRepo = "platform/probe"

const hostile = "$(touch /tmp/pwned) `id` ${{ github.token }} \"; exit 1 # ' \\ %s\nvalue=second\n::set-output name=value::third\n<<EOF ü 🚀"

// typedValuesArrive through the environment, an output and a matrix; a push of a tag starts the workflow, too.
func (s *stage) typedValuesArrive(t *testing.T) {
	_, err := s.gitea.api(http.MethodPost, "orgs/"+organization+"/repos", map[string]any{"name": "probe", "private": true, "default_branch": "main"})
	must(t, err)
	c := s.clone(probeRepo, "probe")
	must(t, os.MkdirAll(c.folder, 0o755), os.CopyFS(c.folder, os.DirFS(filepath.Join(s.cases, "probe"))), c.begin())
	commit, err := c.push("Probe", "main")
	must(t, err)
	time.Sleep(time.Second)
	s.noRun(t, probeRepo, commit)
	// Until its queue has seen the first push, the server takes the repository for empty, and answers 500.
	s.eventually(t, time.Minute, "the workflow is dispatched", func() error {
		_, err := s.gitea.api(http.MethodPost, "repos/"+probeRepo+"/actions/workflows/probe.yml/dispatches", map[string]any{"ref": "main", "inputs": map[string]string{"typed": hostile}})
		return err
	})
	log := s.succeeded(t, 2*time.Minute, probeRepo, commit)
	for _, letter := range []string{"a", "b"} {
		match := regexp.MustCompile(`got ` + letter + ` ([A-Za-z0-9+/=]+)`).FindStringSubmatch(log)
		if match == nil {
			t.Errorf("job %s shows nothing:\n%s", letter, tail(log, 3000))
			continue
		}
		value, err := base64.StdEncoding.DecodeString(match[1])
		must(t, err)
		if string(value) != hostile {
			t.Errorf("job %s got %q, want %q", letter, value, hostile)
		}
	}
	if !strings.Contains(log, "the registry answers the job token 401") {
		t.Error("the registry does not refuse the job's own token: then REGISTRY_TOKEN could go")
	}
	tagged, err := c.push("Release", "main")
	must(t, err)
	_, err = c.git("push", "--quiet", "origin", "HEAD:refs/tags/v1.0.0")
	must(t, err)
	s.succeeded(t, 2*time.Minute, probeRepo, tagged)
}

// only are the documents of objects whose names begin so.
func only(t *testing.T, folder, prefix string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	must(t, err)
	var found []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		must(t, err)
		for _, document := range strings.Split(string(text), "\n---\n") {
			var parsed map[string]any
			must(t, yaml.Unmarshal([]byte(document), &parsed))
			if strings.HasPrefix(object(parsed).name(), prefix) {
				found = append(found, document)
			}
		}
	}
	return strings.Join(found, "\n---\n")
}

// retentionDeletes plays a CronJob against 150 tags more, first without deleting.
func (s *stage) retentionDeletes(t *testing.T) {
	token, err := s.gitea.token(pushUser, "write:package")
	must(t, err)
	must(t, s.makeSecret(secretRow{namespace: "gitea", name: "package-token", kind: "Opaque"}, map[string]string{"token": token}))
	base, err := name.NewRepository(giteaHost+":3000/"+imageName, name.Insecure)
	must(t, err)
	options := []remote.Option{remote.WithAuth(authn.FromConfig(authn.AuthConfig{Username: pushUser, Password: token}))}
	image, err := remote.Get(base.Tag(memory["tag"]), options...)
	must(t, err)
	for i := range 150 {
		must(t, remote.Tag(base.Tag(fmt.Sprintf("main-%07x-%d", i, 1600000000+i)), image, options...))
	}
	// Gitea counts in seconds.
	time.Sleep(1100 * time.Millisecond)
	deployed := s.build(t, "ninth\n")
	time.Sleep(1100 * time.Millisecond)
	_, err = s.choose("flux-system", "hello-app")
	must(t, err)
	before, err := s.gitea.tags(imageName)
	must(t, err)
	// As Flux sets it: the deployed tag has a marker here, too.
	folder := filepath.Join(s.Folder, "retention")
	must(t, os.CopyFS(folder, os.DirFS(filepath.Join(s.cases, "retention"))))
	changes, err := s.set("flux-system", folder)
	must(t, err)
	if len(changes) == 0 {
		t.Fatal("Flux finds no deployed tag to set")
	}
	_, err = s.kubectlWith(only(t, folder, "retention"), "apply", "-f", "-")
	must(t, err)
	for _, cronJob := range []string{"retention-dry", "retention"} {
		current, err := s.cluster.get("CronJob", "gitea", cronJob)
		must(t, err)
		output, err := s.kubelet.job("gitea", cronJob, object(current.at("spec", "jobTemplate", "spec", "template").(map[string]any)))
		if err != nil {
			t.Fatalf("%v: %s", err, output)
		}
		after, err := s.gitea.tags(imageName)
		must(t, err)
		want := len(before)
		if cronJob == "retention" {
			want = 10
		}
		if len(after) != want || !contains(after, deployed) || !strings.Contains(output, fmt.Sprintf("hello-app: %d versions, %d to delete", len(before), len(before)-10)) {
			t.Errorf("%s: %d tags are left of %d, want %d: %s", cronJob, len(after), len(before), want, tail(output, 500))
		}
	}
	t.Logf("%d tags", len(before))
	s.build(t, "tenth\n")
}

var checkPattern = regexp.MustCompile("(?m)^- (.*): (.*)\n\n  ```sh\n((?:  .*\n)+?)  ```")

// runbookChecks runs what stands under "Verify" and looks for the words that are said to be seen.
func (s *stage) runbookChecks(t *testing.T) {
	token, err := s.gitea.token(s.gitea.user, s.runbook.tokenScopes()...)
	must(t, err)
	header, err := s.runbook.block("HEADER=$(mktemp)")
	must(t, err)
	must(t, s.playKubectl())
	done, left := 0, []string{}
	for _, match := range checkPattern.FindAllStringSubmatch(s.runbook.text, -1) {
		command := strings.ReplaceAll(match[3], "\n  ", "\n")
		if strings.Contains(command, "flux ") {
			left = append(left, match[1])
			continue
		}
		output, err := s.operate(token+"\n", s.clone("", "gitops").folder, header, command)
		if err != nil && !strings.Contains(command, "wget") {
			t.Errorf("%s: %v", match[1], err)
			continue
		}
		if err != nil {
			output += err.Error()
		}
		for _, want := range words(match[2]) {
			if !strings.Contains(strings.ReplaceAll(output, `": "`, `":"`), want) {
				t.Errorf("%s: %q is not seen:\n%s", match[1], want, tail(output, 800))
			}
		}
		done++
	}
	if done < 8 {
		t.Errorf("only %d checks", done)
	}
	t.Logf("%d checks; left out, because there is no flux command: %q", done, left)
	s.planChecks(t, token)
	if output, err := s.forge(token, "verify"); err != nil {
		t.Errorf("%v: %s", err, output)
	}
	// The checks that need a token fail with one that is none, and the others do not.
	if output, err := s.forge("not-a-token", "verify"); err == nil || !strings.Contains(output, "The runner is online") {
		t.Errorf("with a wrong token: %v, %s", err, output)
	}
}

// planChecks runs the checks as a program would that reads the plan.
func (s *stage) planChecks(t *testing.T, token string) {
	folder := s.clone("", "gitops").folder
	text, err := os.ReadFile(filepath.Join(folder, "dist", ".cdk8s-forge.json"))
	must(t, err)
	var plan struct {
		Checks []struct {
			About, Title string
			Run          []string
			Expect       struct {
				ExitCode      int
				StdoutMatches string
			}
		}
	}
	must(t, json.Unmarshal(text, &plan))
	header := filepath.Join(s.Folder, "header")
	must(t, os.WriteFile(header, []byte("Authorization: token "+token+"\n"), 0o600))
	defer os.Remove(header)
	for _, check := range plan.Checks {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		command := exec.CommandContext(ctx, "bash", "-c", "set -eo pipefail\n"+strings.Join(check.Run, "\n"))
		command.Dir, command.Env = folder, append(s.operatorEnvironment(), "HEADER="+header)
		var stdout, stderr strings.Builder
		command.Stdout, command.Stderr = &stdout, &stderr
		err := command.Run()
		cancel()
		if command.ProcessState == nil || command.ProcessState.ExitCode() != check.Expect.ExitCode {
			t.Errorf("%s, %s: %v, want exit code %d: %s%s", check.About, check.Title, err, check.Expect.ExitCode, tail(stdout.String(), 800), tail(stderr.String(), 800))
		}
		// Its expressions are JavaScript's.
		if matches := exec.Command("node", "--eval", "process.exitCode = new RegExp(process.argv[1]).test(require('fs').readFileSync(0, 'utf8')) ? 0 : 1", "--", check.Expect.StdoutMatches); check.Expect.StdoutMatches != "" {
			matches.Stdin = strings.NewReader(stdout.String())
			if err := matches.Run(); err != nil {
				t.Errorf("%s, %s: %q does not match: %s", check.About, check.Title, check.Expect.StdoutMatches, tail(stdout.String(), 800))
			}
		}
	}
	if len(plan.Checks) < 8 {
		t.Errorf("the plan has only %d checks", len(plan.Checks))
	}
	t.Logf("%d checks of the plan", len(plan.Checks))
}

// playKubectl answers what would go to a kubelet, from the pods that are played; the real kubectl does all else.
func (s *stage) playKubectl() error {
	file := filepath.Join(s.Folder, "tools", "kubectl")
	if err := os.Remove(file); err != nil {
		return err
	}
	var pods strings.Builder
	for _, p := range s.kubelet.sorted() {
		p.mu.Lock()
		for name, running := range p.running {
			settings := p.settings[name]
			environment := []string{}
			for _, entry := range settings.Environment {
				environment = append(environment, "'"+strings.ReplaceAll(entry, "'", `'\''`)+"'")
			}
			fmt.Fprintf(&pods, "%s/%s) run() { exec env -i %s nsenter --target %d --mount --net --pid --setuid %d --setgid %d -- \"$@\"; } ;;\n", strings.TrimSuffix(p.name, "-0"), name, strings.Join(environment, " "), running.Process.Pid, settings.UID, settings.GID)
		}
		p.mu.Unlock()
	}
	script := `#!/usr/bin/env bash
set -euo pipefail
all=("$@")
workload= container= verb=
while [ $# -gt 0 ]; do
  case $1 in
    --namespace | --selector) [[ $2 == *instance=* ]] && workload=${2##*instance=}; shift ;;
    --container) container=$2; shift ;;
    exec | logs) [ -n "$verb" ] || verb=$1 ;;
    statefulset/*) workload=${1#*/} ;;
    --) shift; break ;;
  esac
  shift
done
case $verb in
  logs) exec cat ` + filepath.Join(s.Folder, "logs") + `/*_"$workload"-0_"$container".log ;;
  exec) case $workload/$container in
` + pods.String() + `*) echo "no such container: $workload/$container" >&2; exit 1 ;;
    esac
    run "$@" ;;
  *) exec ` + s.Programs["kubectl"] + ` "${all[@]}" ;;
esac
`
	return os.WriteFile(file, []byte(script), 0o755)
}
