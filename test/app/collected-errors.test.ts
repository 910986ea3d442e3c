import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, Chart, Size } from 'cdk8s';
import { Deployment } from 'cdk8s-plus-28';
import { GitOpsApp } from '../../lib/app';
import { Buildkitd } from '../../lib/buildkit';
import { Cluster, ImageRepository } from '../../lib/flux';
import { Forge, RunsOn } from '../../lib/forge';
import { Storage } from '../../lib/kube';
import { OutputFile } from '../../lib/output';
import { ImagePipeline } from '../../lib/pipeline';
import { Registry } from '../../lib/registry';
import { Executor, Registration, Runner, RunnerLabel, RunnerScope } from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { Step, Trigger, Workflow } from '../../lib/workflow';
import { accepts, codesOf, problemsOf } from '../support/problems';
import { readTree, temporaryFolder, writeTree } from '../support/workspace';

const ROOT = path.join(__dirname, '..', '..');
const TSX = path.join(ROOT, 'node_modules', 'tsx', 'dist', 'loader.mjs');

const gitea = Forge.gitea({
  version: '28.3.0',
  url: 'https://git.example.com',
  internalUrl: 'http://gitea-http.g.svc:3000',
});
const registry = Registry.gitea(gitea, {
  owner: 'platform',
  credentials: SecretSource.existing('registry-credentials'),
});

function newApp(collectErrors?: boolean) {
  const folder = temporaryFolder();
  const props = { outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml'), collectErrors };
  return { app: new GitOpsApp(props), folder };
}

/** A platform in which the mistakes of `wrong` are made. Without mistakes, it synthesizes. */
function platform(app: App, wrong: ReadonlySet<string>) {
  const or = <T>(mistake: string, bad: unknown, good: T): T => (wrong.has(mistake) ? (bad as T) : good);
  const home = new Cluster(app, 'home', {
    source: gitea.repository('platform/gitops'),
    ...or('cluster', { namespce: 'x' }, {}),
  });
  const ci = new Chart(home, 'ci', { namespace: 'gitea' });
  const builder = new Buildkitd(ci, 'buildkitd', {
    registries: [registry],
    storage: Storage.persistent(Size.gibibytes(or('builder', 1, 50))),
  });
  const label = RunnerLabel.host('a');
  const runner = new Runner(ci, 'runner', {
    forge: gitea,
    scope: RunnerScope.instance(),
    registration: Registration.token(SecretSource.existing('runner-token')),
    executor: Executor.host({ builder }),
    labels: or('runner', [label, label], [label]),
  });
  const apps = new Chart(home, 'apps', { namespace: 'apps' });
  const repository = gitea.repository('platform/hello');
  const hello = new ImagePipeline(apps, 'hello', {
    repository,
    registry,
    runner,
    dockerfile: or('pipeline', '../Dockerfile', 'Dockerfile'),
  });
  new Deployment(apps, 'hello', { containers: [{ image: hello.image.reference, portNumber: 8080 }] });
  new ImagePipeline(
    apps,
    'other',
    or('unknown', { repository, registry, runner, dockerFile: 'x' }, { repository, registry, runner }),
  );
  const workflow = new Workflow(app, 'w', {
    repository,
    triggers: or('trigger', [], [Trigger.push({ branches: ['main'] })]),
  });
  const step = Step.run({ name: 'x', script: 'make' });
  const build = workflow.addJob('build', { runsOn: runner, steps: [step] });
  workflow.addJob(or('job', 'bad id', 'good'), { runsOn: runner, steps: [step] });
  workflow.addJob('next', {
    runsOn: runner,
    needs: [build],
    steps: [Step.run({ name: 'x', script: 'make', env: wrong.has('output') ? { A: build.output('nope') } : {} })],
  });
  new OutputFile(app, 'f', { path: or('file', '../x', 'host/x'), content: '' });
  new ImageRepository(home.images, 'r', { registry, image: or('image', 'UPPER', 'lower') });
}

const MISTAKES: Record<string, [code: string, path: string]> = {
  cluster: ['FORGE-ARG-002', 'home'],
  builder: ['FORGE-BK-004', 'home/ci/buildkitd'],
  runner: ['FORGE-RUN-010', 'home/ci/runner'],
  pipeline: ['FORGE-PIPE-003', 'home/apps/hello-pipeline'],
  unknown: ['FORGE-ARG-002', 'home/apps/other'],
  trigger: ['FORGE-WF-024', 'w'],
  job: ['FORGE-WF-021', 'w'],
  output: ['FORGE-WF-016', 'w/build'],
  file: ['FORGE-OUT-001', 'f'],
  image: ['FORGE-REG-002', 'home/flux/images/r'],
};
const names = Object.keys(MISTAKES);
const found = (mistakes: string[]) => {
  const { app, folder } = newApp(true);
  platform(app, new Set(mistakes));
  const problems = problemsOf(() => app.synth());
  expect(readTree(folder)).toEqual({});
  return problems.map(({ code, path: at }) => [code, at]).sort();
};

test('ten mistakes in one program are ten findings in one run, and nothing is written', () => {
  const { app } = newApp(true);
  platform(app, new Set());
  accepts(() => app.synth());
  const wrong = newApp(true).app;
  platform(wrong, new Set(names));
  expect(codesOf(() => wrong.synthYaml()).sort()).toEqual(found(names).map(([code]) => code));
  expect(names).toHaveLength(10);
  expect(found(names).map(([code]) => code)).toEqual(
    Object.values(MISTAKES)
      .map(([code]) => code)
      .sort(),
  );
});

test('each mistake alone is one finding: what follows from it is not reported, and without it there is none', () => {
  expect(names.map((name) => [name, found([name])])).toEqual(names.map((name) => [name, [MISTAKES[name]]]));
  const { app } = newApp(true);
  platform(app, new Set());
  accepts(() => app.synthYaml());
});

test('without mistakes, the same program synthesizes', () => {
  const { app } = newApp(true);
  platform(app, new Set());
  expect(() => app.synthYaml()).not.toThrow();
});

test('in a test, and in a plain App, a constructor throws', () => {
  const wrong = (app: App) => () => new OutputFile(app, 'f', { path: '../x', content: '' });
  expect(codesOf(wrong(newApp().app))).toEqual(['FORGE-OUT-001']);
  expect(codesOf(wrong(new App()))).toEqual(['FORGE-OUT-001']);
  expect(wrong(newApp(true).app)).not.toThrow();
});

test('what stands in for a construct answers every question, and takes part in nothing', () => {
  const { app } = newApp(true);
  const home = new Cluster(app, 'home', { source: gitea.repository('a/b'), namespce: 'x' } as never);
  expect(home).toBeInstanceOf(Cluster);
  expect(`${home.namespace}`).toMatch(/^[a-z0-9-]+$/);
  expect([...(home.layer as unknown as () => string[])()]).toEqual([]);
  expect(home.node.path).toBe('home');
  expect(app.node.children).toEqual([]);
  expect(() => new Cluster(app, 'home', { source: gitea.repository('a/b') })).not.toThrow();
});

test('a subclass of the program is still of its class, whether its construct can be created or not', () => {
  class MyFile extends OutputFile {
    readonly mine = 'mine';
    constructor(app: App, id: string, at: string) {
      super(app, id, { path: at, content: '' });
    }
  }
  const { app } = newApp(true);
  expect(new MyFile(app, 'good', 'host/x')).toMatchObject({ mine: 'mine', path: 'host/x' });
  accepts(() => app.synth());
  expect(new MyFile(app, 'bad', '../x')).toBeInstanceOf(MyFile);
  expect(codesOf(() => app.synth())).toEqual(['FORGE-OUT-001']);
});

test('an error of the program itself passes', () => {
  const { app } = newApp(true);
  const workflow = new Workflow(app, 'w', { repository: gitea.repository('a/b'), triggers: [Trigger.push()] });
  const mine = {
    bind: () => {
      throw new RangeError('mine');
    },
  };
  expect(() => workflow.addJob('j', { runsOn: RunsOn.existing('x'), steps: [mine as never] })).toThrow(RangeError);
});

test('every construct of the library is constructed under watch', () => {
  const sources = fs
    .readdirSync(path.join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file, text: fs.readFileSync(path.join(ROOT, 'lib', file), 'utf8') }));
  const plain = sources.filter(({ text }) => /checkConstruction\(\w+, new\.target, arguments\);\s+super\(/.test(text));
  expect(plain.map(({ file }) => file)).toEqual(['app/gitops-app.ts']);
});

