package live

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/Masterminds/semver/v3"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// The image-reflector and image-automation controllers cannot be built as modules. Their parts are played here, from the objects in the
// API server, with the libraries that they use: go-containerregistry, Masterminds/semver, Go's regexp, and the setter of kyaml.

// scan lists the tags that an ImageRepository sees.
func (s *stage) scan(repository object) ([]string, error) {
	var secrets []string
	if secret := repository.text("spec", "secretRef", "name"); secret != "" {
		values, err := s.cluster.secret(repository.namespace(), secret)
		if err != nil {
			return nil, err
		}
		secrets = append(secrets, values[".dockerconfigjson"])
	}
	parsed, err := name.NewRepository(repository.text("spec", "image"))
	if err != nil {
		return nil, err
	}
	credentials, err := credentialsFor(parsed.RegistryStr(), secrets)
	if err != nil {
		return nil, err
	}
	transport, err := s.transportOf(repository)
	if err != nil {
		return nil, err
	}
	return remote.List(parsed, remote.WithAuth(credentials), remote.WithTransport(transport))
}

// choose is what the reflector does for an ImagePolicy: it scans, filters, sorts, and writes its choice into the status.
func (s *stage) choose(namespace, policyName string) (string, error) {
	policy, err := s.cluster.get("ImagePolicy", namespace, policyName)
	if err != nil {
		return "", err
	}
	repository, err := s.cluster.get("ImageRepository", namespace, policy.text("spec", "imageRepositoryRef", "name"))
	if err != nil {
		return "", err
	}
	tags, err := s.scan(repository)
	if err != nil {
		return "", err
	}
	tag, err := newest(policy, tags)
	if err != nil {
		return "", err
	}
	reference := map[string]any{"name": repository.text("spec", "image"), "tag": tag}
	return tag, errors.Join(
		s.isReady("ImageRepository", repository, nil),
		s.isReady("ImagePolicy", policy, map[string]any{"latestRef": reference}),
	)
}

// isReady says that an object is as it should be, as its controller does.
func (s *stage) isReady(kind string, of object, status map[string]any) error {
	all := map[string]any{"observedGeneration": of.at("metadata", "generation"), "conditions": []any{map[string]any{
		"type": "Ready", "status": "True", "reason": "Succeeded", "message": "played", "lastTransitionTime": time.Now().UTC().Format(time.RFC3339), "observedGeneration": of.at("metadata", "generation"),
	}}}
	for key, value := range status {
		all[key] = value
	}
	return s.cluster.setStatus(kind, of.namespace(), of.name(), all)
}

// newest sorts as the reflector does.
func newest(policy object, tags []string) (string, error) {
	keys := map[string]string{}
	for _, tag := range tags {
		key := tag
		if pattern := policy.text("spec", "filterTags", "pattern"); pattern != "" {
			expression, err := regexp.Compile(pattern)
			if err != nil {
				return "", err
			}
			match := expression.FindStringSubmatchIndex(tag)
			if match == nil {
				continue
			}
			if extract := policy.text("spec", "filterTags", "extract"); extract != "" {
				key = string(expression.ExpandString(nil, extract, tag, match))
			}
		}
		keys[tag] = key
	}
	var sorted []string
	for tag := range keys {
		sorted = append(sorted, tag)
	}
	var failure error
	less := func(a, b string) bool { return a < b }
	rules := object(policy.at("spec", "policy").(map[string]any))
	switch {
	case rules.at("semver") != nil:
		constraint, err := semver.NewConstraint(rules.text("semver", "range"))
		if err != nil {
			return "", err
		}
		var matching []string
		for _, tag := range sorted {
			if version, err := semver.NewVersion(keys[tag]); err == nil && constraint.Check(version) {
				matching = append(matching, tag)
			}
		}
		sorted = matching
		less = func(a, b string) bool { return semver.MustParse(a).LessThan(semver.MustParse(b)) }
	case rules.at("numerical") != nil:
		number := func(text string) float64 {
			value, err := strconv.ParseFloat(text, 64)
			failure = errors.Join(failure, err)
			return value
		}
		for _, key := range keys {
			number(key)
		}
		less = func(a, b string) bool { return number(a) < number(b) }
		if rules.text("numerical", "order") == "desc" {
			less = func(a, b string) bool { return number(a) > number(b) }
		}
	case rules.text("alphabetical", "order") == "desc":
		less = func(a, b string) bool { return a > b }
	}
	sort.Slice(sorted, func(i, j int) bool { return less(keys[sorted[i]], keys[sorted[j]]) })
	if failure != nil {
		return "", failure
	}
	if len(sorted) == 0 {
		return "", fmt.Errorf("version list argument cannot be empty: no tag of %q matches", tags)
	}
	return sorted[len(sorted)-1], nil
}

