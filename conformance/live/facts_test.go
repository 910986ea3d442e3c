package live

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// facts are what the library's table says of the version of the server that plays.
type facts struct {
	Keys, Features, Secrets map[string]bool
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
	"tolerant.yml": `on: push
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
	"never.yml": `on: status
jobs:
  only: { runs-on: runner, steps: [{ run: "true" }] }
`,
}

// versionFacts asks the server what the library's table says of it.
func (s *stage) versionFacts(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(s.cases, "facts.json"))
	must(t, err)
	var table facts
	must(t, json.Unmarshal(text, &table))
	version, err := s.gitea.api(http.MethodGet, "version", nil)
	must(t, err)
	t.Logf("Gitea %s", version.text("version"))
	s.namesAreAsTheTableSays(t, table)
	s.addressesAreAsTheTableSays(t, table)
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

func (s *stage) keysAreAsTheTableSays(t *testing.T, table facts) {
	files := map[string]string{table.ScopedWorkflowDirectory + "/scoped.yml": heeded["named.yml"]}
	for name, text := range heeded {
		files[".gitea/workflows/"+name] = text
	}
	repository, _, _ := s.repositoryOf(t, "facts", files)
	one := func(file string) object { return s.completed(t, 2*time.Minute, repository, file, 1)[0] }
	permitted := s.log(t, repository, one("permitted.yml"))
	seen := map[string]bool{
		"run-name":               one("named.yml").text("display_title") == "by its run-name",
		"jobs.continue-on-error": one("tolerant.yml").text("conclusion") == "success",
		"permissions":            strings.Contains(permitted, "none writes: 403"),
		"jobs.permissions":       strings.Contains(permitted, "some writes: 201"),
	}
	after, err := s.runsOf(repository, "after.yml")
	must(t, err)
	for wait := 0; len(after) == 0 && wait < 10; wait++ {
		time.Sleep(time.Second)
		after, err = s.runsOf(repository, "after.yml")
		must(t, err)
	}
	seen["on.workflow_run"] = len(after) > 0
	for key, isHeeded := range seen {
		if said, isThere := table.Keys[key]; !isThere || said != isHeeded {
			t.Errorf("the server heeds %s: %v, the table says %v (is in it: %v)\n%s", key, isHeeded, said, isThere, tail(permitted, 600))
		}
	}
	for _, file := range []string{"never.yml", "scoped.yml"} {
		runs, err := s.runsOf(repository, file)
		must(t, err)
		if isHeeded := len(runs) > 0; isHeeded != (file == "scoped.yml" && table.Features["scoped-workflows"]) {
			t.Errorf("%s has %d runs", file, len(runs))
		}
	}
	t.Log(fmt.Sprint(len(seen)+2, " keys"))
}
