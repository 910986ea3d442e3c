package live

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// gitea is the server, and who asks it.
type gitea struct {
	stage    *stage
	ini      string
	user     string
	password string
	client   *http.Client
}

// startGitea starts the server with the settings that the library wrote, beside those that say where it keeps its files.
func (s *stage) startGitea() error {
	folder := filepath.Join(s.Folder, "gitea")
	static := filepath.Join(folder, "static")
	if err := os.MkdirAll(static, 0o755); err != nil {
		return err
	}
	for _, name := range []string{"templates", "options", "public"} {
		if err := os.Symlink(filepath.Join(s.Sources["gitea"], name), filepath.Join(static, name)); err != nil {
			return err
		}
	}
	fragment, err := os.ReadFile(filepath.Join(s.cases, "app.ini"))
	if err != nil {
		return err
	}
	settings := fmt.Sprintf(`RUN_USER = root
RUN_MODE = prod
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true
WORK_PATH = %[1]s

%[2]s
[server]
HTTP_ADDR = %[3]s
HTTP_PORT = 3000
DISABLE_SSH = true
OFFLINE_MODE = true
STATIC_ROOT_PATH = %[1]s/static
APP_DATA_PATH = %[1]s/data

[database]
DB_TYPE = sqlite3
PATH = %[1]s/data/gitea.db

[repository]
ROOT = %[1]s/repositories

[security]
INSTALL_LOCK = true
PASSWORD_HASH_ALGO = pbkdf2_v1

[service]
DISABLE_REGISTRATION = true

[cron.stop_zombie_tasks]
SCHEDULE = @every 5s

[log]
LEVEL = Info
ROOT_PATH = %[1]s/log
`, folder, fragment, giteaAddress)
	g := &gitea{stage: s, ini: filepath.Join(folder, "app.ini"), user: "operator", password: s.secret(random(), "the operator's password"), client: &http.Client{Timeout: 60 * time.Second}}
	s.gitea = g
	if err := os.WriteFile(g.ini, []byte(settings), 0o600); err != nil {
		return err
	}
	if err := g.command("migrate"); err != nil {
		return err
	}
	if err := g.command("admin", "user", "create", "--username", g.user, "--password", g.password, "--email", "operator@example.com", "--admin", "--must-change-password=false"); err != nil {
		return err
	}
	return g.start()
}

func (g *gitea) start() error { return g.stage.run("gitea", nil, "--config", g.ini, "web") }

// restart with other settings, which come last and so win.
func (g *gitea) restart(settings string) error {
	text, err := os.ReadFile(g.ini)
	if err != nil {
		return err
	}
	before, _, _ := strings.Cut(string(text), restartedWith)
	if err := os.WriteFile(g.ini, []byte(before+restartedWith+settings), 0o600); err != nil {
		return err
	}
	if err := g.stage.end("gitea", syscall.SIGTERM); err != nil {
		return err
	}
	return g.start()
}

const restartedWith = "\n; restarted with\n"

func (g *gitea) command(arguments ...string) error {
	command := exec.Command(g.stage.Programs["gitea"], append([]string{"--config", g.ini}, arguments...)...)
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + filepath.Dir(g.ini)}
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("gitea %s: %w: %s", arguments[0], err, tail(string(output), 2000))
	}
	return nil
}

func (g *gitea) answers() error {
	_, err := g.api(http.MethodGet, "version", nil)
	return err
}

// api asks as the operator.
func (g *gitea) api(method, path string, body any) (object, error) {
	text, err := g.ask(method, path, g.user, g.password, body)
	if err != nil || len(text) == 0 {
		return nil, err
	}
	var result any
	if err := json.Unmarshal(text, &result); err != nil {
		return nil, fmt.Errorf("%s: %w: %s", path, err, tail(string(text), 300))
	}
	if fields, isObject := result.(map[string]any); isObject {
		return fields, nil
	}
	return object{"items": result}, nil
}

