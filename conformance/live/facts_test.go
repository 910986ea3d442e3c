package live

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// facts are what the library's table says of the version of the server that plays.
type facts struct {
	Keys, Features, Secrets map[string]bool
	// Events and Facts are what starts workflows, and the other facts that have a yes or no.
	Events, Facts           map[string]bool
	Scopes                  map[string]string
	ScopedWorkflowDirectory string
}

// heeded has one file per key that can be seen from outside; what the server makes of them is compared with the table.
var heeded = map[string]string{
	"named.yml": `on: push
run-name: by its run-name
jobs:
  only: { runs-on: runner, steps: [{ run: "true" }] }
`,
	"tolerant.yml": `on: { push: { branches: [main] } }
jobs:
  only: { runs-on: runner, continue-on-error: true, steps: [{ run: "false" }] }
`,
	"permitted.yml": `on: push
permissions: { contents: read }
jobs:
  none: { runs-on: runner, steps: [{ run: &ask 'curl --silent --output /dev/null --write-out "$GITHUB_JOB writes: %{http_code}\n" --request POST --header "Authorization: token ${{ github.token }}" --json "{\"name\":\"x\",\"color\":\"#00aabb\"}" "$GITHUB_SERVER_URL/api/v1/repos/$GITHUB_REPOSITORY/labels"' }] }
  some: { runs-on: runner, permissions: { issues: write }, steps: [{ run: *ask }] }
`,
	"after.yml": `on: { workflow_run: { workflows: [named.yml], types: [completed] } }
jobs:
  only: { runs-on: runner, steps: [{ run: "true" }] }
`,
	// A server that heeds the group cancels what waits in it when another job comes. (Two jobs of one run in one group make no run at all:
	// "InsertRun: run has changed".)
	"group-first.yml": `on: { push: { branches: [main] } }
jobs:
  only: { runs-on: nobody, concurrency: { group: one }, steps: [{ run: "true" }] }
`,
	"group-second.yml": `on: { push: { branches: [main] } }
jobs:
  only: { runs-on: runner, concurrency: { group: one }, steps: [{ run: "true" }] }
`,
	// To this server a group is one more label: this one is the runner's.
	"steps.yml": `on: { push: { branches: [main] } }
jobs:
  only: { runs-on: { labels: [runner], group: runner }, environment: nowhere, cancel-timeout-minutes: 1, steps: [{ run: "date +%s > began" }, { background: true, run: "sleep 3" }, { run: "echo the step in the background took $(($(date +%s) - $(cat began)))" }] }
`,
	"computed.yml": `on: { push: { branches: [main] } }
jobs:
  list: { runs-on: runner, outputs: { all: "${{ steps.list.outputs.all }}" }, steps: [{ id: list, run: "echo 'all=[\"a\",\"b\"]' >> $GITHUB_OUTPUT" }] }
  each: { name: "each of ${{ needs.list.outputs.all }}", needs: list, runs-on: runner, strategy: { matrix: { one: "${{ fromJSON(needs.list.outputs.all) }}" } }, steps: [{ run: "echo one is [${{ matrix.one }}]" }] }
`,
	"case.yml": `on: { push: { branches: [main] } }
jobs:
  only: { runs-on: runner, steps: [{ run: "echo the case is ${{ case(true, 'known', 'x') }}" }] }
`,
	"tagged.yml": `on: { push: { branches: [nothing], tags: ["v*"] } }
jobs:
  only: { if: false, runs-on: runner, steps: [{ run: "true" }] }
`,
}

// onEvent is a workflow that runs nothing: that it would is seen.
func onEvent(event string) string {
	return "on: " + event + "\njobs:\n  only: { if: false, runs-on: runner, steps: [{ run: \"true\" }] }\n"
}

func (s *stage) facts(t *testing.T) facts {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.cases, "facts.json"))
	must(t, err)
	var table facts
	must(t, json.Unmarshal(text, &table))
	return table
}

