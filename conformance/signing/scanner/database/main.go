// Writes a database of vulnerabilities as a mirror has it: `grype-database <directory>` writes latest.json and an archive. The package
// "leaky" of Alpine 3.20 has a fixed vulnerability of high severity, the package "open" one of medium severity without a fix.
package main

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	_ "github.com/glebarez/sqlite"

	v6 "github.com/anchore/grype/grype/db/v6"
	"github.com/anchore/grype/grype/db/v6/distribution"
)

const archive = "vulnerability-db.tar.gz"

func main() {
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(folder string) error {
	database := filepath.Join(folder, "database")
	if err := os.MkdirAll(database, 0o755); err != nil {
		return err
	}
	store, err := v6.NewWriter(v6.Config{DBDirPath: database, CacheSizeKiB: 1024})
	if err != nil {
		return err
	}
	now := time.Now()
	provider := &v6.Provider{ID: "alpine", Version: "1", Processor: "vunnel@0", DateCaptured: &now, InputDigest: "sha256:0"}
	alpine := &v6.OperatingSystem{Name: "alpine", ReleaseID: "alpine", MajorVersion: "3", MinorVersion: "20"}
	add := func(id, severity, name string, fix v6.Fix) error {
		vulnerability := &v6.VulnerabilityHandle{Name: id, Status: v6.VulnerabilityActive, PublishedDate: &now, ModifiedDate: &now, Provider: provider,
			BlobValue: &v6.VulnerabilityBlob{ID: id, Description: "a test", Severities: []v6.Severity{{Scheme: v6.SeveritySchemeCHMLN, Value: severity, Rank: 1}}}}
		if err := store.AddVulnerabilities(vulnerability); err != nil {
			return err
		}
		return store.AddAffectedPackages(&v6.AffectedPackageHandle{
			VulnerabilityID: vulnerability.ID, OperatingSystem: alpine, Package: &v6.Package{Name: name, Ecosystem: "apk"},
			BlobValue: &v6.PackageBlob{CVEs: []string{id}, Ranges: []v6.Range{{Version: v6.Version{Type: "apk", Constraint: "< 2.0.0"}, Fix: &fix}}},
		})
	}
	if err := add("CVE-2026-0001", "high", "leaky", v6.Fix{Version: "2.0.0", State: v6.FixedStatus}); err != nil {
		return err
	}
	if err := add("CVE-2026-0002", "medium", "open", v6.Fix{State: v6.NotFixedStatus}); err != nil {
		return err
	}
	if err := store.SetDBMetadata(); err != nil {
		return err
	}
	metadata, err := store.GetDBMetadata()
	if err != nil {
		return err
	}
	if err := store.Close(); err != nil {
		return err
	}
	checksum, err := pack(filepath.Join(database, v6.VulnerabilityDBFileName), filepath.Join(folder, archive))
	if err != nil {
		return err
	}
	latest := distribution.NewLatestDocument(distribution.Archive{Description: *v6.DescriptionFromMetadata(metadata), Path: archive, Checksum: checksum})
	text, err := json.Marshal(latest)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, distribution.LatestFileName), text, 0o644)
}

// pack returns the checksum of the archive.
func pack(source, target string) (string, error) {
	data, err := os.ReadFile(source)
	if err != nil {
		return "", err
	}
	file, err := os.Create(target)
	if err != nil {
		return "", err
	}
	defer file.Close()
	hash := sha256.New()
	zip := gzip.NewWriter(io.MultiWriter(file, hash))
	entries := tar.NewWriter(zip)
	if err := entries.WriteHeader(&tar.Header{Name: v6.VulnerabilityDBFileName, Mode: 0o644, Size: int64(len(data))}); err != nil {
		return "", err
	}
	if _, err := entries.Write(data); err != nil {
		return "", err
	}
	if err := entries.Close(); err != nil {
		return "", err
	}
	if err := zip.Close(); err != nil {
		return "", err
	}
	return "sha256:" + hex.EncodeToString(hash.Sum(nil)), nil
}
