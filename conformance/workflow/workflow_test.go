package workflow

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
	"testing"

	"github.com/nektos/act/pkg/model"
	yaml4 "go.yaml.in/yaml/v4"
	yaml3 "gopkg.in/yaml.v3"
)

// files returns every workflow of the repository's output and examples, and the generated cases.
func files(t *testing.T) []string {
	t.Helper()
	root := os.Getenv("FORGE_ROOT")
	if root == "" {
		root = filepath.Join("..", "..")
	}
	folders := []string{filepath.Join(root, "dist")}
	examples, err := filepath.Glob(filepath.Join(root, "examples", "*", "dist"))
	if err != nil {
		t.Fatal(err)
	}
	parts, err := filepath.Glob(filepath.Join(root, "examples", "parts", "*", "dist"))
	if err != nil || len(parts) == 0 {
		t.Fatal("no parts", err)
	}
	examples = append(examples, parts...)
	folders = append(folders, examples...)
	if cases := os.Getenv("FORGE_CASES"); cases != "" {
		folders = append(folders, cases)
	}
	var found []string
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
			if err == nil && !entry.IsDir() && strings.HasSuffix(path, ".yml") && strings.Contains(path, "/workflows/") {
				found = append(found, path)
			}
			return err
		})
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	if len(found) == 0 {
		t.Fatal("no workflow was found")
	}
	sort.Strings(found)
	return found
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// What the runner does with a job before it runs it: read, look at every job, plan.
func TestActReadsAndPlansEveryWorkflow(t *testing.T) {
	for _, file := range files(t) {
		t.Run(filepath.Base(filepath.Dir(filepath.Dir(filepath.Dir(file))))+"/"+filepath.Base(file), func(t *testing.T) {
			workflow, err := model.ReadWorkflow(bytes.NewReader(read(t, file)))
			if err != nil {
				t.Fatal(err)
			}
			if len(workflow.On()) == 0 {
				t.Error("nothing starts it")
			}
			for id, job := range workflow.Jobs {
				checkJob(t, workflow, id, job)
			}
			planner, err := model.NewSingleWorkflowPlanner(filepath.Base(file), bytes.NewReader(read(t, file)))
			if err != nil {
				t.Fatal(err)
			}
			plan, err := planner.PlanAll()
			if err != nil {
				t.Fatal(err)
			}
			planned := 0
			for _, stage := range plan.Stages {
				planned += len(stage.Runs)
			}
			if planned != len(workflow.Jobs) {
				t.Errorf("%d of %d jobs are planned", planned, len(workflow.Jobs))
			}
		})
	}
}

func checkJob(t *testing.T, workflow *model.Workflow, id string, job *model.Job) {
	t.Helper()
	kind, err := job.Type()
	if err != nil {
		t.Errorf("job %s: %v", id, err)
	}
	for _, need := range job.Needs() {
		if workflow.GetJob(need) == nil {
			t.Errorf("job %s needs %s, which is not there", id, need)
		}
	}
	if kind != model.JobTypeDefault {
		return
	}
	if len(job.RunsOn()) == 0 {
		t.Errorf("job %s runs on every runner", id)
	}
	if _, err := job.GetMatrixes(); err != nil && !strings.Contains(string(job.Strategy.RawMatrix.Value), "${{") {
		t.Errorf("job %s: %v", id, err)
	}
	for _, step := range job.Steps {
		if step.Run == "" && step.Uses == "" {
			t.Errorf("job %s: step %s does nothing", id, step.Name)
		}
		if step.Run != "" && step.Shell == "" {
			t.Errorf("job %s: step %s has no shell", id, step.Name)
		}
		if strings.Contains(step.Run, "${{") {
			t.Errorf("job %s: the script of step %s holds an expression", id, step.Name)
		}
	}
}

// The generated cases have the values that were meant beside them.
func TestValuesAreThoseThatWereMeant(t *testing.T) {
	compared := 0
	for _, file := range files(t) {
		data, err := os.ReadFile(strings.TrimSuffix(file, ".yml") + ".json")
		if os.IsNotExist(err) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		var meant map[string]string
		if err := json.Unmarshal(data, &meant); err != nil {
			t.Fatal(err)
		}
		workflow, err := model.ReadWorkflow(bytes.NewReader(read(t, file)))
		if err != nil {
			t.Fatal(err)
		}
		env := workflow.GetJob("build").Steps[0].Environment()
		for name, value := range meant {
			if env[name] != value {
				t.Errorf("%s: %s is %q, meant was %q", file, name, env[name], value)
			}
			compared++
		}
	}
	if os.Getenv("FORGE_CASES") != "" && compared == 0 {
		t.Error("no generated case was compared")
	}
	t.Logf("%d values compared", compared)
}

func TestBothReadersSeeTheSame(t *testing.T) {
	for _, file := range files(t) {
		data := read(t, file)
		var old, current any
		if err := yaml3.Unmarshal(data, &old); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if err := yaml4.Unmarshal(data, &current); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if !reflect.DeepEqual(old, current) {
			t.Errorf("%s: v3 and v4 differ", file)
		}
	}
}

