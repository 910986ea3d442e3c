package live

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

const mebibyte = 1 << 20

// resize changes the size of a volume, and returns what is in it.
func resize(folder string, size uint64) (used uint64, err error) {
	var state syscall.Statfs_t
	if err := syscall.Statfs(folder, &state); err != nil {
		return 0, err
	}
	used = (state.Blocks - state.Bfree) * uint64(state.Bsize)
	if size == 0 {
		return used, nil
	}
	return used, syscall.Mount("tmpfs", folder, "tmpfs", syscall.MS_REMOUNT, fmt.Sprintf("size=%d", size))
}

// cures are the commands that the runbook's table of symptoms gives for one of them.
func (r runbook) cures(with, program string) []string {
	for _, line := range strings.Split(r.text, "\n") {
		cells := strings.Split(line, " | ")
		if len(cells) == 4 && strings.HasPrefix(line, "| ") && strings.Contains(cells[0], with) {
			var found []string
			for _, command := range words(cells[3]) {
				if strings.Contains(command, program) {
					found = append(found, command)
				}
			}
			return found
		}
	}
	return nil
}

// buildkitdIsFull: a build needs more than what is left on the volume. The runbook's command makes room.
func (s *stage) buildkitdIsFull(t *testing.T) {
	folder := s.kubelet.pod("gitea", "buildkitd-0").claim("root")
	used, err := resize(folder, 0)
	must(t, err)
	_, err = resize(folder, used+48*mebibyte)
	must(t, err)
	t.Cleanup(func() { _, _ = resize(folder, 50<<30) })
	c := s.clone(appRepo, "hello")
	large := filepath.Join(c.folder, "large")
	must(t, s.write(c, "large", ""), os.Truncate(large, 160*mebibyte), s.write(c, "Dockerfile", strings.Replace(dockerfile, "hello version", "hello version large", 1)), s.write(c, "version", "large\n"))
	commit, err := c.push("Large", "main")
	must(t, err)
	run := s.finished(t, 5*time.Minute, appRepo, commit)
	log := s.log(t, appRepo, run)
	if run.text("conclusion") != "failure" {
		t.Errorf("it ended with %s", run.text("conclusion"))
	}
	const symptom = "no space left on device"
	s.shows(t, log, symptom)
	cures := s.runbook.cures(symptom, "buildctl prune")
	if len(cures) != 1 {
		t.Fatalf("the runbook has the cures %q", cures)
	}
	must(t, s.playKubectl())
	output, err := s.operate("", s.clone("", "gitops").folder, cures...)
	must(t, err)
	left, err := resize(folder, 0)
	must(t, err)
	if left >= used {
		t.Errorf("%s frees nothing: %d bytes before the build, %d now:\n%s", cures[0], used, left, tail(output, 500))
	}
	t.Logf("%d MiB before the build, %d MiB after the cure", used/mebibyte, left/mebibyte)
	must(t, os.Remove(large), s.write(c, "Dockerfile", dockerfile))
	s.build(t, "small\n")
}

// outer is what the program gets besides: the forge by its public name, whose certificate a private CA signed, and a daemon for each of
// two platforms.
const outer = `
const outside = Forge.gitea({
  version: '1.26',
  url: 'https://git.example.com',
  trust: Trust.privateCa(CaBundle.fromFile('ca.crt', { validOn: '%s' })),
});
const outerRegistry = Registry.gitea(outside, { owner: 'platform', credentials: SecretSource.existing('registry-credentials') });
const outer = new Chart(home, 'outer', { namespace: 'outer' });
const builders = new BuildkitPlatforms(outer, 'builders', {
  architectures: [Architecture.AMD64, Architecture.ARM64],
  registries: [outerRegistry],
  storage: Storage.persistent(Size.gibibytes(10)),
});
const outerRunner = new Runner(outer, 'outer', {
  forge: outside,
  scope: RunnerScope.organization('platform'),
  registration: Registration.token(SecretSource.existing('outer-token')),
  version: RunnerVersion.of('1.0.8'),
  executor: Executor.host({ builder: builders }),
});
new ImagePipeline(apps, 'everywhere-app', {
  repository: outside.repository('platform/everywhere'),
  registry: outerRegistry,
  runner: outerRunner,
  platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64],
});

app.synth();`

const outerImports = `
import { BuildkitPlatforms, Platform } from './lib/buildkit';
import { Architecture } from './lib/kube';
import { CaBundle, Trust } from './lib/trust';

const app = new GitOpsApp();`

