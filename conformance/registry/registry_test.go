// What the registry room writes for nodes and clients, read by the code of the clients themselves.
package registry

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
	"testing"
	"text/template"

	"github.com/Masterminds/sprig/v3"
	"github.com/distribution/reference"
	dockerconfig "github.com/docker/cli/cli/config"
	"github.com/rancher/wharfie/pkg/registries"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
	"gopkg.in/yaml.v2"
)

func cases(t *testing.T) string {
	folder := os.Getenv("FORGE_CASES")
	if folder == "" {
		t.Fatal("FORGE_CASES names the folder that scripts/conformance-registry.ts wrote")
	}
	return folder
}

func readJSON(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// Whatever ImageName takes, the reference grammar takes, and means the same by it.
func TestReferences(t *testing.T) {
	var names []struct {
		Text, Repository, Tag, Digest, Host string
		Accepted                            bool
	}
	readJSON(t, filepath.Join(cases(t), "references.json"), &names)
	accepted := 0
	for _, name := range names {
		if !name.Accepted {
			continue
		}
		accepted++
		parsed, err := reference.ParseNormalizedNamed(name.Text)
		if err != nil {
			t.Errorf("%q was taken, and the grammar refuses it: %v", name.Text, err)
			continue
		}
		tag, digest := "", ""
		if tagged, ok := parsed.(reference.Tagged); ok {
			tag = tagged.Tag()
		}
		if digested, ok := parsed.(reference.Digested); ok {
			digest = digested.Digest().String()
		}
		if parsed.Name() != name.Repository || tag != name.Tag || digest != name.Digest || reference.Domain(parsed) != name.Host {
			t.Errorf("%q means %s %s %s to the grammar, and %s %s %s to us", name.Text, parsed.Name(), tag, digest, name.Repository, name.Tag, name.Digest)
		}
	}
	if accepted < 500 || accepted == len(names) {
		t.Fatalf("%d of %d names were taken: the cases prove nothing", accepted, len(names))
	}
}

type expected struct {
	Title, Reference, Pull string
	Urls, Auths            []string
	Authorities            map[string]bool
}

func eachCase(t *testing.T, check func(t *testing.T, folder string, want expected)) {
	folders, err := filepath.Glob(filepath.Join(cases(t), "cases", "*"))
	if err != nil || len(folders) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, folder := range folders {
		var want expected
		readJSON(t, filepath.Join(folder, "expected.json"), &want)
		t.Run(want.Title, func(t *testing.T) { check(t, folder, want) })
	}
}

// The files name certificates where they lie on a node; here they lie in the case's folder.
func moved(t *testing.T, folder, file, from, to string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, file))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), from, to)
}

const home = "Example Home CA"

func trusts(config *tls.Config) bool {
	if config == nil || config.RootCAs == nil {
		return false
	}
	for _, subject := range config.RootCAs.Subjects() { //nolint:staticcheck // the pool is made of a file, not of the system
		if strings.Contains(string(subject), home) {
			return true
		}
	}
	return false
}

