import { Construct } from 'constructs';
import { IBuilder } from '../buildkit';
import { Forge, Repository, RunnerCapabilities, RunsOn } from '../forge';
import { hostPathWarnings, Identity, identityOf, Layer, NamedStorage, PodGroup, Resources } from '../kube';
import { advise, constructed, handedOver, namespaceOf, Problem, Problems, quoted, register } from '../support';
import { runnerAdvice } from './advice/runbook';
import { checkRunner, requireProgram } from './advice/checks';
import { checkPlace, storesOf } from './advice/storage';
import { withCacheServer } from './cache/client';
import { runnerWarnings } from './advice/warnings';
import { assemble, forgeHosts, jobResources, PartialRequest } from './assembly';
import { egressOfRunner } from './egress';
import { Executor } from './executor/executor';
import { ExecutorContext, ExecutorTraits } from './executor/plan';
import { proxyEnv } from './pod/proxy';
import { PodTarget } from './pod/target';
import { withoutTools } from './capabilities';
import { checkedImage } from './program/checked-image';
import { ImageReference } from './program/image';
import { IRunnerProgram, ProgramFacts } from './program/program';
import { programOf } from './program/table';
import { GiteaProgram } from './program/gitea';
import { Registration } from './registration/registration';
import { DEFAULT_FETCH, DEFAULT_SHUTDOWN } from './config/defaults';
import { IRunner, RUNNERS } from './runner-interface';
import { RunnerLabel } from './runner-label';
import { ForgeAddress, RunnerProps } from './runner-props';
import { RunnerScope } from './runner-scope';
import { authoritiesOf, fetchedRegistration, stateOf } from './runner-parts';
import { RunnerVersion } from './runner-version';
import { Scaling, ScalingKind } from './scaling/scaling';

