// Package host lets the programs of a machine read what is written for it: docker compose, make, buildx, the Docker daemon, systemd.
package host

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	dockerconfig "github.com/docker/cli/cli/config"
	"golang.org/x/crypto/bcrypt"
)

// binaries is where compose and buildx are built to.
var binaries string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if binaries, err = os.MkdirTemp("", "h"); err != nil {
			fmt.Println(err)
			return 1
		}
		defer os.RemoveAll(binaries)
		// buildx has a module of its own, with the versions that it is released with.
		for name, program := range map[string][2]string{
			"compose": {".", "github.com/docker/compose/v2/cmd"},
			"buildx":  {"../buildx", "github.com/docker/buildx/cmd/buildx"},
		} {
			build := exec.Command("go", "build", "-o", filepath.Join(binaries, name), program[1])
			build.Dir = program[0]
			if output, err := build.CombinedOutput(); err != nil {
				fmt.Printf("%v\n%s", err, output)
				return 1
			}
		}
		return m.Run()
	}())
}

func found(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(os.Getenv("FORGE_ROOT"), pattern))
	if err != nil || len(files) == 0 {
		t.Fatalf("no %s: %v", pattern, err)
	}
	return files
}

func run(t *testing.T, directory string, environment []string, words ...string) string {
	t.Helper()
	command := exec.Command(words[0], words[1:]...)
	command.Dir = directory
	command.Env = append(os.Environ(), environment...)
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", words, err, output)
	}
	return string(output)
}

// Compose resolves each project, and finds every file that it mounts.
func TestComposeReadsTheProjects(t *testing.T) {
	for _, file := range found(t, "examples/*/dist/host/*/compose.yml") {
		output := run(t, filepath.Dir(file), []string{"RUNNER_TOKEN=not-a-token"}, filepath.Join(binaries, "compose"), "config")
		for _, source := range regexp.MustCompile(`source: (/\S+)`).FindAllStringSubmatch(output, -1) {
			if _, err := os.Stat(source[1]); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
		if strings.Contains(output, "not-a-token") {
			t.Errorf("%s: the token is in the project", file)
		}
	}
}

// Make knows every target, and bake every image.
func TestMakeAndBakeReadTheBuilds(t *testing.T) {
	for _, file := range found(t, "examples/*/dist/host/*/Makefile") {
		folder := filepath.Dir(file)
		help := run(t, folder, nil, "make", "help")
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		// Every target is in the list.
		for _, target := range strings.Fields(strings.TrimPrefix(regexp.MustCompile(`(?m)^\.PHONY:.*$`).FindString(string(text)), ".PHONY:")) {
			if !strings.Contains("\n"+help, "\n"+target+": ") {
				t.Errorf("%s: make help does not name %s", file, target)
			}
		}
		for _, line := range regexp.MustCompile(`(?m)^([a-z0-9_-]+): \S`).FindAllStringSubmatch(help, -1) {
			run(t, folder, nil, "make", "-n", line[1])
		}
		// Podman has no bake: its script is checked by Bash.
		if _, err := os.Stat(filepath.Join(folder, "docker-bake.json")); err != nil {
			run(t, folder, nil, "bash", "-n", "build.sh")
			continue
		}
		printed := run(t, folder, []string{"TAG=v1"}, filepath.Join(binaries, "buildx"), "bake", "--file", "docker-bake.json", "--print")
		if strings.Contains(printed, "${") || !strings.Contains(printed, ":v1\"") {
			t.Errorf("%s: bake read %s", file, printed)
		}
	}
}

// For real: images FROM scratch, pushed over plain HTTP and over HTTPS with a private CA.
func TestBuildsArePushed(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("NOT RUN: the Docker daemon needs root")
	}
	for _, program := range []string{"dockerd", "docker", "docker-registry", "make", "ip", "unshare"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("NOT RUN: %s is not installed (apt-get install docker.io docker-registry make iproute2)", program)
		}
	}
	work, err := os.MkdirTemp("", "w")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(work) })
	random := make([]byte, 16)
	if _, err := rand.Read(random); err != nil {
		t.Fatal(err)
	}
	token := hex.EncodeToString(random)
	hash, err := bcrypt.GenerateFromPassword([]byte(token), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	output := run(t, ".", []string{"WORK=" + work, "BUILDX=" + filepath.Join(binaries, "buildx"), "REGISTRY_TOKEN=" + token, "HTPASSWD=operator:" + string(hash)},
		"unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child", "bash", "play.sh")
	if strings.Contains(output, "NOT RUN") {
		t.Skip(output)
	}
	if !strings.Contains(output, "PLAYED") {
		t.Fatal(output)
	}
	// Docker's own loader finds both logins: that of the emitted config.json, and that of docker login beside it.
	logins, err := dockerconfig.Load(filepath.Join(work, "home", ".docker"))
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"plain.test:5931", "host.docker.internal:30090"} {
		if login, err := logins.GetAuthConfig(host); err != nil || login.Username != "operator" || login.Password != token {
			t.Errorf("%s: Docker logs in as %q: %v", host, login.Username, err)
		}
	}
}

