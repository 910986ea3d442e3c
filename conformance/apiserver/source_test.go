package apiserver

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

// publish makes what source-controller makes of the repository: an archive, and its address in the status of the source.
func (f *flux) publish(t *testing.T, program program, folder string) {
	t.Helper()
	archive, err := archiveOf(folder)
	if err != nil {
		t.Fatalf("no archive: %v", err)
	}
	f.archives["/"+program.name+".tar.gz"] = archive
}

func archiveOf(folder string) ([]byte, error) {
	buffer := &bytes.Buffer{}
	zipped := gzip.NewWriter(buffer)
	archive := tar.NewWriter(zipped)
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		if err != nil {
			return err
		}
		if err := archive.WriteHeader(&tar.Header{Name: filepath.ToSlash(name), Mode: 0o644, Size: int64(len(text))}); err != nil {
			return err
		}
		_, err = archive.Write(text)
		return err
	})
	err = errors.Join(err, archive.Close(), zipped.Close())
	return buffer.Bytes(), err
}

func (f *flux) serve(t *testing.T) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		archives.Lock()
		archive, known := f.archives[r.URL.Path]
		archives.Unlock()
		if !known {
			http.NotFound(w, r)
			return
		}
		_, _ = w.Write(archive)
	}))
	t.Cleanup(server.Close)
	f.address = server.URL
}

func (f *flux) artifact(program program) map[string]any {
	archives.Lock()
	defer archives.Unlock()
	archive := f.archives["/"+program.name+".tar.gz"]
	return map[string]any{
		"url": f.address + "/" + program.name + ".tar.gz", "path": program.name + ".tar.gz", "revision": f.revision(program.name), "digest": fmt.Sprintf("sha256:%x", sha256.Sum256(archive)),
		"lastUpdateTime": then, "size": int64(len(archive)),
	}
}

func (f *flux) revision(name string) string {
	return fmt.Sprintf("main@sha1:%x", sha256.Sum256([]byte(name)))[:50]
}
