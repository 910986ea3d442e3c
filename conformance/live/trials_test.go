package live

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// trial makes a repository with one of the synthesized workflows that are tried alone; it goes when the act ends.
func (s *stage) trial(t *testing.T, workflow string) (repository string, c *clone, commit string) {
	t.Helper()
	file := filepath.Join(".gitea", "workflows", workflow+".yml")
	text, err := os.ReadFile(filepath.Join(s.cases, "trials", file))
	must(t, err)
	return s.repositoryOf(t, organization+"/trial-"+workflow, map[string]string{file: string(text)})
}

// repositoryOf makes a repository with these files. It goes when the act ends.
func (s *stage) repositoryOf(t *testing.T, repository string, files map[string]string) (_ string, c *clone, commit string) {
	t.Helper()
	owner, name, _ := strings.Cut(repository, "/")
	_, err := s.gitea.api(http.MethodPost, "orgs/"+owner+"/repos", map[string]any{"name": name, "private": true, "default_branch": "main"})
	must(t, err)
	t.Cleanup(func() { _, _ = s.gitea.api(http.MethodDelete, "repos/"+repository, nil) })
	c = s.clone(repository, strings.ReplaceAll(repository, "/", "_"))
	t.Cleanup(func() { _ = os.RemoveAll(c.folder) })
	for file, text := range files {
		must(t, os.MkdirAll(filepath.Join(c.folder, filepath.Dir(file)), 0o755), s.write(c, file, text))
	}
	must(t, c.begin())
	commit, err = c.push("Try", "main")
	must(t, err)
	s.eventually(t, time.Minute, "the server's queue has seen the push", func() error {
		answer, err := s.gitea.api(http.MethodGet, "repos/"+repository, nil)
		if err == nil && answer.flag("empty") {
			err = errors.New("it takes the repository for empty")
		}
		return err
	})
	return repository, c, commit
}

// dispatch starts a workflow. Until its queue has seen the first push, the server takes a repository for empty, and answers 500.
func (s *stage) dispatch(t *testing.T, repository, file string) {
	t.Helper()
	s.eventually(t, time.Minute, file+" is dispatched", func() error {
		_, err := s.gitea.api(http.MethodPost, "repos/"+repository+"/actions/workflows/"+file+"/dispatches", map[string]any{"ref": "main"})
		return err
	})
}

// runsOf are the runs of one workflow file, the newest first.
func (s *stage) runsOf(repository, file string) ([]object, error) {
	answer, err := s.gitea.api(http.MethodGet, "repos/"+repository+"/actions/runs?limit=50", nil)
	var found []object
	for _, run := range answer.list("workflow_runs") {
		if strings.HasPrefix(run.text("path"), file) {
			found = append(found, run)
		}
	}
	return found, err
}

// completed waits until so many runs of a workflow file are over, and returns them, the newest first.
func (s *stage) completed(t *testing.T, limit time.Duration, repository, file string, count int) []object {
	t.Helper()
	var found []object
	s.eventually(t, limit, fmt.Sprintf("%d runs of %s", count, file), func() error {
		runs, err := s.runsOf(repository, file)
		if err != nil || len(runs) < count {
			return fmt.Errorf("%d runs, %w", len(runs), err)
		}
		for _, run := range runs {
			if run.text("status") != "completed" {
				return fmt.Errorf("one is %s", run.text("status"))
			}
		}
		found = runs
		return nil
	})
	return found
}

// forkGetsNoSecrets: the run of a pull request from a fork waits for a person, and then has neither a secret nor a token that writes. A
// pull request from the repository itself has the secret: so the act sees the difference.
func (s *stage) forkGetsNoSecrets(t *testing.T) {
	repository, c, _ := s.trial(t, "proposal")
	_, err := c.git("checkout", "--quiet", "-B", "own")
	must(t, err)
	own, err := c.push("From the repository itself", "own")
	must(t, err)
	s.closePullRequest(t, repository, s.openPullRequest(t, repository, "own"))
	if log := s.succeeded(t, 2*time.Minute, repository, own); strings.Contains(log, "the secret has 0 characters") {
		t.Errorf("a pull request of the repository itself has no secret: %s", tail(log, 800))
	}
	const stranger = "stranger"
	must(t, s.gitea.addUser(organization, stranger, "read", "repo.code", "repo.pulls", "repo.actions"))
	text, err := s.gitea.ask(http.MethodPost, "repos/"+repository+"/forks", stranger, passwords[stranger], map[string]any{"name": "fork"})
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	t.Cleanup(func() { _, _ = s.gitea.api(http.MethodDelete, "repos/"+stranger+"/fork", nil) })
	fork := s.clone(stranger+"/fork", "fork")
	fork.user, fork.password = stranger, passwords[stranger]
	must(t, fork.fetch())
	commit, err := fork.push("From a fork", "mine")
	must(t, err)
	_, err = s.gitea.ask(http.MethodPost, "repos/"+repository+"/pulls", stranger, passwords[stranger], map[string]any{"title": "From a fork", "head": stranger + ":mine", "base": "main"})
	must(t, err)
	var run object
	s.eventually(t, time.Minute, "the run of the fork is there", func() error {
		runs, err := s.gitea.runs(repository, commit)
		if err != nil || len(runs) != 1 {
			return fmt.Errorf("%d runs, %w", len(runs), err)
		}
		run = runs[0]
		return nil
	})
	time.Sleep(5 * time.Second)
	runs, err := s.gitea.runs(repository, commit)
	must(t, err)
	if runs[0].text("status") == "completed" {
		t.Error("it ran without approval")
	}
	must(t, s.approve(repository, run))
	log := s.succeeded(t, 2*time.Minute, repository, commit)
	for _, want := range []string{"the secret has 0 characters", "the job token writes: 403"} {
		if !strings.Contains(log, want) {
			t.Errorf("%q is not in the log: %s", want, tail(log, 800))
		}
	}
}