// containerd goes to the mirrors first, then to the host, each with its scheme and its authority.
func TestContainerdHosts(t *testing.T) {
	eachCase(t, func(t *testing.T, folder string, want expected) {
		root := t.TempDir()
		hosts, _ := os.ReadDir(filepath.Join(folder, "certs.d"))
		for _, host := range hosts {
			target := filepath.Join(root, host.Name())
			if err := os.MkdirAll(target, 0o755); err != nil {
				t.Fatal(err)
			}
			text := moved(t, folder, filepath.Join("certs.d", host.Name(), "hosts.toml"), "/etc/containerd/certs.d", filepath.Join(folder, "certs.d"))
			if err := os.WriteFile(filepath.Join(target, "hosts.toml"), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		configs := map[string]*tls.Config{}
		got, err := hostsOf(root, want.Pull)
		if err != nil {
			t.Fatal(err)
		}
		urls := []string{}
		for _, host := range got {
			url := host.Scheme + "://" + host.Host
			// A [host] table for the server itself makes containerd try the same address a second time, which changes nothing.
			if len(urls) == 0 || urls[len(urls)-1] != url {
				urls = append(urls, url)
			}
			transport, ok := host.Client.Transport.(*http.Transport)
			if !ok {
				t.Errorf("%s: containerd would try another scheme first", url)
				continue
			}
			configs[url] = transport.TLSClientConfig
			if host.Path != "/v2" {
				t.Errorf("%s: the path is %s", url, host.Path)
			}
		}
		if !reflect.DeepEqual(urls, want.Urls) {
			t.Errorf("containerd goes to %v, not to %v", urls, want.Urls)
		}
		for _, url := range want.Urls {
			if want.Authorities[url] != trusts(configs[url]) {
				t.Errorf("%s: trusts the authority: %v, should be %v", url, trusts(configs[url]), want.Authorities[url])
			}
		}
	})
}

// containerd up to 1.7.31 refuses a file without a [host] table and goes to HTTPS, which is why every file has one.
func TestContainerdNeedsHostTable(t *testing.T) {
	for text, wanted := range map[string]string{
		"server = \"http://127.0.0.1:30080\"\n": map[bool]string{true: "", false: "http"}[oldContainerd],
		"server = \"http://127.0.0.1:30080\"\n\n[host.\"http://127.0.0.1:30080\"]\n": "http",
	} {
		root := t.TempDir()
		target := filepath.Join(root, "registry.example.com")
		if err := os.MkdirAll(target, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(target, "hosts.toml"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		hosts, err := hostsOf(root, "registry.example.com")
		scheme := ""
		if err == nil && len(hosts) > 0 && hosts[0].Host == "127.0.0.1:30080" {
			scheme = hosts[0].Scheme
		}
		if scheme != wanted {
			t.Errorf("%q: containerd goes to %q, not to %q (%v)", text, scheme, wanted, err)
		}
	}
}

// k3s' own types take every key of registries.yaml, and its reader takes the file.
func TestK3sRegistries(t *testing.T) {
	eachCase(t, func(t *testing.T, folder string, want expected) {
		text := moved(t, folder, "registries.yaml", "/etc/rancher/k3s/certs", filepath.Join(folder, "k3s"))
		for _, host := range certificates(t, folder) {
			pem, err := os.ReadFile(filepath.Join(folder, "certs.d", host, "ca.crt"))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.MkdirAll(filepath.Join(folder, "k3s"), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, "k3s", host+".crt"), pem, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		var parsed registries.Registry
		if err := yaml.UnmarshalStrict([]byte(text), &parsed); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "registries.yaml")
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := registries.GetPrivateRegistries(file); err != nil {
			t.Fatal(err)
		}
		mirror, told := parsed.Mirrors[want.Pull]
		plainOrMirrored := strings.HasPrefix(want.Urls[len(want.Urls)-1], "http://") || len(want.Urls) > 1
		if told != plainOrMirrored || (told && !reflect.DeepEqual(mirror.Endpoints, want.Urls)) {
			t.Errorf("k3s goes to %v (told: %v), not to %v", mirror.Endpoints, told, want.Urls)
		}
		for url, has := range want.Authorities {
			host := url[strings.Index(url, "://")+3:]
			config, ok := parsed.Configs[host]
			if ok != has || (ok && (config.TLS == nil || config.TLS.CAFile == "" || config.TLS.InsecureSkipVerify)) {
				t.Errorf("%s: has an authority: %v, should be %v", host, ok, has)
			}
		}
	})
}

func certificates(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "certs.d", "*", "ca.crt"))
	if err != nil {
		t.Fatal(err)
	}
	hosts := []string{}
	for _, file := range files {
		hosts = append(hosts, filepath.Base(filepath.Dir(file)))
	}
	return hosts
}

// Docker's own loader finds the credentials under every host that images are named with.
func TestDockerConfig(t *testing.T) {
	eachCase(t, func(t *testing.T, folder string, want expected) {
		config, err := dockerconfig.Load(filepath.Join(folder, "docker"))
		if err != nil {
			t.Fatal(err)
		}
		hosts := []string{}
		for _, host := range want.Auths {
			auth, err := config.GetAuthConfig(host)
			if err != nil || auth.Username != "ci" || auth.Password != "made: \"up\"" {
				t.Errorf("%s: user %q, error %v", host, auth.Username, err)
			}
			hosts = append(hosts, host)
		}
		known := []string{}
		for host := range config.AuthConfigs {
			known = append(known, host)
		}
		sort.Strings(hosts)
		sort.Strings(known)
		if !reflect.DeepEqual(hosts, known) {
			t.Errorf("the file has entries for %v, not for %v", known, hosts)
		}
		named, err := reference.ParseNormalizedNamed(want.Reference)
		if err != nil {
			t.Fatal(err)
		}
		if auth, err := config.GetAuthConfig(reference.Domain(named)); err != nil || auth.Username != "ci" {
			t.Errorf("no credentials for %s: %v", want.Reference, err)
		}
	})
}

// The template language of the External Secrets Operator (Go's, with sprig) makes a file that Docker's loader takes, whatever the values hold.
func TestDockerConfigOfExternalSecret(t *testing.T) {
	values := map[string]string{"username": "ci", "password": "a\"b\\c<d>{{e}}\u00e9"}
	eachCase(t, func(t *testing.T, folder string, want expected) {
		text, err := os.ReadFile(filepath.Join(folder, "dockerconfig.tmpl"))
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := template.New("").Option("missingkey=error").Funcs(sprig.TxtFuncMap()).Parse(string(text))
		if err != nil {
			t.Fatal(err)
		}
		var made bytes.Buffer
		if err := parsed.Execute(&made, values); err != nil {
			t.Fatal(err)
		}
		config, err := dockerconfig.LoadFromReader(&made)
		if err != nil {
			t.Fatal(err)
		}
		for _, host := range want.Auths {
			auth, err := config.GetAuthConfig(host)
			if err != nil || auth.Username != values["username"] || auth.Password != values["password"] {
				t.Errorf("%s: user %q, password as given: %v, error %v", host, auth.Username, auth.Password == values["password"], err)
			}
		}
	})
}

// Every certificate of a bundle that was taken is one to Go, which BuildKit, containerd and Flux are written in: its pool passes over
// what it cannot read without a word.
func TestBundles(t *testing.T) {
	var bundles []string
	readJSON(t, filepath.Join(cases(t), "bundles.json"), &bundles)
	if len(bundles) < 10 {
		t.Fatalf("%d bundles prove nothing", len(bundles))
	}
	for _, bundle := range bundles {
		rest := []byte(bundle)
		for len(bytes.TrimSpace(rest)) > 0 {
			var block *pem.Block
			block, rest = pem.Decode(rest)
			if block == nil {
				t.Fatalf("no block in:\n%s", rest)
			}
			if _, err := x509.ParseCertificate(block.Bytes); err != nil {
				t.Errorf("taken, and Go refuses it: %v\n%s", err, bundle)
			}
		}
	}
}

func TestKnownHosts(t *testing.T) {
	var hosts struct {
		Text, Key            string
		Addresses, Strangers []string
	}
	readJSON(t, filepath.Join(cases(t), "known_hosts.json"), &hosts)
	file := filepath.Join(t.TempDir(), "known_hosts")
	if err := os.WriteFile(file, []byte(hosts.Text), 0o644); err != nil {
		t.Fatal(err)
	}
	check, err := knownhosts.New(file)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.StdEncoding.DecodeString(hosts.Key)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.ParsePublicKey(raw)
	if err != nil {
		t.Fatal(err)
	}
	nowhere := &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 22}
	for _, address := range hosts.Addresses {
		if err := check(address, nowhere, key); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range hosts.Strangers {
		if err := check(address, nowhere, key); err == nil {
			t.Errorf("%s is known, and should not be", address)
		}
	}
}
