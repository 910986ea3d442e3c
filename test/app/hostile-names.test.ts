import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Chart, Size } from 'cdk8s';
import * as fc from 'fast-check';
import { parse, parseAllDocuments } from 'yaml';
import { GitOpsApp } from '../../lib/app';
import { BuildCache, Buildkitd, BuildkitSmokeTest } from '../../lib/buildkit';
import { Cluster } from '../../lib/flux';
import { Forge, RunsOn } from '../../lib/forge';
import { Storage } from '../../lib/kube';
import { GitOpsWorkflow, ImagePipeline } from '../../lib/pipeline';
import { PrePull, Ref, Release } from '../../lib/recipe';
import { Endpoint, Registry } from '../../lib/registry';
import {
  Executor,
  Registration,
  RegistrationTokenJob,
  Runner,
  RunnerLabel,
  RunnerScope,
  TokenMint,
} from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { ForgeError } from '../../lib/support';
import { CaBundle, Trust } from '../../lib/trust';
import { JobContainer, Trigger, Workflow } from '../../lib/workflow';
import { runBash } from '../support/bash';
import { pictureIn, readFlowchart } from '../support/mermaid';
import { blocksOf, callsOf, commandsInTables } from '../support/runbook';
import { readTree, temporaryFolder } from '../support/workspace';

/** Every name of the model that reaches a script, a URL, a configuration file or a command of the runbook. */
const NAMES = {
  forgeUrl: 'https://git.example.com',
  forgePath: 'https://git.example.com/forge',
  gitops: 'platform/gitops',
  repository: 'platform/hello',
  organization: 'platform',
  owner: 'platform',
  registryHost: 'registry.example.com',
  pushHost: 'registry.ci.svc.cluster.local:5000',
  image: 'hello',
  policy: 'hello',
  file: 'hello.yml',
  workflow: 'hello',
  context: '.',
  dockerfile: 'Dockerfile',
  branch: 'main',
  gitopsBranch: 'main',
  cluster: 'home',
  chart: 'ci',
  namespace: 'ci',
  appsNamespace: 'apps',
  builder: 'buildkitd',
  runner: 'runner',
  pipeline: 'hello',
  label: 'builds',
  existingLabel: 'containers',
  jobImage: 'node:22.21.0',
  tokenSecret: 'runner-token',
  tokenKey: 'token',
  registrySecret: 'registry-credentials',
  ca: 'home-ca',
  caKey: 'ca.crt',
  storageClass: 'fast',
  iniSecret: 'gitea-ini',
  mintImage: 'gitea/gitea:28.3.0-rootless',
  cacheTag: 'cache',
  prePulled: 'docker.io/library/python:3.13.1-slim',
  releaseTag: 'v1.0.0',
  message: 'Release',
  checkoutBranch: 'main',
  triggerBranch: 'main',
  jobEnv: 'value',
};
type Names = typeof NAMES;

/** Runs instead of a command if text becomes code. */
const CANARY = 'executed-by-accident';

const HOSTILE = [
  (name: string) => `${name}$(${CANARY})`,
  (name: string) => `${name}\`${CANARY}\``,
  (name: string) => `${name};${CANARY};`,
  (name: string) => `${name}'; ${CANARY}; '`,
  (name: string) => `${name}"; ${CANARY}; "`,
  (name: string) => `${name}|${CANARY}`,
  (name: string) => `${name}&&${CANARY}`,
  (name: string) => `${name}\n${CANARY}`,
  (name: string) => `${name} ${CANARY}`,
  (name: string) => `${name}\${IFS}${CANARY}`,
  (name: string) => `${name}>(${CANARY})`,
  (name: string) => `$(${CANARY})/${name}`,
  (name: string) => `${name}"\n${CANARY} = "`,
  (name: string) => `${name}\\`,
  (name: string) => `${name}'$(${CANARY})'`,
  () => `--${CANARY}`,
  (name: string) => `${name}\`\n\`\`\`sh\n${CANARY}\n\`\`\``,
  (name: string) => `${name}" }} ${CANARY} {{ "`,
];

