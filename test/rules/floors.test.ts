import * as path from 'node:path';
import { Chart, Size } from 'cdk8s';
import { GitOpsApp } from '../../lib/app';
import { Buildkitd, BuildkitMode, BuildkitTls, BuildkitVersion, Emulation } from '../../lib/buildkit';
import { Forge, IForge, IRunsOn } from '../../lib/forge';
import { Architecture, Storage } from '../../lib/kube';
import { Registry, RegistryRetention } from '../../lib/registry';
import {
  Executor,
  GitHubRunner,
  HostedRunner,
  Registration,
  Runner,
  RunnerScope,
  Scaling,
  TokenMint,
} from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { ADVISORIES, applicable, PINS } from '../../lib/support';
import { Actions, Trigger, Workflow } from '../../lib/workflow';
import { readTree, temporaryFolder } from '../support/workspace';

// No default is below a floor, whatever the forge: images without a known vulnerability, runners that the forge registers, and
// actions that the runner has the Node.js and the artifacts for.

const url = 'https://git.example.com';
const secret = SecretSource.existing;
const GITEA = ['1.21', '1.24', '1.26', '1.27', '28.3.0'];
const FORGEJO = ['7.0', '12.0', '15.0.8', '17.0'];
const FORGES: [string, IForge][] = [
  ...GITEA.map((version): [string, IForge] => [`Gitea ${version}`, Forge.gitea({ version, url })]),
  ...FORGEJO.map((version): [string, IForge] => [`Forgejo ${version}`, Forge.forgejo({ version, url })]),
  ['github.com', Forge.github()],
  ...['3.10', '3.20'].map((version): [string, IForge] => [
    `Enterprise Server ${version}`,
    Forge.github({ version, url: 'https://github.example.com' }),
  ]),
];

/** A runner of each kind that the forge has, with defaults only. */
function runners(chart: Chart, forge: Forge): IRunsOn[] {
  const scope = RunnerScope.organization('platform');
  if (forge.product.name === 'github') {
    const registration = Registration.gitHubToken(secret('github'));
    const own = [Executor.host(), Executor.docker()].map(
      (executor, i) =>
        new GitHubRunner(chart, `own${i}`, {
          forge,
          scope,
          registration,
          executor,
          scaling: Scaling.perJob({ max: 2 }),
        }),
    );
    return forge.version === undefined ? [...own, HostedRunner.UBUNTU_LATEST] : own;
  }
  const registrations =
    forge.product.name === 'gitea'
      ? [Registration.token(secret('runner')), Registration.minted(TokenMint.api(secret('admin')))]
      : [Registration.connection('01234567-89ab-4cde-8f01-23456789abcd', secret('runner'))];
  const rootless = forge.product.name === 'gitea' ? [Executor.dockerRootless()] : [];
  const executors = [Executor.host({ imageHasNode: true }), Executor.docker(), ...rootless];
  return registrations.flatMap((registration, i) =>
    executors.map((executor, j) => new Runner(chart, `own${i}${j}`, { forge, scope, registration, executor })),
  );
}

/** A step of each action, with no more than what each needs. */
const steps = () => [
  Actions.checkout({ name: 'Check out' }),
  Actions.cache({ name: 'Cache', paths: ['a'], key: 'a' }),
  Actions.setupBuildx({ name: 'Set up' }),
  Actions.login({ name: 'Log in', username: 'a', password: '${{ secrets.PASSWORD }}' }),
  Actions.metadata({ name: 'Metadata', images: ['registry.example.com/a'] }),
  Actions.buildPush({ name: 'Build' }),
];

