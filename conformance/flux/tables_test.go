package flux

import (
	"bytes"
	"encoding/json"
	"math/rand"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"sort"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/Masterminds/semver/v3"
	"github.com/fluxcd/pkg/envsubst"
	"github.com/fluxcd/pkg/version"
)

// The tables are what this library's TypeScript is tested against: measured here, committed there. `FORGE_UPDATE=1 go test` writes them.

type rangeCase struct {
	Range string `json:"range"`
	Valid bool   `json:"valid"`
	// The newest of the tags that every range is tried on.
	Latest string `json:"latest,omitempty"`
}

type versionCase struct {
	Tag   string `json:"tag"`
	Valid bool   `json:"valid"`
}

// checkCase says for each version of the table whether a range has it: one digit each, 1 or 0.
type checkCase struct {
	Range   string `json:"range"`
	Matches string `json:"matches"`
}

type semverTable struct {
	Tags     []string      `json:"tags"`
	Compared []string      `json:"compared"`
	Checks   []checkCase   `json:"checks"`
	Ranges   []rangeCase   `json:"ranges"`
	Versions []versionCase `json:"versions"`
}

type patternCase struct {
	Pattern string   `json:"pattern"`
	Valid   bool     `json:"valid"`
	Groups  []string `json:"groups,omitempty"`
}

type textCase struct {
	Text   string `json:"text"`
	Result string `json:"result"`
}

func fixture(name string) string {
	return filepath.Join(root(), "test", "flux", "image", "fixtures", name)
}

