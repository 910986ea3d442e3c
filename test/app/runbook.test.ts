import * as fs from 'node:fs';
import * as path from 'node:path';
import { Chart, Size } from 'cdk8s';
import { GitOpsApp } from '../../lib/app';
import { Forge, RunsOn } from '../../lib/forge';
import { Storage } from '../../lib/kube';
import { Executor, Runner, RunnerLabel, RunnerScope } from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { Action, Step, Trigger, Workflow } from '../../lib/workflow';
import { temporaryFolder } from '../support/workspace';

const gitea = Forge.gitea({ version: '1.26', url: 'https://git.example.com' });

function runbookOf(build: (app: GitOpsApp) => void): string | undefined {
  const folder = temporaryFolder();
  const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
  build(app);
  app.synth();
  const file = path.join(folder, 'dist/RUNBOOK.md');
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined;
}

test('there is none when there is nothing to do by hand', () => {
  expect(runbookOf((app) => { new Chart(app, 'empty'); })).toBeUndefined();
});

test('lists what workflows fetch from elsewhere, with steps that were added after the workflow', () => {
  const text = runbookOf((app) => {
    const workflow = new Workflow(app, 'build', { repository: gitea.repository('platform/hello'), triggers: [Trigger.push({ branches: ['main'] })] });
    const action = Action.repository('actions', 'checkout', { ref: 'v4.2.2', sha: '11bd71901bbe5b1630ceea73d27597364c9af683' });
    workflow.addJob('build', { runsOn: RunsOn.existing('ubuntu-latest'), steps: [Step.uses({ name: 'Check out', action })] });
  });
  expect(text).toMatch(/## Reached from outside\n\n.*\n\n- `https:\/\/github\.com\/actions\/checkout`, by `build`\n$/);
});

test('passes on what works, but perhaps not as meant', () => {
  const text = runbookOf((app) => {
    new Runner(new Chart(app, 'ci', { namespace: 'ci' }), 'runner', {
      forge: gitea,
      scope: RunnerScope.instance(),
      registrationToken: SecretSource.existing('runner-token'),
      labels: [RunnerLabel.docker('ubuntu-latest', 'docker.gitea.com/runner-images:ubuntu-latest')],
      executor: Executor.dockerRootless({ state: Storage.persistent(Size.gibibytes(5), 'nfs-slow'), layers: Storage.persistent(Size.gibibytes(100), 'longhorn') }),
    });
  });
  expect(text).toMatch(/## Worth a look\n\n.*\n\n- `ci\/runner`: FORGE-RUN-030: .*nfs-slow/);
});
