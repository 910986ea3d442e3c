import * as path from 'node:path';
import { ApiObject, Chart, Size } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import * as fc from 'fast-check';
import { GitOpsApp } from '../../../lib/app';
import { Buildkitd, BuildkitSmokeTest, BuildkitTls, BuildkitTopology, CertificateIssuer } from '../../../lib/buildkit';
import { Cluster, DeployedImage } from '../../../lib/flux';
import { Forge } from '../../../lib/forge';
import { Egress, Layer, ManagedNamespace, Storage } from '../../../lib/kube';
import { ImagePipeline } from '../../../lib/pipeline';
import { Registry } from '../../../lib/registry';
import { Executor, Registration, Runner, RunnerScope } from '../../../lib/runner';
import { SecretSource, SecretStore } from '../../../lib/secret';
import { Findings, ForgeError } from '../../../lib/support';
import { temporaryFolder } from '../../support/workspace';

/** A workload of a program. */
export interface WorkloadPlan {
  readonly kind: 'Deployment' | 'CronJob' | 'plus' | 'Pod';
  readonly image: number;
  readonly account: 'default' | 'own' | 'plus';
  readonly init: boolean;
}

/** A chart of a program. Charts may share a namespace. */
export interface ChartPlan {
  readonly cluster: number;
  readonly namespace: string;
  readonly managed: boolean;
  /** Whether a managed namespace is a plain Namespace object, which requests no layer. */
  readonly plain?: boolean;
  /** The layer that the chart is assigned to. */
  readonly layer?: 'secrets' | 'platform' | 'apps';
  readonly workloads: readonly WorkloadPlan[];
}

/** A whole program, as data. */
export interface ProgramPlan {
  readonly clusters: number;
  readonly images: number;
  readonly builderNamespace: string;
  readonly runnerNamespace: string;
  readonly tls: boolean;
  readonly pool: boolean;
  readonly egress: 'open' | 'internet' | undefined;
  readonly fetched: boolean;
  readonly charts: readonly ChartPlan[];
}

const NAMESPACES = ['apps', 'web', 'ci', 'build'];
const workload: fc.Arbitrary<WorkloadPlan> = fc.record({
  kind: fc.constantFrom('Deployment' as const, 'CronJob' as const, 'plus' as const, 'Pod' as const),
  image: fc.nat(2),
  account: fc.constantFrom('default' as const, 'own' as const, 'plus' as const),
  init: fc.boolean(),
});