// compare checks a committed table against the measured one, or writes it.
func compare[T any](t *testing.T, name string, measured T) {
	t.Helper()
	if os.Getenv("FORGE_UPDATE") != "" {
		var text bytes.Buffer
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", " ")
		if err := encoder.Encode(measured); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(fixture(name), text.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	text, err := os.ReadFile(fixture(name))
	if err != nil {
		t.Fatal(err)
	}
	var committed T
	if err := json.Unmarshal(text, &committed); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(committed, measured) {
		t.Errorf("%s is not what Flux's libraries answer today; FORGE_UPDATE=1 go test ./... writes it anew", name)
	}
}

// mutants of the seeds, always the same ones: a character left out, doubled, or replaced by one of the alphabet.
func mutants(seeds []string, alphabet string, n int) []string {
	random := rand.New(rand.NewSource(1))
	all := map[string]bool{}
	for _, seed := range seeds {
		all[seed] = true
	}
	for len(all) < len(seeds)+n {
		text := seeds[random.Intn(len(seeds))]
		for i := random.Intn(3) + 1; i > 0 && text != ""; i-- {
			at := random.Intn(len(text))
			c := string(alphabet[random.Intn(len(alphabet))])
			switch random.Intn(4) {
			case 0:
				text = text[:at] + text[at+1:]
			case 1:
				text = text[:at] + c + text[at:]
			case 2:
				text = text[:at] + c + text[at+1:]
			default:
				other := seeds[random.Intn(len(seeds))]
				text = text[:at] + other[random.Intn(len(other)+1):]
			}
		}
		if utf8.ValidString(text) {
			all[text] = true
		}
	}
	var sorted []string
	for text := range all {
		sorted = append(sorted, text)
	}
	sort.Strings(sorted)
	return sorted
}

func TestSemverRanges(t *testing.T) {
	seeds := []string{
		"*", "", "1", "1.x", "1.2.x", "1.X", "1.*", "x", "X.1", "1.x.3", "v1.2.3", "V1.2.3", "=1.2.3", "!=1.2.3", ">1", ">=1.2.0 <2.0.0", ">=1.2.0, <2.0.0",
		">=1.2.0,<2.0.0", "=>1.0", "=<2", "~1.2", "~>1.2.3", "^1.2", "^0.0.3", "1.2 - 1.4", "1.2.3 - 2.3.4", "1.2 -1.4", ">=1.0.0-0", ">=1.0.0-rc.1", "1.2.3-01",
		"1.2.3+build.5", "^1 || ^2", "^1||^2", "||", "1 ||", "01.2.3", "1.02.3", "latest", "main", ">= 1.0", "> = 1.0", "1.2.3.4", "1.2.3 4.5.6", "1.2.3  ,  4.5.6",
		"1,2,,3", "^", ">", "1.2.3-", "1.2.3-a..b", "99999999999999999999", "1.99999999999999999999.0", "1|2", "^v1.2", "~ 1.2", " 1.2 ", "\t1.2\n", "1.x-alpha",
		"*-0", ">=2025.01.02", "(1.2)", "1.2.3 || (2)", "1.2 - ", "- 1.2", "1 - 2 - 3", ">1 <2 !=1.5", strings.Repeat("1.0.0 ", 90), strings.Repeat("1||", 40) + "1",
	}
	tags := []string{"0.1.0", "v0.9.9", "1.0.0", "1.0.0-rc.1", "1.2.0", "1.2.3", "v1.2.4", "1.10.0", "2.0.0-alpha", "2.0.0", "3.4.5", "01.02.03", "2025.01.02", "1.2", "1", "latest", "main-0123abc"}
	table := semverTable{Tags: tags}
	for _, text := range mutants(seeds, "0123456789.xX*vV-+~^<>=!|, ab|", 700) {
		constraint, err := semver.NewConstraint(text)
		measured := rangeCase{Range: text, Valid: err == nil}
		if err == nil {
			if sorted := version.Sort(constraint, tags); len(sorted) > 0 {
				measured.Latest = sorted[0]
			}
		}
		table.Ranges = append(table.Ranges, measured)
	}
	versions := append([]string{"1.2.3", "v1.2.3", "1.2.3-rc.1+b", "1.2.3-01", "01.02.03", "1.2", "1.2.3.4", "1..3", "1.2.3-", "18446744073709551616.0.0", "18446744073709551615.0.0"}, tags...)
	for _, tag := range mutants(versions, "0123456789.v-+ab_", 300) {
		_, err := version.ParseVersion(tag)
		table.Versions = append(table.Versions, versionCase{tag, err == nil})
	}
	table.Compared, table.Checks = everyOperator(t)
	compare(t, "semver-ranges.json", table)
}

// everyOperator checks each operator with bounds of each form, on versions around them.
func everyOperator(t *testing.T) (versions []string, checks []checkCase) {
	t.Helper()
	for _, number := range []string{"0.0.0", "0.0.2", "0.0.3", "0.0.4", "0.1.9", "0.2.0", "0.2.3", "0.3.0", "1.0.0", "1.1.9", "1.2.0", "1.2.2", "1.2.3", "1.2.4", "1.3.0", "2.0.0", "2.2.3"} {
		versions = append(versions, number, number+"-a", number+"-rc.1")
	}
	for _, operator := range []string{"", "=", "!=", ">", "<", ">=", "<=", "=>", "=<", "~", "~>", "^"} {
		for _, bound := range []string{"*", "0", "1", "0.0", "0.2", "1.0", "1.2", "0.x", "1.x", "1.2.x", "0.0.3", "0.2.3", "1.0.0", "1.2.3", "0.0.3-a", "0.2.3-b", "1.2.3-rc.1", "*-0"} {
			constraint, err := semver.NewConstraint(operator + bound)
			if err != nil {
				continue
			}
			var matches strings.Builder
			for _, text := range versions {
				digit := "0"
				if constraint.Check(semver.MustParse(text)) {
					digit = "1"
				}
				matches.WriteString(digit)
			}
			checks = append(checks, checkCase{operator + bound, matches.String()})
		}
	}
	return versions, checks
}

func TestRegularExpressions(t *testing.T) {
	seeds := []string{
		`^main-[0-9a-f]{7,40}-(?P<ts>[0-9]+)$`, `(?<n>a)`, `(?P<n>a)(?P<n>b)`, `(?=a)`, `(?!a)`, `(?<=a)b`, `(?<!a)b`, `(a)\1`, `\k<n>`, `(?P=n)`, `(?:a|b)*`, `(?i)abc`, `(?i:abc)`, `(?i-s:a)`,
		`(?-i)a`, `(?-)a`, `(?)a`, `(?x)a`, `a**`, `a*?`, `a+?`, `a??`, `a+*`, `a{2}{3}`, `a{2}?`, `a{2,1}`, `a{1000}`, `a{1001}`, `(a{10}){101}`, `(a{100}){10}`, `a{,3}`, `a{`, `a}`, `{`, `{2}`,
		`*a`, `+`, `?`, `|*`, `(*)`, `()`, `(|a)`, `(`, `)`, `a)`, `[a-z]`, `[z-a]`, `[a-]`, `[-a]`, `[]a]`, `[^]a]`, `[]`, `[`, `[a`, `[^`, `[a-c-e]`, `[a-\d]`, `[\d-a]`, `[\d]`, `[\w-]`, `[[:digit:]]`, `[[:word:]]`,
		`[[:foo:]]`, `[:digit:]`, `[[:^alpha:]]`, `\d\D\s\S\w\W`, `\bword\B`, `\A\z`, `\Z`, `\Qa.b\E`, `\Q(`, `\pL`, `\p{Greek}`, `\p{^Greek}`, `\P{Lu}`, `\p{Foo}`, `\p`, `\p{`, `\x41`, `\x{10FFFF}`, `\x{110000}`,
		`\x4`, `\x`, `\07`, `\0`, `\1`, `\12`, `\123`, `\8`, `\a\f\n\r\t\v`, `\e`, `\c`, `\_`, `\-`, `\.`, `\`, `a\`, `^*`, `$+`, `\b+`, `^{2}`, `(?P<>a)`, `(?P<1a>a)`, `(?P<a-b>a)`, `(?P<n`, `(?P`, `(?`, `.*`, `^.*\.sig$`,
		`^v(?P<major>\d+)\.(?P<minor>\d+)$`, `[\Q]\E]`, `[a-\x{ff}]`, `[\x41-\x40]`, `é+`, `(?U)a+`, `(?ims)a`, `(?i-)a`, `\C`, `[[.a.]]`, `[[=a=]]`, `x{0}`, `x{0,}`, `x{00}`, `x{1,2,3}`,
		`(?i)*`, `a(?i)*`, `(?i)(?s)*`, `a*(?i)*`, `a|(?i)*`, `(a(?i)+)`,
	}
	var table []patternCase
	for _, pattern := range mutants(seeds, `ab01{}()[]?*+|\^$.-:<>P,dp`, 900) {
		compiled, err := regexp.Compile(pattern)
		measured := patternCase{Pattern: pattern, Valid: err == nil}
		if err == nil && compiled.NumSubexp() > 0 {
			measured.Groups = compiled.SubexpNames()[1:]
		}
		table = append(table, measured)
	}
	compare(t, "re2.json", table)
}

// What Flux's variable substitution makes of a text in which this library doubled every dollar sign: the text.
func TestSubstitutionEscapes(t *testing.T) {
	seeds := []string{`$HOME`, `${HOME}`, `$$`, `$$$`, `$${X}`, `\${X}`, `${a.b}`, `${{ x }}`, `${X[0]}`, `${`, `$(date)`, `${X:-d}`, `a$`, `$`, `${X/a/b}`, `#${#X}`, `"${1}"`, "line\n${TWO}\n$$\n", `echo "$PATH" | awk '{print $1}'`}
	mapping := func(string) (string, bool) { return "VALUE", true }
	var table []textCase
	for _, text := range mutants(seeds, `${}a:-/#\ "`, 300) {
		escaped := strings.ReplaceAll(text, "$", "$$")
		result, err := envsubst.Eval(escaped, mapping)
		if err != nil || result != text {
			t.Errorf("%q comes back as %q, %v", text, result, err)
		}
		if !regexp.MustCompile(`\$[{$]`).MatchString(text) {
			// Left as it is by this library, so Flux must leave it as it is.
			if result, err := envsubst.Eval(text, mapping); err != nil || result != text {
				t.Errorf("%q, not escaped, comes back as %q, %v", text, result, err)
			}
		}
		table = append(table, textCase{text, escaped})
	}
	compare(t, "substitution.json", table)
}
