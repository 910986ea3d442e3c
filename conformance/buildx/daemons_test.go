package buildx

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// serve runs a daemon until the test ends, and returns its log.
func (b *bench) serve(t *testing.T, command *exec.Cmd, ready func() bool) *bytes.Buffer {
	t.Helper()
	log := &bytes.Buffer{}
	command.Stdout, command.Stderr = log, log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = command.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		select {
		case <-ended:
		case <-time.After(30 * time.Second):
			_ = command.Process.Kill()
			<-ended
		}
		if t.Failed() {
			t.Logf("the daemon said:\n%s", log)
		}
	})
	for start := time.Now(); time.Since(start) < 60*time.Second; time.Sleep(200 * time.Millisecond) {
		select {
		case <-ended:
			return log
		default:
		}
		if ready() {
			return log
		}
	}
	return log
}

// buildkitd starts the daemon that the driver remote connects to.
func (b *bench) buildkitd(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "tcp://" + listener.Addr().String()
	_ = listener.Close()
	// The registries are those of the rendered file; mode and places are those of this machine.
	_, registries, _ := strings.Cut(string(cases(t, "buildkitd.toml")), "\n[registry")
	config := b.write(t, "buildkitd.toml", strings.NewReplacer(b.words...).Replace("[registry"+registries))
	b.words = append(b.words, "tcp://buildkitd.ci.svc.cluster.local:1234", address)
	folder := filepath.Join(b.work, "bin")
	_ = os.Mkdir(folder, 0o755)
	_ = os.Symlink(filepath.Join(binaries, "image", "nothing"), filepath.Join(folder, "runc"))
	path := []string{"PATH=" + folder + ":" + filepath.Join(binaries, "image") + ":" + os.Getenv("PATH")}
	daemon := b.command(path, "buildkitd", "--config", config, "--root", filepath.Join(b.work, "root"), "--addr", address, "--otel-socket-path", filepath.Join(b.work, "otel"))
	client := filepath.Join(binaries, "image", "buildctl")
	b.serve(t, daemon, func() bool { return exec.Command(client, "--addr", address, "debug", "workers").Run() == nil })
}

// dockerd starts a Docker daemon, or skips the test where there is none.
func (b *bench) dockerd(t *testing.T) {
	t.Helper()
	for _, program := range []string{"dockerd", "docker", "runc"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("NOT RUN: %s is not installed (apt-get install docker.io)", program)
		}
	}
	// The paths of sockets have a hundred characters.
	short, err := os.MkdirTemp("", "d")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(short) })
	socket := "unix://" + filepath.Join(short, "docker.sock")
	words := strings.Join(b.words, " ")
	var insecure []string
	for _, word := range strings.Fields(words) {
		if strings.HasPrefix(word, "registry.test:") && word != "registry.test:3000" {
			insecure = append(insecure, "--insecure-registry", word)
		}
	}
	daemon := b.command(nil, "dockerd", append([]string{
		"--data-root", filepath.Join(b.work, "docker"), "--exec-root", filepath.Join(short, "exec"), "--pidfile", filepath.Join(b.work, "docker.pid"),
		"--host", socket, "--storage-driver", "vfs", "--bridge", "none", "--iptables=false", "--ip6tables=false", "--ip-masq=false",
		"--add-runtime", "here=" + filepath.Join(binaries, "runtime"), "--default-runtime", "here",
	}, insecure...)...)
	b.environment = append(b.environment, "DOCKER_HOST="+socket)
	up := func() bool { return exec.Command("docker", "--host", socket, "info").Run() == nil }
	if log := b.serve(t, daemon, up); !up() {
		t.Skipf("NOT RUN: dockerd does not start here:\n%s", log)
	}
}

func (b *bench) docker(t *testing.T, args ...string) string {
	t.Helper()
	output, err := b.command(b.environment, "docker", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("docker %q: %v\n%s", args, err, output)
	}
	return string(output)
}

// builderImage makes the image of BuildKit that the rendered step names, since there is no registry to pull it from.
func (b *bench) builderImage(t *testing.T, name string) {
	t.Helper()
	root := filepath.Join(b.work, "image")
	for _, folder := range []string{"usr/bin", "tmp", "etc"} {
		if err := os.MkdirAll(filepath.Join(root, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for program, as := range map[string]string{"buildkitd": "buildkitd", "buildctl": "buildctl", "nothing": "buildkit-runc"} {
		if err := os.Link(filepath.Join(binaries, "image", program), filepath.Join(root, "usr/bin", as)); err != nil {
			t.Fatal(err)
		}
	}
	archive := filepath.Join(b.work, "image.tar")
	if output, err := exec.Command("tar", "-C", root, "-cf", archive, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	b.docker(t, "import", "--change", `ENTRYPOINT ["buildkitd"]`, "--change", "ENV PATH=/usr/bin", archive, name)
	// Hundreds of megabytes that nobody reads again.
	_ = os.Remove(archive)
}