/**
 * A runner that accepts jobs from the forge and runs them.
 *
 * The runner registers in an init container, and only this init container can read the token. With a fixed number of
 * runners, the runner is a StatefulSet whose replicas each keep their identity on their own claim. With a runner for
 * each job, the runner is a separate pod for each job.
 *
 * @see https://docs.gitea.com/usage/actions/act-runner
 *
 * @example
 *
 * new Runner(chart, 'runner', {
 *   forge: gitea,
 *   scope: RunnerScope.instance(),
 *   registration: Registration.token(SecretSource.existing('runner-token')),
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

  /** The way in which the runner registers. */
  readonly registration: Registration;

  /** The number of runners. */
  readonly scaling: Scaling;

  /** The version of the runner binary. */
  readonly version: RunnerVersion;

  /** The runner binary. */
  readonly program: IRunnerProgram;

  /** The address of the forge with which the runner registers. Jobs see the address as `github.server_url`. */
  readonly instanceUrl: string;

  private readonly ownLabels: readonly RunnerLabel[];
  private readonly identity: Identity;
  private readonly props: RunnerProps;
  private readonly facts: ProgramFacts;
  private readonly traits: ExecutorTraits;

  /**
   * @throws FORGE-RUN-004 … 028, 039, 049 for everything that would keep the runner from starting or its jobs from running; all at once
   */
  constructor(scope: Construct, id: string, props: RunnerProps) {
    const made = constructed(Runner, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    this.props = { ...props, ...(props.config ? { config: withCacheServer(this, props.config) } : {}) };
    this.scope = props.scope;
    this.executor = props.executor;
    this.forge = props.forge;
    this.scaling = props.scaling ?? Scaling.fixed(1);
    this.program = props.program ?? programOf(props.forge) ?? new GiteaProgram();
    requireProgram(this, { forge: props.forge, program: this.program, by: 'Runner' });
    this.identity = identityOf(this, `${this.program.product}-runner`, props.workload);
    this.name = this.identity.name;
    this.version = props.version?.version ? props.version : RunnerVersion.of(this.program.latestKnown);
    this.registration = props.registration;
    this.instanceUrl = props.registerAt === ForgeAddress.PUBLIC ? props.forge.url : props.forge.internalUrl;
    this.facts = this.program.facts(
      this.version,
      new ImageReference(props.image ?? this.program.imageName(this.version), this.version.version, props.imageDigest),
    );
    this.traits = props.executor._executor.traits(this.facts);
    this.ownLabels = props.labels ? [...props.labels] : this.defaultLabels();
    const jobs = this.jobResources();
    const context = this.context(jobs);
    this.check(context, jobs);
    Layer.PLATFORM.mark(this);
    register(this, RUNNERS);
    advise(this, () => runnerAdvice(this));
    this.make(context, jobs);
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
    const capabilities = this.executor._executor.capabilities(this.facts);
    const isShared = capabilities.containerJobs === false && this.scaling.kind === ScalingKind.FIXED;
    const known = { ...capabilities, runnerVersion: this.version.version, ...(isShared ? { sharedHome: true } : {}) };
    return this.props.image === undefined ? known : withoutTools(known);
  }

  /** The builder that jobs build with; undefined if there is none. */
  get builder(): IBuilder | undefined {
    return this.executor.builder;
  }

  /** The labels that only this runner's pods have. */
  get podLabels(): Record<string, string> {
    return { ...this.identity.podLabels };
  }

  /** @internal */
  get _reference(): string {
    return this.identity.reference;
  }

  /** Warnings about settings that work but may be unintended. */
  get warnings(): Problem[] {
    return [
      ...runnerWarnings(this, { props: this.props, traits: this.traits }),
      ...hostPathWarnings(this.node.path, this.stores),
    ];
  }

  /**
   * Returns whether a job of this repository with these labels can run on this runner. The scope must cover the
   * repository, and the runner must have all the labels.
   *
   * @param repository the repository
   * @param runsOn names of labels, as they stand in `runs-on`
   */
  canRunJobsOf(repository: Repository, runsOn: string[]): boolean {
    return (
      repository.forge.isSameAs(this.forge) &&
      this.scope.isScopeOf(repository) &&
      runsOn.every((wanted) => this.labels.some(({ name }) => name === wanted))
    );
  }

  /**
   * Returns the runner for jobs that request labels other than its first label: `runsOn: runner.withLabels('arm64')`.
   *
   * @param labels names of labels that it has
   * @throws FORGE-FRG-012 if it has not
   */
  withLabels(...labels: string[]): RunsOn {
    return RunsOn._some(
      this,
      labels,
      this.labels.map(({ name }) => name),
    );
  }

  private defaultLabels(): RunnerLabel[] {
    return [this.traits.hasDocker ? this.program.defaultLabel : RunnerLabel.host(this.name)];
  }

  private jobResources(): Resources {
    return jobResources(this.props.resources, this.traits.jobResources, {
      capacity: countOf(this.props.config?.capacity ?? 1),
      stores: this.traits.jobStores ?? [],
    });
  }

  private context(jobs: Resources): ExecutorContext {
    return {
      construct: this,
      forge: this.forge,
      program: this.facts,
      version: this.version,
      labels: this.labels,
      config: this.props.config ?? {},
      podLabels: this.podLabels,
      jobResources: jobs,
      daemonResources: {},
    };
  }

  private request(registration: Registration): PartialRequest {
    const { shutdownTimeout = DEFAULT_SHUTDOWN, fetchTimeout = DEFAULT_FETCH, ...config } = this.props.config ?? {};
    return {
      construct: this,
      name: this.name,
      forge: this.forge,
      instanceUrl: this.instanceUrl,
      scope: this.scope,
      registration,
      scaling: this.scaling,
      labels: this.labels,
      version: this.version,
      config: { ...config, shutdownTimeout, fetchTimeout },
      env: proxyEnv(this.props.proxy, forgeHosts(this.forge)),
      shutdownSeconds: Math.ceil(shutdownTimeout.toMilliseconds() / 1000),
    };
  }

  private check(context: ExecutorContext, jobs: Resources): void {
    const problems = new Problems(this.node.path);
    const { props, program, traits } = this;
    checkRunner({ runner: this, props, program, traits, jobs }, problems);
    checkPlace(this.place, props.placement, problems);
    problems.collect(() => checkedImage(props.image, props.imageDigest));
    problems.collect(() => {
      const request = { ...this.request(this.registration), ...NOTHING, image: this.facts.image };
      program.problems(request).forEach((problem) => problems.add(problem));
    });
    this.executor._executor.problems(context).forEach((problem) => problems.add(problem));
    problems.throwIfAny();
  }

  private make(context: ExecutorContext, jobs: Resources): void {
    const { egress, proxy, config } = this.props;
    const plan = this.executor._executor.plan(context);
    const server = config?.cache?.externalServer;
    const clients = [PodGroup.of(this.podLabels, namespaceOf(this)), ...(plan.jobPods ? [plan.jobPods] : [])];
    clients.forEach((pods) => config?.cache?.server?.admit(pods));
    egressOfRunner(this, {
      egress,
      forge: this.forge,
      proxy,
      name: this.name,
      labels: this.podLabels,
      endpoints: [...(plan.endpoints ?? []), ...(server ? [server] : [])],
    });
    const { blueprint, parts } = assemble({
      construct: this,
      identity: this.identity,
      program: this.program,
      facts: this.facts,
      traits: this.traits,
      plan,
      request: this.request(fetchedRegistration(this, this.props.pod)),
      environment: this.props.environment ?? {},
      authorities: authoritiesOf(this.forge, this.props.certificateAuthorities),
      state: stateOf(this, this.facts, this.traits),
      jobs,
      placement: this.props.placement,
    });
    const perJob = this.scaling.perJobProps;
    const target = new PodTarget(
      this.identity,
      perJob && parts.queue ? { props: perJob, queue: parts.queue } : undefined,
      this.props.pod,
    );
    target.render(this, blueprint);
  }

  private get place() {
    return { identity: this.identity, scaling: this.scaling, stores: this.stores };
  }

  private get stores(): NamedStorage[] {
    return storesOf(this.traits, stateOf(this, this.facts, this.traits));
  }
}

/** The parts of a request that only the assembly knows, and checks do not need. */
const NOTHING = { settings: {}, jobEnvironment: {}, trustEnv: [], trustMounts: [] };

/** Returns a valid capacity for calculations, for any input. Invalid values are reported elsewhere. */
function countOf(capacity: number): number {
  return Number.isInteger(capacity) && capacity > 0 && capacity <= 1000 ? capacity : 1;
}
