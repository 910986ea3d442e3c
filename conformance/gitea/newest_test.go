//go:build !oldest

package gitea

// What Gitea 1.27.3 reads, with its own parser of jobs.

import (
	"gitea.com/gitea/runner/act/model"
	"gitea.dev/modules/actions/jobparser"
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
