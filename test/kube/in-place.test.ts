import { App, Chart, Size } from 'cdk8s';
import fc from 'fast-check';
import { BuildkitdProps, BuildkitPlatforms, BuildkitSmokeTest, BuildkitTopology } from '../../lib/buildkit';
import { GiteaRelease } from '../../lib/forge';
import {
  Architecture,
  claimSpec,
  HostPathType,
  PodSecurity,
  Storage,
  StorageKind,
  WorkloadService,
} from '../../lib/kube';
import { Executor, Registration, RunnerProps, Scaling } from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { MIGRATION_CASES } from '../../scripts/migration-cases';
import { registry, render as objectsOf, world } from '../buildkit/world';
import { chart, forgejoRunner, render, runner, token, UUID } from '../runner/fixture';
import { foundCodes, problemsOf } from '../support/problems';

const data = Storage.hostPath('/var/lib/runner', { node: 'worker-1', size: Size.gibibytes(20) });

describe('storage that exists', () => {
  test('an existing claim is mounted, and none is made', () => {
    const executor = Executor.host({ state: Storage.existingClaim('runner-state') });
    const { pod, set } = render(runner({ executor }));
    expect(pod.volumes).toContainEqual({ name: 'data', persistentVolumeClaim: { claimName: 'runner-state' } });
    expect(set!.volumeClaimTemplates).toBeUndefined();
  });

  test('a directory of a node places the pod, asks for the level privileged, and is warned of', () => {
    const made = runner({ executor: Executor.host({ state: data }), placement: { nodeSelector: { disk: 'ssd' } } });
    const { pod } = render(made);
    expect(pod.volumes).toContainEqual({ name: 'data', hostPath: { path: '/var/lib/runner', type: 'Directory' } });
    expect(pod.nodeSelector).toEqual({ disk: 'ssd', 'kubernetes.io/hostname': 'worker-1' });
    expect(PodSecurity.markOf(made)).toBe(PodSecurity.PRIVILEGED);
    expect(made.warnings.map(({ code }) => code)).toEqual(['FORGE-KUBE-021']);
    expect(runner().warnings).toEqual([]);
  });

  test('buildkitd keeps its root on it, if it knows the size', () => {
    const type = HostPathType.DIRECTORY_OR_CREATE;
    const storage = Storage.hostPath('/srv/buildkit', { node: 'worker-1', type, size: Size.gibibytes(50) });
    const { pod } = world({ storage });
    expect(pod.volumes).toContainEqual({ name: 'root', hostPath: { path: '/srv/buildkit', type } });
    expect(pod.nodeSelector).toEqual({ 'kubernetes.io/hostname': 'worker-1' });
    const claim = Storage.existingClaim('cache', Size.gibibytes(50));
    for (const topology of [BuildkitTopology.single(), BuildkitTopology.singleDeployment()]) {
      const { objects, pod: second } = world({ storage: claim, topology });
      expect(second.volumes).toContainEqual({ name: 'root', persistentVolumeClaim: { claimName: 'cache' } });
      expect(objects.some(({ kind }) => kind === 'PersistentVolumeClaim')).toBe(false);
    }
    expect(foundCodes(() => world({ storage: Storage.existingClaim('cache') }))).toEqual(['FORGE-BK-004']);
  });

  test('an empty storage class stays: the claim binds a volume that exists', () => {
    expect(claimSpec(Storage.persistent(Size.gibibytes(1), '')).storageClassName).toBe('');
    expect(claimSpec(Storage.persistent(Size.gibibytes(1)))).not.toHaveProperty('storageClassName');
  });

  test('the chart of Gitea takes an existing claim, and no directory of a node', () => {
    const release = (storage: Storage) =>
      new GiteaRelease(chart(), 'gitea', {
        version: '1.26',
        storage,
        admin: SecretSource.existing('admin'),
      });
    expect(JSON.stringify(objectsOf(Chart.of(release(Storage.existingClaim('gitea-data')))))).toContain(
      '"persistence":{"claimName":"gitea-data","create":false,"enabled":true}',
    );
    expect(foundCodes(() => release(data))).toEqual(['FORGE-FRG-010']);
  });

  test.each<[string, () => Storage]>([
    ['a claim', () => Storage.existingClaim('Runner')],
    ['a claim without a name', () => Storage.existingClaim('')],
    ['a claim template', () => Storage.persistent(Size.gibibytes(1), 'local', { name: 'a.b' })],
    ['labels', () => Storage.persistent(Size.gibibytes(1), 'local', { labels: { a: 'x y' } })],
    ['annotations', () => Storage.persistent(Size.gibibytes(1), 'local', { annotations: { 'a b': 'x y' } })],
    ['a relative path', () => Storage.hostPath('var', { node: 'worker-1' })],
    ['the root', () => Storage.hostPath('/', { node: 'worker-1' })],
    ['a way up', () => Storage.hostPath('/var/../etc', { node: 'worker-1' })],
    ['a node', () => Storage.hostPath('/var', { node: 'Worker 1' })],
  ])('fails for %s that Kubernetes rejects', (_what, make) => {
    expect(foundCodes(make)).toEqual(['FORGE-KUBE-016']);
  });

  test('what looks odd and is right is taken', () => {
    expect(Storage.existingClaim('data.gitea-0').kind).toBe(StorageKind.EXISTING_CLAIM);
    expect(Storage.hostPath('/data/..hidden/x', { node: 'ip-10-0-0-1.ec2.internal' }).isKept).toBe(true);
    const claim = { labels: { 'example.com/a': '' }, annotations: { 'Example.com/a': 'any text' } };
    expect(Storage.persistent(Size.gibibytes(1), 'local', claim).isSingle).toBe(false);
  });

  test('fails if several pods would share it', () => {
    const executor = Executor.host({ state: Storage.existingClaim('state') });
    expect(foundCodes(() => runner({ executor, scaling: Scaling.fixed(2) }))).toEqual(['FORGE-KUBE-019']);
    const layers = Storage.existingClaim('layers');
    const perJob = (max: number) =>
      runner({ executor: Executor.docker({ layers }), scaling: Scaling.perJob({ max, apiToken: token }) });
    expect(foundCodes(() => perJob(2))).toEqual(['FORGE-KUBE-019']);
    expect(foundCodes(() => perJob(1))).toEqual([]);
    const storage = Storage.existingClaim('cache', Size.gibibytes(50));
    expect(foundCodes(() => world({ storage, topology: BuildkitTopology.pool(2) }))).toEqual(['FORGE-KUBE-019']);
    const twice = Executor.docker({ state: layers, layers });
    expect(foundCodes(() => runner({ executor: twice }))).toEqual(['FORGE-KUBE-019']);
  });

  test('fails if the pod would have to run on two nodes', () => {
    const executor = Executor.host({ state: data });
    const on = (node: string) => () =>
      runner({ executor, placement: { nodeSelector: { 'kubernetes.io/hostname': node } } });
    expect(foundCodes(on('worker-2'))).toEqual(['FORGE-KUBE-020']);
    expect(foundCodes(on('worker-1'))).toEqual([]);
    const layers = Storage.hostPath('/var/lib/layers', { node: 'worker-2' });
    expect(foundCodes(() => runner({ executor: Executor.docker({ state: data, layers }) }))).toEqual([
      'FORGE-KUBE-020',
    ]);
  });
});