// versionFacts asks the server what the library's table says of it.
func (s *stage) versionFacts(t *testing.T) {
	table := s.facts(t)
	version, err := s.gitea.api(http.MethodGet, "version", nil)
	must(t, err)
	t.Logf("Gitea %s", version.text("version"))
	s.namesAreAsTheTableSays(t, table)
	s.addressesAreAsTheTableSays(t, table)
	s.publicAddressIsAsTheTableSays(t, table)
	s.scopesAreAsTheTableSays(t, table)
	s.keysAreAsTheTableSays(t, table)
}

func (s *stage) namesAreAsTheTableSays(t *testing.T, table facts) {
	if len(table.Secrets) < 8 {
		t.Errorf("only %d names", len(table.Secrets))
	}
	for name, isTaken := range table.Secrets {
		_, err := s.gitea.api(http.MethodPut, "repos/"+appRepo+"/actions/secrets/"+url.PathEscape(name), map[string]any{"data": "x"})
		if (err == nil) != isTaken {
			t.Errorf("an Actions secret %s: %v, the table says that it is taken: %v", name, err, isTaken)
		}
		if err == nil {
			_, _ = s.gitea.api(http.MethodDelete, "repos/"+appRepo+"/actions/secrets/"+url.PathEscape(name), nil)
		}
	}
}

func (s *stage) addressesAreAsTheTableSays(t *testing.T, table facts) {
	if !table.Features["public-url-detection"] || !table.Features["registry"] {
		t.Errorf("the table lacks a feature: %v", table.Features)
	}
	for address, realm := range map[string]string{"https://" + frontHost: "https://" + frontHost, "http://" + giteaHost + ":3000": "http://" + giteaHost + ":3000"} {
		response, err := http.Get(address + "/v2/")
		must(t, err)
		response.Body.Close()
		if header := response.Header.Get("WWW-Authenticate"); response.StatusCode != http.StatusUnauthorized || !strings.Contains(header, `realm="`+realm+`/v2/token"`) {
			t.Errorf("%s/v2/ answers %s, %s", address, response.Status, header)
		}
	}
	head, err := http.Head("https://" + frontHost + "/v2/")
	must(t, err)
	head.Body.Close()
	if head.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("HEAD of /v2/ answers %s", head.Status)
	}
	for feature, path := range map[string]string{"runs-api": "repos/" + appRepo + "/actions/runs", "runners-api": "admin/actions/runners", "ephemeral-runners": "admin/actions/jobs?status=queued&status=in_progress"} {
		if _, err := s.gitea.api(http.MethodGet, path, nil); (err == nil) != table.Features[feature] {
			t.Errorf("%s: %v, the table says %v", path, err, table.Features[feature])
		}
	}
	var tokens []string
	for range 2 {
		answer, err := s.gitea.api(http.MethodPost, "admin/actions/runners/registration-token", nil)
		must(t, err)
		tokens = append(tokens, s.secret(answer.text("token"), "registration token"))
	}
	if (tokens[0] == tokens[1]) != table.Features["shared-registration-tokens"] {
		t.Errorf("two registration tokens are the same: %v, the table says %v", tokens[0] == tokens[1], table.Features["shared-registration-tokens"])
	}
}

// scopesAreAsTheTableSays: the scope of the table is enough, and another is not.
func (s *stage) scopesAreAsTheTableSays(t *testing.T, table facts) {
	paths := map[string]string{
		"packages": "packages/" + organization, "repository": "repos/" + appRepo, "commit-status": "repos/" + appRepo + "/commits/main/statuses",
		"repository-runners": "repos/" + appRepo + "/actions/runners", "organization-runners": "orgs/" + organization + "/actions/runners", "user-runners": "user/actions/runners", "instance-runners": "admin/actions/runners",
	}
	for resource, scope := range table.Scopes {
		path, isKnown := paths[resource]
		if !isKnown {
			t.Errorf("nothing is asked with the scope for %s", resource)
			continue
		}
		for _, asked := range []string{scope, "read:misc"} {
			token, err := s.gitea.token(s.gitea.user, asked)
			must(t, err)
			status, err := s.gitea.statusWith(token, path)
			must(t, err)
			if (status == http.StatusOK) != (asked == scope) || (status != http.StatusOK && status != http.StatusForbidden) {
				t.Errorf("%s with the scope %s answers %d", path, asked, status)
			}
		}
	}
}