func (g *gitea) ask(method, path, user, password string, body any) ([]byte, error) {
	var reader io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		reader = bytes.NewReader(text)
	}
	request, err := http.NewRequest(method, "https://"+frontHost+"/api/v1/"+path, reader)
	if err != nil {
		return nil, err
	}
	request.SetBasicAuth(user, password)
	request.Header.Set("Content-Type", "application/json")
	response, err := g.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %s: %s", method, path, response.Status, tail(string(text), 500))
	}
	return text, err
}

// addUser makes somebody with a password, in a team of the organization that may do one thing.
func (g *gitea) addUser(organization, name, access string, units ...string) error {
	rights := map[string]string{}
	for _, unit := range units {
		rights[unit] = access
	}
	password := g.stage.secret(random(), "password of "+name)
	if _, err := g.api(http.MethodPost, "admin/users", map[string]any{"username": name, "email": name + "@example.com", "password": password, "must_change_password": false, "visibility": "private"}); err != nil {
		return err
	}
	passwords[name] = password
	team, err := g.api(http.MethodPost, "orgs/"+organization+"/teams", map[string]any{"name": name + "s", "permission": "read", "units_map": rights, "includes_all_repositories": true})
	if err != nil {
		return err
	}
	_, err = g.api(http.MethodPut, fmt.Sprintf("teams/%d/members/%s", team.number("id"), name), nil)
	return err
}

var passwords = map[string]string{}

// token is a new one of somebody, with these scopes and no others.
func (g *gitea) token(user string, scopes ...string) (string, error) {
	password := passwords[user]
	if user == g.user {
		password = g.password
	}
	text, err := g.ask(http.MethodPost, "users/"+user+"/tokens", user, password, map[string]any{"name": random()[:8], "scopes": scopes})
	if err != nil {
		return "", err
	}
	var answer struct {
		Value string `json:"sha1"`
	}
	err = json.Unmarshal(text, &answer)
	return g.stage.secret(answer.Value, "token of "+user), err
}

// approve lets a run start that waits for somebody: there is a button for it, and no API.
func (s *stage) approve(repository string, run object) error {
	_, err := s.page(http.MethodPost, fmt.Sprintf("%s/actions/runs/%d/approve", repository, run.number("id")))
	return err
}

// page asks as the operator does in a browser.
func (s *stage) page(method, path string) (string, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return "", err
	}
	client := &http.Client{Timeout: 30 * time.Second, Jar: jar}
	login, err := client.PostForm("https://"+frontHost+"/user/login", url.Values{"user_name": {s.gitea.user}, "password": {s.gitea.password}})
	if err != nil {
		return "", err
	}
	login.Body.Close()
	request, err := http.NewRequest(method, "https://"+frontHost+"/"+path, strings.NewReader("{}"))
	if err != nil {
		return "", err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s: %s", method, path, response.Status, tail(string(text), 300))
	}
	return string(text), err
}

// clone is a working copy of somebody.
type clone struct {
	folder, url, user, password string
}

func (s *stage) clone(repository, folder string) *clone {
	return &clone{filepath.Join(s.Folder, "clones", folder), "https://" + frontHost + "/" + repository + ".git", s.gitea.user, s.gitea.password}
}

func (c *clone) git(arguments ...string) (string, error) {
	command := exec.Command("git", arguments...)
	command.Dir = c.folder
	// The credentials are in no argument and no file.
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + c.folder, "GIT_TERMINAL_PROMPT=0", "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_COUNT=4",
		"GIT_CONFIG_KEY_0=http.extraHeader", "GIT_CONFIG_VALUE_0=Authorization: Basic " + basic(c.user, c.password),
		"GIT_CONFIG_KEY_1=user.name", "GIT_CONFIG_VALUE_1=" + c.user, "GIT_CONFIG_KEY_2=user.email", "GIT_CONFIG_VALUE_2=" + c.user + "@example.com", "GIT_CONFIG_KEY_3=init.defaultBranch", "GIT_CONFIG_VALUE_3=main"}
	output, err := command.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("git %s: %w: %s", strings.Join(arguments, " "), err, output)
	}
	return strings.TrimSpace(string(output)), err
}

