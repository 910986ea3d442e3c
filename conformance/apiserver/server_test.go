package apiserver

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// start builds and starts etcd and kube-apiserver on 127.0.0.1; they end with the test.
func start(t *testing.T) *rest.Config {
	t.Helper()
	folder := t.TempDir()
	build(t, "server", folder, "go.etcd.io/etcd/server/v3", "k8s.io/kubernetes/cmd/kube-apiserver")
	client, peer, secure := freePort(t), freePort(t), freePort(t)
	etcd := fmt.Sprintf("http://127.0.0.1:%d", client)
	peers := fmt.Sprintf("http://127.0.0.1:%d", peer)
	run(t, process{folder: folder, program: "server"}, "--name=one", "--data-dir="+filepath.Join(folder, "etcd"), "--listen-client-urls="+etcd, "--advertise-client-urls="+etcd,
		"--listen-peer-urls="+peers, "--initial-advertise-peer-urls="+peers, "--initial-cluster=one="+peers, "--unsafe-no-fsync", "--log-level=error")
	token := randomToken(t)
	tokens := write(t, folder, "tokens.csv", []byte(token+",test,test,system:masters\n"))
	key := write(t, folder, "accounts.pem", privateKey(t))
	run(t, process{folder: folder, program: "kube-apiserver"}, "--etcd-servers="+etcd, "--bind-address=127.0.0.1", fmt.Sprintf("--secure-port=%d", secure), "--cert-dir="+filepath.Join(folder, "certificates"),
		"--token-auth-file="+tokens, "--authorization-mode=RBAC", "--service-cluster-ip-range=10.0.0.0/16", "--service-account-issuer=https://kubernetes.default.svc",
		"--allow-privileged=true", "--service-account-key-file="+key, "--service-account-signing-key-file="+key,
		// Their controllers do not run here: accounts and the claims' finalizers would be waited for without end.
		"--disable-admission-plugins=ServiceAccount,StorageObjectInUseProtection")
	config := &rest.Config{Host: fmt.Sprintf("https://127.0.0.1:%d", secure), BearerToken: token, QPS: 500, Burst: 500, TLSClientConfig: rest.TLSClientConfig{Insecure: true}}
	awaitReady(t, config)
	return config
}

// build builds programs of a module beside this one.
func build(t *testing.T, module, folder string, programs ...string) {
	t.Helper()
	command := exec.Command("go", append([]string{"build", "-o", folder + "/"}, programs...)...)
	command.Dir = module
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
}

type process struct {
	folder, program string
	environment     []string
}

// run starts a program that ends with the test, or with this process, whatever happens to it.
func run(t *testing.T, p process, arguments ...string) {
	t.Helper()
	output := &bytes.Buffer{}
	command := exec.Command(filepath.Join(p.folder, p.program), arguments...)
	command.Dir, command.Stdout, command.Stderr, command.Env = p.folder, output, output, append(os.Environ(), p.environment...)
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		if t.Failed() {
			t.Logf("%s said at last:\n%s", p.program, output.Bytes()[max(0, output.Len()-2000):])
		}
	})
}

func awaitReady(t *testing.T, config *rest.Config) {
	t.Helper()
	clients, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(2 * time.Minute)
	for {
		_, err := clients.Discovery().RESTClient().Get().AbsPath("/readyz").DoRaw(context.Background())
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the API server is not ready: %v", err)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func randomToken(t *testing.T) string {
	t.Helper()
	bytes := make([]byte, 16)
	if _, err := rand.Read(bytes); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(bytes)
}

func privateKey(t *testing.T) []byte {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
}

func write(t *testing.T, folder, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(folder, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
