package live

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"
)

// exampleRun is one push to an example's repository, and what its jobs come to.
type exampleRun struct {
	about, message string
	// files of the repository beside the workflow. What is executable begins with "#!".
	files map[string]string
	// jobs are the conclusions, by name.
	jobs map[string]string
	// log is what the logs hold, tags what the repository is tagged with, notified what the notification says.
	log      []string
	tag      string
	notified string
}

// examples are the workflows for Gitea of all examples: one that is not here fails the act. The stage has neither Docker nor a job image,
// so jobs run on the runner of main.ts, and a build with buildx ends where it asks for docker, or where it fetches an action from outside.
var examples = map[string][]exampleRun{
	"parts/release-workflow/dist/repositories/homelab/images/.gitea/workflows/release.yml": {{
		about: "computes a version, builds by a matrix, tags with the job's token", message: "Release",
		files: map[string]string{
			"images/one":      "one\n",
			"ci/next-version": "#!/bin/sh\nprintf 'version=1.2.3-%s\\nchanged=true\\n' \"$1\" >> \"$GITHUB_OUTPUT\"\n",
			"ci/tag":          "#!/bin/sh\ngit -c \"http.extraHeader=Authorization: token $TOKEN\" push --quiet origin \"HEAD:refs/tags/$1\"\n",
			"Makefile":        "image:\n\t@echo made $(GPU) $(VERSION)\n",
		},
		jobs: map[string]string{"version": "success", "build (nvidia)": "success", "build (rdna2)": "success", "build (intel)": "success", "tag": "success"},
		log:  []string{"made nvidia 1.2.3-patch", "made rdna2 1.2.3-patch", "made intel 1.2.3-patch"},
		tag:  "v1.2.3-patch",
	}},
	"1-gitea-pipeline/dist/repositories/homelab/kuberay-images/.gitea/workflows/kuberay-images.yml": {
		{
			about: "a flag in the message skips the builds", message: "feat: begin [skip images]", files: map[string]string{"dockerfiles/x": "x\n"},
			jobs: map[string]string{"Plan": "success", "Build ray-worker-nvidia": "skipped", "Build ray-worker-rdna2": "skipped", "Build ray-worker-strixhalo": "skipped", "Build ray-worker-intel": "skipped", "Tag the release": "skipped", "Notify": "success"},
			log:  []string{"the commit message has [skip images]"}, notified: "success: main",
		},
		{
			about: "plans every image, and tells of the build that fails", message: "feat: more", files: map[string]string{"dockerfiles/x": "y\n"},
			jobs: map[string]string{"Plan": "success", "Build ray-worker-nvidia": "failure", "Build ray-worker-rdna2": "failure", "Build ray-worker-strixhalo": "failure", "Build ray-worker-intel": "failure", "Tag the release": "skipped", "Notify": "failure"},
			log:  []string{"version 0.1.0 (initial)", "images to build:  ray-worker-nvidia ray-worker-rdna2 ray-worker-strixhalo ray-worker-intel"}, notified: "failure: main",
		},
	},
	"1-gitea-pipeline/dist/repositories/homelab/ntfy-discord/.gitea/workflows/ntfy-discord.yml": {{
		about: "checks out, computes the tag, and asks for docker", message: "Begin", files: map[string]string{"Dockerfile": "FROM scratch\n"},
		jobs: map[string]string{"build": "failure"}, log: []string{"tags: main-", "docker"},
	}},
}

// notifications is the server that examples tell of their runs.
type notifications struct {
	mu  sync.Mutex
	all []string
}

func (n *notifications) start() (end func(), err error) {
	listener, err := net.Listen("tcp", notifyAddress+":80")
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		n.mu.Lock()
		defer n.mu.Unlock()
		n.all = append(n.all, string(text))
	})}
	go func() { _ = server.Serve(listener) }()
	return func() { _ = server.Close() }, nil
}

func (n *notifications) taken() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	text := strings.Join(n.all, "\n")
	n.all = nil
	return text
}

