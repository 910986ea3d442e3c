package setters_test

import (
	"fmt"
	"regexp"
	"strings"

	"cdk8s-forge/conformance/setters"
)

// markedLine is a line that ends in a marked scalar, in the form that synth writes.
var markedLine = regexp.MustCompile(`^(.*)"([^"\\]*)" # \{"\$imagepolicy": "([^"]+)"\}$`)

// onlyMarkedValuesDiffer compares a file before and after an update, byte for byte, and returns how many marked values changed.
func onlyMarkedValuesDiffer(before, after string, values setters.Setters) (int, error) {
	old, new := strings.Split(before, "\n"), strings.Split(after, "\n")
	if len(old) != len(new) {
		return 0, fmt.Errorf("%d lines became %d", len(old), len(new))
	}
	changed := 0
	for i := range old {
		if old[i] == new[i] {
			continue
		}
		was, is := markedLine.FindStringSubmatch(old[i]), markedLine.FindStringSubmatch(new[i])
		if was == nil || is == nil || was[1] != is[1] || was[3] != is[3] || is[2] != values[is[3]] {
			return changed, fmt.Errorf("line %d\n  %q became\n  %q", i+1, old[i], new[i])
		}
		changed++
	}
	return changed, nil
}
