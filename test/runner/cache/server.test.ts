import { App, Chart, Duration, Size, Testing } from 'cdk8s';
import type { DeploymentSpec, StatefulSetSpec } from 'kubernetes-types/apps/v1';
import { parse } from 'yaml';
import { GitOpsApp } from '../../../lib/app';
import { Cluster } from '../../../lib/flux';
import { Forge } from '../../../lib/forge';
import { Egress, PodGroup, PodSecurity, Storage, WorkloadController, WorkloadService } from '../../../lib/kube';
import {
  Executor,
  PrivilegedDockerDaemon,
  Runner,
  RunnerCacheConfig,
  RunnerCacheServer,
  RunnerCacheServerProps,
  RunnerVersion,
} from '../../../lib/runner';
import { SecretSource } from '../../../lib/secret';
import { foundCodes } from '../../support/problems';
import { temporaryFolder } from '../../support/workspace';
import { chart, forgejo, forgejoRunner, gitea, render, runner } from '../fixture';

const secret = SecretSource.existing('runner-cache');

interface Manifest {
  readonly kind: string;
  readonly metadata: { name: string };
  readonly spec: Record<string, never>;
  readonly data: Record<string, string>;
}

function server(props: Partial<RunnerCacheServerProps> = {}, scope = chart()): RunnerCacheServer {
  return new RunnerCacheServer(scope, 'cache', { forge: gitea, secret, ...props });
}

function rendered(made: RunnerCacheServer) {
  const objects = Testing.synth(Chart.of(made)) as Manifest[];
  const of = (kind: string) =>
    objects.find((object) => object.kind === kind && object.metadata.name.startsWith('cache'));
  const { spec } = (of('StatefulSet') ?? of('Deployment'))! as unknown as { spec: StatefulSetSpec & DeploymentSpec };
  return { of, spec, pod: spec.template.spec!, config: parse(of('ConfigMap')!.data['config.yaml']) };
}

describe('a cache server that runners share', () => {
  test('is the one of the runner binary, with its secret in a file', () => {
    const { pod, config, spec, of } = rendered(server());
    const [container] = pod.containers;
    const file = '/var/run/secrets/runner-cache/secret';
    expect(container.command).toEqual(['gitea-runner', 'cache-server', '--config', '/etc/cdk8s-forge/config.yaml']);
    expect(config).toEqual({
      cache: { dir: '/data', host: 'cache.ci.svc.cluster.local', port: 8088, external_secret_file: file },
    });
    expect(container.volumeMounts).toContainEqual({
      name: 'cache-secret',
      mountPath: '/var/run/secrets/runner-cache',
      readOnly: true,
    });
    expect(spec.volumeClaimTemplates![0].spec!.resources!.requests).toEqual({ storage: '20Gi' });
    expect(of('Service')!.spec).toMatchObject({ ports: [{ name: 'cache', port: 8088, targetPort: 'cache' }] });
    expect(PodSecurity.markOf(server())).toBe(PodSecurity.RESTRICTED);
  });

  test("is Forgejo's for Forgejo", () => {
    const { pod, config } = rendered(server({ forge: forgejo, directory: 'cache/actcache' }));
    expect(pod.containers[0].command!.slice(0, 2)).toEqual(['forgejo-runner', 'cache-server']);
    expect(config.cache).toMatchObject({
      dir: '/data/cache/actcache',
      secret_url: 'file:///var/run/secrets/runner-cache/secret',
    });
  });

  test('takes over a Deployment with its claim, and a Secret with a key of its own', () => {
    const made = server({
      secret: SecretSource.existing('runner', { keys: { secret: 'cache-secret' } }),
      storage: Storage.existingClaim('act-cache'),
      workload: {
        name: 'cache-server',
        selectorLabels: { app: 'cache-server' },
        controller: WorkloadController.DEPLOYMENT,
        serviceName: 'cache-service',
      },
    });
    const { of, pod, spec } = rendered(made);
    expect([of('Deployment')!.metadata.name, spec.strategy]).toEqual(['cache-server', { type: 'Recreate' }]);
    expect(pod.volumes).toContainEqual({ name: 'data', persistentVolumeClaim: { claimName: 'act-cache' } });
    expect(JSON.stringify(pod.volumes)).toContain('"items":[{"key":"cache-secret","path":"secret"}]');
    expect(made.url).toBe('http://cache-service.ci.svc.cluster.local:8088/');
  });

  test('makes the claim of a Deployment', () => {
    const storage = Storage.persistent(Size.gibibytes(5), 'local', { labels: { a: 'b' } });
    const { of, pod, spec } = rendered(server({ storage, workload: { controller: WorkloadController.DEPLOYMENT } }));
    expect(of('PersistentVolumeClaim')).toMatchObject({ metadata: { name: 'cache-data', labels: { a: 'b' } } });
    expect(pod.volumes).toContainEqual({ name: 'data', persistentVolumeClaim: { claimName: 'cache-data' } });
    expect(spec).not.toHaveProperty('volumeClaimTemplates');
  });

  test.each<[string, Partial<RunnerCacheServerProps>, Partial<RunnerCacheServerProps>]>([
    [
      'a runner that reads the secret from Git only',
      { version: RunnerVersion.of('2.2.0') },
      { version: RunnerVersion.of('2.3.0') },
    ],
    [
      'limits of a newer version',
      { version: RunnerVersion.of('3.1.0'), retention: Duration.days(1) },
      { version: RunnerVersion.of('3.2.0'), retention: Duration.days(1), sizeLimit: Size.gibibytes(10) },
    ],
    ['limits that Forgejo has not', { forge: forgejo, sizeLimit: Size.gibibytes(1) }, { forge: forgejo }],
    ['a port that is none', { port: 0 }, { port: 80 }],
    ['a directory outside the storage', { directory: '/cache' }, { directory: 'cache' }],
    [
      'no Service',
      { workload: { service: WorkloadService.NONE } },
      { workload: { service: WorkloadService.HEADLESS } },
    ],
  ])('fails for %s', (_what, bad, good) => {
    expect(foundCodes(() => server(bad))).toEqual(['FORGE-RUN-056']);
    expect(foundCodes(() => server(good))).toEqual([]);
  });

  test('fails for GitHub, whose runner has none', () => {
    expect(foundCodes(() => server({ forge: Forge.github() }))).toEqual(['FORGE-RUN-056']);
    expect(foundCodes(() => server({ forge: gitea }))).toEqual([]);
  });
});

