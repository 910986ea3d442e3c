// Package signing runs the steps that sign, attest, scan and list packages with the real cosign, grype and syft, against registries over plain HTTP and with
// a private CA, and lets policy-controller's tester judge what they left there.
package signing

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

// A program is built once, into a cache outside of the repository. Those with a module of their own take minutes: CI leaves them out.
type program struct{ name, folder, path string }

var programs = []program{
	{"cosign", ".", "github.com/sigstore/cosign/v3/cmd/cosign"},
	{"tester", "policy", "github.com/sigstore/policy-controller/cmd/tester"},
	{"grype", "scanner", "github.com/anchore/grype/cmd/grype"},
	{"syft", "scanner", "github.com/anchore/syft/cmd/syft"},
	{"grype-database", "scanner", "./database"},
}

// folder has the programs by their names, for a PATH.
func folder() string {
	cache, err := os.UserCacheDir()
	if err != nil {
		panic(err)
	}
	return filepath.Join(cache, "cdk8s-forge", "signing")
}

// need builds a program, if no run before did.
func need(t *testing.T, name string) string {
	t.Helper()
	for _, p := range programs {
		if p.name != name {
			continue
		}
		binary := filepath.Join(folder(), name)
		key := p.key()
		if built, _ := os.ReadFile(binary + ".key"); string(built) == key {
			return binary
		}
		if testing.Short() && p.folder != "." {
			t.Skipf("%s is not built: NOT RUN", name)
		}
		p.build(t, binary)
		if err := os.WriteFile(binary+".key", []byte(key), 0o600); err != nil {
			t.Fatal(err)
		}
		return binary
	}
	t.Fatalf("no program %s", name)
	return ""
}

func (p program) build(t *testing.T, binary string) {
	t.Helper()
	if err := os.MkdirAll(folder(), 0o755); err != nil {
		t.Fatal(err)
	}
	command := exec.Command("go", "build", "-o", binary, p.path)
	command.Dir = p.folder
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s: %s", p.name, out)
	}
}

// key changes with the versions that a program is built from.
func (p program) key() string {
	hash := sha256.New()
	fmt.Fprintln(hash, runtime.Version(), runtime.GOARCH, p.path)
	files := []string{"go.mod", "go.sum"}
	if p.path[0] == '.' {
		files = append(files, filepath.Join(p.path, "main.go"))
	}
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(p.folder, file))
		if err != nil {
			panic(err)
		}
		hash.Write(text)
	}
	return hex.EncodeToString(hash.Sum(nil))
}
