package live

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// act is a part of the play that can fail for reasons of its own.
type act struct {
	name string
	play func(s *stage, t *testing.T)
}

// One commit goes the whole way on real servers: each act begins where the one before ended.
var chain = []act{
	{"the servers start", (*stage).theServersStart},
	{"the forge has an organization, repositories and accounts", (*stage).theForgeIsSetUp},
	{"the repository of the program is pushed", (*stage).theProgramIsPushed},
	{"the runbook makes namespaces and secrets", (*stage).theRunbookMakesSecrets},
	{"the runbook hands the cluster to Flux", (*stage).theRunbookHandsOver},
	{"source-controller fetches the repository", (*stage).fluxFetches},
	{"kustomize-controller applies the platform", (*stage).fluxAppliesThePlatform},
	{"buildkitd answers its probe", (*stage).buildkitdIsReady},
	{"the runners register and declare their labels", (*stage).runnersAreOnline},
	{"the workflow of the program finds nothing to change", (*stage).firstSynthChangesNothing},
	{"the command delivers the workflow", (*stage).theCommandDelivers},
	{"a commit is pushed", (*stage).aCommitIsPushed},
	{"the job is picked up, builds and pushes", (*stage).theJobSucceeds},
	{"the registry has the tag", (*stage).theRegistryHasTheTag},
	{"the policy chooses the tag", (*stage).thePolicyChooses},
	{"the setter commits it", (*stage).theSetterCommits},
	{"the next synth changes nothing", (*stage).theNextSynthChangesNothing},
	{"Flux applies the commit", (*stage).fluxAppliesTheCommit},
	{"the Deployment names the tag and its pods answer", (*stage).theDeploymentRuns},
	{"a second commit takes the same way", (*stage).aSecondCommit},
}

func TestLive(t *testing.T) {
	s := newStage(t)
	started := time.Now()
	for _, a := range chain {
		if !s.act(t, a) {
			t.Fatalf("the chain ends at %q", a.name)
		}
	}
	t.Logf("the whole chain: %s", seconds(time.Since(started)))
	if !testing.Short() {
		began := time.Now()
		for _, a := range faults {
			if only := os.Getenv("FORGE_LIVE_FAULTS"); !regexp.MustCompile(only).MatchString(a.name) {
				continue
			}
			s.act(t, a)
		}
		t.Logf("what goes wrong: %s", seconds(time.Since(began)))
	}
	s.act(t, act{"no secret is in any log", (*stage).noSecretIsInALog})
	t.Logf("all: %s", seconds(time.Since(started)))
}

