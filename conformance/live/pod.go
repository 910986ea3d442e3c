package live

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"syscall"
	"time"
)

// pod is one that runs: its processes are started from its specification, and from nothing else.
type pod struct {
	kubelet         *kubelet
	namespace, name string
	// claimed are the sizes of the volumes that are claims of the workload's template, by name.
	claimed map[string]string
	labels  map[string]any
	spec    object
	hash    string
	address string
	folder  string

	stop context.CancelFunc
	done chan struct{}

	mu       sync.Mutex
	ready    bool
	trouble  string
	running  map[string]*exec.Cmd
	settings map[string]container
	restarts map[string]int
}

func templateHash(template object) string {
	text, _ := json.Marshal(template)
	return fmt.Sprintf("%x", sha256.Sum256(text))[:12]
}

func (p *pod) say(format string, values ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.trouble = fmt.Sprintf(format, values...)
}

func (p *pod) state() (ready bool, trouble string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ready, p.trouble
}

// run lives as long as the pod.
func (p *pod) run(ctx context.Context) {
	defer close(p.done)
	folders, ok := p.untilPossible(ctx, p.volumes)
	if !ok {
		return
	}
	for _, c := range p.spec.list("initContainers") {
		for {
			err := p.once(ctx, c, folders)
			if err == nil {
				break
			}
			p.say("init container %s: %v", c.text("name"), err)
			if !sleep(ctx, time.Second) {
				return
			}
			// What a Secret holds is looked at again, as a kubelet does.
			if renewed, err := p.volumes(); err == nil {
				folders = renewed
			}
		}
	}
	var all sync.WaitGroup
	for _, c := range p.spec.list("containers") {
		all.Go(func() { p.keep(ctx, c, folders) })
	}
	all.Go(func() { p.probe(ctx) })
	all.Wait()
}

func (p *pod) untilPossible(ctx context.Context, make func() (map[string]string, error)) (map[string]string, bool) {
	for {
		folders, err := make()
		if err == nil {
			return folders, true
		}
		p.say("volumes: %v", err)
		if !sleep(ctx, 300*time.Millisecond) {
			return nil, false
		}
	}
}

func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// once runs an init container to its end.
func (p *pod) once(ctx context.Context, c object, folders map[string]string) error {
	command, err := p.start(c, folders)
	if err != nil {
		return err
	}
	return p.wait(ctx, c.text("name"), command)
}

// keep starts a container, and again when it ends.
func (p *pod) keep(ctx context.Context, c object, folders map[string]string) {
	for name := c.text("name"); ctx.Err() == nil; {
		command, err := p.start(c, folders)
		if err == nil {
			err = p.wait(ctx, name, command)
		}
		p.mu.Lock()
		p.ready = false
		p.restarts[name]++
		p.mu.Unlock()
		p.say("container %s: %v", name, err)
		sleep(ctx, time.Second)
	}
}

// wait waits for a container's end; when the pod has to stop, it is asked to first, and then made to.
func (p *pod) wait(ctx context.Context, name string, command *exec.Cmd) error {
	ended := make(chan error, 1)
	go func() { ended <- command.Wait() }()
	p.mu.Lock()
	p.running[name] = command
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.running, name)
		p.mu.Unlock()
	}()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	_ = command.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-ended:
		return err
	case <-time.After(gracePeriod):
		_ = command.Process.Kill()
		return <-ended
	}
}

// gracePeriod is shorter than any pod's: nothing of the play is worth an hour.
const gracePeriod = 15 * time.Second

