// Package quadlet lets Podman's own generator read the units of runners, and compares its services with the compose projects of the same runners.
package quadlet

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

type service struct {
	Image       string            `yaml:"image"`
	Entrypoint  []string          `yaml:"entrypoint"`
	Command     []string          `yaml:"command"`
	Environment map[string]string `yaml:"environment"`
	Privileged  bool              `yaml:"privileged"`
	Volumes     []struct {
		Type     string `yaml:"type"`
		Source   string `yaml:"source"`
		Target   string `yaml:"target"`
		ReadOnly bool   `yaml:"read_only"`
	} `yaml:"volumes"`
	Secrets []struct {
		Target string `yaml:"target"`
	} `yaml:"secrets"`
	DependsOn map[string]any `yaml:"depends_on"`
}

// generate returns the services that the generator makes of a directory, by name.
func generate(t *testing.T, program, folder string) (map[string]*unitFile, string) {
	t.Helper()
	command := exec.Command(program, "-dryrun", "-user")
	command.Env = append(os.Environ(), "QUADLET_UNIT_DIRS="+folder)
	var text, said bytes.Buffer
	command.Stdout, command.Stderr = &text, &said
	if err := command.Run(); err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	// An older generator prints the services where the newer one prints its messages.
	whole := text.String() + said.String()
	parts := regexp.MustCompile(`(?m)^---(\S+\.service)---$`).FindAllStringSubmatchIndex(whole, -1)
	units := map[string]*unitFile{}
	for i, part := range parts {
		end := len(whole)
		if i+1 < len(parts) {
			end = parts[i+1][0]
		}
		body := []string{}
		for _, line := range strings.Split(whole[part[1]:end], "\n") {
			if !strings.HasPrefix(line, "quadlet-generator[") {
				body = append(body, line)
			}
		}
		unit := newUnit()
		if err := unit.Parse(strings.Join(body, "\n")); err != nil {
			t.Fatal(err)
		}
		units[whole[part[2]:part[3]]] = unit
	}
	messages := []string{}
	for _, line := range strings.Split(whole, "\n") {
		if strings.HasPrefix(line, "quadlet-generator[") && !strings.Contains(line, "Loading source unit file") {
			messages = append(messages, line)
		}
	}
	return units, strings.Join(messages, "\n")
}

// words are the arguments of a command, after systemd has replaced specifiers and variables: none is left but the home directory.
func words(t *testing.T, unit *unitFile, home string) []string {
	t.Helper()
	list, ok := lastArgs(unit)
	if !ok {
		t.Fatal("no ExecStart")
	}
	for i, word := range list {
		if regexp.MustCompile(`(^|[^$])(\$\$)*\$([^$]|$)`).MatchString(word) {
			t.Errorf("systemd replaces a variable in %q", word)
		}
		if regexp.MustCompile(`(^|[^%])(%%)*%[^%htN]`).MatchString(word) {
			t.Errorf("systemd replaces a specifier in %q", word)
		}
		list[i] = regexp.MustCompile(`%%|%h|\$\$`).ReplaceAllStringFunc(word, func(found string) string {
			return map[string]string{"%%": "%", "%h": home, "$$": "$"}[found]
		})
	}
	return list
}

func after(list []string, option string) []string {
	values := []string{}
	for i, word := range list {
		if word == option && i+1 < len(list) {
			values = append(values, list[i+1])
		} else if value, ok := strings.CutPrefix(word, option+"="); ok {
			values = append(values, value)
		}
	}
	sort.Strings(values)
	return values
}

