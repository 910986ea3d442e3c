// Package keda lets KEDA's own scalers and its executor read the ScaledJobs of runners.
package keda

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/kedacore/keda/v2/pkg/scalers"
)

var everyKind = []string{"instance", "organization", "user", "repository"}

func TestCases(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range writtenCases(t) {
		seen[c.Product+" "+c.Scope.Kind] = true
		t.Run(c.Name, func(t *testing.T) {
			if err := judge(t, c); err != nil {
				t.Error(err)
			}
		})
	}
	for product, kinds := range map[string][]string{"gitea": everyKind, "forgejo": everyKind, "github": {"organization", "repository"}} {
		for _, kind := range kinds {
			if !seen[product+" "+kind] {
				t.Errorf("no case for the scope %s of %s", kind, product)
			}
		}
	}
}

func TestExamples(t *testing.T) {
	cases := committedCases(t)
	if len(cases) == 0 {
		t.Fatal("no example has a ScaledJob")
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			if err := judge(t, c); err != nil {
				t.Error(err)
			}
		})
	}
}

// judge says what is wrong with a case.
func judge(t testing.TB, c testCase) error {
	for _, check := range []func(testing.TB, testCase) error{counts, startsAsManyAsNeeded, startsNoneForOthers} {
		if err := check(t, c); err != nil {
			return err
		}
	}
	return nil
}

// add puts jobs into the forge that this runner is for.
func add(f *forge, c testCase, count int, state string) {
	for range count {
		f.jobs = append(f.jobs, &forgeJob{owner: orElse(c.Scope.Owner, "platform"), repo: orElse(c.Scope.Repo, "hello"), state: state, labels: c.Labels})
	}
}