func (s *stage) examplesRun(t *testing.T) {
	folder := filepath.Join(s.root, "examples")
	found, err := filepath.Glob(filepath.Join(folder, "*/dist/repositories/*/*/.gitea/workflows/*.yml"))
	must(t, err)
	parts, err := filepath.Glob(filepath.Join(folder, "parts/*/dist/repositories/*/*/.gitea/workflows/*.yml"))
	must(t, err)
	found = append(found, parts...)
	if len(found) < len(examples) {
		t.Errorf("%d workflows, and %d are listed", len(found), len(examples))
	}
	notified := &notifications{}
	end, err := notified.start()
	must(t, err)
	t.Cleanup(end)
	owners := map[string]bool{}
	for _, file := range found {
		name, err := filepath.Rel(folder, file)
		must(t, err)
		runs, isListed := examples[name]
		if !isListed {
			t.Errorf("%s is in no line of the table", name)
			continue
		}
		_, repository, _ := strings.Cut(name, "/dist/repositories/")
		parts := strings.Split(repository, "/")
		if owner := parts[0]; !owners[owner] {
			_, err := s.gitea.api(http.MethodPost, "orgs", map[string]any{"username": owner, "visibility": "private"})
			must(t, err)
			owners[owner] = true
		}
		text, err := os.ReadFile(file)
		must(t, err)
		// The one thing that is another here: the label.
		workflow := strings.ReplaceAll(string(text), "runs-on: ubuntu-latest", "runs-on: runner")
		s.playExample(t, parts[0]+"/"+parts[1], map[string]string{strings.Join(parts[2:], "/"): workflow}, runs, notified)
	}
}

func (s *stage) playExample(t *testing.T, repository string, files map[string]string, runs []exampleRun, notified *notifications) {
	t.Helper()
	var c *clone
	for _, run := range runs {
		notified.taken()
		var commit string
		for name, text := range run.files {
			files[name] = text
		}
		if c == nil {
			_, err := s.gitea.api(http.MethodPost, "orgs/"+filepath.Dir(repository)+"/repos", map[string]any{"name": filepath.Base(repository), "private": true, "default_branch": "main"})
			must(t, err)
			t.Cleanup(func() { _, _ = s.gitea.api(http.MethodDelete, "repos/"+repository, nil) })
			c = s.clone(repository, strings.ReplaceAll(repository, "/", "_"))
			must(t, os.MkdirAll(c.folder, 0o755), c.begin())
		}
		for name, text := range files {
			mode := os.FileMode(0o644)
			if strings.HasPrefix(text, "#!") {
				mode = 0o755
			}
			must(t, os.MkdirAll(filepath.Join(c.folder, filepath.Dir(name)), 0o755), os.WriteFile(filepath.Join(c.folder, name), []byte(text), mode))
		}
		commit, err := c.push(run.message, "main")
		must(t, err)
		done := s.finished(t, 6*time.Minute, repository, commit)
		// A job that runs after a failure begins when the run is shown as completed.
		s.eventually(t, 2*time.Minute, "all jobs of "+repository, func() error {
			for _, job := range s.jobs(t, repository, done) {
				if job.text("conclusion") == "" {
					return fmt.Errorf("%s is %s", job.text("name"), job.text("status"))
				}
			}
			return nil
		})
		log := s.log(t, repository, done)
		var want, got []string
		for name, conclusion := range run.jobs {
			want = append(want, name+": "+conclusion)
		}
		for _, job := range s.jobs(t, repository, done) {
			got = append(got, job.text("name")+": "+job.text("conclusion"))
		}
		sort.Strings(want)
		sort.Strings(got)
		if strings.Join(want, "\n") != strings.Join(got, "\n") {
			t.Errorf("%s, %s: its jobs are\n%s\nwant\n%s\n%s", repository, run.about, strings.Join(got, "\n"), strings.Join(want, "\n"), tail(log, 3000))
		}
		for _, text := range run.log {
			if !strings.Contains(log, text) {
				t.Errorf("%s, %s: %q is not in its logs:\n%s", repository, run.about, text, tail(log, 3000))
			}
		}
		if run.tag != "" {
			if _, err := s.gitea.api(http.MethodGet, "repos/"+repository+"/tags/"+run.tag, nil); err != nil {
				t.Errorf("%s, %s: %v", repository, run.about, err)
			}
		}
		if said := notified.taken(); !strings.Contains(said, run.notified) {
			t.Errorf("%s, %s: it was told %q, want %q", repository, run.about, said, run.notified)
		}
		t.Logf("%s %s: %d jobs", repository, run.about, len(got))
	}
}
