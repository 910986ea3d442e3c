// Command flux-update plays one run of Flux's image automation on a folder: every marked image gets a new version, in place.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"cdk8s-forge/conformance/setters"
)

const usage = `usage: flux-update -tag TAG [flags] [PATH...]

Finds the image policy markers in PATH... below the root (by default images.yaml and dist) and sets each marked value as Flux's
image-automation-controller would, had every policy found the image with this tag:

  "ns:policy"         <name that stands there now>:TAG, and @DIGEST if one is given
  "ns:policy:tag"     TAG
  "ns:policy:digest"  DIGEST, or nothing if none is given
  "ns:policy:name"    unchanged

Files are rewritten by the same library that Flux uses, and only if a value changed. Prints one line for each change.

`

type list []string

func (l *list) String() string         { return strings.Join(*l, ",") }
func (l *list) Set(value string) error { *l = append(*l, value); return nil }

func main() {
	var policies list
	root := flag.String("root", ".", "folder that PATH... are relative to")
	tag := flag.String("tag", "", "the new tag, such as 9.9.9 (required)")
	digest := flag.String("digest", "", "the new digest, sha256:…, for policies that reflect it")
	flag.Var(&policies, "policy", "`ns:name` of a policy to update; may be repeated (default all)")
	flag.Usage = func() { fmt.Fprint(os.Stderr, usage); flag.PrintDefaults() }
	flag.Parse()
	if *tag == "" {
		flag.Usage()
		os.Exit(2)
	}
	paths := flag.Args()
	if len(paths) == 0 {
		paths = []string{"images.yaml", "dist"}
	}
	if err := update(*root, setters.Release{Tag: *tag, Digest: *digest}, policies, paths); err != nil {
		fmt.Fprintln(os.Stderr, "flux-update:", err)
		os.Exit(1)
	}
}

func update(root string, release setters.Release, policies, paths []string) error {
	markers, err := setters.Markers(root, paths...)
	if err != nil {
		return err
	}
	values, err := setters.Bump(markers, release, policies...)
	if err != nil {
		return err
	}
	if len(values) == 0 {
		return fmt.Errorf("no marker to update in %s below %s", strings.Join(paths, ", "), root)
	}
	result, err := values.Update(root, paths...)
	for _, change := range result.Changes {
		fmt.Printf("%s: %s: %q -> %q\n", change.File, change.Setter, change.Old, change.New)
	}
	return err
}
