//go:build !oldest

package flux

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/fluxcd/pkg/sourceignore"
)

type ignoredTable struct {
	Ignored []string `json:"ignored"`
	Seen    []string `json:"seen"`
}

// Every pattern that Flux excludes by default, as a file, as a directory and in names beside it.
func TestFilesThatFluxLeavesOut(t *testing.T) {
	all := strings.Join([]string{sourceignore.ExcludeVCS, sourceignore.ExcludeExt, sourceignore.ExcludeCI, sourceignore.ExcludeExtra}, ",")
	seeds := []string{"apps.k8s.yml", "notes.txt", "github/x.yml", ".wercker.yml"}
	for _, pattern := range strings.Split(all, ",") {
		name := strings.NewReplacer("**/", "", "*", "picture", "/", "").Replace(pattern)
		seeds = append(seeds, name, name+"/x.yml", "a/"+name, strings.ToUpper(name), "my"+name, name+".txt", name+".d/x.yml")
	}
	matcher := sourceignore.NewDefaultMatcher(nil, nil)
	table := ignoredTable{}
	for _, text := range append(seeds, mutants(seeds, "acgilmpyz./-", 1000)...) {
		parts := strings.Split("clusters/home/"+text, "/")
		if slices.ContainsFunc(parts, func(part string) bool { return strings.Trim(part, ".") == "" }) {
			continue
		}
		path := filepath.Join(parts...)
		if matcher.Match(parts, false) {
			table.Ignored = append(table.Ignored, path)
		} else {
			table.Seen = append(table.Seen, path)
		}
	}
	slices.Sort(table.Ignored)
	slices.Sort(table.Seen)
	table.Ignored, table.Seen = slices.Compact(table.Ignored), slices.Compact(table.Seen)
	if len(table.Ignored) < 100 || len(table.Seen) < 500 {
		t.Errorf("only %d paths that Flux leaves out, and %d others", len(table.Ignored), len(table.Seen))
	}
	compare(t, filepath.Join("..", "..", "..", "output", "fixtures", "ignored.json"), table)
}