func TestPodmanReadsTheUnits(t *testing.T) {
	program := filepath.Join(t.TempDir(), "quadlet")
	if output, err := exec.Command("go", "build", "-o", program, generator).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	projects, err := filepath.Glob(filepath.Join(os.Getenv("FORGE_CASES"), "*/docker/host/runner/compose.yml"))
	if err != nil || len(projects) != 4 {
		t.Fatalf("%v: %v", projects, err)
	}
	for _, file := range projects {
		t.Run(filepath.Base(strings.Split(file, "/docker/host/")[0]), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var project struct {
				Services map[string]service `yaml:"services"`
			}
			if err := yaml.Unmarshal(text, &project); err != nil {
				t.Fatal(err)
			}
			folder := filepath.Dir(strings.Replace(file, "/docker/host/", "/podman/host/", 1))
			units, messages := generate(t, program, folder)
			if messages != "" {
				t.Error(messages)
			}
			for name, want := range project.Services {
				unit, ok := units["forge-runner-"+name+".service"]
				if !ok {
					t.Errorf("no service of %s", name)
					continue
				}
				check(t, name, words(t, unit, "/home/user"), want, folder)
				required, _ := unit.Lookup("Unit", "Requires")
				all := strings.Join(append(unit.LookupAll("Unit", "Requires"), required), " ")
				for need := range want.DependsOn {
					if !strings.Contains(all, "forge-runner-"+need+".service") {
						t.Errorf("%s does not require %s: %s", name, need, all)
					}
				}
			}
		})
	}
	// The check sees a key that Podman does not have.
	broken := t.TempDir()
	if err := os.WriteFile(filepath.Join(broken, "a.container"), []byte("[Container]\nImage=docker.io/library/a\nMemorySize=1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program, "-dryrun", "-user")
	command.Env = append(os.Environ(), "QUADLET_UNIT_DIRS="+broken)
	if output, _ := command.CombinedOutput(); !strings.Contains(string(output), "MemorySize") || !strings.Contains(string(output), "nsupported") {
		t.Errorf("Podman says nothing about a wrong key: %s", output)
	}
}

func check(t *testing.T, name string, got []string, want service, folder string) {
	t.Helper()
	// Compose reads $$ as $.
	plain := func(list []string) []string {
		copied := []string{}
		for _, word := range list {
			copied = append(copied, strings.ReplaceAll(word, "$$", "$"))
		}
		return copied
	}
	environment := []string{}
	for key, value := range want.Environment {
		environment = append(environment, plain([]string{key + "=" + value})...)
	}
	sort.Strings(environment)
	if found := after(got, "--env"); !reflect.DeepEqual(found, environment) {
		t.Errorf("%s: the environment is\n%q, not\n%q", name, found, environment)
	}
	if found := slices.Contains(got, "--privileged"); found != want.Privileged {
		t.Errorf("%s: privileged is %v", name, found)
	}
	if len(want.Entrypoint) > 0 && !reflect.DeepEqual(after(got, "--entrypoint"), want.Entrypoint[:1]) {
		t.Errorf("%s: the entrypoint is %v", name, after(got, "--entrypoint"))
	}
	arguments := want.Command
	if len(want.Entrypoint) > 0 {
		arguments = append(slices.Clone(want.Entrypoint[1:]), want.Command...)
	}
	if image := slices.IndexFunc(got, func(word string) bool { return word == want.Image || strings.HasSuffix(word, "/"+want.Image) }); image < 0 {
		t.Errorf("%s: no image %s in %q", name, want.Image, got)
	} else if rest := got[image+1:]; !reflect.DeepEqual(append([]string{}, rest...), plain(arguments)) {
		t.Errorf("%s: the command is %q, not %q", name, rest, arguments)
	}
	mounts, volumes := after(got, "--mount"), append(after(got, "-v"), after(got, "--volume")...)
	for _, volume := range want.Volumes {
		if volume.Type == "volume" {
			mount := "systemd-forge-runner-" + volume.Source + ":" + volume.Target
			if volume.ReadOnly {
				mount += ":ro"
			}
			if !slices.Contains(volumes, mount) {
				t.Errorf("%s: no volume %s in %q", name, mount, volumes)
			}
			continue
		}
		source := strings.Replace(volume.Source, "./", "/home/user/.config/cdk8s-forge/runner/", 1)
		if !slices.ContainsFunc(mounts, func(mount string) bool {
			return strings.HasPrefix(mount, "type=bind,source="+source+",target="+volume.Target+",readonly")
		}) {
			t.Errorf("%s: no mount of %s in %q", name, volume.Source, mounts)
		}
		if _, err := os.Stat(filepath.Join(folder, volume.Source)); err != nil {
			t.Error(err)
		}
	}
	if secrets := after(got, "--secret"); len(secrets) != len(want.Secrets) {
		t.Errorf("%s: the secrets are %q", name, secrets)
	}
	for _, secret := range want.Secrets {
		if !strings.Contains(strings.Join(after(got, "--secret"), " "), ",target="+secret.Target+",") {
			t.Errorf("%s: no secret at %s", name, secret.Target)
		}
	}
}
