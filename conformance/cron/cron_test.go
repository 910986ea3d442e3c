// Package cron asks the library that Gitea and Kubernetes read schedules with about expressions that the TypeScript library judged.
package cron

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/robfig/cron/v3"
)

// parser is that of Gitea: models/actions/schedule_spec.go.
var parser = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)

type verdict struct {
	Cron     string `json:"cron"`
	Accepted bool   `json:"accepted"`
	CronJob  bool   `json:"cronJob"`
}

// isMistake is whether the library rejects a schedule that Gitea reads, on purpose: one that never starts a run, such as 31 2 in the third
// and fourth field; a field without an item; an interval below zero, which robfig/cron turns into one second.
func isMistake(expression string) bool {
	schedule, err := parser.Parse(expression)
	never := err == nil && schedule.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero()
	return never || emptyField.MatchString(expression) || strings.Contains(expression, "@every -")
}

var emptyField = regexp.MustCompile(`(^| ),+( |$)`)

// accepts is false for a panic too: robfig/cron slices a zone without a blank behind it out of range.
func accepts(expression string) (ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	_, err := parser.Parse(expression)
	return err == nil
}

// acceptsCronJob is what the API server does: pkg/apis/batch/validation, validateScheduleFormat, for a new object without timeZone.
func acceptsCronJob(expression string) bool {
	if strings.Contains(expression, "TZ") {
		return false
	}
	_, err := cron.ParseStandard(expression)
	return err == nil
}

func TestSchedulesAreThoseThatTheirReadersTake(t *testing.T) {
	folder := os.Getenv("FORGE_CASES")
	if folder == "" {
		t.Skip("no cases: run npm run conformance -- cron")
	}
	text, err := os.ReadFile(filepath.Join(folder, "cases.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []verdict
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	compare(t, "Gitea", cases, accepts, func(c verdict) bool { return c.Accepted })
	compare(t, "Kubernetes", cases, acceptsCronJob, func(c verdict) bool { return c.CronJob })
}

func compare(t *testing.T, reader string, cases []verdict, reads func(string) bool, accepted func(verdict) bool) {
	read, lax, strict := 0, []string{}, []string{}
	for _, c := range cases {
		ok := reads(c.Cron)
		if ok {
			read++
		}
		if accepted(c) && !ok {
			lax = append(lax, c.Cron)
		}
		if ok && !accepted(c) && !isMistake(c.Cron) {
			strict = append(strict, c.Cron)
		}
	}
	if len(cases) < 10000 || read < 2000 {
		t.Errorf("only %d expressions, and %d that %s reads", len(cases), read, reader)
	}
	if len(lax) > 0 {
		t.Errorf("%d are accepted that %s does not read: %q", len(lax), reader, lax[:min(len(lax), 20)])
	}
	if len(strict) > 0 {
		t.Errorf("%d are rejected that %s reads: %q", len(strict), reader, strict[:min(len(strict), 20)])
	}
	t.Logf("%d expressions, %d read by %s", len(cases), read, reader)
}
