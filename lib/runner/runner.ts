/* eslint-disable max-lines, max-lines-per-function -- until the split that is under way */
import { ApiObject, Duration, Size } from 'cdk8s';
import { Construct } from 'constructs';
import type { EnvVar } from 'kubernetes-types/core/v1';
import { Buildkitd } from '../buildkit';
import { Forge, Repository, RunnerCapabilities, RunsOn } from '../forge';
import { Layer, podSecurityOf, resourceRequirements, Resources, Storage } from '../kube';
import { advise, fingerprint, objectName, Problem, Problems, quoted, scriptText } from '../support';
import { configFile } from './config/file';
import { Executor } from './executor/executor';
import { hasMetrics, jobResources, METRICS_PORT, runnerPod } from './pod/pod';
import { PlanContext, PodPlan, Store } from './executor/pod-plan';
import {
  CONFIG_FILE,
  identitySettings,
  registrationContainer,
  RegistrationParts,
  registrationPurpose,
  runnerCommand,
  STATE_FILE,
  TOKEN_MOUNT,
} from './registration/registration';
import { runnerAdvice } from './advice/runbook';
import { checkName, checkRunner } from './advice/checks';
import { RunnerIdentity, RunnerIdentityKind } from './runner-identity';
import { IRunner } from './runner-interface';
import { RunnerLabel } from './runner-label';
import { ForgeAddress, RunnerProps } from './runner-props';
import { proxyEnv } from './pod/proxy';
import { RunnerScope } from './runner-scope';
import { trustPlan } from './pod/trust';
import { RunnerVersion } from './runner-version';
import { runnerWarnings } from './advice/warnings';
import { makeScaledJob } from './scaling/scaled-objects';
import { emptyDirs, podVolumes, queueTrigger, statefulSet, WorkloadMeta } from './pod/workload';

const DEFAULT_SHUTDOWN = Duration.hours(1);
/**
 * The termination time of a pod beyond its jobs' shutdown timeout, in seconds. In this time, the pod reports and stops
 * the Docker daemon.
 */
const GRACE_SECONDS = 60;

/**
 * A runner that accepts jobs from the forge and runs them.
 *
 * The runner registers in an init container, and only this init container can read the token. With a persistent
 * identity, the runner is a StatefulSet whose replicas each keep their identity on their own claim. With an ephemeral
 * identity, the runner is a separate pod for each job.
 *
 * @see https://docs.gitea.com/usage/actions/act-runner
 *
 * @example
 *
 * new Runner(chart, 'runner', {
 *   forge: gitea,
 *   scope: RunnerScope.instance(),
 *   registrationToken: SecretSource.existing('runner-token'),
 *   executor: Executor.host({ builder: buildkitd }),
 * });
 */
export class Runner extends Construct implements IRunner {
  /** The name of the runner's workload. */
  readonly name: string;

  /** The scope of the jobs that the runner accepts. */
  readonly scope: RunnerScope;

  /** The executor that runs the jobs. */
  readonly executor: Executor;

  /** The forge whose jobs the runner runs. */
  readonly forge: Forge;

  /** The identity by which the forge recognizes the runner. */
  readonly identity: RunnerIdentity;

  /** The version of the runner binary. */
  readonly version: RunnerVersion;

  /** The address of the forge with which the runner registers. Jobs see the address as `github.server_url`. */
  readonly instanceUrl: string;

  private readonly ownLabels: readonly RunnerLabel[];
  private readonly props: RunnerProps;
  private readonly capacity: number;
  private readonly jobs: Resources;
  private readonly context: PlanContext;

