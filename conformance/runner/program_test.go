package runner

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// have is the version that is built from its module.
const have = "1.0.8"

const token = "not-a-real-token"

var program = sync.OnceValues(func() (string, error) {
	folder, err := os.MkdirTemp("", "gitea-runner-")
	if err != nil {
		return "", err
	}
	binary := filepath.Join(folder, "gitea-runner")
	output, err := exec.Command("go", "build", "-o", binary, "gitea.com/gitea/runner").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, output)
	}
	return binary, nil
})

func binary(t *testing.T) string {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := program(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// ofProgram are the cases for the version at hand.
func ofProgram(t *testing.T, executor string) []Case {
	var found []Case
	for _, c := range cases(t) {
		if c.Product == "gitea" && c.Version == have && (executor == "" || c.Executor == executor) {
			found = append(found, c)
		}
	}
	if len(found) == 0 {
		t.Fatalf("no case for %s with executor %q", have, executor)
	}
	return found
}

// The program's own example names every key that it reads, or it would be a poor example: those that it leaves out are listed.
func TestProgramKnowsEveryKey(t *testing.T) {
	output, err := exec.Command(binary(t), "generate-config").Output()
	if err != nil {
		t.Fatal(err)
	}
	var example map[string]any
	if err := yaml.Unmarshal(output, &example); err != nil {
		t.Fatal(err)
	}
	for _, c := range ofProgram(t, "") {
		var ours map[string]any
		if err := yaml.Unmarshal([]byte(c.file(t, "config.yaml")), &ours); err != nil {
			t.Fatal(err)
		}
		for section, keys := range ours {
			known, _ := example[section].(map[string]any)
			for key := range keys.(map[string]any) {
				if _, there := known[key]; !there {
					t.Errorf("case %s: the program's example has no %s.%s", c.Folder, section, key)
				}
			}
		}
	}
}

// setUp puts a case's files into a folder, with paths and ports of this machine.
func setUp(t *testing.T, c Case) (folder, metrics string) {
	t.Helper()
	folder = t.TempDir()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	metrics = listener.Addr().String()
	listener.Close()
	text := strings.NewReplacer("/data/.runner", filepath.Join(folder, ".runner"), ":9101", metrics).Replace(c.file(t, "config.yaml"))
	write(t, filepath.Join(folder, "config.yaml"), text)
	write(t, filepath.Join(folder, "register.sh"), c.file(t, "register.sh"))
	write(t, filepath.Join(folder, "token"), token+"\n")
	return folder, metrics
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// register runs the registration script with the real program.
func register(t *testing.T, folder, url, key string, ephemeral bool) (string, error) {
	t.Helper()
	command := exec.Command("bash", filepath.Join(folder, "register.sh"))
	command.Env = append(os.Environ(), "RUNNER_PROGRAM="+binary(t), "CONFIG_FILE="+filepath.Join(folder, "config.yaml"), "RUNNER_STATE_FILE="+filepath.Join(folder, ".runner"),
		"RUNNER_NAME=runner-0", "GITEA_INSTANCE_URL="+url, "REGISTRATION_TOKEN_FILE="+filepath.Join(folder, "token"), "REGISTRATION_KEY="+key)
	if ephemeral {
		command.Env = append(command.Env, "RUNNER_EPHEMERAL=true")
	}
	output, err := command.CombinedOutput()
	return string(output), err
}

func TestHostRunnerRegistersDeclaresItsLabelsAndAnswersItsProbesWithoutDocker(t *testing.T) {
	for _, c := range ofProgram(t, "host") {
		t.Run(c.Folder, func(t *testing.T) {
			f, url := newForge(t, token)
			folder, metrics := setUp(t, c)
			output, err := register(t, folder, url, "k", c.Ephemeral)
			if err != nil {
				t.Fatalf("%v\n%s", err, output)
			}
			if strings.Contains(output, token) {
				t.Error("the token is printed")
			}
			registered, _ := f.seen()
			if len(registered) != 1 || registered[0].Name != "runner-0" || registered[0].Ephemeral != c.Ephemeral {
				t.Fatalf("registered: %v", registered)
			}
			log := daemon(t, folder, func() bool {
				_, declared := f.seen()
				return declared != nil && answers("http://"+metrics+"/healthz")
			})
			_, declared := f.seen()
			if want := names(t, folder); !reflect.DeepEqual(declared, want) {
				t.Errorf("declared %v, want %v", declared, want)
			}
			for _, bad := range []string{"invalid", "ignored", "level=warning", "level=error", token} {
				if strings.Contains(log, bad) {
					t.Errorf("the log has %q:\n%s", bad, log)
				}
			}
		})
	}
}

func TestRegistrationIsMadeOnceForEachKey(t *testing.T) {
	f, url := newForge(t, token)
	folder, _ := setUp(t, ofProgram(t, "host")[0])
	for i, key := range []string{"a", "a", "b"} {
		if output, err := register(t, folder, url, key, false); err != nil {
			t.Fatalf("%d: %v\n%s", i, err, output)
		}
	}
	if registered, _ := f.seen(); len(registered) != 2 {
		t.Errorf("%d registrations, want 2", len(registered))
	}
}

func TestWrongTokenFailsAndLeavesNothing(t *testing.T) {
	_, url := newForge(t, "another")
	folder, _ := setUp(t, ofProgram(t, "host")[0])
	output, err := register(t, folder, url, "a", false)
	if err == nil {
		t.Fatalf("registered with a wrong token\n%s", output)
	}
	for _, file := range []string{".runner", ".runner.key"} {
		if _, err := os.Stat(filepath.Join(folder, file)); err == nil {
			t.Errorf("%s is there", file)
		}
	}
}

// With Docker, the program comes as far as looking for the daemon: the file is loaded, and every label understood.
func TestDockerRunnersLoadTheirFile(t *testing.T) {
	for _, executor := range []string{"docker", "docker-rootless", "external-docker"} {
		for _, c := range ofProgram(t, executor) {
			t.Run(executor+"/"+c.Folder, func(t *testing.T) {
				f, url := newForge(t, token)
				folder, _ := setUp(t, c)
				if output, err := register(t, folder, url, "k", c.Ephemeral); err != nil {
					t.Fatalf("%v\n%s", err, output)
				}
				registered, _ := f.seen()
				if want := names(t, folder); len(registered) != 1 || !reflect.DeepEqual(registered[0].Labels, want) {
					t.Errorf("registered %v, want labels %v", registered, want)
				}
			})
		}
	}
}

// daemon runs the program until it is ready, stops it as Kubernetes does, and returns its log.
func daemon(t *testing.T, folder string, ready func() bool) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	command := exec.CommandContext(ctx, binary(t), "daemon", "--config", filepath.Join(folder, "config.yaml"))
	command.Dir = folder
	command.Env = []string{"HOME=" + folder, "PATH=" + os.Getenv("PATH"), "DOCKER_HOST=unix:///nowhere/docker.sock"}
	var log bytes.Buffer
	command.Stdout, command.Stderr = &log, &log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	for ctx.Err() == nil && !ready() {
		time.Sleep(20 * time.Millisecond)
	}
	isReady := ctx.Err() == nil
	_ = command.Process.Signal(syscall.SIGTERM)
	_ = command.Wait()
	if !isReady {
		t.Fatalf("not ready:\n%s", log.String())
	}
	return log.String()
}

func answers(url string) bool {
	response, err := http.Get(url)
	if err != nil {
		return false
	}
	response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// names are the labels in a case's file, as jobs ask for them.
func names(t *testing.T, folder string) []string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(folder, "config.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var config gitea
	if err := yaml.Unmarshal(content, &config); err != nil {
		t.Fatal(err)
	}
	found := []string{}
	for _, label := range config.Runner.Labels {
		name, _, _ := strings.Cut(label, ":")
		found = append(found, name)
	}
	return found
}
