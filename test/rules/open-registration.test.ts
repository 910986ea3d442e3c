import * as fs from 'node:fs';
import * as path from 'node:path';
import { Chart, Size } from 'cdk8s';
import { GitOpsApp } from '../../lib/app';
import { Forge, GiteaRelease } from '../../lib/forge';
import { Storage } from '../../lib/kube';
import { Executor, Registration, Runner, RunnerScope } from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { Findings } from '../../lib/support';
import { temporaryFolder } from '../support/workspace';

interface World {
  readonly scope?: (forge: Forge) => RunnerScope;
  readonly openRegistration?: boolean;
  readonly forge?: Forge;
  readonly accept?: string;
}

/** The runbook of a Gitea and a runner. */
function runbookOf({ scope = () => RunnerScope.instance(), openRegistration, forge, accept }: World): string {
  const folder = temporaryFolder();
  const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
  const chart = new Chart(app, 'gitea', { namespace: 'gitea' });
  const release = new GiteaRelease(chart, 'gitea', {
    version: '28.3.0',
    storage: Storage.persistent(Size.gibibytes(20)),
    admin: SecretSource.existing('gitea-admin'),
    ...(openRegistration === undefined ? {} : { openRegistration }),
  });
  const served = forge ?? release.forge;
  const runner = new Runner(chart, 'runner', {
    forge: served,
    scope: scope(served),
    registration: Registration.token(SecretSource.existing('runner-token')),
    executor: Executor.host(),
  });
  if (accept) {
    Findings.of(runner).acknowledge('FORGE-RULE-005', accept);
  }
  app.synth();
  return fs.readFileSync(path.join(folder, 'dist/RUNBOOK.md'), 'utf8');
}

const WARNING = '`gitea/runner`: FORGE-RULE-005: everyone can create an account';

test('a runner of the whole instance beside open registration is a warning', () => {
  expect(runbookOf({ openRegistration: true })).toContain(WARNING);
});

test.each<[string, World]>([
  ['registration is closed', {}],
  ['registration is closed explicitly', { openRegistration: false }],
  ['the runner is of an organization', { openRegistration: true, scope: () => RunnerScope.organization('platform') }],
  [
    'the runner is of a repository',
    { openRegistration: true, scope: (f) => RunnerScope.repository(f.repository('a/b')) },
  ],
  [
    'the runner is of another forge',
    { openRegistration: true, forge: Forge.gitea({ version: '28.3.0', url: 'https://other.example.com' }) },
  ],
])('no warning if %s', (_, world) => {
  expect(runbookOf(world)).not.toContain('FORGE-RULE-005');
});

test('an accepted warning is listed with its reason only', () => {
  const runbook = runbookOf({ openRegistration: true, accept: 'a lab without a network' });
  expect(runbook).not.toContain(WARNING);
  expect(runbook).toContain('FORGE-RULE-005 is accepted: a lab without a network');
});