function run(program: string, environment: Record<string, string> = {}) {
  const folder = temporaryFolder();
  const lib = (room: string) => JSON.stringify(path.join(ROOT, 'lib', room));
  const imports = `
import { GitOpsApp } from ${lib('app')};
import { OutputFile } from ${lib('output')};
import { SecretSource } from ${lib('secret')};
import { Forge } from ${lib('forge')};
const app = new GitOpsApp();
`;
  writeTree(folder, { 'main.ts': imports + program });
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', TSX, 'main.ts'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  return { status, stdout, stderr, codes: [...stderr.matchAll(/^FORGE-\S+/gm)].map(([code]) => code) };
}

describe('in a program', () => {
  test('values are collected too, each with the line that creates it', () => {
    const { status, stderr, codes } = run(`
const forge = Forge.gitea({ version: 'v1', url: 'https://git.example.com' });
SecretSource.existing(process.env.NOPE!);
new OutputFile(app, 'f', { path: '../x', content: forge.url });
app.synth();
`);
    expect({ status, codes }).toEqual({ status: 1, codes: ['FORGE-FRG-001', 'FORGE-ARG-001', 'FORGE-OUT-001'] });
    expect(stderr).toMatch(/^FORGE-FRG-001 in main\.ts:8\n[^]*^FORGE-ARG-001 in main\.ts:9\n[^]*^3 problems\.\n$/m);
  });

  test('a function of the program can still catch the error of a value', () => {
    const { status, stdout } = run(`
const tried = (make: () => unknown) => { try { make(); return 'made'; } catch (e: any) { return e.code; } };
console.log(tried(() => SecretSource.existing('Bad Name')));
`);
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'FORGE-SEC-001\n' });
  });

  test('what was collected is reported if the program stops before synth, or never calls it', () => {
    const wrong = `new OutputFile(app, 'f', { path: '../x', content: '' });\n`;
    const ended = run(wrong);
    expect({ ...ended, stderr: '' }).toMatchObject({ status: 1, codes: ['FORGE-OUT-001'] });
    expect(ended.stderr).toContain('without synth()');
    const stopped = run(`${wrong}throw new RangeError('mine');\n`);
    expect(stopped).toMatchObject({ status: 1, codes: ['FORGE-OUT-001'] });
    expect(stopped.stderr).toContain('RangeError: mine');
    const thrown = run(`${wrong}const f = () => SecretSource.existing('Bad Name');\nf();\n`);
    expect(thrown).toMatchObject({ status: 1, codes: ['FORGE-SEC-001', 'FORGE-OUT-001'] });
  });
});