func (p *pod) start(c object, folders map[string]string) (*exec.Cmd, error) {
	spec, err := p.container(c, folders)
	if err != nil {
		return nil, err
	}
	command, err := spec.command()
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(p.logFile(c.text("name")), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	command.Stdout, command.Stderr = log, log
	p.mu.Lock()
	p.settings[c.text("name")] = spec
	p.mu.Unlock()
	return command, startOnMainThread(command)
}

func (p *pod) logFile(container string) string {
	return filepath.Join(p.kubelet.folder, "logs", p.namespace+"_"+p.name+"_"+container+".log")
}

// container is the specification in the words of a runtime.
func (p *pod) container(c object, folders map[string]string) (container, error) {
	secrets, err := p.kubelet.pullSecrets(p.namespace, p.spec)
	if err != nil {
		return container{}, err
	}
	found, err := p.kubelet.images.find(c.text("image"), secrets)
	if err != nil {
		return container{}, fmt.Errorf("ErrImagePull: %w", err)
	}
	root, err := os.MkdirTemp(p.folder, "root-")
	if err != nil {
		return container{}, err
	}
	result := container{
		Root: root, Layers: found.layers, Image: found.folder, Files: found.files, Folders: found.folders, Network: "/run/netns/" + p.network(), Folder: c.text("workingDir"), UID: found.user, GID: found.user,
		Arguments: append(append([]string{}, found.entrypoint...), found.arguments...), Environment: append([]string{"HOSTNAME=" + p.name}, found.environment...),
	}
	switch command, arguments := c.texts("command"), c.texts("args"); {
	case len(command) > 0:
		result.Arguments = append(command, arguments...)
	case len(arguments) > 0:
		result.Arguments = append(append([]string{}, found.entrypoint...), arguments...)
	}
	p.secure(c, &result)
	if err := p.environment(c, &result); err != nil {
		return container{}, err
	}
	if result.Mounts, err = p.mounts(c, folders, found.folder == ""); err != nil {
		return container{}, err
	}
	return result, nil
}

func (p *pod) secure(c object, result *container) {
	for _, context := range []object{{"c": p.spec.at("securityContext")}, {"c": c.at("securityContext")}} {
		if context.at("c", "runAsUser") != nil {
			result.UID = context.number("c", "runAsUser")
		}
		if context.at("c", "runAsGroup") != nil {
			result.GID = context.number("c", "runAsGroup")
		}
		if context.at("c", "fsGroup") != nil {
			result.Groups = append(result.Groups, context.number("c", "fsGroup"))
		}
		result.ReadOnly = result.ReadOnly || context.flag("c", "readOnlyRootFilesystem")
		if escalation, isSet := context.at("c", "allowPrivilegeEscalation").(bool); isSet {
			result.NoNewPrivs = !escalation
		}
	}
}

func (p *pod) environment(c object, result *container) error {
	for _, entry := range c.list("env") {
		value := entry.text("value")
		if source := entry.at("valueFrom"); source != nil {
			var err error
			if value, err = p.value(entry); err != nil {
				return err
			}
		}
		result.Environment = append(result.Environment, entry.text("name")+"="+value)
	}
	if c.at("envFrom") != nil {
		return errors.New("this kubelet knows no envFrom")
	}
	return nil
}

func (p *pod) value(entry object) (string, error) {
	switch field := entry.text("valueFrom", "fieldRef", "fieldPath"); field {
	case "metadata.name":
		return p.name, nil
	case "metadata.namespace":
		return p.namespace, nil
	case "status.podIP":
		return p.address, nil
	case "":
	default:
		return "", fmt.Errorf("this kubelet knows no field %s", field)
	}
	if name := entry.text("valueFrom", "secretKeyRef", "name"); name != "" {
		values, err := p.kubelet.cluster.secret(p.namespace, name)
		if err != nil {
			return "", err
		}
		value, found := values[entry.text("valueFrom", "secretKeyRef", "key")]
		if !found {
			return "", fmt.Errorf("CreateContainerConfigError: Secret %s has no such key", name)
		}
		return value, nil
	}
	return "", fmt.Errorf("this kubelet knows no source of %s", entry.text("name"))
}

func (p *pod) mounts(c object, folders map[string]string, isOfMachine bool) ([]mount, error) {
	mounts := []mount{{p.kubelet.hosts, "/etc/hosts", true}, {p.kubelet.resolver, "/etc/resolv.conf", true}}
	if isOfMachine && p.kubelet.npmCache != "" {
		mounts = append(mounts, mount{p.kubelet.npmCache, npmCache, false})
	}
	if p.spec.flag("automountServiceAccountToken") {
		account, err := p.account()
		if err != nil {
			return nil, err
		}
		mounts = append(mounts, mount{account, "/var/run/secrets/kubernetes.io/serviceaccount", true})
	}
	if isOfMachine && p.namespace == distrustful {
		mounts = append(mounts, mount{p.kubelet.authorities, authorityBundle, true})
	}
	for _, m := range c.list("volumeMounts") {
		folder, found := folders[m.text("name")]
		if !found {
			return nil, fmt.Errorf("there is no volume %s", m.text("name"))
		}
		mounts = append(mounts, mount{filepath.Join(folder, m.text("subPath")), m.text("mountPath"), m.flag("readOnly")})
	}
	// An outer folder first.
	sort.SliceStable(mounts, func(i, j int) bool { return len(mounts[i].Target) < len(mounts[j].Target) })
	return mounts, nil
}

// account is the folder by which a pod asks the API server as its account.
func (p *pod) account() (string, error) {
	token, err := p.kubelet.cluster.accountToken(p.namespace, p.spec.text("serviceAccountName"))
	if err != nil {
		return "", err
	}
	authority, err := os.ReadFile(p.kubelet.apiAuthority)
	if err != nil {
		return "", err
	}
	folder := filepath.Join(p.folder, "account")
	return folder, project(folder, map[string]string{"token": token, "ca.crt": string(authority), "namespace": p.namespace}, nil, 0o644, 0)
}

// volumes makes the folders of the volumes.
func (p *pod) volumes() (map[string]string, error) {
	folders := map[string]string{}
	group := object{"s": map[string]any(p.spec)}.number("s", "securityContext", "fsGroup")
	for claim, size := range p.claimed {
		folder := p.claim(claim)
		folders[claim] = folder
		if err := errors.Join(makeVolume(folder, size), shared(folder, group)); err != nil {
			return nil, err
		}
	}
	for _, volume := range p.spec.list("volumes") {
		name := volume.text("name")
		folder := filepath.Join(p.folder, "volumes", name)
		folders[name] = folder
		var err error
		switch {
		case volume.at("configMap") != nil:
			err = p.configMap(volume, folder)
		case volume.at("secret") != nil:
			err = p.secret(volume, folder, group)
		case volume.at("emptyDir") != nil:
			err = errors.Join(shared(folder, group), os.Chmod(folder, os.ModeSetgid|0o777))
		default:
			err = fmt.Errorf("this kubelet knows no volume as %s", name)
		}
		if err != nil {
			return nil, err
		}
	}
	return folders, nil
}

// claim is the folder of a claim, which outlives the pod.
func (p *pod) claim(name string) string {
	return filepath.Join(p.kubelet.folder, "claims", p.namespace, name+"-"+p.name)
}

// makeVolume makes a volume of a size, once. What is not written takes no memory.
func makeVolume(folder, size string) error {
	if exists(folder) {
		return nil
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	if size == "" {
		return fmt.Errorf("the claim of %s has no size", folder)
	}
	return syscall.Mount("tmpfs", folder, "tmpfs", 0, "mode=755,size="+strings.ToLower(strings.TrimSuffix(size, "i")))
}

func shared(folder string, group int) error {
	return errors.Join(os.MkdirAll(folder, 0o755), os.Chown(folder, 0, group), os.Chmod(folder, os.ModeSetgid|0o775))
}

func (p *pod) configMap(volume object, folder string) error {
	config, err := p.kubelet.cluster.get("ConfigMap", p.namespace, volume.text("configMap", "name"))
	if err != nil {
		return err
	}
	values := map[string]string{}
	data, _ := config.at("data").(map[string]any)
	for key, value := range data {
		values[key] = fmt.Sprint(value)
	}
	return project(folder, values, volume.list("configMap", "items"), 0o644, 0)
}

func (p *pod) secret(volume object, folder string, group int) error {
	values, err := p.kubelet.cluster.secret(p.namespace, volume.text("secret", "secretName"))
	if err != nil {
		return err
	}
	mode := fs.FileMode(0o644)
	if volume.at("secret", "defaultMode") != nil {
		mode = fs.FileMode(volume.number("secret", "defaultMode"))
	}
	return project(folder, values, volume.list("secret", "items"), mode, group)
}

func project(folder string, values map[string]string, items []object, mode fs.FileMode, group int) error {
	chosen := map[string]string{}
	for _, item := range items {
		value, found := values[item.text("key")]
		if !found {
			return fmt.Errorf("no key %s", item.text("key"))
		}
		chosen[item.text("path")] = value
	}
	if len(items) == 0 {
		chosen = values
	}
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return err
	}
	for name, value := range chosen {
		file := filepath.Join(folder, name)
		_ = os.Remove(file)
		if err := errors.Join(os.WriteFile(file, []byte(value), 0o600), os.Chown(file, 0, group), os.Chmod(file, mode)); err != nil {
			return err
		}
	}
	return nil
}

// probe tells when the pod is ready: by the startup probe, or else the readiness probe. The runner that can be built is older than the
// one that the manifests name, and does not know the newer one's /readyz.
func (p *pod) probe(ctx context.Context) {
	for ctx.Err() == nil {
		all := true
		for _, c := range p.spec.list("containers") {
			probe := object{"p": c.at("startupProbe")}
			if c.at("startupProbe") == nil {
				probe = object{"p": c.at("readinessProbe")}
			}
			if err := p.check(c, probe); err != nil {
				all = false
			}
		}
		p.mu.Lock()
		p.ready = all
		p.mu.Unlock()
		sleep(ctx, 500*time.Millisecond)
	}
}

func (p *pod) check(c, probe object) error {
	name := c.text("name")
	p.mu.Lock()
	_, isRunning := p.running[name]
	p.mu.Unlock()
	port := func(kind string) string {
		value := probe.at("p", kind, "port")
		for _, entry := range c.list("ports") {
			if entry.text("name") == value {
				value = entry.at("containerPort")
			}
		}
		return net.JoinHostPort(p.address, fmt.Sprint(value))
	}
	switch {
	case !isRunning:
		return errors.New("it does not run")
	case probe.at("p", "httpGet") != nil:
		client := http.Client{Timeout: 5 * time.Second}
		response, err := client.Get("http://" + port("httpGet") + probe.text("p", "httpGet", "path"))
		if err != nil {
			return err
		}
		response.Body.Close()
		if response.StatusCode >= 400 {
			return errors.New(response.Status)
		}
	case probe.at("p", "tcpSocket") != nil:
		connection, err := net.DialTimeout("tcp", port("tcpSocket"), time.Second)
		if err != nil {
			return err
		}
		return connection.Close()
	case probe.at("p", "exec") != nil:
		output, err := p.exec(name, probe.texts("p", "exec", "command")...)
		if err != nil {
			return fmt.Errorf("%w: %s", err, output)
		}
	}
	return nil
}

// exec runs a program in a container, as `kubectl exec` does.
func (p *pod) exec(name string, arguments ...string) (string, error) {
	p.mu.Lock()
	running, settings := p.running[name], p.settings[name]
	p.mu.Unlock()
	if running == nil {
		return "", fmt.Errorf("container %s of %s does not run", name, p.name)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	all := []string{"--target", fmt.Sprint(running.Process.Pid), "--mount", "--net", "--pid", "--setuid", fmt.Sprint(settings.UID), "--setgid", fmt.Sprint(settings.GID), "--"}
	command := exec.CommandContext(ctx, "nsenter", append(all, arguments...)...)
	command.Env = settings.Environment
	output, err := command.CombinedOutput()
	return string(output), err
}

// kill ends a container at once, as the kernel does when memory runs out.
func (p *pod) kill(name string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	running := p.running[name]
	if running == nil {
		return fmt.Errorf("container %s of %s does not run", name, p.name)
	}
	return running.Process.Kill()
}

func (p *pod) network() string { return strings.ReplaceAll(p.namespace+"-"+p.name, ".", "-") }
