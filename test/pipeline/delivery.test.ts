import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { Chart, Size } from 'cdk8s';
import { parse, parseAllDocuments } from 'yaml';
import { GitOpsApp } from '../../lib/app';
import { Buildkitd } from '../../lib/buildkit';
import { stamped } from '../../lib/cli/delivered-file';
import { Cluster } from '../../lib/flux';
import { Forge, RunsOn } from '../../lib/forge';
import { Storage } from '../../lib/kube';
import { OutputFile } from '../../lib/output';
import { Delivery, DeliveryJob, GitOpsWorkflow, ImagePipeline } from '../../lib/pipeline';
import { Registry } from '../../lib/registry';
import { Executor, Registration, Runner, RunnerScope } from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { CaBundle, Trust } from '../../lib/trust';
import { Step, Trigger, Workflow } from '../../lib/workflow';
import { ForgeServer, GotRequest, PlayedAnswer } from '../support/played-forge';
import { temporaryFolder, writeTree } from '../support/workspace';
import { accepts } from '../support/problems';

const URL = 'https://git.example.com';
const TOKEN = 'delivery-token-0123456789';
const FILE = '.gitea/workflows/build.yml';
const SOURCE = 'platform/gitops';

interface PodSpec {
  volumes: { name: string }[];
  containers: { env: { name: string; value: string }[] }[];
}

interface Manifest {
  kind: string;
  metadata: { name: string; annotations?: Record<string, string> };
  spec: { template: { spec: PodSpec } };
  data: Record<string, string>;
}

/** Synthesizes a program with a chart in a cluster, and returns the manifests of the chart. */
function synthesized(act: (chart: Chart, gitea: Forge) => void, { repository = SOURCE, lock = '' } = {}): Manifest[] {
  const folder = temporaryFolder();
  if (lock !== '') {
    writeTree(folder, { 'images.yaml': lock });
  }
  const app = new GitOpsApp({ outdir: `${folder}/dist`, imageLock: `${folder}/images.yaml` });
  const trust = Trust.privateCa(CaBundle.fromSecret('ca'));
  const gitea = Forge.gitea({ version: '1.26', url: URL, internalUrl: 'https://gitea.example.internal', trust });
  const cluster = new Cluster(app, 'home', { source: gitea.repository(repository) });
  act(new Chart(cluster, 'apps', { namespace: 'apps' }), gitea);
  app.synth();
  const layers = ['platform', 'apps'].map((layer) => `${folder}/dist/clusters/home/${layer}/apps.k8s.yaml`);
  const text = fs.readFileSync(
    layers.find((file) => fs.existsSync(file))!,
    'utf8',
  );
  return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
}

const token = SecretSource.existing('repo-token');

function workflow(chart: Chart, gitea: Forge, script: string): void {
  const repository = gitea.repository('platform/web');
  const one = new Workflow(chart, 'build', { repository, triggers: [Trigger.push({ branches: ['main'] })] });
  one.addJob('build', { runsOn: RunsOn.existing('linux'), steps: [Step.run({ name: 'Build', script })] });
}

const delivered = (script: string) =>
  synthesized((chart, gitea) => {
    new DeliveryJob(chart, 'delivery', { repository: gitea.repository('platform/web'), token });
    workflow(chart, gitea, script);
  });
const of = (kind: string, all: Manifest[]) => all.filter((one) => one.kind === kind);

