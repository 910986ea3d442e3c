import * as fs from 'node:fs';
import * as path from 'node:path';
import { Chart, Size } from 'cdk8s';
import { GitOpsApp } from '../../lib/app';
import { Buildkitd, BuildkitPlatforms, BuildkitVersion } from '../../lib/buildkit';
import { Cluster } from '../../lib/flux';
import { Forge, RunsOn, ServerSettings, SshEndpoint } from '../../lib/forge';
import { Layer, PodGroup, PodSecurity, Storage } from '../../lib/kube';
import { ImagePipeline } from '../../lib/pipeline';
import { DaemonJson, DockerConfigJson, Endpoint, NodeConfig, Registry } from '../../lib/registry';
import { Executor, HostedRunner, Registration, Runner, RunnerScope } from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { Matrix, Trigger } from '../../lib/workflow';
import { temporaryFolder } from '../support/workspace';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPDYaHBHDlJ/bVCQDvPmyr4xPzw2Gm06Eio02a9o2mZr';

function samples(): object[] {
  const folder = temporaryFolder();
  const app = new GitOpsApp({ outdir: `${folder}/dist`, imageLock: `${folder}/images.yaml` });
  const gitea = Forge.gitea({ version: '1.26', url: 'https://git.example.com' });
  const registry = Registry.gitea(gitea, { owner: 'platform', credentials: SecretSource.existing('registry') });
  const home = new Cluster(app, 'home', { source: gitea.repository('platform/gitops') });
  const ci = new Chart(home, 'ci', { namespace: 'ci' });
  const buildkitd = new Buildkitd(ci, 'buildkitd', {
    registries: [registry],
    storage: Storage.persistent(Size.gibibytes(50)),
  });
  const runner = new Runner(ci, 'runner', {
    forge: gitea,
    scope: RunnerScope.instance(),
    registration: Registration.token(SecretSource.existing('runner-token')),
    executor: Executor.host({ builder: buildkitd }),
  });
  const apps = new Chart(home, 'apps', { namespace: 'apps' });
  const hello = new ImagePipeline(apps, 'hello', { repository: gitea.repository('platform/hello'), registry, runner });
  return [
    gitea,
    gitea.product,
    registry,
    registry.push,
    Endpoint.https('mirror.example.com', { mirrors: [Endpoint.https('other.example.com')] }),
    home.layer(Layer.APPS),
    buildkitd,
    buildkitd.connectFrom(ci, { app: 'x' }),
    runner,
    RunsOn.existing('linux'),
    HostedRunner.UBUNTU_LATEST,
    new ServerSettings(gitea),
    new DaemonJson({ registries: [registry] }),
    new NodeConfig([registry]),
    DockerConfigJson.of([registry]),
    PodGroup.of({ app: 'x' }),
    SshEndpoint.of('git.example.com', 22, { hostKeys: [KEY], aliases: ['git'] }),
    SecretSource.existing('x'),
    Matrix.of({ os: ['a', 'b'] }),
    Trigger.push({ branches: ['main'] }),
    hello.workflow,
    Layer,
    PodSecurity,
    BuildkitVersion,
    BuildkitPlatforms,
  ].filter((sample) => sample !== undefined);
}

const LIB = path.join(__dirname, '../../lib');

/** The public members of each class, as the argument checks know them. */
const MEMBERS = new Map(
  fs
    .readdirSync(LIB)
    .map((room) => path.join(LIB, room, 'door.ts'))
    .filter((file) => fs.existsSync(file))
    .flatMap((file) => [...fs.readFileSync(file, 'utf8').matchAll(/^class (?:\w+\.)?(\w+): (.*)$/gm)])
    .map(([, name, members]) => [name, members.replace(/^< [\w.]+ ?/, '').split(' ')]),
);

/** Returns the public properties of an object or a class, with their current values. */
function propertiesOf(of: object): [string, unknown][] {
  const members = new Set<string>();
  for (let at = of.constructor; at.name !== ''; at = Object.getPrototypeOf(at)) {
    (MEMBERS.get(at.name) ?? []).forEach((name) => members.add(name));
  }
  if (typeof of === 'function') {
    ['all', 'changes'].forEach((name) => members.add(name));
  }
  return [...members].filter((name) => name !== 'node').map((name) => [name, (of as Record<string, unknown>)[name]]);
}

function isCollection(value: unknown): value is object {
  return (
    Array.isArray(value) ||
    (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)
  );
}

/** Changes a list or mapping, as far as it lets itself be changed. */
function vandalize(value: object): void {
  try {
    if (Array.isArray(value)) {
      value.splice(0, value.length, 'vandal');
    } else {
      Object.assign(value, { vandal: 'vandal' });
    }
  } catch (e) {
    expect(e).toBeInstanceOf(TypeError);
  }
}

/** Returns whether a list or mapping shows the change. */
function isVandalized(value: unknown): boolean {
  return Array.isArray(value) ? value.includes('vandal') : 'vandal' in (value as object);
}

test('a list or mapping that an object hands out is no way to change the object', () => {
  const changed: string[] = [];
  let seen = 0;
  for (const sample of samples()) {
    const of = typeof sample === 'function' ? sample.name : sample.constructor.name;
    for (const [name, value] of propertiesOf(sample)) {
      if (!isCollection(value)) {
        continue;
      }
      seen++;
      vandalize(value);
      if (isVandalized((sample as Record<string, unknown>)[name])) {
        changed.push(`${of}.${name}`);
      }
    }
  }
  expect(changed).toEqual([]);
  expect(seen).toBeGreaterThan(40);
});
