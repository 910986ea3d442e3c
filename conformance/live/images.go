package live

import (
	"archive/tar"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"golang.org/x/sys/unix"
)

// image is what a container is made from.
type image struct {
	layers, entrypoint, arguments, environment []string
	files                                      map[string]string
	folders                                    map[string]int
	// folder holds an image that was pulled, user is whom it wants to be.
	folder string
	user   int
}

const searchPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// images stand for those that the manifests name: the program is built from its sources, and nothing else that the real image lacks is
// there. Images of the play's own registry are pulled.
type images struct {
	folder string
	known  map[string]image
	mu     sync.Mutex
}

const (
	runnerImage  = "gitea/runner"
	nodeImage    = "registry.example.com/runner-with-node"
	builderImage = "moby/buildkit"
)

func newImages(folder string, programs, sources map[string]string) (*images, error) {
	layer := func(name string) string { return filepath.Join(folder, "layers", name) }
	all := &images{folder: folder}
	layers := map[string]map[string]string{
		"buildkit": {"bin/buildkitd": programs["buildkitd"], "bin/buildctl": programs["buildctl"]},
		"runner":   {"local/bin/gitea-runner": programs["gitea-runner"], "local/bin/run.sh": filepath.Join(sources["runner"], "scripts", "run.sh")},
		"no-node":  {},
	}
	for name, files := range layers {
		for target, source := range files {
			if err := copyFile(source, filepath.Join(layer(name), target)); err != nil {
				return nil, err
			}
		}
	}
	if _, err := exec.LookPath("runc"); err != nil {
		// buildkitd looks for one when it starts. None of the play's images has a RUN step.
		if err := writeReader(filepath.Join(layer("buildkit"), "bin", "buildkit-runc"), 0o755, strings.NewReader("#!/bin/sh\necho 'there is no runc: no RUN steps' >&2\nexit 1\n")); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(layer("nothing"), 0o755); err != nil {
		return nil, err
	}
	if err := takeAway(layer("no-node"), "bin/node", "bin/npm", "bin/npx"); err != nil {
		return nil, err
	}
	passwd := map[string]string{"etc/passwd": "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/home/user:/bin/sh\n", "etc/group": "root:x:0:\nuser:x:1000:\n"}
	runner := image{
		layers: []string{layer("no-node"), layer("runner")}, entrypoint: []string{"run.sh"}, environment: []string{searchPath}, files: passwd, folders: map[string]int{"data": 0},
	}
	withNode := runner
	withNode.layers = []string{layer("runner")}
	// The cache that `npm ci` of this repository has filled: there is no network in here.
	withNode.environment = append([]string{"npm_config_offline=true", "npm_config_cache=" + npmCache, "npm_config_registry=" + os.Getenv("FORGE_LIVE_NPM_REGISTRY"),
		"npm_config_logs_max=0", "npm_config_update_notifier=false", "CDK8S_CHECK_UPGRADE=false"}, runner.environment...)
	all.known = map[string]image{
		// rootlesskit maps more users than one; none of the play's images has files of several.
		builderImage: {
			layers: []string{layer("buildkit")}, entrypoint: []string{"unshare", "--user", "--map-root-user", "--mount", "buildkitd"}, environment: []string{searchPath, "HOME=/home/user", "USER=user", "XDG_RUNTIME_DIR=/run/user/1000"},
			files: passwd, folders: map[string]int{"home/user": 1000, "home/user/.config": 1000, "home/user/.local": 1000, "home/user/.local/share": 1000, "run/user/1000": 1000},
		},
		runnerImage: runner,
		nodeImage:   withNode,
		// This machine's own.
		"curlimages/curl":        {layers: []string{layer("nothing")}, entrypoint: []string{"curl"}, environment: []string{searchPath}, files: passwd},
		"docker.io/library/node": {layers: []string{layer("nothing")}, entrypoint: []string{"node"}, environment: []string{searchPath}, files: passwd},
	}
	return all, nil
}

const npmCache = "/npm-cache"

// takeAway makes whiteouts: what an overlay does not show.
func takeAway(layer string, names ...string) error {
	for _, name := range names {
		path := filepath.Join(layer, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), unix.Mknod(path, unix.S_IFCHR, 0)); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(source, target string) error {
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	if os.Link(source, target) == nil {
		return os.Chmod(target, 0o755)
	}
	from, err := os.Open(source)
	if err != nil {
		return err
	}
	defer from.Close()
	to, err := os.OpenFile(target, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, to.Close())
}

// repositoryOf is the name of an image without its tag.
func repositoryOf(reference string) string {
	last := strings.LastIndex(reference, "/")
	if colon := strings.LastIndex(reference, ":"); colon > last {
		return reference[:colon]
	}
	return reference
}

// find is a known image, or one that is pulled as a node does it: from the registry that it names, with the pod's pull secrets.
func (i *images) find(reference string, secrets []string) (image, error) {
	if known, isKnown := i.known[repositoryOf(reference)]; isKnown {
		return known, nil
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	parsed, err := name.ParseReference(reference)
	if err != nil {
		return image{}, err
	}
	credentials, err := credentialsFor(parsed.Context().RegistryStr(), secrets)
	if err != nil {
		return image{}, err
	}
	pulled, err := remote.Image(parsed, remote.WithAuth(credentials))
	if err != nil {
		return image{}, err
	}
	digest, err := pulled.Digest()
	if err != nil {
		return image{}, err
	}
	config, err := pulled.ConfigFile()
	if err != nil {
		return image{}, err
	}
	folder := filepath.Join(i.folder, "pulled", digest.Hex)
	if _, err := os.Stat(folder); err != nil {
		if err := extract(mutate.Extract(pulled), folder); err != nil {
			return image{}, err
		}
	}
	user := 0
	if config.Config.User != "" {
		if _, err := fmt.Sscan(config.Config.User, &user); err != nil {
			return image{}, fmt.Errorf("the image's user is %q: %w", config.Config.User, err)
		}
	}
	return image{folder: folder, entrypoint: config.Config.Entrypoint, arguments: config.Config.Cmd, environment: config.Config.Env, user: user}, nil
}

// credentialsFor are those that a client finds in the Docker configurations of Secrets; nobody's if there are none for the host.
func credentialsFor(host string, secrets []string) (authn.Authenticator, error) {
	for _, text := range secrets {
		var config struct {
			Auths map[string]authn.AuthConfig `json:"auths"`
		}
		if err := json.Unmarshal([]byte(text), &config); err != nil {
			return nil, err
		}
		if entry, found := config.Auths[host]; found {
			return authn.FromConfig(entry), nil
		}
	}
	return authn.Anonymous, nil
}

func extract(reader io.ReadCloser, folder string) error {
	defer reader.Close()
	temporary := folder + ".new"
	if err := os.MkdirAll(temporary, 0o755); err != nil {
		return err
	}
	archive := tar.NewReader(reader)
	for {
		header, err := archive.Next()
		if err == io.EOF {
			return os.Rename(temporary, folder)
		}
		if err != nil {
			return err
		}
		path := filepath.Join(temporary, filepath.Clean("/"+header.Name))
		switch header.Typeflag {
		case tar.TypeDir:
			err = os.MkdirAll(path, 0o755)
		case tar.TypeReg:
			err = writeReader(path, os.FileMode(header.Mode), archive)
		default:
			err = fmt.Errorf("%s: an entry of kind %q", header.Name, header.Typeflag)
		}
		if err != nil {
			return err
		}
	}
}

func writeReader(path string, mode os.FileMode, reader io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, reader)
	return errors.Join(err, file.Close())
}