describe('the identity of a workload', () => {
  test.each(MIGRATION_CASES.map((one) => [one.name, one] as const))(
    '%s is taken over with the names it has, and its pods keep the labels of the library',
    (_name, { inPlace }) => {
      const made = new Chart(new App(), 'ci', { namespace: 'ci' });
      inPlace(made);
      for (const { kind, spec } of objectsOf(made)) {
        if (kind === 'StatefulSet' || kind === 'Deployment') {
          const { labels } = spec.template.metadata;
          expect(labels).toMatchObject(spec.selector.matchLabels);
          expect(Object.keys(labels)).toContain('app.kubernetes.io/instance');
          const volumes = [...(spec.template.spec.volumes ?? []), ...(spec.volumeClaimTemplates ?? [])];
          const names = volumes.map(
            (one: { name?: string; metadata?: { name: string } }) => one.name ?? one.metadata!.name,
          );
          const { containers, initContainers = [] } = spec.template.spec;
          for (const mount of [...containers, ...initContainers].flatMap(({ volumeMounts = [] }) => volumeMounts)) {
            expect(names).toContain(mount.name);
          }
        }
      }
    },
  );

  test('what is not given changes nothing', () => {
    expect(JSON.stringify(render(runner({ workload: {} })).objects)).toBe(JSON.stringify(render(runner()).objects));
    expect(JSON.stringify(world({ workload: {} }).objects)).toBe(JSON.stringify(world().objects));
  });

  test('a name is that of everything that belongs to the workload', () => {
    const { objects, daemon } = world({ workload: { name: 'builds', labels: { team: 'ci' } } });
    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect(names).toEqual([
      'Service builds',
      'ConfigMap builds-config',
      'StatefulSet builds',
      'NetworkPolicy builds',
      'NetworkPolicy builds-egress',
    ]);
    expect(daemon.address).toBe('tcp://builds.ci.svc.cluster.local:1234');
    expect(objects[2].spec.template.metadata.labels).toEqual({ ...daemon.labels, team: 'ci' });
    expect(objects[3].spec.podSelector.matchLabels).toEqual(daemon.labels);
  });

  test('clients address the Service that is there', () => {
    const pool = BuildkitTopology.stablePool(2);
    const { daemon } = world({ topology: pool, workload: { name: 'builds', serviceName: 'builders' } });
    expect(daemon.connection.addresses).toEqual([
      'tcp://builds-0.builders.ci.svc.cluster.local:1234',
      'tcp://builds-1.builders.ci.svc.cluster.local:1234',
    ]);
    expect(daemon.serverNames).toContain('builds-1.builders.ci.svc.cluster.local');
    const { objects } = world({ topology: BuildkitTopology.pool(2), workload: { serviceName: 'pods' } });
    const services = objects.filter(({ kind }) => kind === 'Service');
    expect(services.map(({ metadata, spec }) => [metadata.name, spec.clusterIP])).toEqual([
      ['buildkitd', undefined],
      ['pods', 'None'],
    ]);
    expect(objects.find(({ kind }) => kind === 'StatefulSet').spec.serviceName).toBe('pods');
  });

  test('a smoke test has a name, labels and annotations of its own', () => {
    const { chart: scope, daemon } = world();
    const workload = { name: 'check', labels: { team: 'ci' }, annotations: { a: 'b' }, podAnnotations: { c: 'd' } };
    new BuildkitSmokeTest(scope, 'smoke-test', { builder: daemon, workload });
    const job = objectsOf(scope).find(({ kind }) => kind === 'Job');
    expect(job.metadata).toMatchObject({ name: 'check', annotations: { a: 'b' }, labels: { team: 'ci' } });
    expect(job.spec.template.metadata).toMatchObject({ labels: { team: 'ci' }, annotations: { c: 'd' } });
  });

  test.each<[NonNullable<RunnerProps['workload']>, string]>([
    [{ name: 'General' }, 'FORGE-KUBE-017'],
    [{ serviceName: 'a.b' }, 'FORGE-KUBE-017'],
    [{ selectorLabels: {} }, 'FORGE-KUBE-017'],
    [{ selectorLabels: { 'a/b/c': 'x' } }, 'FORGE-KUBE-017'],
    [{ labels: { app: '-x' } }, 'FORGE-KUBE-017'],
    [{ labels: { 'app.kubernetes.io/name': 'mine' } }, 'FORGE-KUBE-017'],
    [{ annotations: { '': 'x' } }, 'FORGE-KUBE-017'],
    [{ podAnnotations: { 'cdk8s-forge/config-hash': 'x' } }, 'FORGE-KUBE-017'],
  ])('fails for %j', (workload, code) => {
    expect(foundCodes(() => runner({ workload }))).toEqual([code]);
    expect(foundCodes(() => world({ workload }))).toEqual([code]);
  });

  test('the labels that select pods may be those of somebody else', () => {
    const selectorLabels = { 'app.kubernetes.io/name': 'act-runner', 'app.kubernetes.io/instance': 'general' };
    expect(runner({ workload: { selectorLabels } }).podLabels).toEqual(selectorLabels);
    expect(foundCodes(() => runner({ workload: { labels: { ...runner().podLabels } } }))).toEqual([]);
  });

  test('fails for what the workload does not have', () => {
    const scaling = Scaling.perJob({ max: 2, apiToken: token });
    const perJob = { selectorLabels: { a: 'b' }, serviceName: 'x', service: WorkloadService.NONE };
    expect(foundCodes(() => runner({ scaling, workload: perJob }))).toEqual(Array(3).fill('FORGE-KUBE-018'));
    expect(foundCodes(() => runner({ scaling, workload: { name: 'x', annotations: { a: 'b' } } }))).toEqual([]);
    expect(foundCodes(() => world({ workload: { service: WorkloadService.NONE } }))).toEqual(['FORGE-KUBE-018']);
    const stable: Partial<BuildkitdProps> = { topology: BuildkitTopology.stablePool(2) };
    const service = WorkloadService.CLUSTER_IP;
    expect(foundCodes(() => world({ ...stable, workload: { service } }))).toEqual(['FORGE-KUBE-018']);
    expect(foundCodes(() => world({ workload: { service } }))).toEqual([]);
    expect(foundCodes(() => forgejoRunner({ workload: { service: WorkloadService.NONE } }))).toEqual([]);
  });

  test('several daemons of one construct have no name and no volume in common', () => {
    const platforms = (more: Partial<BuildkitdProps>) => () => {
      const storage = Storage.persistent(Size.gibibytes(50));
      const architectures = [Architecture.AMD64, Architecture.ARM64];
      new BuildkitPlatforms(chart(), 'p', { architectures, registries: [registry], storage, ...more });
    };
    expect(foundCodes(platforms({ workload: { name: 'x' } }))).toEqual(['FORGE-KUBE-018']);
    expect(foundCodes(platforms({ storage: Storage.existingClaim('x', Size.gibibytes(50)) }))).toEqual([
      'FORGE-KUBE-019',
    ]);
    expect(foundCodes(platforms({ workload: { annotations: { a: 'b' } } }))).toEqual([]);
  });

  test('fails if a claim has the name of another volume', () => {
    const named = (name: string) =>
      runner({ executor: Executor.host({ state: Storage.persistent(Size.gibibytes(1), 'local', { name }) }) });
    const [problem] = problemsOf(() => named('config'));
    expect([problem.code, problem.allowed]).toEqual(['FORGE-KUBE-022', expect.stringContaining('config')]);
    expect(foundCodes(() => named('work'))).toEqual(['FORGE-KUBE-022']);
    expect(foundCodes(() => named('data'))).toEqual([]);
  });

  test('whatever name a claim has, every mount finds its volume', () => {
    const taken = ['config', 'work', 'registration'];
    const name = fc.stringMatching(/^[a-z]([-a-z0-9]{0,20}[a-z0-9])?$/).filter((one) => !taken.includes(one));
    fc.assert(
      fc.property(name, (claim) => {
        const state = Storage.persistent(Size.gibibytes(1), 'local', { name: claim });
        const made = runner({ executor: Executor.host({ state }), registration: Registration.token(token) });
        const { pod, set } = render(made);
        const names = [
          ...pod.volumes!.map((one) => one.name),
          ...set!.volumeClaimTemplates!.map((one) => one.metadata!.name),
        ];
        const mounts = [...pod.containers, ...pod.initContainers!].flatMap(({ volumeMounts = [] }) => volumeMounts);
        return mounts.every((one) => names.includes(one.name)) && names.includes(claim);
      }),
      { numRuns: 50 },
    );
  });

  test('a runner that connects needs no claim, and takes one that is there', () => {
    const executor = Executor.host({ state: Storage.existingClaim('state') });
    const registration = Registration.connection(UUID, token);
    expect(foundCodes(() => forgejoRunner({ executor, registration }))).toEqual([]);
  });
});
