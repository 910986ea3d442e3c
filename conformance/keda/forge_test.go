package keda

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// user owns the tokens; a path that names nobody is about this user's repositories.
const user = "someone"

const token = "the-token-of-the-scaler"

// States of a job.
const (
	blocked = "blocked"
	waiting = "waiting"
	running = "running"
	done    = "done"
)

type forgeJob struct {
	owner, repo, state string
	labels             []string
}

// forge answers as the forges do, whose sources say: Gitea 1.25 and 1.26 routers/api/v1/shared/action.go (ListJobs), Forgejo
// routers/api/v1/shared/runners.go (GetActionRunJobs), and GitHub's REST description.
type forge struct {
	*httptest.Server
	product string
	jobs    []*forgeJob
	// refused are requests that got no list of jobs.
	refused []string
}

func newForge(t testing.TB, product string) *forge {
	f := &forge{product: product}
	answer := map[string]func(http.ResponseWriter, *http.Request) int{"gitea": f.gitea, "forgejo": f.forgejo, "github": f.github}[product]
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status := http.StatusUnauthorized
		if r.Header.Get("Authorization") == "Bearer "+token || r.Header.Get("Authorization") == "token "+token || strings.HasSuffix(r.URL.Path, "/access_tokens") {
			status = answer(w, r)
		}
		if status != http.StatusOK {
			f.refused = append(f.refused, fmt.Sprintf("%d for %s %s", status, r.Method, r.URL))
			w.WriteHeader(status)
		}
	}))
	t.Cleanup(f.Close)
	return f
}

// in lists the jobs of a scope that are in one of some states.
func (f *forge) in(asked scope, states ...string) []*forgeJob {
	var found []*forgeJob
	for _, job := range f.jobs {
		if (asked.Owner == "" || asked.Owner == job.owner) && (asked.Repo == "" || asked.Repo == job.repo) && slices.Contains(states, job.state) {
			found = append(found, job)
		}
	}
	return found
}

func write(w http.ResponseWriter, value any) int {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(value); err != nil {
		panic(err)
	}
	return http.StatusOK
}

var giteaPath = regexp.MustCompile(`^/(?:(admin)|(user)|orgs/([^/]+)|repos/([^/]+)/([^/]+))/actions/jobs$`)

// giteaScope reads the part of a path that says whose jobs are meant.
func giteaScope(path string) (scope, bool) {
	match := giteaPath.FindStringSubmatch(path)
	// An organization of the user's name there is not.
	if match == nil || match[3] == user {
		return scope{}, false
	}
	return scopeOf(match[1] != "", match[3], match[4], match[5]), true
}

// Gitea counts by status, and knows nothing of labels.
func (f *forge) gitea(w http.ResponseWriter, r *http.Request) int {
	asked, ok := giteaScope(strings.TrimPrefix(r.URL.Path, "/api/v1"))
	if !ok {
		return http.StatusNotFound
	}
	meaning := map[string]string{"pending": blocked, "waiting": blocked, "requested": blocked, "action_required": blocked, "queued": waiting, "in_progress": running, "completed": done}
	states := []string{blocked, waiting, running, done}
	if names := r.URL.Query()["status"]; len(names) > 0 {
		states = nil
		for _, name := range names {
			state, ok := meaning[name]
			if !ok {
				return http.StatusBadRequest
			}
			states = append(states, state)
		}
	}
	found := f.in(asked, states...)
	limit, err := strconv.Atoi(r.URL.Query().Get("limit"))
	if err != nil || limit > 50 {
		limit = 50
	}
	page := make([]map[string]any, 0, limit)
	for i := 0; i < min(limit, len(found)); i++ {
		page = append(page, map[string]any{"id": i + 1, "labels": found[i].labels})
	}
	return write(w, map[string]any{"total_count": len(found), "jobs": page})
}

var forgejoPath = regexp.MustCompile(`^/api/v1/(?:(admin)/runners|(user)/actions/runners|orgs/([^/]+)/actions/runners|repos/([^/]+)/([^/]+)/actions/runners)/jobs$`)

// Forgejo gives the jobs that wait or run and that a runner of these labels can take; and null when there are none.
func (f *forge) forgejo(w http.ResponseWriter, r *http.Request) int {
	match := forgejoPath.FindStringSubmatch(r.URL.Path)
	if match == nil || match[3] == user {
		return http.StatusNotFound
	}
	labels := strings.Split(strings.TrimSpace(r.FormValue("labels")), ",")
	var list []map[string]any
	for i, job := range f.in(scopeOf(match[1] != "", match[3], match[4], match[5]), waiting, running) {
		if subset(job.labels, labels) {
			list = append(list, map[string]any{"id": i + 1, "runs_on": job.labels, "status": job.state})
		}
	}
	return write(w, list)
}

func subset(small, large []string) bool {
	return !slices.ContainsFunc(small, func(label string) bool { return !slices.Contains(large, label) })
}

var (
	githubRepos = regexp.MustCompile(`^/(orgs|users)/([^/]+)/repos$`)
	githubRuns  = regexp.MustCompile(`^/repos/([^/]+)/([^/]+)/actions/runs$`)
	githubJobs  = regexp.MustCompile(`^/repos/([^/]+)/([^/]+)/actions/runs/(\d+)/jobs$`)
	githubApp   = regexp.MustCompile(`^/app/installations/\d+/access_tokens$`)
)

// GitHub lists repositories, runs of a repository by status, and jobs of a run. Here each job has a run of its own.
func (f *forge) github(w http.ResponseWriter, r *http.Request) int {
	states := map[string]string{"queued": waiting, "in_progress": running}
	// An Enterprise Server has a prefix.
	path := strings.TrimPrefix(r.URL.Path, "/api/v3")
	if githubApp.MatchString(path) && r.Method == http.MethodPost {
		return write(w, map[string]any{"token": token, "expires_at": time.Now().Add(time.Hour)})
	}
	if match := githubRepos.FindStringSubmatch(path); match != nil && (match[1] == "users") == (match[2] == user) {
		return write(w, f.repositories(match[2]))
	}
	if match := githubRuns.FindStringSubmatch(path); match != nil {
		status := r.URL.Query().Get("status")
		runs := []map[string]any{}
		for _, job := range f.in(scope{Owner: match[1], Repo: match[2]}, states[status]) {
			runs = append(runs, map[string]any{"id": slices.Index(f.jobs, job), "status": status, "repository": map[string]any{"name": job.repo}})
		}
		return write(w, map[string]any{"total_count": len(runs), "workflow_runs": runs})
	}
	if match := githubJobs.FindStringSubmatch(path); match != nil {
		number, _ := strconv.Atoi(match[3])
		job := f.jobs[number]
		status := map[string]string{blocked: "waiting", waiting: "queued", running: "in_progress", done: "completed"}[job.state]
		return write(w, map[string]any{"total_count": 1, "jobs": []map[string]any{{"id": number, "status": status, "labels": job.labels}}})
	}
	return http.StatusNotFound
}

func (f *forge) repositories(owner string) []map[string]any {
	names := map[string]bool{}
	list := []map[string]any{}
	for _, job := range f.jobs {
		if job.owner == owner && !names[job.repo] {
			names[job.repo] = true
			list = append(list, map[string]any{"name": job.repo})
		}
	}
	return list
}
