package workflow

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	yaml4 "go.yaml.in/yaml/v4"
)

// finding is what a linter says about a workflow file.
type finding struct {
	check, about, file string
}

// accepted is a finding that may be there, with the reason.
type accepted struct {
	Check  string `yaml:"check"`
	About  string `yaml:"about"`
	Reason string `yaml:"reason"`
}

func root() string {
	if root := os.Getenv("FORGE_ROOT"); root != "" {
		return root
	}
	return filepath.Join("..", "..")
}

// golden returns every workflow file that is committed: in the output, and in the repositories of the examples themselves.
func golden(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, folder := range []string{"dist", "examples"} {
		err := filepath.WalkDir(filepath.Join(root(), folder), func(path string, entry os.DirEntry, err error) error {
			if err == nil && entry.Name() == "node_modules" {
				return filepath.SkipDir
			}
			if err == nil && !entry.IsDir() && regexp.MustCompile(`/\.(gitea|forgejo|github)/workflows/[^/]+\.ya?ml$`).MatchString(path) {
				found = append(found, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(found) < 5 {
		t.Fatalf("too few workflows: %v", found)
	}
	return found
}

// linter returns the program that scripts/conformance.sh installed; without it, there is nothing to check.
func linter(t *testing.T, name string) string {
	t.Helper()
	program := os.Getenv("FORGE_" + strings.ToUpper(name))
	if program == "" {
		t.Skip("NOT CHECKED: " + name + " is not installed; run bash conformance/workflow/linters.sh")
	}
	return program
}

// run returns what a linter prints as JSON. Both end with an error when they find something, so only the output counts.
func run(t *testing.T, into any, program string, arguments ...string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	command := exec.Command(program, arguments...)
	command.Stdout, command.Stderr = &stdout, &stderr
	err := command.Run()
	if decoded := json.Unmarshal(stdout.Bytes(), into); decoded != nil {
		t.Fatalf("%s: %v, %v: %s%s", program, err, decoded, stdout.String(), stderr.String())
	}
}

func actionlint(t *testing.T, files ...string) []finding {
	t.Helper()
	var said []struct {
		Message  string `json:"message"`
		Filepath string `json:"filepath"`
		Kind     string `json:"kind"`
	}
	run(t, &said, linter(t, "actionlint"), append([]string{"-format", "{{json .}}"}, files...)...)
	var found []finding
	for _, one := range said {
		found = append(found, finding{one.Kind, one.Message, one.Filepath})
	}
	return found
}

// zizmor runs in its strictest persona, and without the network.
func zizmor(t *testing.T, files ...string) []finding {
	t.Helper()
	var said []struct {
		Ident     string `json:"ident"`
		Locations []struct {
			Symbolic struct {
				Kind string         `json:"kind"`
				Key  map[string]any `json:"key"`
			} `json:"symbolic"`
			Concrete struct {
				Feature string `json:"feature"`
			} `json:"concrete"`
		} `json:"locations"`
	}
	arguments := []string{"--offline", "--no-config", "--no-progress", "--quiet", "--persona", "auditor", "--format", "json-v1"}
	run(t, &said, linter(t, "zizmor"), append(arguments, files...)...)
	var found []finding
	for _, one := range said {
		for _, place := range one.Locations {
			if place.Symbolic.Kind == "Primary" {
				encoded, _ := json.Marshal(place.Symbolic.Key)
				found = append(found, finding{one.Ident, place.Concrete.Feature, string(encoded)})
			}
		}
	}
	return found
}

func checkAccepted(t *testing.T, name string, found []finding) {
	t.Helper()
	data, err := os.ReadFile("accepted.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var all map[string][]accepted
	if err := yaml4.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	used := make([]bool, len(all[name]))
	for _, one := range found {
		index := slices.IndexFunc(all[name], func(entry accepted) bool {
			return entry.Check == one.check && strings.Contains(one.about, entry.About)
		})
		if index < 0 {
			t.Errorf("%s: %s: %s\n%s", name, one.check, one.about, one.file)
			continue
		}
		used[index] = true
	}
	for index, entry := range all[name] {
		if !used[index] {
			t.Errorf("%s: nothing is found any more: %+v", name, entry)
		}
		if strings.TrimSpace(entry.Reason) == "" {
			t.Errorf("%s: %s is accepted without a reason", name, entry.Check)
		}
		if row, ok := table(t, name)[entry.Check]; ok && !strings.HasPrefix(row, "no:") && !strings.HasPrefix(row, "partly:") {
			t.Errorf("%s: docs/workflow.md says of %s: %q", name, entry.Check, row)
		}
	}
}

func TestActionlintFindsOnlyWhatIsAccepted(t *testing.T) {
	checkAccepted(t, "actionlint", actionlint(t, golden(t)...))
}

func TestZizmorFindsOnlyWhatIsAccepted(t *testing.T) {
	checkAccepted(t, "zizmor", zizmor(t, golden(t)...))
}

// A linter that reads nothing finds nothing.
func TestLintersFindWhatIsWrong(t *testing.T) {
	file := filepath.Join(t.TempDir(), ".github", "workflows", "wrong.yml")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	text := "on: issues\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo '${{ github.event.issue.title }}'\n"
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, check := range map[string]string{"actionlint": "expression", "zizmor": "template-injection"} {
		t.Run(name, func(t *testing.T) {
			lint := map[string]func(*testing.T, ...string) []finding{"actionlint": actionlint, "zizmor": zizmor}[name]
			if !slices.ContainsFunc(lint(t, file), func(one finding) bool { return one.check == check }) {
				t.Errorf("%s does not find %s", name, check)
			}
		})
	}
}

// table returns the rows of a linter's table in docs/workflow.md: what is said of each check.
func table(t *testing.T, name string) map[string]string {
	t.Helper()
	page := string(read(t, filepath.Join(root(), "docs", "workflow.md")))
	_, section, ok := strings.Cut(page, "\n### "+name+" ")
	if !ok {
		t.Fatalf("docs/workflow.md has no table of %s", name)
	}
	section, _, _ = strings.Cut(section, "\n### ")
	rows := map[string]string{}
	for _, row := range regexp.MustCompile(`(?m)^\| \d+ \| (.*?) \| (.*) \|$`).FindAllStringSubmatch(section, -1) {
		rows[row[1]] = row[2]
	}
	return rows
}

func keys(rows map[string]string) []string {
	var found []string
	for key := range rows {
		found = append(found, key)
	}
	slices.Sort(found)
	return found
}

func checkVersion(t *testing.T, name string, version []byte) {
	t.Helper()
	number := regexp.MustCompile(`\d+\.\d+\.\d+`).Find(version)
	if page := read(t, filepath.Join(root(), "docs", "workflow.md")); !bytes.Contains(page, append([]byte("\n### "+name+" "), append(number, '\n')...)) {
		t.Errorf("docs/workflow.md does not describe %s %s", name, number)
	}
}

func output(t *testing.T, folder, program string, arguments ...string) []byte {
	t.Helper()
	command := exec.Command(program, arguments...)
	command.Dir = folder
	data, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v", program, err)
	}
	return data
}

// The module of actionlint contains its documentation, which lists its checks.
func TestTableOfActionlintIsComplete(t *testing.T) {
	checkVersion(t, "actionlint", output(t, ".", linter(t, "actionlint"), "-version"))
	folder := strings.TrimSpace(string(output(t, "actionlint", "go", "list", "-m", "-f", "{{.Dir}}", "github.com/rhysd/actionlint")))
	var titles []string
	list, _, _ := strings.Cut(string(read(t, filepath.Join(folder, "docs", "checks.md"))), "\n<a ")
	for _, title := range regexp.MustCompile(`(?m)^- \[(.*)\]\(#[\w-]+\)$`).FindAllStringSubmatch(list, -1) {
		titles = append(titles, title[1])
	}
	slices.Sort(titles)
	if rows := keys(table(t, "actionlint")); len(titles) < 30 || !slices.Equal(titles, rows) {
		t.Errorf("actionlint checks\n%s\nand the table has\n%s", strings.Join(titles, "\n"), strings.Join(rows, "\n"))
	}
}

// The program of zizmor contains the address of each audit's documentation, each followed by other text.
func TestTableOfZizmorIsComplete(t *testing.T) {
	program := linter(t, "zizmor")
	checkVersion(t, "zizmor", output(t, ".", program, "--version"))
	rows := keys(table(t, "zizmor"))
	seen := map[string]bool{}
	for _, text := range regexp.MustCompile(`docs\.zizmor\.sh/audits/#([a-z-]+)`).FindAllStringSubmatch(string(read(t, program)), -1) {
		longest := ""
		for _, row := range rows {
			if strings.HasPrefix(text[1], row) && len(row) > len(longest) {
				longest = row
			}
		}
		if longest == "" {
			t.Errorf("the table does not have the audit at the beginning of %q", text[1])
		}
		seen[longest] = true
	}
	for _, row := range rows {
		if !seen[row] {
			t.Errorf("zizmor has no audit %s", row)
		}
	}
}