// callsAndActions: a composite action of the repository, whose output goes into a call, whose output goes into a job.
func (s *stage) callsAndActions(t *testing.T) {
	files := map[string]string{}
	for _, file := range []string{".gitea/workflows/caller.yml", ".gitea/workflows/inner.yml", ".gitea/actions/shout/action.yml"} {
		text, err := os.ReadFile(filepath.Join(s.cases, "trials", file))
		must(t, err)
		files[file] = string(text)
	}
	// The name that the workflow was synthesized for: its checkout says it.
	repository, _, _ := s.repositoryOf(t, organization+"/trials", files)
	_, err := s.gitea.api(http.MethodPut, "repos/"+repository+"/actions/secrets/TRIAL_KEY", map[string]any{"data": "the-key"})
	must(t, err)
	s.dispatch(t, repository, "caller.yml")
	run := s.completed(t, 3*time.Minute, repository, "caller.yml", 1)[0]
	if log := s.log(t, repository, run); run.text("conclusion") != "success" || !strings.Contains(log, "the call says HELLO, answered") {
		t.Errorf("it ended with %s:\n%s", run.text("conclusion"), tail(log, 3000))
	}
}

// nobodyRuns: a job that no runner can take waits, and the list of runs says why, in the runbook's words. The page of the run does not.
func (s *stage) nobodyRuns(t *testing.T) {
	repository, _, _ := s.repositoryOf(t, organization+"/waiting", map[string]string{".gitea/workflows/waiting.yml": "on: workflow_dispatch\njobs:\n  only: { runs-on: nobody, steps: [{ run: \"true\" }] }\n"})
	s.dispatch(t, repository, "waiting.yml")
	s.eventually(t, time.Minute, "the list of runs says why the job waits", func() error {
		runs, err := s.runsOf(repository, "waiting.yml")
		if err != nil || len(runs) != 1 {
			return fmt.Errorf("%d runs, %w", len(runs), err)
		}
		text, err := s.page(http.MethodGet, repository+"/actions")
		if err != nil {
			return err
		}
		for _, symptom := range s.runbook.symptoms("a job waits") {
			if !strings.Contains(text, symptom) {
				return fmt.Errorf("%q is not in it: %s", symptom, tail(text, 600))
			}
		}
		return nil
	})
}

// newRunCancelsOld, as the concurrency of the workflow says.
func (s *stage) newRunCancelsOld(t *testing.T) {
	repository, _, _ := s.trial(t, "turns")
	s.dispatch(t, repository, "turns.yml")
	s.eventually(t, time.Minute, "the first run begins", func() error {
		runs, err := s.runsOf(repository, "turns.yml")
		if err != nil || len(runs) != 1 || runs[0].text("status") != "in_progress" {
			return fmt.Errorf("%v, %w", runs, err)
		}
		return nil
	})
	s.dispatch(t, repository, "turns.yml")
	runs := s.completed(t, 2*time.Minute, repository, "turns.yml", 2)
	if runs[0].text("conclusion") != "success" || runs[1].text("conclusion") != "cancelled" {
		t.Errorf("the new run: %s, the old one: %s", runs[0].text("conclusion"), runs[1].text("conclusion"))
	}
}

// clockStartsRuns by the schedule, without a push.
func (s *stage) clockStartsRuns(t *testing.T) {
	repository, _, commit := s.trial(t, "clock")
	s.noRun(t, repository, commit)
	runs := s.completed(t, 4*time.Minute, repository, "clock.yml", 1)
	if log := s.log(t, repository, runs[0]); !strings.Contains(log, "the clock says schedule") {
		t.Errorf("the log does not say so: %s", tail(log, 800))
	}
}

