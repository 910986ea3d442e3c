package setters

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"

	"sigs.k8s.io/kustomize/kyaml/kio"
	"sigs.k8s.io/kustomize/kyaml/kio/kioutil"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// shortHand is the key in a comment that makes it a marker.
const shortHand = "$imagepolicy"

// token is what a file must contain, byte for byte, to be looked at.
var token = []byte(`"` + shortHand + `"`)

// reader reads, below a root, the files that Flux's image automation would: YAML by name, and holding the token.
//
// As in the controller, a file that does not parse is skipped without an error.
type reader struct {
	root    string
	paths   []string
	skipped []string
}

func (r *reader) Read() ([]*yaml.RNode, error) {
	var nodes []*yaml.RNode
	for _, path := range r.paths {
		err := filepath.WalkDir(filepath.Join(r.root, path), func(file string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !candidate(file) {
				return err
			}
			found, err := r.file(file)
			nodes = append(nodes, found...)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return nodes, nil
}

func candidate(file string) bool {
	extension := filepath.Ext(file)
	return extension == ".yaml" || extension == ".yml" || filepath.Base(file) == "Kustomization"
}

func (r *reader) file(file string) ([]*yaml.RNode, error) {
	content, err := os.ReadFile(file)
	if err != nil || !bytes.Contains(content, token) {
		return nil, err
	}
	relative, err := filepath.Rel(r.root, file)
	if err != nil {
		return nil, err
	}
	nodes, err := (&kio.ByteReader{
		Reader:            bytes.NewReader(content),
		SetAnnotations:    map[string]string{kioutil.PathAnnotation: relative},
		PreserveSeqIndent: true,
	}).Read()
	if err != nil {
		r.skipped = append(r.skipped, relative)
		return nil, nil
	}
	return nodes, nil
}