/** Any program: clusters, charts, namespaces, images, ServiceAccounts, a builder and a runner. */
export const anyProgram: fc.Arbitrary<ProgramPlan> = fc.record({
  clusters: fc.integer({ min: 1, max: 2 }),
  images: fc.integer({ min: 1, max: 3 }),
  builderNamespace: fc.constantFrom('ci', 'build'),
  runnerNamespace: fc.constantFrom('ci', 'run'),
  tls: fc.boolean(),
  pool: fc.boolean(),
  egress: fc.constantFrom(undefined, 'open' as const, 'internet' as const),
  fetched: fc.boolean(),
  charts: fc.array(
    fc.record({
      cluster: fc.nat(1),
      namespace: fc.constantFrom(...NAMESPACES),
      managed: fc.boolean(),
      plain: fc.boolean(),
      layer: fc.constantFrom(undefined, undefined, 'secrets' as const, 'platform' as const, 'apps' as const),
      workloads: fc.array(workload, { maxLength: 2 }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
});

const gitea = Forge.gitea({
  version: '1.26',
  url: 'https://git.example.com',
  internalUrl: 'http://gitea-http.gitea.svc.cluster.local:3000',
});
/** The host that pods pull from. */
export const PULL_HOST = 'git.example.com/platform/';

/**
 * Writes a program into a folder, even if something waits for a later layer. `reversed` creates everything that has no order
 * of its own in reverse.
 */
export function write(folder: string, plan: ProgramPlan, reversed = false): void {
  const app = created(folder, plan, reversed);
  Findings.of(app).acknowledge('FORGE-FLUX-025', 'to see what would happen');
  app.synth();
}

/** Whether a program is refused because something waits for a later layer. */
export function isRefusedForLayers(plan: ProgramPlan): boolean {
  try {
    created(temporaryFolder(), plan, false).synth();
    return false;
  } catch (e) {
    expect((e as ForgeError).problems.filter(({ code }) => code !== 'FORGE-FLUX-025')).toEqual([]);
    return true;
  }
}

function created(folder: string, plan: ProgramPlan, reversed: boolean): GitOpsApp {
  const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
  new Program(app, plan, reversed).create();
  return app;
}

class Program {
  private readonly registry: Registry;
  private readonly clusters = new Map<number, Cluster>();
  private readonly images = new Map<number, DeployedImage>();

  constructor(
    private readonly app: GitOpsApp,
    private readonly plan: ProgramPlan,
    private readonly reversed: boolean,
  ) {
    const credentials = plan.fetched
      ? SecretSource.externalSecret('registry-credentials', {
          store: SecretStore.cluster('vault'),
          keys: { '.dockerconfigjson': { key: 'registry' }, username: { key: 'user' }, password: { key: 'password' } },
        })
      : SecretSource.existing('registry-credentials');
    this.registry = Registry.gitea(gitea, { owner: 'platform', credentials });
  }

  create(): void {
    const { clusters, charts } = this.plan;
    this.each(clusters, (i) => {
      const source = gitea.repository('platform/gitops');
      this.clusters.set(i, new Cluster(this.app, `cluster-${i}`, { source }));
    });
    const runner = this.platform();
    const images = new Chart(this.cluster(0), 'images', { namespace: 'apps' });
    this.each(this.plan.images, (i) => {
      const repository = gitea.repository(`platform/image-${i}`);
      const pipeline = new ImagePipeline(images, `image-${i}`, { repository, registry: this.registry, runner });
      this.images.set(i, pipeline.image);
    });
    this.each(charts.length, (i) => this.chart(i, charts[i]));
  }

  private platform(): Runner {
    const { builderNamespace, runnerNamespace, tls, pool, egress } = this.plan;
    const home = this.cluster(0);
    const builder = new Buildkitd(new Chart(home, 'builder', { namespace: builderNamespace }), 'buildkitd', {
      registries: [this.registry],
      storage: pool ? Storage.ephemeral(Size.gibibytes(20)) : Storage.persistent(Size.gibibytes(20)),
      ...(tls ? { tls: BuildkitTls.certManager(CertificateIssuer.clusterIssuer('home')) } : {}),
      ...(pool ? { topology: BuildkitTopology.pool(2) } : {}),
      ...(egress === 'open' ? { egress: Egress.open() } : {}),
    });
    const chart = new Chart(home, 'runner', { namespace: runnerNamespace });
    new BuildkitSmokeTest(chart, 'smoke', { builder });
    return new Runner(chart, 'runner', {
      forge: gitea,
      scope: RunnerScope.organization('platform'),
      registration: Registration.token(SecretSource.existing('runner-token')),
      executor: Executor.host({ builder }),
      ...(egress === 'internet' ? { egress: Egress.internet() } : {}),
    });
  }

  private chart(i: number, { cluster, namespace, managed, plain, layer, workloads }: ChartPlan): void {
    const chart = new Chart(this.cluster(cluster), `chart-${i}`, { namespace });
    Layer.all.find(({ name }) => name === layer)?.assign(chart);
    const isFirst = this.plan.charts.findIndex(
      (other) => other.managed && other.namespace === namespace && this.at(other.cluster) === this.at(cluster),
    );
    if (managed && isFirst === i) {
      if (plain) {
        new kplus.Namespace(chart, 'namespace', { metadata: { name: namespace } });
      } else {
        new ManagedNamespace(chart, 'namespace');
      }
    }
    this.each(workloads.length, (j) => this.workload(chart, `w${i}-${j}`, workloads[j]));
  }

  private workload(chart: Chart, id: string, { kind, image: number, account, init }: WorkloadPlan): void {
    const image = this.images.get(number % this.plan.images)!.reference;
    if (kind === 'plus') {
      const serviceAccount = account === 'default' ? undefined : new kplus.ServiceAccount(chart, `${id}-account`);
      new kplus.Deployment(chart, id, {
        containers: [{ image, portNumber: 8080 }],
        ...(serviceAccount ? { serviceAccount } : {}),
      });
      return;
    }
    const serviceAccountName = this.account(chart, `${id}-account`, account);
    const template = {
      metadata: { labels: { app: id } },
      spec: {
        ...(serviceAccountName === undefined ? {} : { serviceAccountName }),
        ...(init ? { initContainers: [{ name: 'init', image }] } : {}),
        containers: [{ name: 'main', image: init ? 'docker.io/library/busybox:1.37.0' : image }],
        restartPolicy: kind === 'CronJob' ? 'OnFailure' : undefined,
      },
    };
    const [apiVersion, spec] = {
      Deployment: ['apps/v1', { selector: { matchLabels: { app: id } }, template }],
      CronJob: ['batch/v1', { schedule: '0 0 * * *', jobTemplate: { spec: { template } } }],
      Pod: ['v1', template.spec],
    }[kind] as [string, object];
    new ApiObject(chart, id, { apiVersion, kind, metadata: { name: id }, spec });
  }

  private account(chart: Chart, id: string, account: WorkloadPlan['account']): string | undefined {
    if (account === 'default') {
      return undefined;
    }
    if (account === 'plus') {
      return new kplus.ServiceAccount(chart, id).name;
    }
    new ApiObject(chart, id, { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: id } });
    return id;
  }

  private at(cluster: number): number {
    return cluster % this.plan.clusters;
  }

  private cluster(i: number): Cluster {
    return this.clusters.get(this.at(i))!;
  }

  private each(count: number, action: (i: number) => void): void {
    const order = Array.from({ length: count }, (_, i) => i);
    (this.reversed ? order.reverse() : order).forEach(action);
  }
}