function world(forge: Forge) {
  const folder = temporaryFolder();
  const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
  const chart = new Chart(app, 'ci', { namespace: 'ci' });
  const storage = Storage.persistent(Size.gibibytes(50));
  const emulation = Emulation.privilegedBinfmt([Architecture.ARM64]);
  const daemon = { registries: [], storage, tls: BuildkitTls.certManager() };
  [BuildkitMode.rootless(), BuildkitMode.privileged(), BuildkitMode.userNamespace()].forEach(
    (mode, i) => new Buildkitd(chart, `builder${i}`, { ...daemon, mode }),
  );
  new Buildkitd(chart, 'emulating', { ...daemon, mode: BuildkitMode.privileged(), emulation });
  if (forge.product.name !== 'github') {
    const registry = Registry.gitea(forge, { owner: 'platform', credentials: secret('registry') });
    const images = [{ image: 'hello', deployedTags: ['main'] }];
    new RegistryRetention(chart, 'retention', { registry, images, keepLast: 3, token: secret('retention') });
  }
  const made = runners(chart, forge);
  const repository = forge.repository('platform/hello');
  const workflow = new Workflow(app, 'all', { repository, triggers: [Trigger.push({ branches: ['main'] })] });
  made.forEach((runsOn, i) => workflow.addJob(`job${i}`, { runsOn, steps: steps() }));
  app.synth();
  return { files: readTree(path.join(folder, 'dist')), workflow, runners: made };
}

const text = (files: Record<string, string>) => Object.values(files).join('\n');

test.each(FORGES)('%s', (_, forge) => {
  const { files, workflow, runners: made } = world(forge as Forge);
  expect(workflow.warnings.filter((warning) => /node2[04]|register|needs a runner/.test(warning))).toEqual([]);
  const runbook = Object.entries(files).find(([name]) => name.endsWith('RUNBOOK.md'))![1];
  expect(runbook.split('\n').filter((line) => /FORGE-RULE-004.*image /.test(line))).toEqual([]);
  const images = [...text(files).matchAll(/^\s*(?:- )?image: "?([^"\s]+)"?$/gm)].map(([, image]) => image);
  const known = Object.values(PINS.images).map(({ name, version }) => `${name}:${version}`);
  expect(images.length).toBeGreaterThan(made.length);
  expect(images.filter((image) => !known.some((pinned) => image.startsWith(pinned.replace(/-dind$/, ''))))).toEqual([]);
});

test('every pinned image is above the floor of its software, and a software without a floor is named', () => {
  const software: Record<keyof typeof PINS.images, string | undefined> = {
    buildkit: 'BuildKit',
    dockerDaemon: 'Docker',
    curl: 'curl',
    node: 'Node.js',
    distribution: undefined,
    binfmt: undefined,
    giteaRunner: "Gitea's runner",
    forgejoRunner: undefined,
    githubRunner: undefined,
  };
  for (const [key, name] of Object.entries(software)) {
    const [version] = /\d+\.\d+\.\d+/.exec(PINS.images[key as keyof typeof PINS.images].version)!;
    expect([key, name === undefined ? [] : applicable(ADVISORIES[name], version)]).toEqual([key, []]);
  }
  expect(Object.keys(ADVISORIES).sort()).toEqual(
    Object.values(software)
      .filter((name) => name !== undefined)
      .sort(),
  );
});

test('the defaults are what their own floors ask for', () => {
  const github = Forge.github();
  expect(github.product.isAtLeast(github.product.actions.oldestRunner!, PINS.images.githubRunner.version)).toBe(true);
  expect(github.product.isAtLeast(github.product.actions.node24SinceRunner!, PINS.images.githubRunner.version)).toBe(
    true,
  );
  const { product } = Forge.gitea({ version: '1.27', url });
  for (const since of [product.actions.node24SinceRunner!, product.actions.artifactsSinceRunner!]) {
    expect(product.isAtLeast(since, PINS.images.giteaRunner.version)).toBe(true);
  }
  const modes = [BuildkitMode.rootless(), BuildkitMode.privileged(), BuildkitMode.userNamespace()];
  expect(modes.filter(({ minimumVersion }) => !BuildkitVersion.LATEST_KNOWN.isAtLeast(minimumVersion))).toEqual([]);
});