  /**
   * @throws FORGE-RUN-006 … 027 for everything that would keep the runner from starting or its jobs from running; all at once
   */
  constructor(scope: Construct, id: string, props: RunnerProps) {
    super(scope, id);
    this.props = { ...props, config: { shutdownTimeout: DEFAULT_SHUTDOWN, ...props.config } };
    this.name = objectName(this);
    this.scope = props.scope;
    this.executor = props.executor;
    this.forge = props.forge;
    this.version = props.version ?? RunnerVersion._for(props.forge.product.runnerProgram);
    this.identity = props.identity ?? RunnerIdentity.persistent();
    this.ownLabels = props.labels
      ? [...props.labels]
      : defaultLabels(props.executor, { name: this.name, program: props.forge.product.runnerProgram });
    this.instanceUrl = props.registerAt === ForgeAddress.PUBLIC ? props.forge.url : props.forge.internalUrl;
    this.capacity = props.config?.capacity ?? 1;
    this.jobs = jobResources(props.resources, props.executor._kind.defaultResources, {
      capacity: countOf(this.capacity),
      stores: props.executor._kind.memoryStores,
    });
    this.context = {
      construct: this,
      forge: props.forge,
      version: this.version,
      labels: this.labels,
      config: this.props.config!,
      configMap: `${this.name}-config`,
      podLabels: this.podLabels,
      resources: this.jobs,
    };
    this.check();
    Layer.PLATFORM.mark(this);
    advise(this, () => runnerAdvice(this));
    this.make(props.executor._kind.plan(this.context));
  }

  /** The labels that jobs request in `runs-on`. */
  get labels(): RunnerLabel[] {
    return [...this.ownLabels];
  }

  /** The label that `runsOn: runner` requests: the runner's first label. */
  get jobLabels(): string[] {
    return this.ownLabels.slice(0, 1).map(({ name }) => name);
  }

  /** Description of the target in words. */
  get description(): string {
    return `runner ${quoted(this.node.path)} (scope: ${this.scope.description})`;
  }

  /** The capabilities of the runner's jobs. */
  get capabilities(): RunnerCapabilities {
    return this.executor.capabilities;
  }

  /** The BuildKit daemon that jobs build with; undefined if there is none. */
  get builder(): Buildkitd | undefined {
    return this.executor.builder;
  }

  /** The labels that only this runner's pods have. */
  get podLabels(): Record<string, string> {
    return { 'app.kubernetes.io/name': `${this.version.product}-runner`, 'app.kubernetes.io/instance': this.name };
  }

  /** Warnings about settings that work but may be unintended. */
  get warnings(): Problem[] {
    return runnerWarnings(this, this.props);
  }

  /**
   * Returns whether a job of this repository with these labels can run on this runner. The scope must cover the
   * repository, and the runner must have all the labels.
   *
   * @param repository the repository
   * @param runsOn names of labels, as they stand in `runs-on`
   */
  accepts(repository: Repository, runsOn: string[]): boolean {
    return (
      repository.forge.isSameAs(this.forge) &&
      this.scope.covers(repository) &&
      runsOn.every((wanted) => this.labels.some(({ name }) => name === wanted))
    );
  }

  /**
   * Returns the runner for jobs that request labels other than its first label: `runsOn: runner.labelled('arm64')`.
   *
   * @param labels names of labels that it has
   * @throws FORGE-FRG-012 if it has not
   */
  labelled(...labels: string[]): RunsOn {
    return RunsOn._some(
      this,
      labels,
      this.labels.map(({ name }) => name),
    );
  }

  private check(): void {
    const problems = new Problems(this.node.path);
    checkName(this.name, problems);
    problems.collect(() => {
      this.proxy();
    });
    checkRunner(
      {
        props: this.props,
        context: this.context,
        identity: this.identity,
        jobResources: this.jobs,
        capacity: this.capacity,
      },
      problems,
    );
    problems.throwIfAny();
  }

