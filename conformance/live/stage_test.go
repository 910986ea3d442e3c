package live

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// stage is everything that runs.
type stage struct {
	setting
	root, cases string
	cluster     *cluster
	kubelet     *kubelet
	gitea       *gitea
	kubeconfig  string
	runbook     runbook
	// authority is the certificate of the CA that signed the forge's.
	authority []byte

	mu        sync.Mutex
	processes map[string]*process
	// secrets are values that no log may show.
	secrets map[string]string
	// ending ends what plays Flux's image controllers.
	ending func() error
}

type process struct {
	name    string
	command *exec.Cmd
	ended   chan struct{}
}

// isTaken says that this process has had its stage: addresses and mounts are those of the process.
var isTaken bool

func newStage(t *testing.T) *stage {
	t.Helper()
	if isTaken {
		t.Skip("one stage per process: scripts/live.sh runs each play in its own")
	}
	isTaken = true
	s := &stage{setting: stageSetting, root: os.Getenv("FORGE_ROOT"), cases: os.Getenv("FORGE_CASES"), processes: map[string]*process{}, secrets: map[string]string{}}
	if s.root == "" || s.cases == "" {
		t.Fatal("FORGE_ROOT and FORGE_CASES are not set: npm run live sets them")
	}
	if err := os.MkdirAll(filepath.Join(s.Folder, "logs"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if s.kubelet != nil {
			s.kubelet.end()
		}
		for _, p := range s.processes {
			_ = p.command.Process.Kill()
			<-p.ended
		}
		if t.Failed() {
			s.showLogs(t)
		}
	})
	return s
}

// showLogs prints the end of every log; FORGE_LIVE_LOGS names a folder that gets them whole.
func (s *stage) showLogs(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(s.Folder, "logs", "*"))
	sort.Strings(files)
	for _, file := range files {
		text, _ := os.ReadFile(file)
		t.Logf("== %s, at last:\n%s", filepath.Base(file), tail(string(text), 2500))
	}
	if folder := os.Getenv("FORGE_LIVE_LOGS"); folder != "" {
		_ = os.RemoveAll(folder)
		_ = os.CopyFS(folder, os.DirFS(filepath.Join(s.Folder, "logs")))
	}
}

func tail(text string, length int) string {
	if len(text) > length {
		return "…" + text[len(text)-length:]
	}
	return text
}

// run starts a program of the stage; its output goes to logs/<name>.log.
func (s *stage) run(name string, environment []string, arguments ...string) error {
	file, err := os.OpenFile(filepath.Join(s.Folder, "logs", name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer file.Close()
	home := filepath.Join(s.Folder, name)
	if err := os.MkdirAll(home, 0o755); err != nil {
		return err
	}
	command := exec.Command(s.Programs[name], arguments...)
	command.Dir, command.Stdout, command.Stderr = home, file, file
	command.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + os.TempDir()}, environment...)
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setsid: true}
	if err := startOnMainThread(command); err != nil {
		return err
	}
	p := &process{name, command, make(chan struct{})}
	go func() {
		_ = command.Wait()
		close(p.ended)
	}()
	s.mu.Lock()
	s.processes[name] = p
	s.mu.Unlock()
	return nil
}

// end stops a program, kindly or not.
func (s *stage) end(name string, signal syscall.Signal) error {
	s.mu.Lock()
	p := s.processes[name]
	s.mu.Unlock()
	if err := p.command.Process.Signal(signal); err != nil {
		return err
	}
	select {
	case <-p.ended:
		return nil
	case <-time.After(30 * time.Second):
		return fmt.Errorf("%s does not end", name)
	}
}

func (s *stage) secret(value, what string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.secrets[value] = what
	return value
}

// eventually asks until there is no error.
func (s *stage) eventually(t *testing.T, limit time.Duration, what string, ask func() error) {
	t.Helper()
	deadline := time.Now().Add(limit)
	for {
		err := ask()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			report := ""
			if s.kubelet != nil {
				report = "\n" + s.kubelet.report()
			}
			t.Fatalf("%s: not within %s: %v%s", what, limit, err, report)
		}
		time.Sleep(150 * time.Millisecond)
	}
}

func random() string {
	bytes := make([]byte, 16)
	_, _ = rand.Read(bytes)
	return hex.EncodeToString(bytes)
}

