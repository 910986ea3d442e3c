package live

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// module is one that programs are built from, with the versions and the replacements that stand in its go.mod.
type module struct {
	// folder is relative to this one.
	folder string
	flags  []string
	// programs by the name that they get.
	programs map[string]string
}

// modules are in the order in which they are built. All but Gitea and source-controller are those of the other consumers.
var modules = []module{
	{"../runner", nil, map[string]string{"gitea-runner": "gitea.com/gitea/runner"}},
	{"../buildkitd", nil, map[string]string{"buildkitd": "github.com/moby/buildkit/cmd/buildkitd", "buildctl": "github.com/moby/buildkit/cmd/buildctl"}},
	{"../apiserver/server", nil, map[string]string{"etcd": "go.etcd.io/etcd/server/v3", "kube-apiserver": "k8s.io/kubernetes/cmd/kube-apiserver", "kubectl": "k8s.io/kubernetes/cmd/kubectl"}},
	{"gitea", []string{"-tags", "sqlite sqlite_unlock_notify"}, map[string]string{"gitea": "code.gitea.io/gitea"}},
	{"source", nil, map[string]string{"source-controller": "github.com/fluxcd/source-controller"}},
	{"../apiserver/controller", nil, map[string]string{"kustomize-controller": "github.com/fluxcd/kustomize-controller"}},
	{"../setters", nil, map[string]string{"flux-update": "./cmd/flux-update"}},
	{".", nil, map[string]string{"hello": "./hello"}},
}

// sources are modules of which the play needs files beside the program.
var sources = map[string]module{
	"gitea":                modules[3],
	"runner":               modules[0],
	"source-controller":    modules[4],
	"kustomize-controller": modules[5],
}

var sourcePaths = map[string]string{
	"gitea": "code.gitea.io/gitea", "runner": "gitea.com/gitea/runner", "source-controller": "github.com/fluxcd/source-controller", "kustomize-controller": "github.com/fluxcd/kustomize-controller",
}

// buildPrograms builds what is not in the cache of a former run, one after the other, and returns where each program is.
func buildPrograms() (map[string]string, error) {
	cache, err := cacheFolder()
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for _, m := range modules {
		key, err := m.key()
		if err != nil {
			return nil, err
		}
		for name, path := range m.programs {
			binary := filepath.Join(cache, name+"-"+key)
			found[name] = binary
			if _, err := os.Stat(binary); err == nil && !m.isOwn() {
				continue
			}
			started := time.Now()
			if err := m.build(path, binary); err != nil {
				return nil, err
			}
			if !m.isOwn() {
				fmt.Printf("built %s in %s\n", name, seconds(time.Since(started)))
			}
			prune(cache, name, binary)
		}
	}
	return found, nil
}

// isOwn says that the sources are in this repository: no version says whether they have changed, and they take a second.
func (m module) isOwn() bool { return m.folder == "." || m.folder == "../setters" }

// key stands for everything that decides what is built.
func (m module) key() (string, error) {
	hash := sha256.New()
	fmt.Fprintln(hash, runtime.Version(), runtime.GOARCH, m.flags)
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(m.folder, name))
		if err != nil {
			return "", err
		}
		hash.Write(text)
	}
	return hex.EncodeToString(hash.Sum(nil))[:12], nil
}

func (m module) build(path, binary string) error {
	arguments := append(append([]string{"build", "-trimpath=false", "-o", binary + ".new"}, m.flags...), path)
	command := exec.Command("go", arguments...)
	command.Dir = m.folder
	command.Env = os.Environ()
	if m.folder == "." {
		command.Env = append(command.Env, "CGO_ENABLED=0")
	}
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s in %s: %w\n%s", path, m.folder, err, output)
	}
	return os.Rename(binary+".new", binary)
}

// prune deletes what former versions of a program were built to.
func prune(cache, name, keep string) {
	// A key has twelve digits: "source-controller-…" is none of "source".
	old, _ := filepath.Glob(filepath.Join(cache, name+"-"+strings.Repeat("[0-9a-f]", 12)))
	for _, file := range old {
		if file != keep {
			_ = os.Remove(file)
		}
	}
}

// cacheFolder is outside the repository, so that a fresh clone finds what was built before.
func cacheFolder() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	folder := filepath.Join(base, "cdk8s-forge", "live")
	return folder, os.MkdirAll(folder, 0o755)
}

// sourceFolders are where the modules' files are.
func sourceFolders() (map[string]string, error) {
	found := map[string]string{}
	for name, m := range sources {
		command := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", sourcePaths[name])
		command.Dir = m.folder
		output, err := command.CombinedOutput()
		if folder := strings.TrimSpace(string(output)); err == nil && folder != "" {
			found[name] = folder
			continue
		}
		// Built before, and the sources deleted since.
		download := exec.Command("go", "mod", "download", sourcePaths[name])
		download.Dir = m.folder
		if output, err := download.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", name, err, output)
		}
		again := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", sourcePaths[name])
		again.Dir = m.folder
		output, err = again.CombinedOutput()
		if err != nil {
			return nil, fmt.Errorf("%s: %w\n%s", name, err, output)
		}
		found[name] = strings.TrimSpace(string(output))
	}
	return found, nil
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }
