import * as fs from 'node:fs';
import * as path from 'node:path';
import { GitOpsApp } from '../../lib/app';
import { Cluster } from '../../lib/flux';
import { Forge, RunsOn } from '../../lib/forge';
import { GitOpsWorkflow } from '../../lib/pipeline';
import { temporaryFolder } from '../support/workspace';

const gitea = Forge.gitea({ version: '28.3.0', url: 'https://git.example.com' });

function runbookOf(sources: readonly string[], workflow: string): string {
  const folder = temporaryFolder();
  const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
  sources.forEach((name, i) => new Cluster(app, `cluster-${i}`, { source: gitea.repository(name) }));
  const runsOn = RunsOn.existing('linux');
  new GitOpsWorkflow(app, 'synth', { repository: gitea.repository(workflow), branch: 'main', runsOn });
  app.synth();
  return fs.readFileSync(path.join(folder, 'dist/RUNBOOK.md'), 'utf8');
}

const APART = 'the output of this app must be in both';
const STRANGER = 'which no cluster of this app follows';

test('one repository for clusters and workflow needs no warning', () => {
  const runbook = runbookOf(['platform/gitops', 'Platform/GitOps'], 'platform/gitops');
  expect([runbook.includes(APART), runbook.includes(STRANGER)]).toEqual([false, false]);
});

test('clusters of two repositories are a warning', () => {
  expect(runbookOf(['platform/gitops', 'platform/other'], 'platform/gitops')).toContain(
    '`cluster-1`: cluster "cluster-1" follows "platform/other"',
  );
});

test('a workflow of a repository that no cluster follows is a warning', () => {
  expect(runbookOf(['platform/gitops'], 'platform/gitop')).toContain(STRANGER);
  expect(runbookOf([], 'platform/gitop')).not.toContain(STRANGER);
});
