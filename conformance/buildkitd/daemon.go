// Package buildkitd starts the real daemon with what was rendered, and talks to it with the real buildctl.
package buildkitd

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// rendered is a daemon as the library configures it.
type rendered struct {
	Name            string   `json:"name"`
	TOML            string   `json:"toml"`
	Root            string   `json:"root"`
	Socket          string   `json:"socket"`
	ServerTLSFolder string   `json:"serverTlsFolder"`
	ClientTLSFolder string   `json:"clientTlsFolder"`
	GlobalFlags     []string `json:"globalFlags"`
	ServerNames     []string `json:"serverNames"`
	Volume          int64    `json:"volume"`
}

func (r rendered) hasTLS() bool { return r.ClientTLSFolder != "" }

// daemon is one that runs.
type daemon struct {
	rendered
	folder, socket string
	port           int
	process        *exec.Cmd
}

func readCase(t *testing.T, name string, into any) {
	t.Helper()
	folder := os.Getenv("FORGE_CASES")
	if folder == "" {
		t.Fatal("FORGE_CASES is not set: run scripts/conformance.sh buildkitd")
	}
	data, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatal(err)
	}
}

// place puts folders of this test where the rendered file names those of the image; all else stays as it was rendered.
func place(t *testing.T, r rendered) *daemon {
	t.Helper()
	folder, err := os.MkdirTemp("", "bk")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	_ = listener.Close()
	d := &daemon{rendered: r, folder: folder, socket: filepath.Join(folder, "s"), port: port}
	replacements := []string{r.Root, filepath.Join(folder, "root"), r.Socket, d.socket, "0.0.0.0:1234", fmt.Sprintf("127.0.0.1:%d", port), r.ServerTLSFolder, filepath.Join(folder, "server")}
	// The same fact that the library builds on: overlayfs does not lie on overlayfs, as it would in a container of CI.
	var fs syscall.Statfs_t
	const overlayfsMagic = 0x794c7630
	if err := syscall.Statfs(folder, &fs); err == nil && fs.Type == overlayfsMagic {
		replacements = append(replacements, `snapshotter = "overlayfs"`, `snapshotter = "native"`)
	}
	text := strings.NewReplacer(replacements...).Replace(r.TOML)
	if err := os.WriteFile(filepath.Join(folder, "buildkitd.toml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return d
}

// start runs the daemon until the test ends.
func (d *daemon) start(t *testing.T) {
	t.Helper()
	log, err := os.Create(filepath.Join(d.folder, "log"))
	if err != nil {
		t.Fatal(err)
	}
	// The socket for traces has one default path on a machine: two daemons that start together would take it from each other.
	d.process = exec.Command(filepath.Join(binaries, "buildkitd"), "--config", filepath.Join(d.folder, "buildkitd.toml"), "--otel-socket-path", filepath.Join(d.folder, "otel"))
	d.process.Stdout, d.process.Stderr = log, log
	d.process.Env = append(os.Environ(), "PATH="+binaries+":"+os.Getenv("PATH"))
	if !strings.HasPrefix(d.Name, "privileged") {
		// As rootlesskit and Kubernetes have it: root of a user namespace, nobody outside it.
		d.process.SysProcAttr = &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}},
		}
	}
	if err := d.process.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = d.process.Process.Kill()
		_ = d.process.Wait()
		if t.Failed() {
			text, _ := os.ReadFile(log.Name())
			t.Logf("the daemon said:\n%s", text)
		}
	})
}

// buildctl runs the client with the flags of a connection before its command.
func (d *daemon) buildctl(address string, flags []string, command ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	all := append(append([]string{"--addr", address}, flags...), command...)
	run := exec.CommandContext(ctx, filepath.Join(binaries, "buildctl"), all...)
	run.Env = append(os.Environ(), "DOCKER_CONFIG="+d.folder)
	output, err := run.CombinedOutput()
	return string(output), err
}

func (d *daemon) unix() string { return "unix://" + d.socket }
func (d *daemon) tcp() string  { return fmt.Sprintf("tcp://localhost:%d", d.port) }

// flags are those of the connection, with the folder of this test for the certificates.
func (d *daemon) flags() []string {
	flags := append([]string{}, d.GlobalFlags...)
	for i, flag := range flags {
		if d.hasTLS() && flag == d.ClientTLSFolder {
			flags[i] = filepath.Join(d.folder, "client")
		}
	}
	return flags
}