func (s *stage) act(t *testing.T, a act) bool {
	return t.Run(a.name, func(t *testing.T) {
		started := time.Now()
		a.play(s, t)
		t.Logf("%s", seconds(time.Since(started)))
	})
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func (s *stage) theServersStart(t *testing.T) {
	must(t, s.startCluster(), s.startFront(), s.startGitea(), s.makeTools())
	s.eventually(t, time.Minute, "Gitea answers", s.gitea.answers)
	s.eventually(t, 2*time.Minute, "the API server answers", s.clusterAnswers)
	must(t, s.installFlux())
	s.startKubelet(t)
}

func (s *stage) startKubelet(t *testing.T) {
	// npm writes into its cache, as the jobs' user.
	cache := filepath.Join(s.Folder, "npm-cache")
	must(t, os.MkdirAll(cache, 0o755), command("cp", "-R", filepath.Join(os.Getenv("FORGE_LIVE_NPM_CACHE"), "_cacache"), cache), command("chown", "-R", "1000:1000", cache))
	all, err := newImages(filepath.Join(s.Folder, "images"), s.Programs, s.Sources)
	must(t, err)
	s.kubelet = &kubelet{
		cluster: s.cluster, images: all, folder: s.Folder, hosts: filepath.Join(s.Folder, "hosts"), resolver: filepath.Join(s.Folder, "resolv.conf"), npmCache: cache,
		fixed: map[string]string{frontHost: frontAddress, giteaHost: giteaAddress, notifyHost: notifyAddress, clusterHost: clusterAddress}, authorities: s.ordinaryAuthorities(),
		apiAuthority: filepath.Join(s.Folder, "kube-apiserver", "apiserver.crt"),
	}
	s.kubelet.start()
}

const (
	organization = "platform"
	programRepo  = "platform/gitops"
	appRepo      = "platform/hello"
	imageName    = "platform/hello-app"
	fluxUser     = "flux"
	pullUser     = "puller"
	pushUser     = "builder"
)

// theForgeIsSetUp makes private repositories, so that every credential counts, and for each purpose an account that may do no more.
func (s *stage) theForgeIsSetUp(t *testing.T) {
	g := s.gitea
	_, err := g.api(http.MethodPost, "orgs", map[string]any{"username": organization, "visibility": "private"})
	must(t, err)
	for _, repository := range []string{programRepo, appRepo} {
		_, err := g.api(http.MethodPost, "orgs/"+organization+"/repos", map[string]any{"name": filepath.Base(repository), "private": true, "default_branch": "main"})
		must(t, err)
	}
	must(t, g.addUser(organization, fluxUser, "write", "repo.code"), g.addUser(organization, pullUser, "read", "repo.packages"), g.addUser(organization, pushUser, "write", "repo.packages"))
}

func (s *stage) theProgramIsPushed(t *testing.T) {
	c := s.clone(programRepo, "gitops")
	must(t, os.MkdirAll(c.folder, 0o755), os.CopyFS(c.folder, os.DirFS(filepath.Join(s.cases, "gitops"))), c.begin())
	commit, err := c.push("The platform", "main")
	must(t, err)
	s.remember("first", commit)
	s.runbook, err = readRunbook(filepath.Join(c.folder, "dist", "RUNBOOK.md"))
	must(t, err)
}

var memory = map[string]string{}

func (s *stage) remember(what, value string) { memory[what] = value }

// theRunbookMakesSecrets runs the runbook's commands; what it lists without a command is made as its line says.
func (s *stage) theRunbookMakesSecrets(t *testing.T) {
	folder := s.clone("", "gitops").folder
	namespaces, err := s.runbook.block("kubectl create namespace")
	must(t, err)
	_, err = s.operate("", folder, namespaces)
	must(t, err)
	header, err := s.runbook.block("HEADER=$(mktemp)")
	must(t, err)
	token, err := s.gitea.token(s.gitea.user, s.runbook.tokenScopes()...)
	must(t, err)
	if len(s.runbook.rows) == 0 {
		t.Fatal("the runbook lists no secret")
	}
	for _, row := range s.runbook.rows {
		if row.kind == "Actions secret" {
			must(t, s.actionsSecret(row))
			continue
		}
		if command, err := s.runbook.block("registration-token", "create secret", row.name+" "); err == nil {
			_, err := s.operate(token+"\n", folder, header, command)
			must(t, err)
			continue
		}
		user := pullUser
		if row.scope == "write:repository" {
			user = fluxUser
		}
		values, err := s.values(row, user)
		must(t, err)
		must(t, s.makeSecret(row, values))
	}
	for _, row := range s.runbook.rows {
		if row.kind == "Actions secret" {
			continue
		}
		values, err := s.cluster.secret(row.namespace, row.name)
		must(t, err)
		for _, key := range row.keys {
			if values[key] == "" {
				t.Errorf("Secret %s/%s has nothing under %s", row.namespace, row.name, key)
			}
		}
		if token := values["token"]; token != "" {
			s.secret(token, "registration token "+row.name)
		}
	}
}

func (s *stage) actionsSecret(row secretRow) error {
	value := pushUser
	if row.scope != "" && row.scope != "-" {
		token, err := s.gitea.token(pushUser, row.scope)
		if err != nil {
			return err
		}
		value = token
	}
	_, err := s.gitea.api(http.MethodPut, "orgs/"+row.namespace+"/actions/secrets/"+row.name, map[string]any{"data": value})
	return err
}

func (s *stage) theRunbookHandsOver(t *testing.T) {
	command, err := s.runbook.block("kubectl apply -f dist/clusters/")
	must(t, err)
	_, err = s.operate("", s.clone("", "gitops").folder, command)
	must(t, err)
}

func (s *stage) fluxFetches(t *testing.T) {
	s.eventually(t, time.Minute, "the repository is fetched", func() error { return s.fetched(memory["first"]) })
}

func (s *stage) fluxAppliesThePlatform(t *testing.T) {
	s.eventually(t, 2*time.Minute, "the platform is there", func() error {
		for _, name := range []string{"buildkitd", "runner", "synthesizer"} {
			if _, err := s.cluster.get("StatefulSet", "gitea", name); err != nil {
				platform, _ := s.cluster.get("Kustomization", "flux-system", "home-platform")
				_, message := platform.condition("Ready")
				return fmt.Errorf("%w; %s", err, message)
			}
		}
		return nil
	})
}

func (s *stage) buildkitdIsReady(t *testing.T) {
	s.eventually(t, time.Minute, "buildkitd is ready", func() error { return s.podIsReady("gitea", "buildkitd-0") })
}

func (s *stage) podIsReady(namespace, name string) error {
	p := s.kubelet.pod(namespace, name)
	if p == nil {
		return fmt.Errorf("there is no pod %s", name)
	}
	if ready, trouble := p.state(); !ready {
		return fmt.Errorf("pod %s is not ready: %s", name, trouble)
	}
	return nil
}

func (s *stage) runnersAreOnline(t *testing.T) {
	for path, label := range map[string]string{"admin/actions/runners": "runner", "repos/" + programRepo + "/actions/runners": "synthesizer"} {
		// A runner whose first call is lost starts anew after a minute.
		s.eventually(t, 3*time.Minute, "runner "+label+" is online", func() error {
			answer, err := s.gitea.api(http.MethodGet, path, nil)
			if err != nil {
				return err
			}
			for _, runner := range answer.list("runners") {
				if runner.text("name") == label+"-0" && runner.text("status") == "online" && runner.text("labels", 0, "name") == label {
					return nil
				}
			}
			return fmt.Errorf("%v", answer)
		})
		s.eventually(t, time.Minute, "the pod is ready", func() error { return s.podIsReady("gitea", label+"-0") })
	}
	s.eventually(t, time.Minute, "the platform is ready", func() error { return s.applied("home-platform", memory["first"]) })
}

const synthChangesNothing = "synth changes nothing at "

// The first push waited for the runner that Flux has brought up since.
func (s *stage) firstSynthChangesNothing(t *testing.T) {
	s.synthChangesNothing(t, memory["first"])
}

func (s *stage) synthChangesNothing(t *testing.T, commit string) {
	t.Helper()
	log := s.succeeded(t, 5*time.Minute, programRepo, commit)
	if !strings.Contains(log, synthChangesNothing+commit[:7]) {
		t.Errorf("the log does not say %q:\n%s", synthChangesNothing+commit[:7], tail(log, 3000))
	}
	head, err := s.gitea.head(programRepo, "main")
	must(t, err)
	if head != commit {
		t.Errorf("the branch has moved on from %s to %s", commit, head)
	}
}

// forge runs `cdk8s-forge` in the repository of the program, as a person would.
func (s *stage) forge(token, verb string, arguments ...string) (string, error) {
	command := exec.Command("node", append([]string{"--import", filepath.Join(s.root, "node_modules/tsx/dist/loader.mjs"), filepath.Join(s.root, "lib/cli/main.ts"), verb}, arguments...)...)
	command.Dir, command.Env = s.clone("", "gitops").folder, append(s.operatorEnvironment(), "FORGE_TOKEN="+token)
	output, err := command.CombinedOutput()
	if err := os.WriteFile(filepath.Join(s.Folder, "logs", verb+"_"+random()[:8]+".log"), output, 0o644); err != nil {
		return "", err
	}
	if err != nil {
		err = fmt.Errorf("cdk8s-forge %s: %w", verb, err)
	}
	return string(output), err
}

// theCommandDelivers to an empty repository, first with a token that may not, and then a second time, which changes nothing.
func (s *stage) theCommandDelivers(t *testing.T) {
	weak, err := s.gitea.token(s.gitea.user, "read:repository")
	must(t, err)
	// The server refuses a token without the scope with 401 or 403; the reason says what to do.
	if output, err := s.forge(weak, "deliver"); err == nil || !strings.Contains(output, "to a token that may write to the repository") {
		t.Errorf("a token that cannot write: %v, %s", err, output)
	}
	token, err := s.gitea.token(s.gitea.user, "write:repository")
	must(t, err)
	output, err := s.forge(token, "deliver")
	const file = ".gitea/workflows/hello-app.yml"
	if err != nil || !strings.Contains(output, "created: "+file) {
		t.Fatalf("%v: %s", err, output)
	}
	var head string
	// Until its queue has seen the first push, the server answers 500.
	s.eventually(t, time.Minute, "the branch is there", func() (err error) {
		head, err = s.gitea.head(appRepo, "main")
		return err
	})
	if !strings.Contains(output, appRepo+": "+head[:10]) {
		t.Errorf("the command does not name the commit %s: %s", head, output)
	}
	again, err := s.forge(token, "deliver")
	if err != nil || !strings.Contains(again, appRepo+": nothing to change") {
		t.Errorf("the second delivery: %v, %s", err, again)
	}
	if now, err := s.gitea.head(appRepo, "main"); err != nil || now != head {
		t.Errorf("the second delivery moved the branch from %s to %s, %v", head, now, err)
	}
	// There is no Dockerfile yet: the workflow starts, and says so.
	run := s.finished(t, 2*time.Minute, appRepo, head)
	if log := s.log(t, appRepo, run); run.text("conclusion") != "failure" || !strings.Contains(log, "failed to read dockerfile") {
		t.Errorf("a repository without a Dockerfile ended with %s:\n%s", run.text("conclusion"), tail(log, 2000))
	}
}

// aCommitIsPushed adds sources to what was delivered.
func (s *stage) aCommitIsPushed(t *testing.T) {
	c := s.clone(appRepo, "hello")
	must(t, c.fetch(), copyFile(s.Programs["hello"], filepath.Join(c.folder, "hello")), s.write(c, "Dockerfile", dockerfile), s.write(c, "version", "first\n"))
	memory["pushed"] = time.Now().Format(time.RFC3339Nano)
	commit, err := c.push("Say hello", "main")
	must(t, err)
	s.remember("app", commit)
}

const dockerfile = "FROM scratch\nCOPY hello version /\nUSER 1000\nENTRYPOINT [\"/hello\"]\n"

func (s *stage) write(c *clone, name, text string) error {
	return os.WriteFile(filepath.Join(c.folder, name), []byte(text), 0o644)
}

func (s *stage) theJobSucceeds(t *testing.T) {
	log := s.succeeded(t, 3*time.Minute, appRepo, memory["app"])
	match := regexp.MustCompile(`pushed ` + regexp.QuoteMeta(giteaHost) + `:3000/` + imageName + `:([^\s@]+)`).FindStringSubmatch(log)
	if match == nil {
		t.Fatalf("the log names no tag:\n%s", tail(log, 3000))
	}
	s.remember("tag", match[1])
}

func (s *stage) theRegistryHasTheTag(t *testing.T) {
	tags, err := s.gitea.tags(imageName)
	must(t, err)
	if !contains(tags, memory["tag"]) {
		t.Errorf("tags %q, want %s among them", tags, memory["tag"])
	}
	cache, err := s.gitea.tags(imageName + "-cache")
	must(t, err)
	if len(cache) != 1 {
		t.Errorf("tags of the cache: %q, want one", cache)
	}
}

func contains(all []string, one string) bool {
	for _, entry := range all {
		if entry == one {
			return true
		}
	}
	return false
}

func (s *stage) thePolicyChooses(t *testing.T) {
	tag, err := s.choose("flux-system", "hello-app")
	must(t, err)
	if tag != memory["tag"] {
		t.Errorf("it chose %s, want %s", tag, memory["tag"])
	}
}

// theSetterCommits looks that the commit changes marked values, in the output and in the lock, and nothing else.
func (s *stage) theSetterCommits(t *testing.T) {
	commit, err := s.automate("flux-system", "home")
	must(t, err)
	if commit == "" {
		t.Fatal("there was nothing to set")
	}
	s.remember("flux", commit)
	c := s.clone(programRepo, "gitops")
	must(t, c.fetch())
	diff, err := c.git("show", "--format=", "--unified=0", commit)
	must(t, err)
	files, err := c.git("show", "--format=", "--name-only", commit)
	must(t, err)
	if files != "dist/clusters/home/apps/apps.k8s.yaml\nimages.yaml" {
		t.Errorf("it changes %q", files)
	}
	for _, line := range strings.Split(diff, "\n") {
		if strings.HasPrefix(line, "+") && !strings.HasPrefix(line, "+++") && (!strings.Contains(line, memory["tag"]) || !strings.Contains(line, `"$imagepolicy"`)) {
			t.Errorf("it changes more than marked values: %s", line)
		}
	}
}

func (s *stage) theNextSynthChangesNothing(t *testing.T) { s.synthChangesNothing(t, memory["flux"]) }

func (s *stage) fluxAppliesTheCommit(t *testing.T) {
	must(t, s.cluster.reconcile("GitRepository", "flux-system", "home"))
	s.eventually(t, time.Minute, "the commit is fetched", func() error { return s.fetched(memory["flux"]) })
	s.eventually(t, 2*time.Minute, "the commit is applied", func() error { return s.applied("home-apps", memory["flux"]) })
}

func (s *stage) theDeploymentRuns(t *testing.T) {
	s.deploymentRuns(t, memory["tag"], "first\n")
	begin, err := time.Parse(time.RFC3339Nano, memory["pushed"])
	must(t, err)
	t.Logf("from the push to the running pods: %s", seconds(time.Since(begin)))
}

func (s *stage) deploymentRuns(t *testing.T, tag, version string) {
	t.Helper()
	deployments, err := s.cluster.all("Deployment", "apps")
	must(t, err)
	if len(deployments) != 1 {
		t.Fatalf("%d Deployments", len(deployments))
	}
	want := frontHost + "/" + imageName + ":" + tag
	if image := deployments[0].text("spec", "template", "spec", "containers", 0, "image"); image != want {
		t.Errorf("the Deployment names %s, want %s", image, want)
	}
	for i := range deployments[0].number("spec", "replicas") {
		name := fmt.Sprintf("%s-%d", deployments[0].name(), i)
		s.eventually(t, 30*time.Second, "pod "+name, func() error { return s.podIsReady("apps", name) })
		response, err := http.Get("http://" + s.kubelet.pod("apps", name).address + ":8080/")
		must(t, err)
		text, err := io.ReadAll(response.Body)
		response.Body.Close()
		must(t, err)
		if string(text) != version {
			t.Errorf("pod %s answers %q, want %q", name, text, version)
		}
	}
}

// aSecondCommit goes the whole way without a look at each act.
func (s *stage) aSecondCommit(t *testing.T) {
	began := time.Now()
	tag := s.build(t, "second\n")
	chosen, err := s.choose("flux-system", "hello-app")
	must(t, err)
	if chosen != tag {
		t.Fatalf("it chose %s, want %s", chosen, tag)
	}
	commit, err := s.automate("flux-system", "home")
	must(t, err, s.cluster.reconcile("GitRepository", "flux-system", "home"))
	s.eventually(t, 2*time.Minute, "the commit is applied", func() error { return s.applied("home-apps", commit) })
	s.deploymentRuns(t, tag, "second\n")
	t.Logf("from the push to the running pods: %s", seconds(time.Since(began)))
	s.synthChangesNothing(t, commit)
}

// build pushes a version of the sources, waits for its run, and returns the tag.
func (s *stage) build(t *testing.T, version string) string {
	t.Helper()
	c := s.clone(appRepo, "hello")
	must(t, s.write(c, "version", version))
	commit, err := c.push("Version "+version, "main")
	must(t, err)
	s.remember("app", commit)
	s.theJobSucceeds(t)
	return memory["tag"]
}

// noSecretIsInALog looks at what every program and every job has said.
func (s *stage) noSecretIsInALog(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(s.Folder, "logs", "*"))
	must(t, err)
	own, err := filepath.Glob(filepath.Join(s.Folder, "gitea", "log", "*"))
	must(t, err)
	if len(s.secrets) < 8 || len(files) < 8 {
		t.Fatalf("%d secrets and %d logs: too few", len(s.secrets), len(files))
	}
	for _, file := range append(files, own...) {
		text, err := os.ReadFile(file)
		must(t, err)
		for value, what := range s.secrets {
			if strings.Contains(string(text), value) {
				t.Errorf("%s is in %s", what, filepath.Base(file))
			}
		}
	}
	t.Logf("%d values in %d logs", len(s.secrets), len(files)+len(own))
}

func command(name string, arguments ...string) error {
	if output, err := exec.Command(name, arguments...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, output)
	}
	return nil
}