const (
	everywhereRepo  = "platform/everywhere"
	everywhereImage = "platform/everywhere-app"
)

// twoBuildersBehindAPrivateCa: pods whose machine does not know the CA register, clone, fetch tokens and push by what the manifests say.
// Each of two daemons builds one platform, and the client joins them.
func (s *stage) twoBuildersBehindAPrivateCa(t *testing.T) {
	c := s.clone(programRepo, "gitops")
	must(t, c.fetch(), c.edit("\nconst app = new GitOpsApp();", outerImports), c.edit("\napp.synth();", fmt.Sprintf(outer, time.Now().UTC().Format(time.DateOnly))))
	must(t, s.write(c, "ca.crt", string(s.authority)), s.synth(c))
	everywhere, err := readRunbook(filepath.Join(c.folder, "dist", "RUNBOOK.md"))
	must(t, err)
	namespaces, err := everywhere.block("kubectl create namespace")
	must(t, err)
	_, err = s.operate("", c.folder, namespaces)
	must(t, err)
	commit, err := c.push("Build everywhere, behind a private CA", "main")
	must(t, err, s.cluster.reconcile("GitRepository", "flux-system", "home"))
	s.eventually(t, 3*time.Minute, "the CA is in the cluster", func() error {
		_, err := s.cluster.get("ConfigMap", distrustful, "ca-bundle")
		return err
	})
	s.registerOuter(t, everywhere, c.folder)
	s.everywhereIsPushed(t, c)
	s.everywhereIsBuilt(t)
	s.synthChangesNothing(t, commit)
	s.eventually(t, 2*time.Minute, "the platform is ready", func() error { return s.applied("home-platform", commit) })
	// Back to what was there before.
	_, err = c.git("revert", "--no-edit", commit)
	must(t, err)
	back, err := c.push("Build here only", "main")
	must(t, err, s.cluster.reconcile("GitRepository", "flux-system", "home"))
	s.synthChangesNothing(t, back)
	s.eventually(t, 3*time.Minute, "the newest commit is applied", func() error {
		if s.kubelet.pod(distrustful, "outer-0") != nil {
			return errors.New("the runner is still there")
		}
		return errors.Join(s.applied("home-apps", back), s.applied("home-platform", back))
	})
	const runners = "orgs/" + organization + "/actions/runners"
	answer, err := s.gitea.api(http.MethodGet, runners, nil)
	must(t, err)
	for _, runner := range answer.list("runners") {
		_, err := s.gitea.api(http.MethodDelete, fmt.Sprintf("%s/%d", runners, runner.number("id")), nil)
		must(t, err)
	}
}

// registerOuter makes the runner's token by the runbook's commands, which read the CA from the cluster.
func (s *stage) registerOuter(t *testing.T, r runbook, folder string) {
	t.Helper()
	token, err := s.gitea.token(s.gitea.user, r.tokenScopes()...)
	must(t, err)
	var blocks []string
	for _, texts := range [][]string{{"HEADER=$(mktemp)"}, {"CA=$(mktemp)"}, {"registration-token", "create secret", "outer-token "}} {
		block, err := r.block(texts...)
		must(t, err)
		blocks = append(blocks, block)
	}
	_, err = s.operate(token+"\n", folder, blocks...)
	must(t, err)
	values, err := s.cluster.secret(distrustful, "outer-token")
	must(t, err)
	s.secret(values["token"], "registration token outer-token")
	s.eventually(t, 3*time.Minute, "the runner is online", func() error {
		answer, err := s.gitea.api(http.MethodGet, "orgs/"+organization+"/actions/runners", nil)
		if err != nil {
			return err
		}
		for _, runner := range answer.list("runners") {
			if runner.text("name") == "outer-0" && runner.text("status") == "online" {
				return nil
			}
		}
		return fmt.Errorf("%v", answer)
	})
	for _, pod := range []string{"builders-amd64-0", "builders-arm64-0", "outer-0"} {
		s.eventually(t, 2*time.Minute, "pod "+pod, func() error { return s.podIsReady(distrustful, pod) })
	}
	// Without what the manifests add, the pod would not trust the forge: so the act sees the difference.
	output, err := s.kubelet.pod(distrustful, "outer-0").exec("runner", "curl", "--silent", "--show-error", "--cacert", authorityBundle, "https://"+frontHost+"/")
	if err == nil {
		t.Errorf("the machine of the pod trusts the CA by itself: %s", tail(output, 300))
	}
}

