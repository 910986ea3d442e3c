import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Chart, Size } from 'cdk8s';
import { Deployment } from 'cdk8s-plus-28';
import { GitOpsApp } from '../../lib/app';
import { Buildkitd } from '../../lib/buildkit';
import { Cluster } from '../../lib/flux';
import { Forge } from '../../lib/forge';
import { Storage } from '../../lib/kube';
import { ImagePipeline } from '../../lib/pipeline';
import { Registry } from '../../lib/registry';
import { Executor, Registration, Runner, RunnerScope } from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { readTree, temporaryFolder } from '../support/workspace';

/** A platform in one cluster that builds, and another cluster or none that runs the image too. */
function platform(names: readonly string[]): { folder: string; files: Record<string, string> } {
  const folder = temporaryFolder();
  const app = new GitOpsApp({ outdir: `${folder}/dist`, imageLock: `${folder}/images.yaml` });
  const forge = Forge.gitea({ version: '1.26', url: 'https://git.example.com' });
  const registry = Registry.gitea(forge, { owner: 'platform', credentials: SecretSource.existing('registry') });
  const clusters = names.map((name) => new Cluster(app, name, { source: forge.repository('platform/gitops') }));
  const ci = new Chart(clusters[0], 'ci', { namespace: 'ci' });
  const storage = Storage.persistent(Size.gibibytes(50));
  const builder = new Buildkitd(ci, 'buildkitd', { registries: [registry], storage });
  const runner = new Runner(ci, 'runner', {
    forge,
    scope: RunnerScope.instance(),
    registration: Registration.token(SecretSource.existing('runner-token')),
    executor: Executor.host({ builder }),
  });
  const charts = clusters.map((cluster) => new Chart(cluster, 'apps', { namespace: 'apps' }));
  const repository = forge.repository('platform/hello');
  const { image } = new ImagePipeline(charts[0], 'hello', { repository, registry, runner });
  charts.forEach((chart) => new Deployment(chart, 'hello', { containers: [{ image: image.reference }] }));
  app.synth();
  return { folder, files: readTree(folder) };
}

interface Planned {
  readonly cluster?: string;
  readonly title: string;
  readonly run?: readonly string[];
}

const { folder, files } = platform(['staging', 'production']);
const runbook = files['dist/RUNBOOK.md'];
const checks: Planned[] = JSON.parse(files['dist/.cdk8s-forge.json']).checks;

test('each check that asks a cluster names it, and no other check does', () => {
  const asking = checks.filter(({ run = [] }) => run.some((line) => /(^|[(])(kubectl|flux) /.test(line)));
  expect(asking.length).toBeGreaterThan(8);
  expect(new Set(asking.map(({ cluster }) => cluster))).toEqual(new Set(['staging', 'production']));
  expect(asking.filter(({ cluster }) => cluster === 'production').map(({ title }) => title)).toContain(
    'Flux has applied every deployment layer',
  );
  const others = checks.filter((check) => !asking.includes(check) && check.cluster !== undefined);
  expect(others).toEqual([]);
  expect(checks.some(({ cluster }) => cluster === undefined)).toBe(true);
});

test('the runbook names the cluster of each Secret, command and check', () => {
  expect(runbook).toContain('| `apps/registry` | `production`, `staging` | `kubernetes.io/dockerconfigjson` |');
  expect(runbook).toContain('| `ci/runner-token` | `staging` | `Opaque` |');
  expect(runbook).toContain('In clusters `production` and `staging`: Secret `apps/registry`:');
  expect(runbook).toMatch(/### Token of runner `runner`\n\nIn cluster `staging`\. Copy/);
  expect(runbook).toContain('- buildkitd answers (cluster `staging`): one line per worker');
  expect(runbook).toContain('kubectl config use-context production');
  for (const name of ['staging', 'production']) {
    expect(runbook).toContain(`npx cdk8s-forge verify --cluster ${name} --context ${name} --wait 600`);
  }
});

test('with one cluster, nothing names it', () => {
  const { files: one } = platform(['staging']);
  const text = one['dist/RUNBOOK.md'];
  expect(text).not.toMatch(/use-context|\(cluster `|In cluster `|\| Cluster \|/);
  expect(text).toContain('npx cdk8s-forge verify --wait 600');
  expect(JSON.parse(one['dist/.cdk8s-forge.json']).checks.filter(({ cluster }: Planned) => cluster)).toEqual([]);
  expect(one['dist/host/verify.sh']).not.toContain('CLUSTER');
});

describe('the script', () => {
  function ran(environment: NodeJS.ProcessEnv) {
    const bin = temporaryFolder();
    for (const name of ['kubectl', 'flux', 'curl']) {
      fs.writeFileSync(path.join(bin, name), `#!/bin/bash\necho "${name} $*" >> "$LOG"\n`, { mode: 0o755 });
    }
    const LOG = path.join(bin, 'log');
    const env = { HOME: bin, LOG, ...environment, PATH: `${bin}:${process.env.PATH}` };
    const { status, stderr, stdout } = spawnSync('bash', [`${folder}/dist/host/verify.sh`], { encoding: 'utf8', env });
    return { status, stderr, stdout, log: fs.existsSync(LOG) ? fs.readFileSync(LOG, 'utf8') : '' };
  }

  test('checks one cluster, and what belongs to none', () => {
    const { log, stdout } = ran({ CLUSTER: 'production' });
    expect(log).toContain('kubectl --namespace flux-system wait kustomizations');
    expect(log).toContain('curl ');
    expect(log).not.toContain('--namespace ci');
    expect(stdout).toMatch(/\d+ passed, \d+ failed, \d+ skipped\n$/);
    const { log: staging } = ran({ CLUSTER: 'staging' });
    expect(staging).toContain('statefulset/buildkitd');
    for (const each of [log, staging]) {
      expect(each).toContain('kubectl --namespace apps get secret registry');
    }
  });

  test.each([[{}], [{ CLUSTER: 'other' }]])('asks for the cluster: %j', (environment) => {
    const { status, stderr, log } = ran(environment);
    expect([status, stderr, log]).toEqual([
      2,
      "set CLUSTER to the cluster of kubectl's current context: production or staging\n",
      '',
    ]);
  });
});
