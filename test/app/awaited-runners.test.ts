import * as fs from 'node:fs';
import * as path from 'node:path';
import { Chart } from 'cdk8s';
import { Construct } from 'constructs';
import { GitOpsApp } from '../../lib/app';
import { Forge, IRunsOn, RunsOn } from '../../lib/forge';
import { Executor, HostedRunner, Registration, Runner, RunnerLabel, RunnerScope } from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { Step, Trigger, Workflow } from '../../lib/workflow';
import { temporaryFolder } from '../support/workspace';

const gitea = Forge.gitea({ version: '1.26', url: 'https://git.example.com' });

/** The lines of the chapter's table. */
function awaited(build: (app: GitOpsApp) => void): string[] {
  const folder = temporaryFolder();
  const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
  build(app);
  app.synth();
  const text = fs.readFileSync(path.join(folder, 'dist/RUNBOOK.md'), 'utf8');
  const chapter = text.split('## Runners that must be there\n')[1]?.split('\n## ')[0] ?? '';
  return chapter.split('\n').filter((line) => line.startsWith('| `'));
}

function workflow(
  scope: Construct,
  id: string,
  jobs: Record<string, IRunsOn>,
  repository = gitea.repository('platform/hello'),
): void {
  const made = new Workflow(scope, id, { repository, triggers: [Trigger.push({ branches: ['main'] })] });
  for (const [name, runsOn] of Object.entries(jobs)) {
    made.addJob(name, { runsOn, steps: [Step.run({ name: 'Build', script: 'make' })] });
  }
}

function runner(app: GitOpsApp, scope: RunnerScope): Runner {
  return new Runner(new Chart(app, 'ci', { namespace: 'ci' }), 'runner', {
    forge: gitea,
    scope,
    registration: Registration.token(SecretSource.existing('runner-token')),
    executor: Executor.host(),
    labels: [RunnerLabel.host('linux'), RunnerLabel.host('arm64')],
  });
}

test('lists labels of runners that the program does not declare, once for each repository', () => {
  expect(
    awaited((app) => {
      workflow(app, 'build', {
        one: RunsOn.existing('ubuntu-latest'),
        two: RunsOn.existing('ubuntu-latest'),
        three: RunsOn.existing('gpu', 'a|b'),
      });
      workflow(app, 'test', { one: RunsOn.existing('ubuntu-latest') });
      workflow(app, 'other', { one: RunsOn.existing('ubuntu-latest') }, gitea.repository('homelab/other'));
    }),
  ).toEqual([
    '| `platform/hello` at https://git.example.com | `ubuntu-latest` | `build/one`, `build/two`, `test/one` |',
    '| `platform/hello` at https://git.example.com | `gpu`, `a\\|b` | `build/three` |',
    '| `homelab/other` at https://git.example.com | `ubuntu-latest` | `other/one` |',
  ]);
});

test('leaves out those that a runner of the program serves, and runners that are given as they are', () => {
  expect(
    awaited((app) => {
      const own = runner(app, RunnerScope.instance());
      workflow(app, 'build', { one: own, two: own.withLabels('arm64'), three: RunsOn.existing('arm64', 'linux') });
      workflow(app, 'hosted', { one: HostedRunner.UBUNTU_LATEST }, Forge.github().repository('platform/hello'));
    }),
  ).toEqual([]);
});

test('says when a runner of the program has the label, but its scope leaves the repository out', () => {
  expect(
    awaited((app) => {
      runner(app, RunnerScope.organization('homelab'));
      workflow(app, 'build', { one: RunsOn.existing('linux') });
    }),
  ).toEqual([
    '| `platform/hello` at https://git.example.com | `linux`; runner "ci/runner" (scope: organization homelab) has it, but takes no jobs of platform | `build/one` |',
  ]);
});