func orElse(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// opened is a case before KEDA and a forge without jobs.
func opened(t testing.TB, c testCase) (p parts, f *forge, scaler scalers.Scaler, err error) {
	if p, err = c.parts(); err != nil {
		return
	}
	f = newForge(t, c.Product)
	scaler, err = newScaler(p, f)
	return
}

// The scaler takes our settings and counts the jobs of the scope, those that wait and those that run; neither what waits for another
// job, nor what is done, nor the jobs of others.
func counts(t testing.TB, c testCase) error {
	_, f, scaler, err := opened(t, c)
	if err != nil {
		return err
	}
	expect := func(count int) error {
		specs := scaler.GetMetricSpecForScaling(context.Background())
		metrics, active, err := scaler.GetMetricsAndActivity(context.Background(), specs[0].External.Metric.Name)
		if err != nil {
			return fmt.Errorf("%w; the forge refused %v", err, f.refused)
		}
		if value := metrics[0].Value.AsApproximateFloat64(); value != float64(count) || active != (count > 0) {
			return fmt.Errorf("%d jobs are counted as %v, active: %v", count, value, active)
		}
		if target := specs[0].External.Target.AverageValue; target == nil || target.AsApproximateFloat64() != 1 {
			return fmt.Errorf("a pod is started for every %v jobs, not for each", target)
		}
		return nil
	}
	if err := expect(0); err != nil {
		return err
	}
	add(f, c, 3, blocked)
	add(f, c, 2, done)
	for _, other := range others(c) {
		f.jobs = append(f.jobs, other)
	}
	if err := expect(0); err != nil {
		return err
	}
	add(f, c, 5, waiting)
	if err := expect(5); err != nil {
		return err
	}
	add(f, c, 2, running)
	if err := expect(7); err != nil {
		return err
	}
	if len(f.refused) > 0 {
		return fmt.Errorf("the forge refused %v", f.refused)
	}
	return nil
}

// others are jobs that a runner of this scope will never be given.
func others(c testCase) []*forgeJob {
	var list []*forgeJob
	if c.Scope.Kind != "instance" {
		list = append(list, &forgeJob{owner: "elsewhere", repo: orElse(c.Scope.Repo, "hello"), state: waiting, labels: c.Labels})
	}
	if c.Scope.Kind == "repository" {
		list = append(list, &forgeJob{owner: c.Scope.Owner, repo: "another", state: running, labels: c.Labels})
	}
	return list
}

// KEDA's executor starts one pod for each job, from the moment that the job waits to its end, whatever happens between two polls; and
// keeps as many ready as it was told to.
func startsAsManyAsNeeded(t testing.TB, c testCase) error {
	p, f, scaler, err := opened(t, c)
	if err != nil {
		return err
	}
	pods := newCluster()
	least := int(p.job.MinReplicaCount())
	most := least + int(p.job.MaxReplicaCount())
	steps := []struct {
		when string
		do   func()
	}{
		{"nothing waits", func() {}},
		{"three jobs wait", func() { add(f, c, 3, waiting) }},
		{"their pods wait for nodes", func() {}},
		{"the pods run, but have not asked for jobs yet", pods.start},
		{"the jobs run", func() { take(f, 3) }},
		{"two more wait", func() { add(f, c, 2, waiting) }},
		{"all pods run", pods.start},
		{"all jobs run", func() { take(f, 2) }},
		{"one is done", func() { f.jobs[0].state = done; pods.finish() }},
		{"one more waits", func() { add(f, c, 1, waiting) }},
	}
	for _, step := range steps {
		step.do()
		if err := pods.poll(context.Background(), p.job, scaler); err != nil {
			return fmt.Errorf("%s: %w", step.when, err)
		}
		jobs := len(f.in(scope{}, waiting, running))
		if found, wanted := len(pods.unfinished()), min(most, least+jobs); found != wanted {
			return fmt.Errorf("%s: there are %d pods, not %d, for %d jobs", step.when, found, wanted, jobs)
		}
	}
	return nil
}

// take lets jobs run that waited.
func take(f *forge, count int) {
	for _, job := range f.in(scope{}, waiting)[:count] {
		job.state = running
	}
}

// A job that no pod of this runner can take costs one pod where the forge does not count by label, and no more with every poll.
func startsNoneForOthers(t testing.TB, c testCase) error {
	p, f, scaler, err := opened(t, c)
	if err != nil {
		return err
	}
	add(f, c, 1, waiting)
	f.jobs[0].labels = []string{"a-label-of-another-runner"}
	if c.Product == "github" && !slices.Contains(c.Labels, "self-hosted") {
		// A label that KEDA takes for granted, unless it is told otherwise.
		f.jobs[0].labels = []string{"self-hosted"}
	}
	pods := newCluster()
	for range 5 {
		if err := pods.poll(context.Background(), p.job, scaler); err != nil {
			return err
		}
		pods.start()
	}
	allowed := int(p.job.MinReplicaCount())
	if c.Product == "gitea" {
		allowed++
	}
	if found := len(pods.unfinished()); found > allowed {
		return fmt.Errorf("a job for another runner starts %d pods, not %d", found, allowed)
	}
	return nil
}

// What is wrong is found: each change of a case that is right makes it fail, for the reason that is expected.
func TestWrongCasesAreFound(t *testing.T) {
	right := map[string]testCase{}
	for _, c := range append(writtenCases(t), gitHubCase("self-hosted,homelab", "personalAccessToken", "")) {
		if c.Scope.Kind == "organization" && right[c.Product].Name == "" {
			right[c.Product] = c
		}
	}
	for _, wrong := range []struct{ product, from, to, symptom string }{
		{"gitea", `"valueLocation"`, `"valuelocation"`, "missing required parameter"},
		{"gitea", `"authMode"`, `"authmode"`, "does not know the metadata authmode"},
		{"gitea", `"authMode":"bearer",`, ``, "401"},
		{"gitea", `"parameter":"token"`, `"parameter":"tokn"`, "bearer"},
		{"gitea", `status=queued&`, ``, "counted as"},
		{"gitea", `status=queued`, `status=waiting`, "counted as"},
		{"gitea", `&status=in_progress`, ``, "counted as"},
		{"gitea", `status=queued`, `status=enqueued`, "refused [400"},
		{"gitea", `/orgs/`, `/org/`, "refused [404"},
		{"gitea", `"targetValue":"1"`, `"targetValue":"2"`, "every"},
		{"gitea", `"scalingStrategy":{"strategy":"default"}`, `"scalingStrategy":{"strategy":"accurate"}`, "pods, not"},
		{"gitea", `"scalingStrategy":{"strategy":"default"}`, `"scalingStrategy":{"strategy":"eager"}`, "pods, not"},
		{"gitea", `"scalingStrategy"`, `"scalingstrategy"`, "unknown field"},
		{"gitea", `"pollingInterval":30`, `"pollingInterval":"30"`, "cannot unmarshal"},
		{"gitea", `"authenticationRef":{"name":"`, `"authenticationRef":{"name":"other-`, "does not name its TriggerAuthentication"},
		{"forgejo", `"org":"`, `"orgg":"`, "does not know the metadata orgg"},
		{"forgejo", `"labels":"`, `"labels":"another,not-`, "counted as"},
		{"forgejo", `"labels":"`, `"label":"`, "missing required parameter"},
		{"forgejo", `"parameter":"token"`, `"parameter":"bearerToken"`, "missing required parameter"},
		{"forgejo", `"scalingStrategy":{"strategy":"default"}`, `"scalingStrategy":{"strategy":"accurate"}`, "pods, not"},
		{"github", `"runnerScope":"org"`, `"runnerScope":"organization"`, "must be one of"},
		{"github", `"noDefaultLabels"`, `"noDefaultLabel"`, "does not know the metadata noDefaultLabel"},
		{"github", `"noDefaultLabels":"true"`, `"noDefaultLabels":"false"`, "a job for another runner starts"},
		{"github", `"parameter":"personalAccessToken"`, `"parameter":"pat"`, "no personalAccessToken"},
		{"github", `"owner":"platform"`, `"owner":"someone"`, "refused [404"},
		{"github", `"scalingStrategy":{"strategy":"default"}`, `"scalingStrategy":{"strategy":"accurate"}`, "pods, not"},
	} {
		t.Run(wrong.product+" "+wrong.from+" "+wrong.to, func(t *testing.T) {
			c := right[wrong.product]
			text, err := json.Marshal(c.Objects)
			if err != nil {
				t.Fatal(err)
			}
			// A change is one of text: the letter that JSON writes for & is read as it was.
			plain := strings.ReplaceAll(string(text), `\u0026`, `&`)
			changed := strings.ReplaceAll(plain, wrong.from, wrong.to)
			if changed == plain {
				t.Fatalf("nothing to change in %s", plain)
			}
			c.Objects = nil
			if err := json.Unmarshal([]byte(changed), &c.Objects); err != nil {
				t.Fatal(err)
			}
			if err := judge(t, c); err == nil || !strings.Contains(err.Error(), wrong.symptom) {
				t.Errorf("expected %q, got: %v", wrong.symptom, err)
			}
		})
	}
}

// A right one for GitHub, with a person's token or an App's key.
func gitHubCase(labels, parameter, app string) testCase {
	authentication := fmt.Sprintf(`{"apiVersion":"keda.sh/v1alpha1","kind":"TriggerAuthentication","metadata":{"name":"queue"},"spec":{"secretTargetRef":[{"parameter":%q,"name":"s","key":"k"}]}}`, parameter)
	job := fmt.Sprintf(`{"apiVersion":"keda.sh/v1alpha1","kind":"ScaledJob","metadata":{"name":"pool"},"spec":{"maxReplicaCount":10,"scalingStrategy":{"strategy":"default"},"jobTargetRef":{"template":{"spec":{"containers":[]}}},
		"triggers":[{"type":"github-runner","metadata":{"owner":"platform","runnerScope":"org","labels":%q,"noDefaultLabels":"true"%s},"authenticationRef":{"name":"queue"}}]}}`, labels, app)
	return testCase{
		Name: "github with " + parameter, Product: "github", Scope: scope{Kind: "organization", Owner: "platform"}, Labels: strings.Split(labels, ","),
		Objects: []json.RawMessage{json.RawMessage(authentication), json.RawMessage(job)},
	}
}

func TestGitHub(t *testing.T) {
	for _, c := range []testCase{gitHubCase("self-hosted,homelab", "personalAccessToken", ""), gitHubCase("homelab", "appKey", `,"applicationID":"1","installationID":"2"`)} {
		t.Run(c.Name, func(t *testing.T) {
			if err := judge(t, c); err != nil {
				t.Error(err)
			}
		})
	}
}