  private make(plan: PodPlan): void {
    const trust = trustPlan(this, { image: plan.image, bundles: this.authorities() });
    const registration = this.registration();
    const files = {
      ...this.configFiles(plan, { jobEnv: trust.jobEnv, options: trust.jobOptions, volumes: trust.validVolumes }),
      ...plan.files,
      ...trust.files,
    };
    new ApiObject(this, 'Config', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `${this.name}-config` },
      data: files,
    });
    const stores: Store[] = [{ name: 'data', storage: this.state() }, ...plan.stores];
    const secrets = this.secretVolumes();
    const env: EnvVar[] = [
      { name: 'CONFIG_FILE', value: CONFIG_FILE },
      ...(this.isGitea ? [{ name: 'RUNNER_STATE_FILE', value: STATE_FILE }] : []),
      ...this.proxy(),
    ];
    const isEphemeral = this.identity.kind === RunnerIdentityKind.EPHEMERAL;
    const pod = runnerPod({
      context: this.context,
      plan,
      trust,
      env,
      daemonEnv: this.proxy(),
      registration: this.isGitea
        ? registrationContainer(registration, { image: plan.image, env: [...env, ...trust.env], mounts: trust.mounts })
        : undefined,
      command: runnerCommand(registration),
      volumes: [...secrets.volumes, ...(isEphemeral ? podVolumes(stores) : emptyDirs(stores))],
      mounts: [{ name: 'data', mountPath: '/data' }, ...secrets.mounts],
      resources:
        plan.daemons.length > 0 ? resourceRequirements(undefined, plan.resources) : resourceRequirements(this.jobs, {}),
      placement: this.props.placement,
      spread: isEphemeral || this.identity.replicas > 1 ? this.podLabels : undefined,
      graceSeconds: this.props.config!.shutdownTimeout!.toSeconds() + GRACE_SECONDS,
      restartPolicy: isEphemeral ? 'Never' : undefined,
    });
    podSecurityOf(pod).mark(this);
    const meta: WorkloadMeta = {
      name: this.name,
      labels: this.podLabels,
      configHash: fingerprint(...Object.values(files)),
    };
    if (isEphemeral) {
      this.makeScaledJob(meta, pod);
    } else {
      this.makeStatefulSet(meta, pod, stores);
    }
  }

  private makeStatefulSet(meta: WorkloadMeta, pod: ReturnType<typeof runnerPod>, stores: Store[]): void {
    const ports = hasMetrics(this.context)
      ? { ports: [{ name: 'metrics', port: METRICS_PORT, targetPort: 'metrics' }] }
      : {};
    new ApiObject(this, 'Service', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: this.name, labels: this.podLabels },
      spec: { clusterIP: 'None', selector: this.podLabels, ...ports },
    });
    new ApiObject(this, 'Resource', {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: this.name, labels: this.podLabels },
      spec: statefulSet(meta, pod, { replicas: this.identity.replicas, stores }),
    });
  }

  private makeScaledJob(meta: WorkloadMeta, pod: ReturnType<typeof runnerPod>): void {
    const scaling = this.identity.scaling!;
    const authentication = `${this.name}-queue`;
    const secretName = scaling.apiToken.provide(this, {
      purpose: `KEDA counts the jobs for runner ${this.name}`,
      type: 'Opaque',
      keys: ['token'],
      tokenScope: this.scope._tokenScope('read'),
    });
    const trigger = queueTrigger(this.forge, { scope: this.scope, labels: this.labels, authentication });
    makeScaledJob(this, {
      meta,
      pod,
      authentication,
      secret: { parameter: 'token', name: secretName, key: 'token' },
      scaling,
      trigger,
    });
  }

  private configFiles(
    plan: PodPlan,
    jobs: { jobEnv: Record<string, string>; options?: string; volumes: string[] },
  ): Record<string, string> {
    const config = this.props.config!;
    const { container = {} } = config;
    const inContainers =
      this.executor._kind.hasDocker && this.executor.kind !== 'external-docker' && jobs.options !== undefined;
    const volumes = [
      ...((plan.owned['container.valid_volumes'] as string[] | undefined) ?? container.validVolumes ?? []),
      ...(inContainers ? jobs.volumes : []),
    ];
    const owned = {
      ...plan.owned,
      ...identitySettings(this.registration()),
      ...(hasMetrics(this.context) ? { 'metrics.enabled': true, 'metrics.addr': `:${METRICS_PORT}` } : {}),
      ...(inContainers
        ? {
            'container.options': [container.options, jobs.options].filter(Boolean).join(' '),
            'runner.envs': { ...jobs.jobEnv, ...config.jobEnv },
          }
        : {}),
      ...(volumes.length > 0 ? { 'container.valid_volumes': volumes } : {}),
      ...this.cacheSecretSetting(),
    };
    return {
      'config.yaml': configFile(this.version, config, owned),
      ...(this.isGitea ? { 'register.sh': scriptText(__dirname, 'register.sh') } : {}),
    };
  }

  private cacheSecretSetting(): Record<string, string> {
    if (!this.props.config?.cache?.externalSecret) {
      return {};
    }
    return this.isGitea
      ? { 'cache.external_secret_file': `${CACHE_SECRET}/secret` }
      : { 'cache.secret_url': `file://${CACHE_SECRET}/secret` };
  }

  private secretVolumes() {
    const token = this.props.registrationToken.provide(this, {
      purpose: registrationPurpose(this),
      type: 'Opaque',
      keys: ['token'],
    });
    const cache = this.props.config?.cache?.externalSecret?.provide(this, {
      purpose: `runner ${this.name} and the external cache server know each other`,
      type: 'Opaque',
      keys: ['secret'],
    });
    const volume = (name: string, secretName: string, key: string) => ({
      name,
      secret: { secretName, items: [{ key, path: key }], defaultMode: 0o440 },
    });
    return {
      volumes: [volume('token', token, 'token'), ...(cache ? [volume('cache-secret', cache, 'secret')] : [])],
      mounts: [
        ...(this.isGitea ? [] : [TOKEN_MOUNT]),
        ...(cache ? [{ name: 'cache-secret', mountPath: CACHE_SECRET, readOnly: true }] : []),
      ],
    };
  }

  private get isGitea(): boolean {
    return this.version.product === 'gitea';
  }

  private registration(): RegistrationParts {
    return {
      version: this.version,
      identity: this.identity,
      scope: this.scope,
      instanceUrl: this.instanceUrl,
      labels: this.labels.map(({ spec }) => spec),
    };
  }

  private state(): Storage {
    const size = Size.gibibytes(1);
    return (
      this.executor._kind.state ??
      (this.identity.kind === RunnerIdentityKind.PERSISTENT ? Storage.persistent(size) : Storage.ephemeral(size))
    );
  }

  private authorities() {
    const { trust, internalTrust } = this.forge;
    const own = [trust, internalTrust].flatMap(({ caBundle }) => (caBundle ? [caBundle] : []));
    return [...own, ...(this.props.certificateAuthorities ?? [])];
  }

  private proxy(): EnvVar[] {
    const hosts = [this.forge.url, this.forge.internalUrl].map((url) => new URL(url).hostname);
    return proxyEnv(this.props.proxy, hosts);
  }
}

/** The directory in which the secret of an external cache server is mounted. */
const CACHE_SECRET = '/var/run/secrets/runner-cache';

function defaultLabels(executor: Executor, { name, program }: { name: string; program: string }): RunnerLabel[] {
  if (!executor._kind.hasDocker) {
    return [RunnerLabel.host(name)];
  }
  return program === 'forgejo'
    ? [RunnerLabel.docker('docker', 'node:22-bookworm')]
    : [RunnerLabel.docker('ubuntu-latest', 'docker.gitea.com/runner-images:ubuntu-latest')];
}

/** Returns a valid capacity for calculations, for any input. Invalid values are reported elsewhere. */
function countOf(capacity: number): number {
  return Number.isInteger(capacity) && capacity > 0 && capacity <= 1000 ? capacity : 1;
}