func (g *gitea) statusWith(token, path string) (int, error) {
	request, err := http.NewRequest(http.MethodGet, "https://"+frontHost+"/api/v1/"+path, nil)
	if err != nil {
		return 0, err
	}
	request.Header.Set("Authorization", "token "+token)
	response, err := g.client.Do(request)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

// publicAddressIsAsTheTableSays: the server's own default, and the value that keeps it from looking at who asks.
func (s *stage) publicAddressIsAsTheTableSays(t *testing.T, table facts) {
	const internal = "http://" + giteaHost + ":3000"
	for setting, want := range map[string]bool{"": table.Features["public-url-auto-by-default"], "never": !table.Features["public-url-never"]} {
		settings := "[server]\nPUBLIC_URL_DETECTION = " + setting + "\n"
		must(t, s.gitea.restart(settings))
		s.eventually(t, time.Minute, "Gitea answers", s.gitea.answers)
		response, err := http.Get(internal + "/v2/")
		must(t, err)
		response.Body.Close()
		if header := response.Header.Get("WWW-Authenticate"); strings.Contains(header, `realm="`+internal+`/v2/token"`) != want {
			t.Errorf("with PUBLIC_URL_DETECTION = %q, the Service's address answers %s; that it names itself: the table says %v", setting, header, want)
		}
	}
	must(t, s.gitea.restart(""))
	s.eventually(t, time.Minute, "Gitea answers", s.gitea.answers)
}

// compare holds what is seen to what the table says, which must say something.
func compare(t *testing.T, what string, seen, said map[string]bool) {
	t.Helper()
	for name, isSo := range seen {
		if table, isThere := said[name]; !isThere || table != isSo {
			t.Errorf("%s %s: seen is %v, the table says %v (is in it: %v)", what, name, isSo, table, isThere)
		}
	}
}

func (s *stage) keysAreAsTheTableSays(t *testing.T, table facts) {
	files := map[string]string{table.ScopedWorkflowDirectory + "/scoped.yml": heeded["named.yml"], ".github/workflows/hidden.yml": heeded["named.yml"]}
	for name, text := range heeded {
		files[".gitea/workflows/"+name] = text
	}
	for event := range table.Events {
		files[".gitea/workflows/on-"+event+".yml"] = onEvent(event)
	}
	repository, c, _ := s.repositoryOf(t, organization+"/facts", files)
	s.provoke(t, repository, c)
	// A slow machine has many jobs to run one after the other.
	one := func(file string) object { return s.completed(t, 5*time.Minute, repository, file, 1)[0] }
	has := func(file string) bool {
		for wait := 0; ; wait++ {
			runs, err := s.runsOf(repository, file)
			must(t, err)
			if len(runs) > 0 || wait == 10 {
				return len(runs) > 0
			}
			time.Sleep(500 * time.Millisecond)
		}
	}
	named, permitted, steps, computed, each := one("named.yml"), s.log(t, repository, one("permitted.yml")), one("steps.yml"), one("computed.yml"), ""
	stepsLog, computedLog := s.log(t, repository, steps), s.log(t, repository, computed)
	for _, job := range s.jobs(t, repository, computed) {
		if strings.HasPrefix(job.text("name"), "each") {
			each = job.text("name")
		}
	}
	compare(t, "the server heeds", map[string]bool{
		"run-name":                    named.text("display_title") == "by its run-name",
		"jobs.continue-on-error":      one("tolerant.yml").text("conclusion") == "success",
		"permissions":                 strings.Contains(permitted, "none writes: 403"),
		"jobs.permissions":            strings.Contains(permitted, "some writes: 201"),
		"jobs.concurrency":            one("group-second.yml").text("conclusion") == "success" && one("group-first.yml").text("conclusion") == "cancelled",
		"on.workflow_run":             has("after.yml"),
		"steps.background":            !regexp.MustCompile(`the step in the background took ([3-9]|\d\d)`).MatchString(stepsLog),
		"jobs.runs-on.group":          steps.text("conclusion") != "success",
		"jobs.environment":            steps.text("conclusion") != "success",
		"jobs.cancel-timeout-minutes": steps.text("conclusion") != "success",
	}, table.Keys)
	compare(t, "it is a fact that", map[string]bool{
		"computedMatrix":     strings.Contains(computedLog, "one is [a]") && strings.Contains(computedLog, "one is [b]"),
		"needsInNames":       strings.Contains(each, `each of ["a","b"]`),
		"caseFunction":       strings.Contains(s.log(t, repository, one("case.yml")), "the case is known"),
		"tagsBesideBranches": has("tagged.yml"),
	}, table.Facts)
	started := map[string]bool{}
	for event := range table.Events {
		started[event] = has("on-" + event + ".yml")
	}
	compare(t, "a workflow is started by", started, table.Events)
	if has("hidden.yml") {
		t.Error("a workflow in .github/workflows runs beside those in .gitea/workflows")
	}
	if isHeeded := has("scoped.yml"); isHeeded != table.Features["scoped-workflows"] {
		t.Errorf("a scoped workflow runs: %v", isHeeded)
	}
	t.Logf("14 keys and facts, %d events", len(started))
}

func (s *stage) jobs(t *testing.T, repository string, run object) []object {
	t.Helper()
	answer, err := s.gitea.api(http.MethodGet, fmt.Sprintf("repos/%s/actions/runs/%d/jobs", repository, run.number("id")), nil)
	must(t, err)
	return answer.list("jobs")
}

// provoke does what starts a workflow, if its event does.
func (s *stage) provoke(t *testing.T, repository string, c *clone) {
	t.Helper()
	const base = "repos/"
	issue, err := s.gitea.api(http.MethodPost, base+repository+"/issues", map[string]any{"title": "An issue"})
	must(t, err)
	label, err := s.gitea.api(http.MethodPost, base+repository+"/labels", map[string]any{"name": "a-label", "color": "#00aabb"})
	must(t, err)
	for _, ask := range []struct {
		method, path string
		body         map[string]any
	}{
		{http.MethodPost, base + repository + fmt.Sprintf("/issues/%d/comments", issue.number("number")), map[string]any{"body": "A comment"}},
		{http.MethodPatch, base + repository + fmt.Sprintf("/labels/%d", label.number("id")), map[string]any{"name": "another"}},
		{http.MethodPost, base + repository + "/releases", map[string]any{"tag_name": "v1.0.0", "name": "One"}},
		{http.MethodPost, base + repository + "/branches", map[string]any{"new_branch_name": "short", "old_branch_name": "main"}},
		{http.MethodDelete, base + repository + "/branches/short", nil},
		{http.MethodPost, base + repository + "/wiki/new", map[string]any{"title": "Home", "content_base64": "SG9tZQ=="}},
		{http.MethodPost, base + repository + "/statuses/" + s.headOf(t, c), map[string]any{"state": "success", "context": "x"}},
		{http.MethodPut, base + repository + "/subscription", nil},
	} {
		var body any
		if ask.body != nil {
			body = ask.body
		}
		text, err := s.gitea.ask(ask.method, ask.path, s.gitea.user, s.gitea.password, body)
		if err != nil {
			t.Errorf("%v: %s", err, tail(string(text), 200))
		}
	}
}

func (s *stage) headOf(t *testing.T, c *clone) string {
	t.Helper()
	head, err := c.git("rev-parse", "HEAD")
	must(t, err)
	return head
}