describe('a runner with a cache server', () => {
  const using = (cache: RunnerCacheConfig, scope = chart()): Runner => runner({ config: { cache } }, scope);

  test.each([
    ['Gitea', gitea, runner, 'external_secret_file', '/var/run'],
    ['Forgejo', forgejo, forgejoRunner, 'secret_url', 'file:///var/run'],
  ])('%s has its address and secret, and is admitted', (_, forge, make, key, prefix) => {
    const scope = chart();
    const made = server({ forge }, scope);
    const executor = Executor.host({ imageHasNode: true });
    const { config } = render(
      make({
        config: { cache: { server: made } },
        executor,
        egress: Egress.declared({ hosts: { 'git.example.com': ['10.0.0.1'] } }),
      }),
    );
    expect(config.cache).toMatchObject({
      external_server: 'http://cache.ci.svc.cluster.local:8088/',
      [key]: `${prefix}/secrets/runner-cache/secret`,
    });
    const policy = rendered(made).of('NetworkPolicy')!.spec as unknown as { ingress: unknown[] };
    expect(policy.ingress).toHaveLength(1);
    expect(policy.ingress[0]).toMatchObject({
      from: [{ podSelector: { matchLabels: { 'app.kubernetes.io/instance': 'runner' } } }],
      ports: [{ port: 8088, protocol: 'TCP' }],
    });
  });

  test('admits the daemon in whose containers jobs run, and nobody else', () => {
    const scope = chart();
    const cache = server({}, scope);
    const docker = new PrivilegedDockerDaemon(scope, 'docker');
    runner({ config: { cache: { server: cache } }, executor: Executor.externalDocker(docker.endpoint) }, scope);
    cache.admit(PodGroup.of({ app: 'old-runner' }, 'elsewhere'));
    const { ingress } = rendered(cache).of('NetworkPolicy')!.spec as unknown as {
      ingress: { from: { podSelector: { matchLabels: object } }[] }[];
    };
    expect(ingress[0].from.map(({ podSelector }) => Object.values(podSelector.matchLabels).at(-1))).toEqual([
      'gitea-runner',
      'docker',
      'old-runner',
    ]);
    expect(rendered(server()).of('NetworkPolicy')!.spec).toMatchObject({ ingress: [] });
  });

  test('fails for two servers, and for one of another cluster', () => {
    const scope = chart();
    const cache = server({}, scope);
    expect(foundCodes(() => using({ server: cache, externalServer: 'http://a:1/' }))).toEqual(['FORGE-RUN-056']);
    const folder = temporaryFolder();
    const app = new GitOpsApp({ outdir: `${folder}/dist`, imageLock: `${folder}/images.yaml` });
    const clusters = ['home', 'away'].map(
      (name) => new Cluster(app, name, { source: gitea.repository('platform/gitops') }),
    );
    const [here, there] = clusters.map((cluster) => new Chart(cluster, 'ci', { namespace: 'ci' }));
    const shared = server({}, here);
    expect(foundCodes(() => using({ server: shared }, there))).toEqual(['FORGE-RUN-056']);
    expect(foundCodes(() => using({ server: shared }, here))).toEqual([]);
  });

  test('takes a server of its own kind', () => {
    const admitted: PodGroup[] = [];
    const own = { url: 'http://cache.lan:8088/', secret, admit: (pods: PodGroup) => void admitted.push(pods) };
    const { config } = render(using({ server: own }, new Chart(new App(), 'ci', { namespace: 'ci' })));
    expect(config.cache.external_server).toBe('http://cache.lan:8088/');
    expect(admitted).toHaveLength(1);
  });
});