// timeoutEndsJobs: the server of this version ignores the limit of a job, so that each step has it. Runner 1.0.8 ends the shell of the
// step, and then waits for what the shell has started: the workflow of this act replaces its shell.
func (s *stage) timeoutEndsJobs(t *testing.T) {
	repository, _, _ := s.trial(t, "limit")
	s.dispatch(t, repository, "limit.yml")
	began := time.Now()
	run := s.completed(t, 4*time.Minute, repository, "limit.yml", 1)[0]
	if took := time.Since(began); run.text("conclusion") == "success" || took > 140*time.Second {
		t.Errorf("it ended with %s after %s:\n%s", run.text("conclusion"), seconds(took), tail(s.log(t, repository, run), 1500))
	}
	// The limit of a job, as it is written by hand.
	repository, _, _ = s.repositoryOf(t, organization+"/limits", map[string]string{".gitea/workflows/limits.yml": "on: workflow_dispatch\njobs:\n  only: { runs-on: runner, timeout-minutes: 1, steps: [{ run: \"exec sleep 75\" }] }\n"})
	s.dispatch(t, repository, "limits.yml")
	run = s.completed(t, 4*time.Minute, repository, "limits.yml", 1)[0]
	compare(t, "the server heeds", map[string]bool{"jobs.timeout-minutes": run.text("conclusion") != "success"}, s.facts(t).Keys)
	// What docs/runner.md says to do for commands that start others.
	repository, _, _ = s.trial(t, "tree")
	s.dispatch(t, repository, "tree.yml")
	began = time.Now()
	run = s.completed(t, 4*time.Minute, repository, "tree.yml", 1)[0]
	if took := time.Since(began); run.text("conclusion") != "failure" || took > 100*time.Second {
		t.Errorf("`timeout` ended it with %s after %s:\n%s", run.text("conclusion"), seconds(took), tail(s.log(t, repository, run), 1500))
	}
}

// between puts something between Gitea and everybody who asks it, until back is called.
func (s *stage) between(t *testing.T, change func(proxy *httputil.ReverseProxy) http.Handler) (back func()) {
	t.Helper()
	const port = "3001"
	must(t, s.gitea.restart("[server]\nHTTP_PORT = "+port+"\nLOCAL_ROOT_URL = http://"+giteaAddress+":"+port+"/\n"))
	end, err := startProxy(giteaAddress+":3000", "http://"+giteaAddress+":"+port, change)
	must(t, err)
	back = sync.OnceFunc(func() { must(t, end(), s.gitea.restart("")) })
	t.Cleanup(back)
	s.eventually(t, time.Minute, "Gitea answers", s.gitea.answers)
	return back
}

// registryAnswers500 for a while, and then for good: buildkitd repeats what failed, and at last says so in the runbook's words.
func (s *stage) registryAnswers500(t *testing.T) {
	left := &atomic.Int64{}
	left.Store(2)
	back := s.between(t, func(proxy *httputil.ReverseProxy) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			writes := r.Method != http.MethodGet && r.Method != http.MethodHead
			if strings.HasPrefix(r.URL.Path, "/v2/") && r.URL.Path != "/v2/token" && writes && left.Add(-1) >= 0 {
				http.Error(w, "played", http.StatusInternalServerError)
				return
			}
			proxy.ServeHTTP(w, r)
		})
	})
	s.build(t, "with some errors\n")
	if left.Load() > 0 {
		t.Error("no request was refused")
	}
	left.Store(1 << 40)
	c := s.clone(appRepo, "hello")
	must(t, s.write(c, "version", "with errors only\n"))
	commit, err := c.push("With errors only", "main")
	must(t, err)
	run := s.finished(t, 5*time.Minute, appRepo, commit)
	log := s.log(t, appRepo, run)
	if run.text("conclusion") != "failure" {
		t.Errorf("it ended with %s", run.text("conclusion"))
	}
	s.shows(t, log, "500 Internal Server Error")
	back()
	s.eventually(t, time.Minute, "Gitea answers", s.gitea.answers)
	s.build(t, "without errors\n")
}

// lateAnswersLoseNoJob: when the answer comes that hands a job to the runner, the server has assigned it already. A runner that has
// given up by then knows nothing of it, and nobody runs it.
func (s *stage) lateAnswersLoseNoJob(t *testing.T) {
	late := &atomic.Int64{}
	back := s.between(t, func(proxy *httputil.ReverseProxy) http.Handler {
		proxy.ModifyResponse = func(response *http.Response) error {
			// An answer without a job has a few bytes; a long one does not say how many.
			if strings.HasSuffix(response.Request.URL.Path, "/FetchTask") && (response.ContentLength < 0 || response.ContentLength > 200) {
				late.Add(1)
				time.Sleep(8 * time.Second)
			}
			return nil
		}
		return proxy
	})
	s.build(t, "late\n")
	if late.Load() == 0 {
		t.Error("no answer was late")
	}
	back()
	s.eventually(t, time.Minute, "Gitea answers", s.gitea.answers)
}

func startProxy(address, target string, change func(proxy *httputil.ReverseProxy) http.Handler) (end func() error, err error) {
	parsed, err := url.Parse(target)
	if err != nil {
		return nil, err
	}
	handler := change(&httputil.ReverseProxy{FlushInterval: -1, ErrorLog: log.New(io.Discard, "", 0), Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(parsed)
		r.Out.Host = r.In.Host
		for _, header := range []string{"X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto"} {
			if values, isThere := r.In.Header[header]; isThere {
				r.Out.Header[header] = values
			}
		}
	}})
	var listener net.Listener
	for range 50 {
		if listener, err = net.Listen("tcp", address); err == nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: handler, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = server.Serve(listener) }()
	return func() error { return errors.Join(server.Close()) }, nil
}