// job is what Gitea keeps of a job when it writes it anew (modules/actions/jobparser/model.go).
type job struct {
	Name            string             `yaml:"name,omitempty"`
	Needs           yaml4.Node         `yaml:"needs,omitempty"`
	RunsOn          yaml4.Node         `yaml:"runs-on,omitempty"`
	Env             yaml4.Node         `yaml:"env,omitempty"`
	If              yaml4.Node         `yaml:"if,omitempty"`
	Steps           []*step            `yaml:"steps,omitempty"`
	TimeoutMinutes  string             `yaml:"timeout-minutes,omitempty"`
	ContinueOnError yaml4.Node         `yaml:"continue-on-error,omitempty"`
	Services        map[string]*beside `yaml:"services,omitempty"`
	Strategy        struct {
		FailFast    string     `yaml:"fail-fast,omitempty"`
		MaxParallel string     `yaml:"max-parallel,omitempty"`
		Matrix      yaml4.Node `yaml:"matrix,omitempty"`
	} `yaml:"strategy,omitempty"`
	Container yaml4.Node `yaml:"container,omitempty"`
	Defaults  struct {
		Run struct {
			Shell            string `yaml:"shell,omitempty"`
			WorkingDirectory string `yaml:"working-directory,omitempty"`
		} `yaml:"run,omitempty"`
	} `yaml:"defaults,omitempty"`
	Outputs     map[string]string `yaml:"outputs,omitempty"`
	Uses        string            `yaml:"uses,omitempty"`
	With        map[string]any    `yaml:"with,omitempty"`
	Secrets     yaml4.Node        `yaml:"secrets,omitempty"`
	Concurrency yaml4.Node        `yaml:"concurrency,omitempty"`
	Permissions yaml4.Node        `yaml:"permissions,omitempty"`
}

type step struct {
	ID               string            `yaml:"id,omitempty"`
	If               yaml4.Node        `yaml:"if,omitempty"`
	Name             string            `yaml:"name,omitempty"`
	Uses             string            `yaml:"uses,omitempty"`
	Run              string            `yaml:"run,omitempty"`
	WorkingDirectory string            `yaml:"working-directory,omitempty"`
	Shell            string            `yaml:"shell,omitempty"`
	Env              yaml4.Node        `yaml:"env,omitempty"`
	With             map[string]string `yaml:"with,omitempty"`
	ContinueOnError  bool              `yaml:"continue-on-error,omitempty"`
	TimeoutMinutes   string            `yaml:"timeout-minutes,omitempty"`
}

type beside struct {
	Image       string            `yaml:"image,omitempty"`
	Env         map[string]string `yaml:"env,omitempty"`
	Ports       []string          `yaml:"ports,omitempty"`
	Volumes     []string          `yaml:"volumes,omitempty"`
	Options     string            `yaml:"options,omitempty"`
	Credentials map[string]string `yaml:"credentials,omitempty"`
	Cmd         []string          `yaml:"cmd,omitempty"`
}

// encode writes as Gitea does: newer servers at indent 2, older ones at the default of 4.
func encode(t *testing.T, value any, indent int) []byte {
	t.Helper()
	var buffer bytes.Buffer
	encoder := yaml4.NewEncoder(&buffer)
	encoder.SetIndent(indent)
	if err := encoder.Encode(value); err != nil {
		t.Fatal(err)
	}
	if err := encoder.Close(); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

// Gitea decodes each job into its own types and encodes it before the runner sees it. Nothing of it may change on the way.
func TestJobsSurviveGiteasReencoding(t *testing.T) {
	for _, file := range files(t) {
		if strings.Contains(file, "/.github/") {
			continue
		}
		var kept struct {
			Jobs map[string]*job `yaml:"jobs"`
		}
		var given struct {
			Jobs map[string]any `yaml:"jobs"`
		}
		data := read(t, file)
		if err := yaml4.Unmarshal(data, &kept); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if err := yaml4.Unmarshal(data, &given); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, indent := range []int{2, 4} {
			for id, content := range kept.Jobs {
				var again map[string]any
				if err := yaml4.Unmarshal(encode(t, map[string]*job{id: content}, indent), &again); err != nil {
					t.Errorf("%s: job %s at indent %d: %v", file, id, indent, err)
					continue
				}
				if want, got := texts(given.Jobs[id]), texts(again[id]); !reflect.DeepEqual(want, got) {
					t.Errorf("%s: job %s at indent %d changed\nwas %v\nis  %v", file, id, indent, want, got)
				}
			}
		}
	}
}

// texts replaces scalars by their text, because Gitea keeps numbers and booleans as text in places; keys with empty values go.
func texts(value any) any {
	switch typed := value.(type) {
	case map[string]any:
		result := map[string]any{}
		for key, inner := range typed {
			if text := texts(inner); text != "" {
				result[key] = text
			}
		}
		return result
	case []any:
		result := []any{}
		for _, inner := range typed {
			result = append(result, texts(inner))
		}
		return result
	case string:
		return typed
	case nil:
		return ""
	default:
		var buffer bytes.Buffer
		_ = yaml4.NewEncoder(&buffer).Encode(typed)
		return strings.TrimSpace(buffer.String())
	}
}