function everything(names: Names, folder: string): GitOpsApp {
  const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
  const ca = CaBundle.fromSecret(names.ca, names.caKey);
  const gitea = Forge.gitea({ version: '1.27', url: names.forgeUrl, trust: Trust.privateCa(ca) });
  const registry = Registry.gitea(gitea, {
    owner: names.owner,
    push: Endpoint.http(names.pushHost),
    pull: Endpoint.https(names.registryHost, { trust: Trust.privateCa(ca) }),
    credentials: SecretSource.existing(names.registrySecret),
  });
  const home = new Cluster(app, names.cluster, {
    source: gitea.repository(names.gitops),
    branch: names.gitopsBranch,
    webhookToken: SecretSource.existing('webhook-token'),
  });
  const ci = new Chart(home, names.chart, { namespace: names.namespace });
  const builder = new Buildkitd(ci, names.builder, {
    registries: [registry],
    storage: Storage.persistent(Size.gibibytes(50), names.storageClass),
  });
  new BuildkitSmokeTest(ci, 'smoke', { builder });
  const common = { forge: gitea, environment: { VALUE: names.jobEnv } };
  const runner = new Runner(ci, names.runner, {
    ...common,
    scope: RunnerScope.organization(names.organization),
    registration: Registration.token(SecretSource.existing(names.tokenSecret, { keys: { token: names.tokenKey } })),
    executor: Executor.host({ builder }),
    labels: [RunnerLabel.host(names.label)],
  });
  const token = new RegistrationTokenJob(ci, 'minted', {
    forge: gitea,
    scope: RunnerScope.repository(gitea.repository(names.repository)),
    mint: TokenMint.command(SecretSource.existing(names.iniSecret), names.mintImage),
  });
  const docker = new Runner(ci, 'docker', {
    ...common,
    scope: RunnerScope.repository(gitea.repository(names.repository)),
    registration: Registration.token(token.secret),
    executor: Executor.docker(),
    labels: [RunnerLabel.docker('node', names.jobImage)],
  });
  const apps = new Chart(home, 'apps', { namespace: names.appsNamespace });
  new ImagePipeline(apps, names.pipeline, {
    repository: gitea.repository(names.repository),
    registry,
    runner,
    image: names.image,
    policyName: names.policy,
    workflowName: names.workflow,
    workflowFileName: names.file,
    context: names.context,
    dockerfile: names.dockerfile,
    branch: names.branch,
    cache: BuildCache.registry({ tag: names.cacheTag }),
  });
  new GitOpsWorkflow(app, 'synth', {
    repository: gitea.repository(names.gitops),
    branch: names.gitopsBranch,
    runsOn: RunsOn.existing(names.existingLabel),
    container: JobContainer.of(names.jobImage),
  });
  release(app, { names, gitea, runner: docker });
  return app;
}

function release(app: GitOpsApp, { names, gitea, runner }: { names: Names; gitea: Forge; runner: Runner }): void {
  const workflow = new Workflow(app, 'release', {
    repository: gitea.repository(names.repository),
    fileName: 'release.yml',
    triggers: [Trigger.push({ branches: [names.triggerBranch] })],
  });
  workflow.addJob('release', {
    runsOn: runner,
    steps: [
      PrePull.step({ images: [names.prePulled] }),
      Release.tag({ tag: names.releaseTag, message: names.message }),
    ],
  });
  Ref.branch(names.checkoutBranch);
}

/** What becomes of a name: refused with a code, or output in which nothing of it runs. */
function outcome(names: Names): { refused: string } | { found: string[] } {
  const folder = temporaryFolder();
  try {
    everything(names, folder).synth();
  } catch (e) {
    if (e instanceof ForgeError) {
      return { refused: e.problems.map(({ code }) => code).join() };
    }
    throw e;
  }
  return { found: found(folder) };
}

function found(folder: string): string[] {
  const runbook = fs.readFileSync(path.join(folder, 'dist/RUNBOOK.md'), 'utf8');
  readFlowchart(pictureIn(runbook));
  return [...ofRunbook(runbook), ...scriptsIn(folder).flatMap(ofScript)];
}

/** Every script of the output, and of the repository's own workflows beside it. */
function scriptsIn(folder: string): Script[] {
  return Object.entries(readTree(folder)).flatMap(([file, text]) =>
    file.includes('/workflows/') ? stepsOf(text) : file.endsWith('.k8s.yaml') ? containersOf(text) : [],
  );
}

