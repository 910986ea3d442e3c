import { ApiObject, Size } from 'cdk8s';
import { Construct } from 'constructs';
import type { Container, PodSpec } from 'kubernetes-types/core/v1';
import {
  admitOnly,
  claimsBeside,
  claimTemplates,
  clusterDomainOf,
  hostPathWarnings,
  Identity,
  identityOf,
  Layer,
  NamedStorage,
  openPod,
  permanentWorkload,
  placementSpec,
  placementWith,
  PodGroup,
  podSecurityOf,
  resourceRequirements,
  Storage,
  storagePodVolumes,
  storesUnder,
  withClaimNames,
  WorkloadService,
} from '../../kube';
import { SecretSource } from '../../secret';
import {
  Advice,
  advise,
  command,
  constructed,
  fingerprint,
  handedOver,
  namespaceOf,
  oneLine,
  prints,
} from '../../support';
import { CONFIG_FOLDER } from '../blueprint';
import { configFile } from '../config/file';
import { confined } from '../pod/pod';
import { CACHE_SECRET_FOLDER, CONFIG_FILE } from '../program/actions-config';
import { CacheServerFacts } from '../program/program';
import { IRunnerCache } from '../config/cache-interface';
import { checkedCacheServer } from './server-check';
import { RunnerCacheServerProps } from './server-props';

const DATA = '/data';
const USER = 1000;
const CONTAINER = 'cache';
const DEFAULT_PORT = 8088;
const RESOURCES = { cpuRequestMillis: 50, memoryRequest: Size.mebibytes(64), memoryLimit: Size.mebibytes(512) };
const FIXED = 'the image of the runner decides the user';

/**
 * A cache server for `actions/cache` that several runners share, also runners of one job, whose own cache is deleted with
 * their pod. It is a part of the runner binary of Gitea and Forgejo.
 *
 * Server and runners share a secret. Each repository has its own cache. A NetworkPolicy admits the pods of the runners
 * that use the server; their jobs run in these pods, or in a `PrivilegedDockerDaemon`, which is admitted as well.
 *
 * @example
 *
 * const cache = new RunnerCacheServer(chart, 'cache', { forge: gitea, secret: SecretSource.existing('runner-cache') });
 * new Runner(chart, 'runner', {
 *   forge: gitea,
 *   scope: RunnerScope.instance(),
 *   registration: Registration.token(SecretSource.existing('runner-token')),
 *   executor: Executor.docker(),
 *   config: { cache: { server: cache } },
 * });
 */
export class RunnerCacheServer extends Construct implements IRunnerCache {
  /** The name of the server's workload. */
  readonly name: string;

  /** The URL of the server, with a slash at its end. */
  readonly url: string;

  /** The secret that the server and its runners share, under the key `secret`. */
  readonly secret: SecretSource;

  private readonly identity: Identity;
  private readonly props: RunnerCacheServerProps;
  private readonly port: number;
  private readonly store: NamedStorage;
  private readonly admitted: PodGroup[] = [];

