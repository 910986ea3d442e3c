import * as fs from 'node:fs';
import * as path from 'node:path';
import { ApiObject, App, Chart, Size } from 'cdk8s';
import { GitOpsApp } from '../../lib/app';
import { Forge, GiteaRelease, RunsOn } from '../../lib/forge';
import { Storage } from '../../lib/kube';
import { SecretSource } from '../../lib/secret';
import { Findings, ForgeError } from '../../lib/support';
import { Step, Trigger, Workflow } from '../../lib/workflow';
import { temporaryFolder } from '../support/workspace';

const url = 'https://git.example.com';

/** What a synth reports, and the warnings of its runbook. */
function outcome(build: (app: App) => void): { codes: string[]; warnings: string } {
  const folder = temporaryFolder();
  const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
  build(app);
  const codes: string[] = [];
  try {
    app.synth();
  } catch (e) {
    codes.push(...(e as ForgeError).problems.map(({ code }) => code));
  }
  const runbook = path.join(folder, 'dist/RUNBOOK.md');
  return { codes, warnings: fs.existsSync(runbook) ? fs.readFileSync(runbook, 'utf8') : '' };
}

const pod = (image: string, accept?: string) => (app: App) => {
  const chart = new Chart(app, 'apps', { namespace: 'apps' });
  const object = new ApiObject(chart, 'pod', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'pod' },
    spec: { containers: [{ name: 'main', image }] },
  });
  if (accept) {
    Findings.of(object).acknowledge('FORGE-RULE-004', accept);
  }
};

const workflow = (version: string) => (app: App) => {
  const repository = Forge.gitea({ version, url }).repository('platform/hello');
  const made = new Workflow(app, 'build', { repository, triggers: [Trigger.dispatch()] });
  made.addJob('build', { runsOn: RunsOn.existing('linux'), steps: [Step.run({ name: 'Build', script: 'make' })] });
};

test.each([
  ['docker:29.8.0-dind', 'CVE-2026-97032', 'docker:29.9.0-dind'],
  ['docker:28-dind', 'CVE-2026-97032', 'docker:29-dind'],
  ['curlimages/curl:8.17.0', 'curl 8.17.0', 'curlimages/curl:8.21.0'],
  ['registry.example.com/mirror/curlimages/curl:8.20.9', 'curl 8.20.9', 'registry.example.com/mirror/curl:1.0.0'],
  ['docker.io/library/node:22.21.1-alpine', 'Node.js 22.21.1', 'docker.io/library/node:22.22.2-alpine'],
  ['moby/buildkit:v0.32.2-rootless', 'CVE-2026-111943', 'moby/buildkit:v0.34.1-rootless'],
  ['gitea/act_runner:0.2.13', 'GHSA-82g9-637c-2fx2', 'gitea/runner:1.0.0'],
  ['codeberg.org/forgejo/forgejo:16.0.3', 'CVE-2026-89094', 'codeberg.org/forgejo/forgejo:16.0.4'],
  ['gitea/gitea:1.26-rootless', 'CVE-2026-60004', 'gitea/gitea:28.3.0-rootless'],
])('warns of %s, and not of its fixed neighbour', (vulnerable, text, fixed) => {
  const found = outcome(pod(vulnerable));
  expect(found.codes).toEqual([]);
  expect(found.warnings).toContain('FORGE-RULE-004');
  expect(found.warnings).toContain(text);
  expect(outcome(pod(fixed))).toEqual({ codes: [], warnings: '' });
});

test.each([
  ['gitea/gitea:1.26.2-rootless', 'gitea/gitea:1.27.1'],
  ['moby/buildkit:v0.28.0', 'moby/buildkit:v0.28.1'],
  [`moby/buildkit:v0.27.1-rootless@sha256:${'0'.repeat(64)}`, 'moby/buildkit:v0.31.2-rootless'],
])('%s is an error until it is accepted, %s is not', (vulnerable, fixed) => {
  expect(outcome(pod(vulnerable)).codes).toEqual(['FORGE-RULE-004']);
  const accepted = outcome(pod(vulnerable, 'the builder has no users'));
  expect(accepted.codes).toEqual([]);
  expect(accepted.warnings).toContain('the builder has no users');
  expect(outcome(pod(fixed)).codes).toEqual([]);
});

test.each([
  ['1.26', [], 'CVE-2026-60004'],
  ['1.27', [], 'CVE-2026-112887'],
  ['1.28', [], 'after 1.27 comes 28.0'],
])('a forge of version %s is reported at its workflow', (version, codes, text) => {
  const found = outcome(workflow(version));
  expect(found.codes).toEqual(codes);
  expect(found.warnings).toContain(text);
});

test('a server of a vulnerable patch is an error, of a minor version a warning', () => {
  const release = (version: string) => (app: App) => {
    new GiteaRelease(new Chart(app, 'git', { namespace: 'git' }), 'gitea', {
      version,
      storage: Storage.persistent(Size.gibibytes(10)),
      admin: SecretSource.existing('gitea-admin'),
    });
  };
  expect(outcome(release('1.26.2')).codes).toEqual(['FORGE-RULE-004']);
  expect(outcome(release('1.26'))).toMatchObject({ codes: [], warnings: expect.stringContaining('CVE-2026-60004') });
  expect(outcome(release('28.3.0')).warnings).not.toContain('CVE-');
});