interface Script {
  readonly script: string;
  readonly env: Record<string, string>;
}

function stepsOf(text: string): Script[] {
  const { jobs } = parse(text) as {
    jobs: Record<string, { steps?: { run?: string; env?: Record<string, string> }[] }>;
  };
  return Object.values(jobs).flatMap(({ steps = [] }) =>
    steps.filter(({ run }) => run !== undefined).map(({ run, env }) => ({ script: run!, env: env ?? {} })),
  );
}

const isShell = (word: unknown) => /(^|\/)(ba)?sh$/.test(String(word));

/** Scripts that a shell gets as an argument, wherever they are in an object. */
function containersOf(text: string): Script[] {
  const scripts: Script[] = [];
  const look = (value: unknown): void => {
    if (Array.isArray(value)) {
      const at = value.findIndex((one, i) => /^-\w*c$/.test(String(one)) && value.slice(0, i).some(isShell));
      if (at > 0) {
        scripts.push({ script: String(value[at + 1]), env: {} });
      }
    }
    if (typeof value === 'string' && value.startsWith('#!')) {
      scripts.push({ script: value, env: {} });
    }
    if (typeof value === 'object' && value !== null) {
      Object.values(value).forEach(look);
    }
  };
  parseAllDocuments(text).forEach((document) => look(document.toJSON()));
  return scripts;
}

function ofRunbook(runbook: string): string[] {
  const commands = [...blocksOf(runbook), ...commandsInTables(runbook)];
  const { calls } = callsOf(commands.join('\n'));
  return [
    ...commands.filter((command) => spawnSync('bash', ['-n', '-c', command]).status !== 0),
    ...calls.filter(([program]) => program === CANARY).map(() => 'the runbook runs it'),
  ];
}

/** Programs that the scripts call. None of them does anything. */
const STUBS = ['git', 'buildctl', 'docker', 'curl', 'wget', 'ssh', 'kubectl', 'gitea', 'sleep', 'npm', 'npx'];

function ofScript({ script, env }: Script): string[] {
  const log = path.join(temporaryFolder(), 'log');
  const stubs = Object.fromEntries(STUBS.map((name) => [name, '#!/bin/bash\nexit 0\n']));
  const readable = spawnSync('bash', ['-n', '-c', script]).status === 0;
  runBash(script.replace(/^exec .*$/gm, ''), {
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value.replace(/\$\{\{.*?\}\}/g, 'x')])),
    commands: { ...stubs, [CANARY]: `#!/bin/bash\ntouch ${log}\n` },
  });
  return [
    ...(readable ? [] : ['a script that bash cannot read']),
    ...(script.includes(CANARY) ? ['a script with a name in its text'] : []),
    ...(fs.existsSync(log) ? ['a script runs it'] : []),
  ];
}

test('the names as they are make all of it', () => {
  const folder = temporaryFolder();
  everything(NAMES, folder).synth();
  expect(found(folder)).toEqual([]);
  expect(scriptsIn(folder).length).toBeGreaterThan(8);
  expect(blocksOf(fs.readFileSync(path.join(folder, 'dist/RUNBOOK.md'), 'utf8')).length).toBeGreaterThan(5);
});

test('the check itself sees a name that runs', () => {
  expect(ofRunbook(`\`\`\`sh\nkubectl get pods; ${CANARY}\n\`\`\`\n`)).toEqual(['the runbook runs it']);
  expect(ofScript({ script: 'eval "$NAME"', env: { NAME: CANARY } })).toEqual(['a script runs it']);
});

test('no name becomes code: it is refused, or quoted wherever it goes', () => {
  const cases = fc.tuple(fc.constantFrom(...(Object.keys(NAMES) as (keyof Names)[])), fc.constantFrom(...HOSTILE));
  fc.assert(
    fc.property(cases, ([key, hostile]) => {
      const value = hostile(NAMES[key]);
      const result = outcome({ ...NAMES, [key]: value });
      expect({ key, value, found: 'found' in result ? result.found : [] }).toEqual({ key, value, found: [] });
    }),
    { numRuns: Number(process.env.FORGE_HOSTILE_NAMES ?? 25) },
  );
}, 120_000);
