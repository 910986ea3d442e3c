import * as fs from 'node:fs';
import * as path from 'node:path';
import { Chart, Size } from 'cdk8s';
import { Deployment } from 'cdk8s-plus-28';
import { Buildkitd } from '../../lib/buildkit';
import { doctor, Finding } from '../../lib/cli/doctor';
import { runProgram } from '../../lib/cli/program';
import { Cluster } from '../../lib/flux';
import { Forge } from '../../lib/forge';
import { Storage } from '../../lib/kube';
import { ImagePipeline } from '../../lib/pipeline';
import { Registry } from '../../lib/registry';
import { Executor, Registration, Runner, RunnerScope } from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { Findings, PINS } from '../../lib/support';
import { chart, configMap, GitOpsRepository } from './diff/repository';

const DAY = 86_400_000;
const gitea = Forge.gitea({ version: '1.26', url: 'https://git.example.com' });
const registry = Registry.gitea(gitea, {
  owner: 'platform',
  credentials: SecretSource.existing('registry-credentials'),
});

/** A platform that builds an image with buildkitd. */
function platform(home: Cluster): void {
  const ci = new Chart(home, 'ci', { namespace: 'gitea' });
  const buildkitd = new Buildkitd(ci, 'buildkitd', {
    registries: [registry],
    storage: Storage.persistent(Size.gibibytes(50)),
  });
  const runner = new Runner(ci, 'runner', {
    forge: gitea,
    scope: RunnerScope.organization('platform'),
    registration: Registration.token(SecretSource.existing('runner-token')),
    executor: Executor.host({ builder: buildkitd }),
  });
  const apps = new Chart(home, 'apps', { namespace: 'apps' });
  const hello = new ImagePipeline(apps, 'hello-app', {
    repository: gitea.repository('platform/hello'),
    registry,
    runner,
  });
  new Deployment(apps, 'hello', { containers: [{ image: hello.image.reference, portNumber: 8080 }] });
}

const checked = Date.parse(PINS.images.buildkit.checked);
const findings = ({ outdir }: GitOpsRepository, kind: Finding['kind'], today = checked): string[] =>
  doctor({ outdir, today })
    .filter((one) => one.kind === kind)
    .map(({ text }) => text);

test('versions that the output names are old after 120 days, others are not named', () => {
  const repository = new GitOpsRepository().synth(platform);
  const { name, version, newest } = PINS.images.buildkit;
  const isNamed = (lines: string[]): boolean => lines.some((line) => line.startsWith(`${name} ${version} `));
  expect(isNamed(findings(repository, 'version', checked + 121 * DAY))).toBe(true);
  expect(isNamed(findings(repository, 'version', checked + 119 * DAY))).toBe(newest !== undefined);
  expect(findings(repository, 'version', checked + 999 * DAY).join()).not.toContain(PINS.images.node.name);
});

test('an image that keeps its first tag is named until Flux has chosen one', () => {
  const repository = new GitOpsRepository().synth(platform);
  expect(findings(repository, 'image')).toEqual([
    expect.stringContaining('flux-system:hello-app still has its first tag, main-0000000-0'),
  ]);
  const lock = path.join(repository.folder, 'images.yaml');
  fs.writeFileSync(lock, fs.readFileSync(lock, 'utf8').replaceAll('main-0000000-0', 'main-1234567-1700000000'));
  expect(findings(repository, 'image')).toEqual([]);
});

test('accepted errors and warnings are listed', () => {
  const repository = new GitOpsRepository().synth((home) => {
    platform(home);
    Findings.of(home).acknowledge('FORGE-RULE-004', 'nobody else uses it');
  });
  expect(findings(repository, 'acknowledgement')).toEqual(['home: FORGE-RULE-004 is accepted: nobody else uses it']);
  const plan = path.join(repository.outdir, '.cdk8s-forge.json');
  const { warnings } = JSON.parse(fs.readFileSync(plan, 'utf8')) as { warnings: { path: string; text: string }[] };
  expect(findings(repository, 'warning')).toEqual(warnings.map(({ path: at, text }) => `${at}: ${text}`));
});

test.each([
  [500, 0],
  [501, 1],
])('a directory with %d objects gives %d findings', (count, expected) => {
  const objects = Array.from({ length: count }, (_, i) => configMap(`c${i}`));
  expect(
    findings(
      new GitOpsRepository().synth((home) => chart(home, 'many', ...objects)),
      'size',
    ),
  ).toHaveLength(expected);
});

test('the command prints text and JSON, and fails with --strict only', async () => {
  const repository = new GitOpsRepository().synth(platform);
  const run = async (...args: string[]): Promise<[number, string]> => {
    const chunks: string[] = [];
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => chunks.push(String(chunk)) > 0);
    try {
      await runProgram(['doctor', '--output', repository.outdir, ...args]);
      return [Number(process.exitCode), chunks.join('')];
    } finally {
      process.exitCode = undefined;
      write.mockRestore();
    }
  };
  const [code, text] = await run();
  expect([code, text]).toEqual([
    0,
    expect.stringMatching(/^Images\n {2}flux-system:hello-app still has its first tag.*\n {4}fix: see `kubectl/m),
  ]);
  expect((await run('--strict'))[0]).toBe(1);
  expect(JSON.parse((await run('--json'))[1])).toContainEqual(expect.objectContaining({ kind: 'image' }));
});