// startFront puts TLS before Gitea, by an authority of its own that the machine trusts from here on: what an ingress does.
func (s *stage) startFront() error {
	authority, certificate, err := authorityAndCertificate(frontHost)
	if err != nil {
		return err
	}
	s.authority = authority
	system, err := os.ReadFile(authorityBundle)
	if err != nil {
		return err
	}
	file := filepath.Join(s.Folder, "ca-certificates.crt")
	if err := errors.Join(os.WriteFile(file, append(system, authority...), 0o644), os.WriteFile(s.ordinaryAuthorities(), system, 0o644)); err != nil {
		return err
	}
	if err := syscall.Mount(file, authorityBundle, "", syscall.MS_BIND, ""); err != nil {
		return err
	}
	target, _ := url.Parse("http://" + giteaAddress + ":3000")
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.SetXForwarded()
			r.Out.Host = r.In.Host
		},
		FlushInterval: -1,
		ErrorLog:      log.New(io.Discard, "", 0),
	}
	listener, err := tls.Listen("tcp", frontAddress+":443", &tls.Config{Certificates: []tls.Certificate{certificate}, NextProtos: []string{"http/1.1"}})
	if err != nil {
		return err
	}
	server := &http.Server{Handler: proxy, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = server.Serve(listener) }()
	return nil
}

func (s *stage) ordinaryAuthorities() string {
	return filepath.Join(s.Folder, "ordinary-certificates.crt")
}

func authorityAndCertificate(host string) ([]byte, tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, tls.Certificate{}, err
	}
	template := func(serial int64, name string) *x509.Certificate {
		return &x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().AddDate(0, 0, -2), NotAfter: time.Now().AddDate(0, 0, 2)}
	}
	parent := template(1, "play")
	parent.IsCA, parent.BasicConstraintsValid, parent.KeyUsage = true, true, x509.KeyUsageCertSign
	authority, err := x509.CreateCertificate(rand.Reader, parent, parent, key.Public(), key)
	if err != nil {
		return nil, tls.Certificate{}, err
	}
	leaf := template(2, host)
	leaf.DNSNames, leaf.ExtKeyUsage, leaf.KeyUsage = []string{host}, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, x509.KeyUsageDigitalSignature
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, tls.Certificate{}, err
	}
	signed, err := x509.CreateCertificate(rand.Reader, leaf, parent, leafKey.Public(), key)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority}), tls.Certificate{Certificate: [][]byte{signed}, PrivateKey: leafKey}, err
}

// startCluster starts etcd and the API server.
func (s *stage) startCluster() error {
	const etcd = "http://127.0.0.1:2379"
	if err := s.run("etcd", nil, "--name=one", "--data-dir="+filepath.Join(s.Folder, "etcd", "data"), "--listen-client-urls="+etcd, "--advertise-client-urls="+etcd, "--listen-peer-urls=http://127.0.0.1:2380",
		"--initial-advertise-peer-urls=http://127.0.0.1:2380", "--initial-cluster=one=http://127.0.0.1:2380", "--unsafe-no-fsync", "--log-level=error"); err != nil {
		return err
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return err
	}
	folder := filepath.Join(s.Folder, "kube-apiserver")
	token, accounts := s.secret(random(), "the administrator's token"), filepath.Join(folder, "accounts.pem")
	if err := errors.Join(
		os.MkdirAll(folder, 0o755),
		os.WriteFile(accounts, pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}), 0o600),
		os.WriteFile(filepath.Join(folder, "tokens.csv"), []byte(token+",play,play,system:masters\n"), 0o600),
	); err != nil {
		return err
	}
	if err := s.run("kube-apiserver", nil, "--etcd-servers="+etcd, "--bind-address=127.0.0.1", "--advertise-address=10.1.0.1", "--secure-port=6443", "--cert-dir="+folder, "--token-auth-file="+filepath.Join(folder, "tokens.csv"),
		"--authorization-mode=RBAC", "--service-cluster-ip-range=10.2.0.0/16", "--service-account-issuer=https://kubernetes.default.svc", "--allow-privileged=true",
		"--service-account-key-file="+accounts, "--service-account-signing-key-file="+accounts,
		// Their controllers do not run here: accounts and the claims' finalizers would be waited for without end.
		"--disable-admission-plugins=ServiceAccount,StorageObjectInUseProtection"); err != nil {
		return err
	}
	if err := forward(clusterAddress+":443", "127.0.0.1:6443"); err != nil {
		return err
	}
	s.cluster = newCluster("https://127.0.0.1:6443", token)
	s.kubeconfig = filepath.Join(s.Folder, "kubeconfig")
	return os.WriteFile(s.kubeconfig, []byte(fmt.Sprintf(`{"apiVersion":"v1","kind":"Config","clusters":[{"name":"c","cluster":{"server":%q,"insecure-skip-tls-verify":true}}],
"users":[{"name":"u","user":{"token":%q}}],"contexts":[{"name":"x","context":{"cluster":"c","user":"u"}}],"current-context":"x"}`, s.cluster.address, token)), 0o600)
}