  /**
   * @throws FORGE-RUN-056 for settings with which no server would start, FORGE-KUBE-017 … 020 for a workload that cannot be
   */
  constructor(scope: Construct, id: string, props: RunnerCacheServerProps) {
    const made = constructed(RunnerCacheServer, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    this.props = { ...props };
    this.identity = identityOf(this, 'runner-cache', props.workload);
    this.name = this.identity.name;
    this.secret = props.secret;
    this.port = props.port ?? DEFAULT_PORT;
    this.store = { name: 'data', storage: props.storage ?? Storage.persistent(Size.gibibytes(20)) };
    this.url = `http://${this.host}:${this.port}/`;
    const { facts, image } = checkedCacheServer(this, {
      props,
      identity: this.identity,
      stores: storesUnder(this.identity, [this.store]),
      port: this.port,
    });
    Layer.PLATFORM.mark(this);
    this.make(facts, image);
    advise(this, () => this.advice());
  }

  /** The labels that only the server's pods have. */
  get podLabels(): Record<string, string> {
    return { ...this.identity.podLabels };
  }

  /**
   * Lets pods connect to the server. The pods of runners whose `config` has the server are admitted by themselves.
   *
   * @param pods the pods
   */
  admit(pods: PodGroup): void {
    this.admitted.push(pods);
  }

  private get host(): string {
    return `${this.identity.serviceName()}.${namespaceOf(this)}.svc.${clusterDomainOf(this)}`;
  }

  private make(facts: CacheServerFacts, image: string): void {
    const { identity, port, podLabels } = this;
    const isHeadless = identity.service(WorkloadService.CLUSTER_IP) === WorkloadService.HEADLESS;
    new ApiObject(this, 'Service', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: identity.serviceName(), labels: identity.labels },
      spec: {
        ...(isHeadless ? { clusterIP: 'None' } : {}),
        selector: podLabels,
        ports: [{ name: 'cache', port, targetPort: 'cache' }],
      },
    });
    const config = this.config(facts);
    new ApiObject(this, 'Config', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `${this.name}-config` },
      data: { 'config.yaml': config },
    });
    claimsBeside(this, identity, [this.store]);
    const spec = this.pod(facts, image);
    podSecurityOf(spec).mark(this);
    const annotations = { 'cdk8s-forge/config-hash': fingerprint(config), ...identity.podAnnotations };
    permanentWorkload(this, {
      identity,
      replicas: 1,
      stores: [this.store],
      template: { metadata: { labels: identity.labels, annotations }, spec },
    });
    admitOnly(this, podLabels, [{ port, admitted: this.admitted }]);
  }

  private config({ hasLimits, secretSettings }: CacheServerFacts): string {
    const { directory = '', retention, repositorySizeLimit, sizeLimit } = this.props;
    const dir = directory === '' ? DATA : `${DATA}/${directory}`;
    const limits = hasLimits ? { retention, repositorySizeLimit, sizeLimit } : {};
    // The host is not where the server listens, but where jobs load what it names.
    return configFile(
      { cache: { dir, host: this.host, port: this.port, ...limits } },
      { keyOf: ({ gitea }) => gitea, owned: { ...secretSettings } },
    );
  }

  private pod(facts: CacheServerFacts, image: string): PodSpec {
    const { props, identity, store } = this;
    const stores = storesUnder(identity, [store]);
    const secretName = props.secret.provide(this, {
      purpose: `cache server ${this.name} and its runners know each other`,
      type: 'Opaque',
      keys: ['secret'],
      readsAnyKey: true,
    });
    const spec: PodSpec = {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: USER,
        runAsGroup: USER,
        fsGroup: USER,
        fsGroupChangePolicy: 'OnRootMismatch',
        seccompProfile: { type: 'RuntimeDefault' },
      },
      ...placementSpec(placementWith([store], props.placement)),
      containers: [this.container(facts, image)],
      volumes: [
        { name: 'config', configMap: { name: `${this.name}-config` } },
        {
          name: 'cache-secret',
          secret: { secretName, items: [{ key: props.secret.keyOf('secret'), path: 'secret' }], defaultMode: 0o440 },
        },
        ...storagePodVolumes(stores),
      ],
    };
    return openPod(this, withClaimNames(this, spec, stores), {
      options: props.pod,
      main: [CONTAINER],
      closed: { 'security.runAsUser': FIXED, 'security.runAsGroup': FIXED, 'security.fsGroup': FIXED },
      claims: claimTemplates(stores).map(({ metadata }) => metadata!.name!),
    });
  }

  private container({ command: words }: CacheServerFacts, image: string): Container {
    const probe = { tcpSocket: { port: 'cache' }, timeoutSeconds: 5 };
    return {
      name: CONTAINER,
      image,
      command: [...words, '--config', CONFIG_FILE],
      env: [{ name: 'HOME', value: DATA }],
      ports: [{ name: 'cache', containerPort: this.port }],
      securityContext: confined({ readOnlyRoot: true }),
      livenessProbe: { ...probe, periodSeconds: 30, failureThreshold: 5 },
      readinessProbe: { ...probe, periodSeconds: 10 },
      resources: resourceRequirements(this.props.resources, RESOURCES),
      volumeMounts: [
        { name: 'config', mountPath: CONFIG_FOLDER, readOnly: true },
        { name: 'cache-secret', mountPath: CACHE_SECRET_FOLDER, readOnly: true },
        { name: this.store.name, mountPath: DATA },
      ],
    };
  }

  private advice(): Advice {
    const kubectl = command`kubectl --namespace ${namespaceOf(this)}`;
    return {
      warnings: hostPathWarnings(this.node.path, [this.store]).map(oneLine),
      checks: [
        {
          about: `Cache server \`${this.name}\``,
          title: 'The cache server runs',
          good: 'the log contains `cache server is listening`',
          commands: [command`${kubectl} logs ${this.identity.reference}`],
          expect: prints('cache server is listening'),
        },
      ],
      symptoms: [
        {
          seen: '`cache external_server register failed`, or 401 and 403 of `actions/cache`',
          cause: `The runner and cache server \`${this.name}\` have different secrets, or the NetworkPolicy of the server does not admit the pods of the job.`,
          fix: 'Store one value in the Secret of each namespace, restart the pods, and set `cache.server` of each runner.',
          look: [command`${kubectl} logs ${this.identity.reference} --tail 50`],
        },
      ],
    };
  }
}