// automate is what the automation controller does: it clones what its GitRepository names, with the same credentials, sets what its
// policies chose, and pushes. It returns the commit, or nothing if there is nothing to change.
func (s *stage) automate(namespace, automationName string) (string, error) {
	automation, err := s.cluster.get("ImageUpdateAutomation", namespace, automationName)
	if err != nil {
		return "", err
	}
	source, err := s.cluster.get("GitRepository", namespace, automation.text("spec", "sourceRef", "name"))
	if err != nil {
		return "", err
	}
	credentials, err := s.cluster.secret(namespace, source.text("spec", "secretRef", "name"))
	if err != nil {
		return "", err
	}
	folder, err := os.MkdirTemp(s.Folder, "automation-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(folder)
	c := &clone{folder, source.text("spec", "url"), credentials["username"], credentials["password"]}
	branch := automation.text("spec", "git", "checkout", "ref", "branch")
	if err := c.begin(); err != nil {
		return "", err
	}
	for _, arguments := range [][]string{{"fetch", "--quiet", "--depth", "1", "origin", branch}, {"checkout", "--quiet", "--detach", "FETCH_HEAD"}} {
		if _, err := c.git(arguments...); err != nil {
			return "", err
		}
	}
	changes, err := s.set(namespace, filepath.Join(folder, automation.text("spec", "update", "path")))
	if err != nil || len(changes) == 0 {
		return "", err
	}
	message, err := render(automation.text("spec", "git", "commit", "messageTemplate"), changes)
	if err != nil {
		return "", err
	}
	author := object{"a": automation.at("spec", "git", "commit", "author")}
	for _, arguments := range [][]string{
		{"add", "--all"},
		{"-c", "user.name=" + author.text("a", "name"), "-c", "user.email=" + author.text("a", "email"), "commit", "--quiet", "--message", message},
		{"push", "--quiet", "origin", "HEAD:refs/heads/" + automation.text("spec", "git", "push", "branch")},
	} {
		if _, err := c.git(arguments...); err != nil {
			return "", err
		}
	}
	commit, err := c.git("rev-parse", "HEAD")
	return commit, errors.Join(err, s.isReady("ImageUpdateAutomation", automation, map[string]any{"lastPushCommit": commit}))
}

// change is one value that was set, in the words of a message template.
type change struct{ OldValue, NewValue, Setter string }

var changePattern = regexp.MustCompile(`(?m)^\S+: (\S+): ("(?:[^"\\]|\\.)*") -> ("(?:[^"\\]|\\.)*")$`)

// set lets Flux's own library set what every policy of the namespace has chosen.
func (s *stage) set(namespace, folder string) ([]change, error) {
	policies, err := s.cluster.all("ImagePolicy", namespace)
	if err != nil {
		return nil, err
	}
	var changes []change
	for _, policy := range policies {
		tag := policy.text("status", "latestRef", "tag")
		if tag == "" {
			continue
		}
		output, err := exec.Command(s.Programs["flux-update"], "-root", folder, "-tag", tag, "-policy", namespace+":"+policy.name(), ".").CombinedOutput()
		if err != nil {
			return nil, fmt.Errorf("%w: %s", err, output)
		}
		for _, match := range changePattern.FindAllStringSubmatch(string(output), -1) {
			was, _ := strconv.Unquote(match[2])
			is, _ := strconv.Unquote(match[3])
			if was != is {
				changes = append(changes, change{was, is, match[1]})
			}
		}
	}
	return changes, nil
}

func render(text string, changes []change) (string, error) {
	parsed, err := template.New("message").Parse(text)
	if err != nil {
		return "", err
	}
	var message bytes.Buffer
	err = parsed.Execute(&message, map[string]any{"Changed": map[string]any{"Changes": changes}})
	return strings.TrimSpace(message.String()), err
}

// applied waits until Flux has applied a commit by a Kustomization.
func (s *stage) applied(kustomization, commit string) error {
	current, err := s.cluster.get("Kustomization", "flux-system", kustomization)
	if err != nil {
		return err
	}
	status, message := current.condition("Ready")
	if !strings.HasSuffix(current.text("status", "lastAppliedRevision"), commit) || status != "True" {
		return fmt.Errorf("Kustomization %s: %s, %s, %s", kustomization, current.text("status", "lastAttemptedRevision"), status, message)
	}
	return nil
}

// fetched waits until source-controller has a commit.
func (s *stage) fetched(commit string) error {
	current, err := s.cluster.get("GitRepository", "flux-system", "home")
	if err != nil {
		return err
	}
	if !strings.HasSuffix(current.text("status", "artifact", "revision"), commit) {
		_, message := current.condition("Ready")
		return fmt.Errorf("GitRepository home: %s, %s", current.text("status", "artifact", "revision"), message)
	}
	return nil
}

func (g *gitea) tags(repository string) ([]string, error) {
	owner, image, _ := strings.Cut(repository, "/")
	var tags []string
	for page := 1; page < 100; page++ {
		answer, err := g.api(http.MethodGet, fmt.Sprintf("packages/%s?type=container&limit=50&page=%d&q=%s", owner, page, image), nil)
		if err != nil {
			return nil, err
		}
		versions := answer.list("items")
		if len(versions) == 0 {
			break
		}
		for _, version := range versions {
			if version.text("name") == image && !strings.HasPrefix(version.text("version"), "sha256:") {
				tags = append(tags, version.text("version"))
			}
		}
	}
	return tags, nil
}