// For real: Podman builds and pushes, also for several platforms, over plain HTTP and from a mirror.
func TestPodmanBuildsAndPushes(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("NOT RUN: the namespaces need root")
	}
	for _, program := range []string{"podman", "crun", "docker-registry", "ip", "unshare", "curl", "make"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("NOT RUN: %s is not installed (apt-get install podman crun docker-registry iproute2 curl make)", program)
		}
	}
	output := run(t, ".", []string{"WORK=" + t.TempDir()}, "unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child", "bash", "podman.sh")
	if !strings.Contains(output, "PLAYED") {
		t.Fatal(output)
	}
}

// For real: the runner of a compose project registers at a Gitea with a private CA, becomes healthy, and survives a restart.
func TestRunnerRegisters(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("NOT RUN: the Docker daemon needs root")
	}
	for _, program := range []string{"dockerd", "docker", "containerd", "runc", "ip", "unshare", "capsh", "curl", "jq", "wget"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("NOT RUN: %s is not installed (apt-get install docker.io iproute2 libcap2-bin curl jq wget)", program)
		}
	}
	gitea, runner := filepath.Join(binaries, "gitea"), filepath.Join(binaries, "gitea-runner")
	run(t, "../live/gitea", nil, "go", "build", "-tags", "sqlite sqlite_unlock_notify", "-o", gitea, "code.gitea.io/gitea")
	run(t, "../runner", []string{"CGO_ENABLED=0"}, "go", "build", "-o", runner, "gitea.com/gitea/runner")
	sources := strings.TrimSpace(run(t, "../live/gitea", nil, "go", "list", "-m", "-f", "{{.Dir}}", "code.gitea.io/gitea"))
	work, err := os.MkdirTemp("", "w")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(work) })
	output := run(t, ".", []string{"WORK=" + work, "COMPOSE=" + filepath.Join(binaries, "compose"), "GITEA=" + gitea, "GITEA_SOURCES=" + sources, "RUNNER=" + runner},
		"unshare", "--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child", "bash", "runner.sh")
	if strings.Contains(output, "NOT RUN") {
		t.Skip(output)
	}
	if !strings.Contains(output, "PLAYED") {
		t.Fatal(output)
	}
}

// systemd reads the unit of a runner without Docker. Its program is not installed here, so it stands in a root of its own.
func TestSystemdReadsTheUnit(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Skip("NOT RUN: systemd-analyze is not installed")
	}
	unit, err := os.ReadFile(filepath.Join(os.Getenv("FORGE_CASES"), "systemd/host/runner/forge-runner.service"))
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	program := filepath.Join(folder, "program")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	text := regexp.MustCompile(`(?m)^(Exec\w+=)\S+`).ReplaceAllString(string(unit), "${1}"+program)
	verify := func(text string) string {
		t.Helper()
		file := filepath.Join(folder, "forge-runner.service")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		output, err := exec.Command("systemd-analyze", "verify", "--man=no", file).CombinedOutput()
		lines := regexp.MustCompile(`(?m)^.*forge-runner\.service:.*$`).FindAllString(string(output), -1)
		if err != nil && len(lines) == 0 {
			t.Fatalf("%v\n%s", err, output)
		}
		return strings.Join(lines, "\n")
	}
	if said := verify(text); said != "" {
		t.Error(said)
	}
	// The check sees a mistake.
	if said := verify(strings.Replace(text, "[Service]", "[Service]\nProtectSystem=mostly", 1)); !strings.Contains(said, "protect system") {
		t.Errorf("systemd says nothing about a wrong value: %s", said)
	}
}

// OpenSSH finds the server under every name, and Python reads the job of launchd.
func TestOtherFilesAreRead(t *testing.T) {
	cases := os.Getenv("FORGE_CASES")
	for _, host := range []string{"[host.docker.internal]:30022", "[127.0.0.1]:30022"} {
		for _, runner := range []string{"runner", "systemd", "launchd"} {
			if output := run(t, cases, nil, "ssh-keygen", "-F", host, "-f", runner+"/host/runner/known_hosts"); !strings.Contains(output, "ssh-ed25519") {
				t.Errorf("%s does not have %s: %s", runner, host, output)
			}
		}
	}
	job := run(t, cases, nil, "python3", "-c", `
import plistlib
job = plistlib.load(open("launchd/host/runner/forge-runner.plist", "rb"))
print(job["Label"], job["ProgramArguments"][0].startswith("/"), job["RunAtLoad"])
`)
	if !strings.HasSuffix(job, " True True\n") {
		t.Errorf("launchd reads %s", job)
	}
}