func (s *stage) clusterAnswers() error {
	_, err := s.cluster.all("Secret", "")
	return err
}

// installFlux makes Flux's kinds and namespace, and starts its controllers.
func (s *stage) installFlux() error {
	if _, err := s.kubectl("create", "namespace", "flux-system"); err != nil {
		return err
	}
	for _, name := range []string{"source-controller", "kustomize-controller"} {
		if _, err := s.kubectl("apply", "--server-side", "-f", filepath.Join(s.Sources[name], "config", "crd", "bases")); err != nil {
			return err
		}
	}
	if err := s.imageKinds(); err != nil {
		return err
	}
	environment := []string{"KUBECONFIG=" + s.kubeconfig, "RUNTIME_NAMESPACE=flux-system"}
	storage := filepath.Join(s.Folder, "storage")
	if err := os.MkdirAll(storage, 0o755); err != nil {
		return err
	}
	if err := s.run("source-controller", environment, "--watch-all-namespaces", "--enable-leader-election=false", "--log-level=info", "--storage-path="+storage, "--storage-addr=127.0.0.1:9790",
		"--storage-adv-addr=127.0.0.1:9790", "--metrics-addr=127.0.0.1:9791", "--health-addr=127.0.0.1:9792"); err != nil {
		return err
	}
	return s.run("kustomize-controller", environment, "--watch-all-namespaces", "--enable-leader-election=false", "--requeue-dependency=1s", "--no-remote-bases",
		// Before the first build, the layer waits for pods of an image that is not there: for its whole timeout, five minutes, whatever
		// is committed in between.
		"--feature-gates=CancelHealthCheckOnNewRevision=true", "--log-level=info",
		"--metrics-addr=127.0.0.1:9793", "--health-addr=127.0.0.1:9794")
}

// imageKinds are those of the controllers that are played: with the schemas of FORGE_CRDS, or without any.
func (s *stage) imageKinds() error {
	if folder := os.Getenv("FORGE_CRDS"); folder != "" {
		if file := filepath.Join(folder, "image.toolkit.fluxcd.io.yaml"); exists(file) {
			_, err := s.kubectl("apply", "--server-side", "-f", file)
			return err
		}
	}
	var all []string
	for kind, plural := range map[string]string{"ImageRepository": "imagerepositories", "ImagePolicy": "imagepolicies", "ImageUpdateAutomation": "imageupdateautomations"} {
		all = append(all, fmt.Sprintf(`{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"%s.image.toolkit.fluxcd.io"},"spec":{"group":"image.toolkit.fluxcd.io","scope":"Namespaced",
"names":{"kind":%q,"plural":%q},"versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{}},"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}}`, plural, kind, plural))
	}
	_, err := s.kubectlWith(strings.Join(all, "\n---\n"), "apply", "--server-side", "-f", "-")
	return err
}

func (s *stage) kubectl(arguments ...string) (string, error) { return s.kubectlWith("", arguments...) }

func (s *stage) kubectlWith(input string, arguments ...string) (string, error) {
	command := exec.Command(s.Programs["kubectl"], arguments...)
	command.Env = append(os.Environ(), "KUBECONFIG="+s.kubeconfig)
	command.Stdin = strings.NewReader(input)
	output, err := command.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("kubectl %s: %w: %s", strings.Join(arguments, " "), err, output)
	}
	return string(output), err
}

// answers says whether somebody listens.
func answers(address string) error {
	connection, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return err
	}
	return connection.Close()
}

// forward lets pods reach what listens on the node only.
func forward(from, to string) error {
	listener, err := net.Listen("tcp", from)
	if err != nil {
		return err
	}
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer client.Close()
				server, err := net.Dial("tcp", to)
				if err != nil {
					return
				}
				defer server.Close()
				go func() { _, _ = io.Copy(server, client) }()
				_, _ = io.Copy(client, server)
			}()
		}
	}()
	return nil
}
