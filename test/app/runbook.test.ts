import * as fs from 'node:fs';
import * as path from 'node:path';
import { ApiObject, Chart, Size } from 'cdk8s';
import { GitOpsApp } from '../../lib/app';
import { Buildkitd, BuildkitSmokeTest } from '../../lib/buildkit';
import { Cluster, ExistingSource, ImagePolicy, ImageRepository, TagPolicy } from '../../lib/flux';
import { Forge, RunsOn } from '../../lib/forge';
import { KindCluster } from '../../lib/host';
import { ManagedNamespace, Storage } from '../../lib/kube';
import { Registry } from '../../lib/registry';
import { Executor, Registration, Runner, RunnerLabel, RunnerScope } from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { advise } from '../../lib/support';
import { CaBundle, Trust } from '../../lib/trust';
import { Action, Step, Trigger, Workflow } from '../../lib/workflow';
import { configMap, gitops, policyOf } from '../flux/support';
import { temporaryFolder } from '../support/workspace';

const gitea = Forge.gitea({ version: '1.26', url: 'https://git.example.com' });

function runbookOf(build: (app: GitOpsApp) => void): string | undefined {
  const folder = temporaryFolder();
  const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
  build(app);
  app.synth();
  const file = path.join(folder, 'dist/RUNBOOK.md');
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : undefined;
}

test('there is none when there is nothing to do by hand', () => {
  expect(
    runbookOf((app) => {
      new Chart(app, 'empty');
    }),
  ).toBeUndefined();
});

test('says how the Flux of flux bootstrap gets its image controllers, and how the key of SOPS is replaced', () => {
  const text = (props: { existingSource?: ExistingSource }) =>
    runbookOf((app) => {
      const home = new Cluster(app, 'home', {
        source: gitops,
        decryption: SecretSource.existing('sops-age'),
        ...props,
      });
      const chart = new Chart(home, 'apps', { namespace: 'apps' });
      configMap(chart, 'settings', { image: policyOf(home, 'web').image.reference });
    })!;
  const existing = text({ existingSource: ExistingSource.gitRepository('flux-system') });
  expect(existing).toContain('run `flux bootstrap` again with `--components-extra=image-reflector-controller,');
  expect(text({})).not.toContain('flux bootstrap` again');
  expect(existing).toMatch(
    /- `flux-system\/sops-age`: add the new key to the file beside the old one.*sops updatekeys/,
  );
  expect(existing).not.toContain('`flux-system/sops-age`: replace the Secret, restart');
});

test('sends nobody to a chapter that it does not have: links lead to headings', () => {
  const page = (props: { existingSource?: ExistingSource }) =>
    runbookOf((app) => {
      const chart = new Chart(new Cluster(app, 'home', { source: gitops, ...props }), 'apps', { namespace: 'apps' });
      configMap(chart, 'settings');
    })!;
  for (const text of [page({}), page({ existingSource: ExistingSource.gitRepository('flux-system') })]) {
    const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) => title.toLowerCase().replace(/ /g, '-'));
    const links = [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
    expect(links.filter((anchor) => !headings.includes(anchor))).toEqual([]);
    expect(links).toContain('verify');
  }
  expect(page({})).toContain('[Secrets](#secrets)');
});

