package live

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// raceOften finds what is rare. A round costs two runs of the workflow and nothing else: two tags are built once, and Flux sets the one and
// the other; the program moves the Dockerfile there and back. Flux commits at another moment of the job in each round.
func (s *stage) raceOften(t *testing.T, rounds int) {
	began := time.Now()
	tags := []string{s.build(t, "race a\n"), s.build(t, "race b\n")}
	rejected, kept, failed := 0, 0, 0
	for round := 0; round < rounds; round++ {
		problem, wasRejected := s.raceRound(t, round, tags[round%2])
		if wasRejected {
			rejected++
		} else {
			kept++
		}
		if problem != nil {
			failed++
			t.Errorf("round %d: %v", round+1, problem)
		}
		if (round+1)%10 == 0 {
			t.Logf("%d rounds in %s: %d pushes rejected and repeated, %d not, %d failures", round+1, seconds(time.Since(began)), rejected, kept, failed)
		}
		if failed > 3 {
			t.Fatal("too many failures")
		}
	}
	t.Logf("%d rounds in %s: %d pushes rejected and repeated, %d not, %d failures", rounds, seconds(time.Since(began)), rejected, kept, failed)
	// Back to where the round of one begins.
	c := s.clone(programRepo, "gitops")
	must(t, c.fetch())
	if text, err := os.ReadFile(filepath.Join(c.folder, "main.ts")); err == nil && strings.Contains(string(text), dockerfileIs) {
		must(t, c.edit(dockerfileIs, dockerfileWas), s.synth(c))
	}
	back, err := c.push("After the race", "main")
	must(t, err, s.cluster.reconcile("GitRepository", "flux-system", "home"))
	s.synthChangesNothing(t, back)
	s.eventually(t, 5*time.Minute, "the newest commit is applied", func() error { return s.applied("home-apps", back) })
}

func (s *stage) raceRound(t *testing.T, round int, tag string) (problem error, rejected bool) {
	t.Helper()
	policy, err := s.cluster.get("ImagePolicy", "flux-system", "hello-app")
	must(t, err)
	repository, err := s.cluster.get("ImageRepository", "flux-system", policy.text("spec", "imageRepositoryRef", "name"))
	must(t, err)
	must(t, s.isReady("ImagePolicy", policy, map[string]any{"latestRef": map[string]any{"name": repository.text("spec", "image"), "tag": tag}}))
	was, is, said := dockerfileWas, dockerfileIs, "DOCKERFILE: docker/Dockerfile"
	if round%2 == 1 {
		was, is, said = dockerfileIs, dockerfileWas, "DOCKERFILE: Dockerfile"
	}
	c := s.clone(programRepo, "gitops")
	must(t, c.fetch(), c.edit(was, is))
	commit, err := c.push(fmt.Sprintf("Round %d", round+1), "main")
	must(t, err)
	s.eventually(t, 3*time.Minute, "the job is under way", func() error {
		runs, err := s.gitea.runs(programRepo, commit)
		if err != nil || len(runs) != 1 || runs[0].text("status") == "queued" || runs[0].text("status") == "waiting" {
			return fmt.Errorf("%v, %w", runs, err)
		}
		return nil
	})
	time.Sleep(time.Duration(rand.IntN(8000)) * time.Millisecond)
	moved, err := s.automate("flux-system", "home")
	if err != nil && strings.Contains(err.Error(), "rejected") {
		// The synth was first in the moment between Flux's fetch and its push: Flux tries again.
		moved, err = s.automate("flux-system", "home")
	}
	must(t, err)
	run := s.finished(t, 5*time.Minute, programRepo, commit)
	log := s.log(t, programRepo, run)
	rejected = strings.Contains(log, "the push was rejected; again")
	if run.text("conclusion") != "success" {
		return fmt.Errorf("the run ended with %s:\n%s", run.text("conclusion"), tail(log, 2000)), rejected
	}
	if moved != "" {
		if run := s.finished(t, 5*time.Minute, programRepo, moved); run.text("conclusion") != "success" {
			return fmt.Errorf("the run of Flux's commit ended with %s:\n%s", run.text("conclusion"), tail(s.log(t, programRepo, run), 2000)), rejected
		}
	}
	must(t, c.fetch())
	for file, want := range map[string]string{"images.yaml": tag, "dist/clusters/home/apps/apps.k8s.yaml": tag, "dist/repositories/" + appRepo + "/.gitea/workflows/hello-app.yml": said, "main.ts": is} {
		text, err := os.ReadFile(filepath.Join(c.folder, file))
		must(t, err)
		if !strings.Contains(string(text), want) {
			return fmt.Errorf("%s has no %q: something was lost", file, want), rejected
		}
	}
	for _, one := range []string{commit, moved} {
		if one == "" {
			continue
		}
		if history, err := c.git("merge-base", "--is-ancestor", one, "HEAD"); err != nil {
			return fmt.Errorf("%s is not in the branch: %s %w", one, history, err), rejected
		}
	}
	return nil, rejected
}
