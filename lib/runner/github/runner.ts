import { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import { IBuilder } from '../../buildkit';
import { Forge, Repository, RunnerCapabilities, RunsOn } from '../../forge';
import { hostPathWarnings, Identity, identityOf, Layer, Resources } from '../../kube';
import { advise, constructed, handedOver, Problem, Problems, quoted, register } from '../../support';
import { requireProgram } from '../advice/checks';
import { checkPlace, storesOf } from '../advice/storage';
import { assemble, jobResources, PartialRequest } from '../assembly';
import { withoutTools } from '../capabilities';
import { egressOfRunner } from '../egress';
import { Executor } from '../executor/executor';
import { ExecutorContext, ExecutorTraits } from '../executor/plan';
import { proxyEnv } from '../pod/proxy';
import { PodTarget } from '../pod/target';
import { GitHubProgram } from '../program/github';
import { gitHubApiUrl } from '../program/github-api';
import { checkedImage } from '../program/checked-image';
import { ImageReference } from '../program/image';
import { IRunnerProgram, ProgramFacts } from '../program/program';
import { Registration } from '../registration/registration';
import { IRunner, RUNNERS } from '../runner-interface';
import { RunnerLabel } from '../runner-label';
import { RunnerScope } from '../runner-scope';
import { RunnerVersion } from '../runner-version';
import { Scaling } from '../scaling/scaling';
import { gitHubAdvice } from './advice';
import { checkGitHubRunner } from './checks';
import { GitHubRunnerProps } from './props';
import { gitHubWarnings } from './warnings';

const DEFAULT_SHUTDOWN = Duration.hours(1);
/** The parts of a request that only the assembly knows, and checks do not need. */
const NOTHING = { settings: {}, jobEnvironment: {}, trustEnv: [], trustMounts: [] };

/**
 * A GitHub runner that runs each job in its own pod. KEDA starts a pod for each waiting job, and the pod is deleted
 * with its job.
 *
 * An init container requests a just-in-time configuration from GitHub. Only this init container can read the
 * credential. The configuration is valid for one job and has only the labels that are configured here. GitHub
 * recommends this method to scale runners. No controller is needed in addition to KEDA.
 *
 * @see https://docs.github.com/en/actions/reference/security/secure-use#using-just-in-time-runners
 *
 * @example
 *
 * new GitHubRunner(chart, 'pool', {
 *   forge: Forge.github(),
 *   scope: RunnerScope.organization('example'),
 *   registration: Registration.gitHubToken(SecretSource.existing('github-runners')),
 *   scaling: Scaling.perJob({ max: 10, apiToken: SecretSource.existing('github-jobs') }),
 *   executor: Executor.host({ builder: buildkitd }),
 * });
 */
export class GitHubRunner extends Construct implements IRunner {
  /** The name of the runner's workload. */
  readonly name: string;

  /** The scope of the jobs that the runner accepts. */
  readonly scope: RunnerScope;

  /** The executor that runs the jobs. */
  readonly executor: Executor;

  /** The GitHub instance whose jobs the runner runs. */
  readonly forge: Forge;

  /** The way in which the runner registers. */
  readonly registration: Registration;

  /** The number of runners, and the way in which jobs are counted. */
  readonly scaling: Scaling;

  /** The version of the runner binary. */
  readonly version: RunnerVersion;

  /** The runner binary. */
  readonly program: IRunnerProgram;

  /** The URL of GitHub's API. */
  readonly apiUrl: string;

  private readonly ownLabels: readonly RunnerLabel[];
  private readonly identity: Identity;
  private readonly props: GitHubRunnerProps;
  private readonly facts: ProgramFacts;
  private readonly traits: ExecutorTraits;

  /**
   * @throws FORGE-RUN-001, 004, 005, 007, 010, 012 … 014, 016 … 020, 022, 023, 026 … 028, 034 … 039, 049 for everything that would keep jobs from running; all at once
   */
  constructor(scope: Construct, id: string, props: GitHubRunnerProps) {
    const made = constructed(GitHubRunner, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    this.props = { ...props };
    this.identity = identityOf(this, 'github-runner', props.workload);
    this.name = this.identity.name;
    this.scope = props.scope;
    this.executor = props.executor;
    this.forge = props.forge;
    this.registration = props.registration;
    this.scaling = props.scaling;
    this.program = new GitHubProgram();
    requireProgram(this, { forge: props.forge, program: this.program, by: 'GitHubRunner' });
    this.version = props.version?.version ? props.version : RunnerVersion.of(this.program.latestKnown);
    this.apiUrl = gitHubApiUrl(props.forge);
    this.facts = this.program.facts(
      this.version,
      new ImageReference(props.image ?? this.program.imageName(this.version), this.version.version, props.imageDigest),
    );
    this.traits = props.executor._executor.traits(this.facts);
    const problems = new Problems(this.node.path);
    this.ownLabels = this.readLabels(problems);
    const context = this.context();
    this.check(context, problems);
    Layer.PLATFORM.mark(this);
    register(this, RUNNERS);
    advise(this, () => gitHubAdvice(this));
    this.make(context);
  }

  /** The labels that jobs request in `runs-on`. */
  get labels(): RunnerLabel[] {
    return [...this.ownLabels];
  }

  /**
   * The labels that `runsOn: runner` requests: all labels of the runner. A job therefore never runs on another runner
   * that has only some of the labels.
   */
  get jobLabels(): string[] {
    return this.ownLabels.map(({ name }) => name);
  }

  /** Description of the target in words. */
  get description(): string {
    return `runner ${quoted(this.node.path)} (scope: ${this.scope.description})`;
  }

  /** The capabilities of the runner's jobs. */
  get capabilities(): RunnerCapabilities {
    const capabilities = {
      ...this.executor._executor.capabilities(this.facts),
      runnerVersion: this.version.version,
    };
    return this.props.image === undefined ? capabilities : withoutTools(capabilities);
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
    return `scaledjob/${this.name}`;
  }

  /** Warnings about settings that work but may be unintended. */
  get warnings(): Problem[] {
    return [
      ...gitHubWarnings(this.node.path, { props: this.props, traits: this.traits }),
      ...hostPathWarnings(this.node.path, storesOf(this.traits)),
    ];
  }

  /**
   * Returns whether a job of this repository with these labels can run on this runner. The scope must cover the
   * repository, and the runner must have all the labels. GitHub compares labels case-insensitively. GitHub decides
   * whether the runner group allows the repository.
   *
   * @param repository the repository
   * @param runsOn names of labels, as they stand in `runs-on`
   */
  canRunJobsOf(repository: Repository, runsOn: string[]): boolean {
    const own = new Set(this.ownLabels.map(({ name }) => name.toLowerCase()));
    return (
      repository.forge.isSameAs(this.forge) &&
      this.scope.isScopeOf(repository) &&
      runsOn.every((wanted) => own.has(wanted.toLowerCase()))
    );
  }

  /**
   * Returns the runner for jobs that request some of its labels: `runsOn: runner.withLabels('gpu')`.
   *
   * @param labels names of labels that it has
   * @throws FORGE-FRG-012 if it has not
   */
  withLabels(...labels: string[]): RunsOn {
    return RunsOn._some(this, labels, this.jobLabels);
  }

  private readLabels(problems: Problems): RunnerLabel[] {
    const labels: RunnerLabel[] = [];
    for (const name of this.props.labels ?? [this.name]) {
      problems.collect(() => {
        labels.push(RunnerLabel.host(name));
      });
    }
    return labels;
  }

  private get jobs(): Resources {
    const { jobResources: defaults, jobStores = [] } = this.traits;
    return jobResources(this.props.resources, defaults, { capacity: 1, stores: jobStores });
  }

  private context(): ExecutorContext {
    const { daemonResources = {}, daemonStores = [] } = this.traits;
    return {
      construct: this,
      forge: this.forge,
      program: this.facts,
      version: this.version,
      labels: this.labels,
      config: {},
      podLabels: this.podLabels,
      jobResources: this.jobs,
      daemonResources: jobResources(this.props.daemonResources, daemonResources, { capacity: 1, stores: daemonStores }),
    };
  }

  private request(): PartialRequest {
    const { shutdownTimeout = DEFAULT_SHUTDOWN, proxy, runnerGroupId } = this.props;
    return {
      construct: this,
      name: this.name,
      forge: this.forge,
      instanceUrl: this.forge.url,
      scope: this.scope,
      registration: this.registration,
      scaling: this.scaling,
      labels: this.labels,
      version: this.version,
      config: {},
      env: proxyEnv(proxy, []),
      shutdownSeconds: Math.ceil(shutdownTimeout.toMilliseconds() / 1000),
      group: runnerGroupId,
    };
  }

  private check(context: ExecutorContext, problems: Problems): void {
    const { props, program, traits, name } = this;
    checkGitHubRunner({ name, props, program, traits, context }, problems);
    const { identity, scaling } = this;
    checkPlace({ identity, scaling, stores: storesOf(traits) }, props.placement, problems);
    problems.collect(() => checkedImage(props.image, props.imageDigest));
    problems.collect(() => {
      const request = { ...this.request(), ...NOTHING, image: this.facts.image };
      program.problems(request).forEach((problem) => problems.add(problem));
    });
    this.executor._executor.problems(context).forEach((problem) => problems.add(problem));
    problems.throwIfAny();
  }

  private make(context: ExecutorContext): void {
    const { egress, proxy, environment = {}, certificateAuthorities = [], placement } = this.props;
    const plan = this.executor._executor.plan(context);
    egressOfRunner(this, {
      egress,
      forge: this.forge,
      proxy,
      name: this.name,
      labels: this.podLabels,
      endpoints: [this.apiUrl, ...(plan.endpoints ?? [])],
    });
    const { blueprint, parts } = assemble({
      construct: this,
      identity: this.identity,
      program: this.program,
      facts: this.facts,
      traits: this.traits,
      plan,
      request: this.request(),
      environment,
      authorities: certificateAuthorities,
      jobs: this.jobs,
      placement,
    });
    const scaling = { props: this.scaling.perJobProps!, queue: parts.queue! };
    new PodTarget(this.identity, scaling, this.props.pod).render(this, blueprint);
  }
}