test('the files are in a ConfigMap, and a Job that is named after them has the token of the repository and nothing else', () => {
  const [files] = of('ConfigMap', delivered('make'));
  const [job] = of('Job', delivered('make'));
  expect(Object.keys(files.data).sort()).toEqual(['.gitea..workflows..build.yml', 'deliver.mjs', 'plan.json']);
  expect(JSON.parse(files.data['plan.json'])).toEqual({ repositories: [{ name: 'platform/web', files: [FILE] }] });
  expect(files.metadata).toMatchObject({
    name: 'delivery-files',
    annotations: { 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' },
  });
  const pod = job.spec.template.spec;
  expect(pod).toMatchObject({ automountServiceAccountToken: false, securityContext: { runAsNonRoot: true } });
  expect(pod.volumes.map(({ name }) => name)).toEqual(['files', 'token', expect.any(String)]);
  expect(Object.fromEntries(pod.containers[0].env.map((one) => [one.name, one.value]))).toMatchObject({
    API_URL: 'https://gitea.example.internal/api/v1',
    SOURCE,
    NODE_EXTRA_CA_CERTS: expect.stringMatching(/^\/etc\/delivery\/ca\//),
  });
  expect(JSON.stringify(of('Role', delivered('make')))).toBe('[]');
});

test('the name of the Job changes with the files, and with nothing else', () => {
  const name = (all: Manifest[]) => of('Job', all)[0].metadata.name;
  expect(name(delivered('make'))).toMatch(/^delivery-[0-9a-f]{8}$/);
  expect(name(delivered('make'))).toBe(name(delivered('make')));
  expect(name(delivered('make all'))).not.toBe(name(delivered('make')));
});

test('a pipeline delivers its workflow by a Job, and by the command without the option', () => {
  const pipeline = (delivery?: Delivery) =>
    synthesized((chart, gitea) => {
      const registry = Registry.gitea(gitea, { owner: 'platform', credentials: SecretSource.existing('registry') });
      const registration = Registration.token(SecretSource.existing('runner-token'));
      const storage = Storage.persistent(Size.gibibytes(50));
      const builder = new Buildkitd(chart, 'buildkitd', { registries: [registry], storage });
      const executor = Executor.host({ builder });
      const scope = RunnerScope.instance();
      const runner = new Runner(chart, 'runner', { forge: gitea, scope, registration, executor });
      const repository = gitea.repository('platform/hello');
      new ImagePipeline(chart, 'hello', { repository, registry, runner, dockerfile: 'Dockerfile', delivery });
    });
  expect(of('Job', pipeline())).toEqual([]);
  expect(of('Job', pipeline(Delivery.job({ token })))[0].metadata.name).toMatch(
    /^hello-pipeline-delivery-[0-9a-f]{8}$/,
  );
});

test('without a file there is nothing to deliver, and the program of the repository itself has its file in its root', () => {
  const deliversTo = (name: string) => () =>
    synthesized((chart, gitea) => {
      new DeliveryJob(chart, 'delivery', { repository: gitea.repository(name), token });
      workflow(chart, gitea, 'make');
    });
  expect(deliversTo('platform/other')).toThrow(expect.objectContaining({ code: 'FORGE-PIPE-017' }));
  accepts(deliversTo('platform/web'));
});

interface Change {
  readonly operation: string;
  readonly path: string;
  readonly content: string;
  readonly sha?: string;
}

/** A repository in memory, behind the contents API of Gitea 1.26 (routers/api/v1/repo/file.go) or GitHub. */
class Repository {
  commits = 0;

  constructor(
    readonly files: Record<string, string>,
    private readonly instead: Record<string, PlayedAnswer | PlayedAnswer[]> = {},
  ) {}

  answer({ method, path, body }: GotRequest): PlayedAnswer {
    const request = `${method} ${decodeURIComponent(path).replace('repos/platform/web', '')}`;
    const found = Object.keys(this.instead).find((start) => request.startsWith(start));
    const other = found === undefined ? undefined : this.instead[found];
    const answer = Array.isArray(other) ? other.shift() : other;
    if (answer !== undefined) {
      return answer;
    }
    if (request === 'GET ') {
      return { status: 200, body: { default_branch: 'main', archived: false } };
    }
    const [, at] = /^\w+ \/contents\/?([^?]*)/.exec(request) ?? [];
    if (at === undefined) {
      return { status: 404, body: { message: 'not found' } };
    }
    return method === 'GET' ? this.read(at) : this.write(method, at, body as Change & { files?: Change[] });
  }

  private read(at: string): PlayedAnswer {
    const text = this.files[at];
    if (text !== undefined) {
      const content = Buffer.from(text).toString('base64');
      return { status: 200, body: { type: 'file', path: at, sha: hash(text), content } };
    }
    const inside = Object.keys(this.files).filter((file) => file.startsWith(`${at}/`));
    return inside.length > 0
      ? { status: 200, body: inside.map((path) => ({ path, type: 'file' })) }
      : { status: 404, body: { message: 'not found' } };
  }

  private write(method: string, at: string, body: Change & { files?: Change[] }): PlayedAnswer {
    const operation = method === 'DELETE' ? 'delete' : body.sha ? 'update' : 'create';
    const single: Change = { ...body, operation, path: at };
    for (const { operation: what, path, content, sha } of body.files ?? [single]) {
      if ((this.files[path] === undefined ? undefined : hash(this.files[path])) !== sha) {
        return { status: 422, body: { message: 'sha does not match' } };
      }
      if (what === 'delete') {
        delete this.files[path];
      } else {
        this.files[path] = Buffer.from(content, 'base64').toString();
      }
    }
    this.commits += 1;
    return { status: 201, body: { commit: { sha: 'made' } } };
  }
}

const hash = (text: string) => createHash('sha1').update(text).digest('hex');
const TEXT = 'on: push\njobs: {}\n';

/** Runs the script as the Job does. */
async function run(repository: Repository, { product = 'gitea' } = {}) {
  const server = await ForgeServer.start((request) => repository.answer(request));
  const folder = temporaryFolder();
  const plan = { repositories: [{ name: 'platform/web', files: [FILE] }] };
  writeTree(folder, { token: `${TOKEN}\n`, 'plan.json': JSON.stringify(plan), '.gitea..workflows..build.yml': TEXT });
  const env = {
    PATH: process.env.PATH,
    API_URL: `${server.url}/api/v1`,
    PRODUCT: product,
    SOURCE,
    TOKEN_FILE: `${folder}/token`,
    PLAN_FILE: `${folder}/plan.json`,
    TEXTS_FOLDER: folder,
    FLAT: 'yes',
    RETRY_MILLISECONDS: '1',
    TIMEOUT_MILLISECONDS: '300',
  };
  const script = `${__dirname}/../../lib/pipeline/delivery/scripts/deliver.mjs`;
  const child = spawn(process.execPath, [script], { env });
  let output = '';
  child.stdout.on('data', (part: Buffer) => (output += part.toString()));
  child.stderr.on('data', (part: Buffer) => (output += part.toString()));
  const status = await new Promise((resolve) => child.on('close', resolve));
  await server.end();
  expect(output).not.toContain(TOKEN);
  expect(server.requests.every(({ authorization }) => authorization.endsWith(` ${TOKEN}`))).toBe(true);
  return { status, output: output.trim() };
}

const WANTED = stamped(TEXT, SOURCE);

test.each(['gitea', 'forgejo', 'github'])(
  'at %s a missing file is created once, as the command writes it',
  async (product) => {
    const repository = new Repository({ 'README.md': '# web\n' });
    expect(await run(repository, { product })).toEqual({ status: 0, output: `platform/web: create: ${FILE}` });
    expect(repository.files[FILE]).toBe(WANTED);
    expect(await run(repository, { product })).toEqual({ status: 0, output: 'platform/web: nothing to change' });
    expect(repository.commits).toBe(1);
  },
);

test('what was delivered is updated or deleted, what somebody wrote or changed stays', async () => {
  const theirs = '.gitea/workflows/theirs.yml';
  const old = '.gitea/workflows/old.yml';
  const repository = new Repository({
    [FILE]: stamped('on: pull_request\n', SOURCE),
    [old]: stamped('on: push\n', SOURCE),
    [theirs]: stamped('on: push\n', 'other/gitops'),
    '.gitea/workflows/own.yml': 'on: push\n',
  });
  const { status, output } = await run(repository);
  expect([status, output.split('\n')]).toEqual([0, [`platform/web: update: ${FILE}`, `platform/web: delete: ${old}`]]);
  expect(Object.keys(repository.files).sort()).toEqual([
    '.gitea/workflows/build.yml',
    '.gitea/workflows/own.yml',
    theirs,
  ]);
  expect(repository.commits).toBe(1);
  repository.files[FILE] = WANTED.replace('push', 'release');
  const edited = await run(repository);
  expect(edited).toMatchObject({ status: 1, output: expect.stringContaining(`conflict: ${FILE} was changed there`) });
  repository.files[FILE] = TEXT;
  expect(await run(repository)).toMatchObject({ status: 0, output: 'platform/web: nothing to change' });
});

const error = (status: number): PlayedAnswer => ({ status, body: { message: 'no' } });

test.each<[string, Record<string, PlayedAnswer | PlayedAnswer[]>, number, RegExp]>([
  ['a wrong token', { GET: error(401) }, 1, /401: the token needs/],
  ['a token that may only read', { POST: error(403) }, 1, /403: the token needs/],
  ['a repository that is not there', { 'GET ': error(404) }, 1, /does not exist, or the token cannot see it/],
  ['others at the same time, once', { POST: [error(409)] }, 0, /create/],
  ['others at the same time, always', { POST: error(422) }, 1, /others committed at the same time, 3 times/],
  ['a server that fails once', { 'GET /contents': [error(500)] }, 0, /create/],
  ['a server that fails', { GET: error(503) }, 1, /status 503/],
  ['a server that is busy', { 'GET ': [error(429)] }, 0, /create/],
  ['a commit that fails is not sent again', { POST: error(500) }, 1, /POST .*status 500/],
  ['no answer', { GET: 'never' }, 1, /TimeoutError/],
  ['a connection that breaks', { 'GET ': ['reset'] }, 0, /create/],
  ['a page instead of JSON', { GET: { status: 200, body: '<html>' } }, 1, /not JSON/],
  ['an archived repository', { 'GET ': { status: 200, body: { archived: true } } }, 1, /archived/],
])('%s', async (_, instead, status, text) => {
  const repository = new Repository({}, instead);
  expect(await run(repository)).toEqual({ status, output: expect.stringMatching(text) });
  expect(repository.commits).toBe(status === 0 ? 1 : 0);
});

/** Runs the step of the workflow that delivers, in a clone of the program's repository. */
async function stepRun(repository: Repository, act: (clone: string) => void = () => {}) {
  const folder = temporaryFolder();
  const app = new GitOpsApp({ outdir: `${folder}/dist`, imageLock: `${folder}/images.yaml` });
  const gitea = Forge.gitea({ version: '1.26', url: URL });
  const own = gitea.repository(SOURCE);
  new GitOpsWorkflow(app, 'synth', {
    repository: own,
    branch: 'main',
    runsOn: RunsOn.existing('linux'),
    deliver: true,
  });
  const web = new Workflow(app, 'build', { repository: gitea.repository('platform/web'), triggers: [Trigger.push()] });
  web.addJob('build', { runsOn: RunsOn.existing('linux'), steps: [Step.run({ name: 'Build', script: 'make' })] });
  app.synth();
  const workflow = parse(fs.readFileSync(`${folder}/.gitea/workflows/synth.yml`, 'utf8'));
  const { needs, permissions, steps } = workflow.jobs.deliver;
  expect({ needs, permissions, token: steps[1].env.TOKEN }).toEqual({
    needs: ['synth'],
    permissions: undefined,
    token: '${{ secrets.DELIVERY_TOKEN }}',
  });
  act(folder);
  const server = await ForgeServer.start((request) => repository.answer(request));
  const env = {
    ...steps[1].env,
    API_URL: `${server.url}/api/v1`,
    TOKEN,
    PATH: process.env.PATH,
    RETRY_MILLISECONDS: '1',
  };
  const child = spawn('bash', ['--norc', '--noprofile', '-e', '-o', 'pipefail', '-c', steps[1].run], {
    cwd: folder,
    env,
  });
  let output = '';
  child.stdout.on('data', (part: Buffer) => (output += part.toString()));
  child.stderr.on('data', (part: Buffer) => (output += part.toString()));
  const status = await new Promise((resolve) => child.on('close', resolve));
  await server.end();
  const text = fs.readFileSync(`${folder}/dist/repositories/platform/web/${FILE}`, 'utf8');
  return { status, output: output.trim(), wanted: stamped(text, SOURCE) };
}

test('the workflow of the program delivers what is committed, and the command finds nothing to change then', async () => {
  const repository = new Repository({});
  const { status, output, wanted } = await stepRun(repository);
  expect([status, output]).toEqual([0, `platform/web: create: ${FILE}`]);
  expect(repository.files[FILE]).toBe(wanted);
  expect(await stepRun(repository)).toMatchObject({ status: 0, output: 'platform/web: nothing to change' });
});

test('a commit cannot let the step send files of the machine, ask other servers, or leave the repositories', async () => {
  const link = (clone: string) => {
    const file = `${clone}/dist/repositories/platform/web/${FILE}`;
    fs.renameSync(file, `${file}.kept`);
    fs.symlinkSync('/etc/passwd', file);
  };
  const planned = (change: object) => (clone: string) => {
    const file = `${clone}/dist/.cdk8s-forge.json`;
    const plan = JSON.parse(fs.readFileSync(file, 'utf8'));
    fs.writeFileSync(file, JSON.stringify({ ...plan, repositories: [{ ...plan.repositories[0], ...change }] }));
  };
  for (const [act, text] of [
    [link, /is outside of the files to deliver/],
    [planned({ forge: 'https://other.example.com' }), /is not at https:\/\/git\.example\.com/],
    [planned({ name: '../../admin/users' }), /not the name of a repository/],
    [planned({ name: 'platform/..' }), /not the name of a repository/],
    [planned({ files: ['../../../.cdk8s-forge.json'] }), /is outside of the files/],
    [planned({ files: ['no.yml'] }), /no\.yml is missing/],
  ] as const) {
    const repository = new Repository({});
    const { status, output } = await stepRun(repository, act);
    expect([status, output]).toEqual([1, expect.stringMatching(text)]);
    expect(repository.commits).toBe(0);
  }
});

test('the files of a repository are those in the tree, whenever they were created, without the ones of other repositories', () => {
  const app = new GitOpsApp({ outdir: temporaryFolder(), imageLock: `${temporaryFolder()}/images.yaml` });
  const chart = new Chart(app, 'c', { namespace: 'n' });
  const file = (name: string) => new OutputFile(chart, name, { path: `repositories/team/${name}.yml`, content: '' });
  const made = ['app/b', 'app/x/a', 'app-two/a'].map(file);
  expect(OutputFile._below(app, 'repositories/team/app')).toEqual([made[0], made[1]]);
  chart.node.tryRemoveChild(made[0].node.id);
  const late = file('app/c');
  expect(OutputFile._below(chart, 'repositories/team/app')).toEqual([late, made[1]]);
  app.node.tryRemoveChild('c');
  expect(OutputFile._below(app, 'repositories/team/app')).toEqual([]);
});
