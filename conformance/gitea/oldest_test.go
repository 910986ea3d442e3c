//go:build oldest

package gitea

// What Gitea up to 1.25 reads.

import (
	"github.com/nektos/act/pkg/jobparser"
	"github.com/nektos/act/pkg/model"
)

type (
	workflow       = model.Workflow
	githubContext  = model.GithubContext
	singleWorkflow = jobparser.SingleWorkflow
)

var (
	readWorkflow   = model.ReadWorkflow
	parseRawOn     = jobparser.ParseRawOn
	parse          = jobparser.Parse
	withGitContext = jobparser.WithGitContext
)