func (s *stage) everywhereIsPushed(t *testing.T, program *clone) {
	t.Helper()
	files := map[string]string{"Dockerfile": "FROM scratch\nCOPY version /\nUSER 1000\n", "version": "everywhere\n"}
	const workflow = ".gitea/workflows/everywhere-app.yml"
	text, err := os.ReadFile(filepath.Join(program.folder, "dist", "repositories", everywhereRepo, workflow))
	must(t, err)
	files[workflow] = string(text)
	_, _, commit := s.repositoryOf(t, everywhereRepo, files)
	s.remember("everywhere", commit)
}

func (s *stage) everywhereIsBuilt(t *testing.T) {
	t.Helper()
	log := s.succeeded(t, 4*time.Minute, everywhereRepo, memory["everywhere"])
	_, rest, isThere := strings.Cut(log, "pushed "+frontHost+"/"+everywhereImage+":")
	tag, _, _ := strings.Cut(rest, "@")
	if !isThere {
		t.Fatalf("the log names no tag:\n%s", tail(log, 3000))
	}
	chosen, err := s.choose("flux-system", "everywhere-app")
	must(t, err)
	if chosen != tag {
		t.Errorf("it chose %s, want %s", chosen, tag)
	}
	reference, err := name.ParseReference(frontHost + "/" + everywhereImage + ":" + tag)
	must(t, err)
	token, err := s.gitea.token(pushUser, "read:package")
	must(t, err)
	index, err := remote.Index(reference, remote.WithAuth(authn.FromConfig(authn.AuthConfig{Username: pushUser, Password: token})))
	must(t, err)
	manifest, err := index.IndexManifest()
	must(t, err)
	var platforms []string
	for _, one := range manifest.Manifests {
		platforms = append(platforms, one.Platform.String())
	}
	if got := strings.Join(platforms, " "); got != "linux/amd64 linux/arm64" {
		t.Errorf("the image is for %q", got)
	}
}

// transportOf trusts what an object's certSecretRef says, and nothing else; without one, what the machine trusts.
func (s *stage) transportOf(of object) (http.RoundTripper, error) {
	secret := of.text("spec", "certSecretRef", "name")
	if secret == "" {
		return remote.DefaultTransport, nil
	}
	values, err := s.cluster.secret(of.namespace(), secret)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(values["ca.crt"])) {
		return nil, fmt.Errorf("Secret %s has no certificate under ca.crt", secret)
	}
	transport := remote.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{RootCAs: pool}
	return transport, nil
}

// tokenIsFetched: a Job asks the forge for a registration token, and writes it to the one Secret that its account may change. First its
// token at the forge may not.
func (s *stage) tokenIsFetched(t *testing.T) {
	row := secretRow{namespace: "gitea", name: "runner-owner", kind: "Opaque"}
	folder := filepath.Join(s.cases, "retention")
	_, err := s.kubectlWith(only(t, folder, "mint"), "apply", "-f", "-")
	must(t, err)
	jobs, err := s.cluster.all("Job", "gitea")
	must(t, err)
	if len(jobs) != 1 {
		t.Fatalf("%d Jobs", len(jobs))
	}
	var output string
	for _, scope := range []string{"read:admin", "write:admin"} {
		token, err := s.gitea.token(s.gitea.user, scope)
		must(t, err, s.makeSecret(row, map[string]string{"token": token}))
		output, err = s.kubelet.job("gitea", jobs[0].name()+"-"+scope[:4], object(jobs[0].at("spec", "template").(map[string]any)))
		if (err == nil) != (scope == "write:admin") {
			t.Errorf("with the scope %s: %v, %s", scope, err, tail(output, 800))
		}
		if err != nil && !strings.Contains(output, "the forge refused the API token (403): it needs the scope write:admin") {
			t.Errorf("with the scope %s it says: %s", scope, tail(output, 800))
		}
	}
	answer, err := s.gitea.api(http.MethodPost, "admin/actions/runners/registration-token", nil)
	must(t, err)
	s.secret(answer.text("token"), "registration token")
	values, err := s.cluster.secret("gitea", "mint")
	must(t, err)
	if values["token"] == "" || values["token"] != answer.text("token") {
		t.Errorf("the Secret does not hold the forge's registration token: %s", tail(output, 500))
	}
	_, err = s.kubectlWith(only(t, folder, "mint"), "delete", "--wait=false", "-f", "-")
	must(t, err)
}