test('begins with the machines: a local cluster is there before the command sets it up', () => {
  const text = runbookOf((app) => {
    const chart = new Chart(new Cluster(app, 'home', { source: gitops }), 'apps', { namespace: 'apps' });
    configMap(chart, 'settings');
    new KindCluster(app, 'local');
  })!;
  const steps = ['## Machines', '### Cluster of kind `local`', '## Set up with the command', '## Prerequisites'];
  expect(steps.map((step) => text.indexOf(step)).filter((at) => at < 0)).toEqual([]);
  expect(steps.map((step) => text.indexOf(step))).toEqual(
    steps.map((step) => text.indexOf(step)).sort((a, b) => a - b),
  );
  // The steps once; the checks of the cluster are below `Verify`.
  expect(text.split('## Verify')[0].match(/### Cluster of kind/g)).toHaveLength(1);
});

test('lists what workflows fetch from elsewhere, with steps that were added after the workflow', () => {
  const text = runbookOf((app) => {
    const workflow = new Workflow(app, 'build', {
      repository: gitea.repository('platform/hello'),
      triggers: [Trigger.push({ branches: ['main'] })],
    });
    const action = Action.repository('actions', 'checkout', {
      ref: 'v4.2.2',
      sha: '11bd71901bbe5b1630ceea73d27597364c9af683',
    });
    workflow.addJob('build', {
      runsOn: RunsOn.existing('ubuntu-latest'),
      steps: [Step.uses({ name: 'Check out', action })],
    });
  });
  expect(text).toMatch(/## External addresses\n\n.*\n\n- `https:\/\/github\.com\/actions\/checkout`, by `build`\n$/);
});

test('passes on what works, but perhaps not as meant', () => {
  const text = runbookOf((app) => {
    new Runner(new Chart(app, 'ci', { namespace: 'ci' }), 'runner', {
      forge: gitea,
      scope: RunnerScope.instance(),
      registration: Registration.token(SecretSource.existing('runner-token')),
      labels: [RunnerLabel.docker('ubuntu-latest', 'docker.gitea.com/runner-images:ubuntu-latest')],
      executor: Executor.dockerRootless({
        state: Storage.persistent(Size.gibibytes(5), 'nfs-slow'),
        layers: Storage.persistent(Size.gibibytes(100), 'longhorn'),
      }),
    });
  });
  expect(text).toMatch(/## Warnings\n\n.*\n\n- `ci\/runner`: FORGE-RUN-030: .*nfs-slow/);
});

test('is the same, byte for byte, after Flux has moved a tag', () => {
  const folder = temporaryFolder();
  const synth = () => {
    const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
    const home = new Cluster(app, 'home', { source: gitea.repository('platform/gitops') });
    const repository = new ImageRepository(home.images, 'hello', {
      registry: Registry.gitea(gitea, { owner: 'platform' }),
      image: 'hello',
    });
    const { image } = new ImagePolicy(repository, 'hello', { repository, tags: TagPolicy.timestamped() });
    new ApiObject(new Chart(home, 'apps', { namespace: 'apps' }), 'pod', {
      apiVersion: 'v1',
      kind: 'Pod',
      spec: { containers: [{ name: 'hello', image: image.reference }] },
    });
    app.synth();
    const [manifests, runbook] = ['clusters/home/apps/apps.k8s.yaml', 'RUNBOOK.md'].map((file) =>
      fs.readFileSync(path.join(folder, 'dist', file), 'utf8'),
    );
    return { manifests, runbook };
  };
  const before = synth();
  const lock = path.join(folder, 'images.yaml');
  fs.writeFileSync(lock, fs.readFileSync(lock, 'utf8').replace(/main-[0-9a-f]+-\d+/, 'main-4f0c1d2-1763600000'));
  const after = synth();
  expect(after.manifests).not.toBe(before.manifests);
  expect(after.runbook).toBe(before.runbook);
});

test('says once what several constructs say, and puts what is seen alike into one row', () => {
  const text = runbookOf((app) => {
    const ci = new Chart(app, 'ci', { namespace: 'ci' });
    ['one', 'two'].forEach((id) => {
      const builder = new Buildkitd(ci, id, {
        registries: [Registry.ghcr({ owner: 'example' })],
        storage: Storage.ephemeral(Size.gibibytes(20)),
      });
      new BuildkitSmokeTest(ci, `${id}-smoke-test`, { builder });
    });
  })!;
  const rows = text.split('\n').filter((line) => line.startsWith('| `no space left on device`'));
  expect(rows).toHaveLength(1);
  expect(rows[0].match(/buildctl prune/g)).toHaveLength(2);
  expect(rows[0].match(/exec statefulset\/(one|two) .*?buildctl du|exec deployment/g)).toHaveLength(2);
  expect(text.match(/^- `ghcr\.io` answers/gm)).toHaveLength(1);
  expect(text).toContain('wait --for condition=complete job/two-smoke-test');
});

test('a picture alone makes no runbook', () => {
  const [from, to] = ['a', 'b'].map((name) => ({ kind: 'runner' as const, name, label: [name] }));
  expect(
    runbookOf((app) => {
      advise(new Chart(app, 'empty'), () => ({ links: [{ from, to }] }));
    }),
  ).toBeUndefined();
});

test('says how the certificates of a private authority get to the commands, or that they have to', () => {
  const home = Forge.gitea({
    version: '1.26',
    url: 'https://git.home.example',
    trust: Trust.privateCa(CaBundle.fromConfigMap('home-ca')),
  });
  const workflow = (app: GitOpsApp) => {
    new Workflow(app, 'build', {
      repository: home.repository('platform/hello'),
      triggers: [Trigger.push({ branches: ['main'] })],
    }).addJob('build', {
      runsOn: RunsOn.existing('ubuntu-latest'),
      steps: [Step.run({ name: 'Build', script: 'make' })],
    });
  };
  expect(runbookOf(workflow)).toContain('Add the certificates of `home-ca` to the file `$CA`.\n');
  const text = runbookOf((app) => {
    workflow(app);
    new Runner(new Chart(app, 'ci', { namespace: 'ci' }), 'runner', {
      forge: home,
      scope: RunnerScope.instance(),
      registration: Registration.token(SecretSource.existing('runner-token')),
      executor: Executor.host(),
    });
  });
  expect(text).toContain('CA=$(mktemp)\nkubectl --namespace ci get configmap home-ca ');
});

test('has an order of its own, whatever was created first', () => {
  const text = (first: boolean) =>
    runbookOf((app) => {
      const inOrder = <T>(list: T[]) => (first ? list : [...list].reverse());
      for (const id of inOrder(['home', 'prod'])) {
        const cluster = new Cluster(app, id, { source: gitops });
        for (const name of inOrder(['a', 'b'])) {
          policyOf(cluster, `${id}-${name}`);
          configMap(new Chart(cluster, name, { namespace: name }), name);
        }
      }
      for (const name of inOrder(['a', 'b'])) {
        new Workflow(new Chart(app.node.findChild('home') as Cluster, `ci-${name}`, { namespace: 'ci' }), name, {
          repository: gitea.repository(`platform/${name}`),
          triggers: [Trigger.push({ branches: ['main'] })],
        }).addJob('build', { runsOn: RunsOn.existing('linux'), steps: [Step.run({ name: 'x', script: 'true' })] });
      }
    });
  expect(text(true)).toBe(text(false));
});

test('no command creates a Secret that the app itself creates', () => {
  const runbook = (isMade: boolean) =>
    runbookOf((app) => {
      const chart = new Chart(app, 'ci', { namespace: 'ci' });
      if (isMade) {
        new ApiObject(chart, 'token', { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'runner-token' } });
      }
      new Runner(chart, 'runner', {
        forge: gitea,
        scope: RunnerScope.instance(),
        registration: Registration.token(SecretSource.existing('runner-token', { keys: { token: 'value' } })),
        executor: Executor.host(),
      });
    })!;
  expect(runbook(false)).toContain('create secret generic runner-token --from-file value=/dev/stdin');
  expect(runbook(true)).not.toContain('create secret generic runner-token');
});

test('a namespace of the program exists before the Secrets that somebody creates in it, and an operator before its objects', () => {
  const text = runbookOf((app) => {
    const home = new Cluster(app, 'home', { source: gitops });
    const platform = new Chart(home, 'namespaces');
    ['ci', 'empty'].forEach((name) => new ManagedNamespace(platform, name, { name }));
    new Runner(new Chart(home, 'ci', { namespace: 'ci' }), 'runner', {
      forge: gitea,
      scope: RunnerScope.instance(),
      registration: Registration.token(SecretSource.existing('runner-token')),
      executor: Executor.host(),
    });
    configMap(new Chart(home, 'empty', { namespace: 'empty' }), 'settings');
    new ApiObject(platform, 'policy', { apiVersion: 'policies.kyverno.io/v1beta1', kind: 'ImageValidatingPolicy' });
  })!;
  expect(text).toContain('kubectl create namespace ci\n');
  expect(text.indexOf('kubectl create namespace ci\n')).toBeLessThan(
    text.indexOf('create secret generic runner-token'),
  );
  expect(text).not.toContain('create namespace empty');
  expect(text).toContain('Install the operator of each API in cluster `home`: `policies.kyverno.io/v1beta1`.');
});

test('begins with what must exist: Flux with its image controllers, accounts, namespaces; then Secrets, then the entry point', () => {
  const text = runbookOf((app) => {
    const home = new Cluster(app, 'home', { source: gitea.repository('platform/gitops') });
    const repository = new ImageRepository(home.images, 'hello', {
      registry: Registry.gitea(gitea, { owner: 'platform', credentials: SecretSource.existing('credentials') }),
      image: 'hello',
    });
    const { image } = new ImagePolicy(repository, 'hello', { repository, tags: TagPolicy.timestamped() });
    configMap(new Chart(home, 'apps', { namespace: 'apps' }), 'x', { image: image.reference });
    new Workflow(app, 'build', {
      repository: gitea.repository('platform/hello'),
      triggers: [Trigger.push({ branches: ['main'] })],
    }).addJob('build', {
      runsOn: RunsOn.existing('ubuntu-latest'),
      steps: [Step.run({ name: 'Build', script: 'make' })],
    });
  })!;
  const position = (part: string) => {
    expect(text).toContain(part);
    return text.indexOf(part);
  };
  const order = [
    'flux install --components-extra=image-reflector-controller,image-automation-controller --namespace flux-system',
    'the owner of the repositories must exist, as an organization (<https://git.example.com/org/create>) or a user: `platform`',

    'Create the repositories `platform/gitops`, `platform/hello`',
    'Create a bot user',
    'kubectl create namespace apps',
    '## Secrets',
    'create secret generic credentials',
    'kubectl apply -f dist/clusters/home/flux/',
    'git clone https://git.example.com/platform/hello.git "$DIR"',
    'cp -R dist/repositories/platform/hello/. "$DIR"',
    '## Verify',
    '`main-0000000-0`',
    '| Symptom | Cause | Diagnose | Fix |',
    '`NAME_UNKNOWN: repository name not known to registry`',
  ].map(position);
  expect(order).toEqual([...order].sort((a, b) => a - b));
});

test('commands under "Diagnose" change nothing', () => {
  const text = fs.readFileSync(path.join(__dirname, '../../dist/RUNBOOK.md'), 'utf8');
  const rows = text
    .slice(text.indexOf('| Symptom |'))
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.replace(/\\\|/g, '').split(' | '));
  expect(rows.length).toBeGreaterThan(15);
  rows.forEach(([, , diagnose]) =>
    expect(diagnose).not.toMatch(/\b(prune|delete|reconcile|apply|create|label|patch|rm)\b/),
  );
});
