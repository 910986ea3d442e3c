//go:build !oldest

package flux

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"testing"

	"github.com/Masterminds/semver/v3"
	"github.com/fluxcd/pkg/version"
)

type tagCase struct {
	Name string
	Spec struct {
		FilterTags *struct{ Pattern, Extract string }
		Policy     struct {
			Semver       *struct{ Range string }
			Numerical    *struct{ Order string }
			Alphabetical *struct{ Order string }
		}
	}
	Tags, Sorted []string
	Latest       string
}

// keys are the texts by which the reflector sorts, with the tags that have them: several tags of one key are one to it.
func (c tagCase) keys(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	if c.Spec.FilterTags == nil {
		for _, tag := range c.Tags {
			found[tag] = append(found[tag], tag)
		}
		return found
	}
	pattern, err := regexp.Compile(c.Spec.FilterTags.Pattern)
	if err != nil {
		t.Fatalf("the reflector refuses the pattern: %v", err)
	}
	for _, tag := range c.Tags {
		match := pattern.FindStringSubmatchIndex(tag)
		if match == nil {
			continue
		}
		key := tag
		if extract := c.Spec.FilterTags.Extract; extract != "" {
			key = string(pattern.ExpandString(nil, extract, tag, match))
		}
		found[key] = append(found[key], tag)
	}
	return found
}

// consider returns the tags among which the reflector chooses, and its choice among their keys, as its policies do.
func (c tagCase) consider(t *testing.T) (tags []string, latest []string) {
	t.Helper()
	keys := c.keys(t)
	var names []string
	for key, of := range keys {
		if semverPolicy := c.Spec.Policy.Semver; semverPolicy != nil {
			constraint, err := semver.NewConstraint(semverPolicy.Range)
			if err != nil {
				t.Fatalf("the reflector refuses the range: %v", err)
			}
			if parsed, err := version.ParseVersion(key); err != nil || !constraint.Check(parsed) {
				continue
			}
		}
		names = append(names, key)
		tags = append(tags, of...)
	}
	sort.Strings(tags)
	if len(names) == 0 {
		return tags, nil
	}
	switch policy := c.Spec.Policy; {
	case policy.Semver != nil:
		return tags, c.best(t, keys, names, func(a, b string) int {
			return semver.MustParse(a).Compare(semver.MustParse(b))
		})
	case policy.Numerical != nil:
		return tags, c.best(t, keys, names, numbers(t, policy.Numerical.Order))
	default:
		return tags, c.best(t, keys, names, func(a, b string) int {
			if (a < b) == (policy.Alphabetical.Order == "asc") && a != b {
				return -1
			}
			return map[bool]int{true: 0, false: 1}[a == b]
		})
	}
}

func numbers(t *testing.T, order string) func(a, b string) int {
	parse := func(text string) float64 {
		number, err := strconv.ParseFloat(text, 64)
		if err != nil {
			t.Errorf("one tag stops the whole policy: %v", err)
		}
		return number
	}
	return func(a, b string) int {
		x, y := parse(a), parse(b)
		if order == "desc" {
			x, y = y, x
		}
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	}
}

// best are the tags of the last keys: the reflector takes one of those that are equal.
func (c tagCase) best(t *testing.T, keys map[string][]string, names []string, compare func(a, b string) int) []string {
	t.Helper()
	slices.SortStableFunc(names, compare)
	last := names[len(names)-1]
	compare(last, last)
	var tags []string
	for _, name := range names {
		if compare(name, last) == 0 {
			tags = append(tags, keys[name]...)
		}
	}
	return tags
}

// What the library says of a tag before Flux sees it is what Masterminds' semver, ParseFloat and RE2 say of it in the cluster.
func TestTagPoliciesAgree(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(os.Getenv("FORGE_CASES"), "tags.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []tagCase
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	compared, chosen := 0, 0
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			considered, latest := c.consider(t)
			sorted := slices.Clone(c.Sorted)
			sort.Strings(sorted)
			if !slices.Equal(considered, sorted) {
				t.Errorf("%+v: the reflector considers %q, the library expects %q", c.Spec, considered, sorted)
			}
			if c.Latest != "" && !slices.Equal(latest, []string{c.Latest}) {
				t.Errorf("the reflector selects %q, not %q", latest, c.Latest)
			}
			compared += len(c.Tags)
			chosen += len(considered)
		})
	}
	t.Logf("%d policies, %d tags, of which %d are sorted", len(cases), compared, chosen)
	if len(cases) < 300 || chosen < 500 {
		t.Errorf("%d policies and %d sorted tags prove too little", len(cases), chosen)
	}
}