// begin makes a repository out of a folder.
func (c *clone) begin() error {
	if _, err := c.git("init", "--quiet"); err != nil {
		return err
	}
	_, err := c.git("remote", "add", "origin", c.url)
	return err
}

// fetch begins with what is there.
func (c *clone) fetch() error {
	if err := os.MkdirAll(c.folder, 0o755); err != nil {
		return err
	}
	if !exists(filepath.Join(c.folder, ".git")) {
		if err := c.begin(); err != nil {
			return err
		}
	}
	if _, err := c.git("fetch", "--quiet", "origin", "main"); err != nil {
		return err
	}
	_, err := c.git("checkout", "--quiet", "--force", "-B", "main", "origin/main")
	return err
}

// push commits what is in the folder, and returns the commit.
func (c *clone) push(message, branch string) (string, error) {
	for _, arguments := range [][]string{{"add", "--all"}, {"commit", "--quiet", "--allow-empty", "--message", message}, {"push", "--quiet", "origin", "HEAD:refs/heads/" + branch}} {
		if _, err := c.git(arguments...); err != nil {
			return "", err
		}
	}
	return c.git("rev-parse", "HEAD")
}

// head is the newest commit of a branch at the server.
func (g *gitea) head(repository, branch string) (string, error) {
	answer, err := g.api(http.MethodGet, "repos/"+repository+"/branches/"+url.PathEscape(branch), nil)
	return answer.text("commit", "id"), err
}

// runs are the workflow runs of a commit.
func (g *gitea) runs(repository, commit string) ([]object, error) {
	answer, err := g.api(http.MethodGet, "repos/"+repository+"/actions/runs?head_sha="+commit, nil)
	return answer.list("workflow_runs"), err
}

// finished waits for the one run of a commit, and returns it.
func (s *stage) finished(t *testing.T, limit time.Duration, repository, commit string) object {
	t.Helper()
	var run object
	s.eventually(t, limit, "the run of "+repository+" at "+commit[:7], func() error {
		runs, err := s.gitea.runs(repository, commit)
		if err != nil {
			return err
		}
		if len(runs) != 1 {
			return fmt.Errorf("%d runs", len(runs))
		}
		run = runs[0]
		if run.text("status") != "completed" {
			return fmt.Errorf("it is %s", run.text("status"))
		}
		return nil
	})
	return run
}

// succeeded waits for the one run of a commit, which must succeed, and returns its log.
func (s *stage) succeeded(t *testing.T, limit time.Duration, repository, commit string) string {
	t.Helper()
	run := s.finished(t, limit, repository, commit)
	log := s.log(t, repository, run)
	if run.text("conclusion") != "success" {
		t.Fatalf("the run of %s ended with %s:\n%s", repository, run.text("conclusion"), tail(log, 4000))
	}
	return log
}

// log is that of all jobs of a run.
func (s *stage) log(t *testing.T, repository string, run object) string {
	t.Helper()
	answer, err := s.gitea.api(http.MethodGet, fmt.Sprintf("repos/%s/actions/runs/%d/jobs", repository, run.number("id")), nil)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, job := range answer.list("jobs") {
		text, err := s.gitea.ask(http.MethodGet, fmt.Sprintf("repos/%s/actions/jobs/%d/logs", repository, job.number("id")), s.gitea.user, s.gitea.password, nil)
		if err != nil {
			// A job that was skipped, or that has not begun, has none.
			text = []byte(fmt.Sprintf("job %s (%s): %v\n", job.text("name"), job.text("conclusion"), err))
		}
		all = append(all, string(text))
	}
	text := strings.Join(all, "\n")
	name := fmt.Sprintf("job_%s_%d.log", strings.ReplaceAll(repository, "/", "_"), run.number("id"))
	if err := os.WriteFile(filepath.Join(s.Folder, "logs", name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return text
}
