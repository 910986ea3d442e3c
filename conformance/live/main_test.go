package live

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// onStage is set in the process that lives in namespaces of its own, and says where everything is.
const onStage = "FORGE_LIVE_STAGE"

// setting is what that process is told.
type setting struct {
	Folder            string
	Programs, Sources map[string]string
}

// bridge is the node's side of all pods.
const bridge = "node0"

func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == containerCommand {
		becomeContainer(os.Args[2])
	}
	var code int
	var err error
	if text := os.Getenv(onStage); text != "" {
		code, err = inside(m, text)
	} else {
		code, err = outside()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "live:", err)
		code = 1
	}
	os.Exit(code)
}

// outside builds the programs, which needs the network, and starts this test once more in namespaces: with its end, all that it
// started ends.
func outside() (int, error) {
	if os.Getuid() != 0 {
		return 0, errors.New("it makes namespaces and mounts, for which it must be root")
	}
	for _, name := range []string{"bash", "curl", "git", "ip", "node", "npm", "nsenter", "unshare"} {
		if _, err := exec.LookPath(name); err != nil {
			return 0, err
		}
	}
	programs, err := buildPrograms()
	if err != nil {
		return 0, err
	}
	sources, err := sourceFolders()
	if err != nil || os.Getenv("FORGE_LIVE_BUILD_ONLY") != "" {
		return 0, err
	}
	folder, err := os.MkdirTemp("", "forge-live-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(folder)
	text, err := json.Marshal(setting{Folder: folder, Programs: programs, Sources: sources})
	if err != nil {
		return 0, err
	}
	registry, err := exec.Command("npm", "config", "get", "registry").Output()
	if err != nil {
		return 0, err
	}
	cache, err := exec.Command("npm", "config", "get", "cache").Output()
	if err != nil {
		return 0, err
	}
	command := exec.Command("/proc/self/exe", os.Args[1:]...)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	command.Env = append(os.Environ(), onStage+"="+string(text), "FORGE_LIVE_NPM_REGISTRY="+strings.TrimSpace(string(registry)), "FORGE_LIVE_NPM_CACHE="+strings.TrimSpace(string(cache)))
	command.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWNET | syscall.CLONE_NEWPID | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC, Pdeathsig: syscall.SIGKILL,
	}
	err = startOnMainThread(command)
	if err == nil {
		// Whoever stops this test stops the stage, and leaves no files.
		asked := make(chan os.Signal, 1)
		signal.Notify(asked, syscall.SIGINT, syscall.SIGTERM)
		go func() {
			<-asked
			_ = command.Process.Kill()
		}()
		err = command.Wait()
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	return 0, err
}

var stageSetting setting

func inside(m *testing.M, text string) (int, error) {
	if err := json.Unmarshal([]byte(text), &stageSetting); err != nil {
		return 0, err
	}
	_ = os.Unsetenv(onStage)
	if err := makeNode(stageSetting.Folder); err != nil {
		return 0, err
	}
	return m.Run(), nil
}

// addresses of the node's side. Each server has its own, so that a wrong port of a right name leads nowhere.
const (
	frontAddress   = "10.1.0.2"
	giteaAddress   = "10.1.0.3"
	notifyAddress  = "10.1.0.4"
	frontHost      = "git.example.com"
	giteaHost      = "gitea-http.gitea.svc.cluster.local"
	clusterAddress = "10.1.0.1"
	clusterHost    = "kubernetes.default.svc"
	notifyHost     = "ntfy.observability.svc.cluster.local"
)

// makeNode makes the mounts and the network that all programs of the stage share.
func makeNode(folder string) error {
	mounts := errors.Join(
		syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""),
		syscall.Mount("proc", "/proc", "proc", 0, ""),
		syscall.Mount("tmpfs", "/run", "tmpfs", 0, "mode=755"),
		syscall.Sethostname([]byte("node")),
		os.WriteFile(filepath.Join(folder, "hosts"), []byte(fmt.Sprintf("127.0.0.1 localhost\n%s %s\n%s %s\n", frontAddress, frontHost, giteaAddress, giteaHost)), 0o644),
		// Nobody answers there, at once.
		os.WriteFile(filepath.Join(folder, "resolv.conf"), []byte("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n"), 0o644),
		syscall.Mount(filepath.Join(folder, "hosts"), "/etc/hosts", "", syscall.MS_BIND, ""),
		syscall.Mount(filepath.Join(folder, "resolv.conf"), "/etc/resolv.conf", "", syscall.MS_BIND, ""),
	)
	if mounts != nil {
		return mounts
	}
	for _, line := range []string{
		"link set lo up",
		// Without an address of its own, a bridge takes that of one of its ports: with every pod that comes or goes, all others would
		// send to an address that is no more, for half a minute.
		"link add " + bridge + " address 02:00:0a:01:00:01 type bridge",
		"address add 10.1.0.1/24 dev " + bridge,
		"address add " + frontAddress + "/24 dev " + bridge,
		"address add " + giteaAddress + "/24 dev " + bridge,
		"address add " + notifyAddress + "/24 dev " + bridge,
		"link set " + bridge + " up",
		"route add default via 10.1.0.1",
	} {
		if output, err := exec.Command("ip", strings.Fields(line)...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %s: %w: %s", line, err, output)
		}
	}
	return nil
}
