import { Construct } from 'constructs';
import { IBuilder } from '../buildkit';
import { Forge, Repository, RunnerCapabilities, RunsOn } from '../forge';
import { hostPathWarnings, Identity, identityOf, Layer, PodGroup } from '../kube';
import { advise, constructed, handedOver, namespaceOf, Problem, Problems, quoted, register } from '../support';
import { runnerAdvice } from './advice/runbook';
import { checkPlace } from './advice/storage';
import { withCacheServer } from './cache/client';
import { requiredProgram, RunnerDesign } from './design';
import { egressOfRunner } from './egress';
import { Executor } from './executor/executor';
import { PodTarget } from './pod/target';
import { IRunnerProgram } from './program/program';
import { Registration } from './registration/registration';
import { IRunner, RUNNERS } from './runner-interface';
import { RunnerLabel } from './runner-label';
import { fetchedRegistration } from './runner-parts';
import { ForgeAddress, RunnerProps } from './runner-props';
import { RunnerScope } from './runner-scope';
import { RunnerVersion } from './runner-version';
import { Scaling } from './scaling/scaling';

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

  private readonly identity: Identity;
  private readonly props: RunnerProps;
  private readonly design: RunnerDesign;

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
    this.registration = props.registration;
    this.instanceUrl = props.registerAt === ForgeAddress.PUBLIC ? props.forge.url : props.forge.internalUrl;
    const { product } = requiredProgram(this, props);
    this.identity = identityOf(this, `${product}-runner`, props.workload);
    this.name = this.identity.name;
    const { name, podLabels } = this.identity;
    this.design = new RunnerDesign(this, this.props, { name, podLabels, instanceUrl: this.instanceUrl });
    this.program = this.design.program;
    this.version = this.design.version;
    this.scaling = this.design.scaling;
    this.check();
    Layer.PLATFORM.mark(this);
    register(this, RUNNERS);
    advise(this, () => runnerAdvice(this));
    this.make();
  }

  /** The labels that jobs request in `runs-on`. */
  get labels(): RunnerLabel[] {
    return [...this.design.labels];
  }

  /** The label that `runsOn: runner` requests: the runner's first label. */
  get jobLabels(): string[] {
    return this.design.labels.slice(0, 1).map(({ name }) => name);
  }

  /** Description of the target in words. */
  get description(): string {
    return `runner ${quoted(this.node.path)} (scope: ${this.scope.description})`;
  }

  /** The capabilities of the runner's jobs. */
  get capabilities(): RunnerCapabilities {
    return this.design.capabilities;
  }

  /** The builder that jobs build with; undefined if there is none. */
  get builder(): IBuilder | undefined {
    return this.design.builder;
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
    return [...this.design.warnings(this), ...hostPathWarnings(this.node.path, this.design.stores)];
  }

  /**
   * Returns whether a job of this repository with these labels can run on this runner. The scope must cover the
   * repository, and the runner must have all the labels.
   *
   * @param repository the repository
   * @param runsOn names of labels, as they stand in `runs-on`
   */
  canRunJobsOf(repository: Repository, runsOn: string[]): boolean {
    return this.design.canRunJobsOf(repository, runsOn);
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

  private check(): void {
    const problems = new Problems(this.node.path);
    const { identity, scaling, design } = this;
    design.check(problems);
    checkPlace({ identity, scaling, stores: design.stores }, this.props.placement, problems);
    problems.throwIfAny();
  }

  private make(): void {
    const { egress, proxy, config } = this.props;
    const plan = this.design.plan();
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
    const { blueprint, parts } = this.design.assemble(plan, fetchedRegistration(this, this.props.pod));
    const perJob = this.scaling.perJobProps;
    const target = new PodTarget(
      this.identity,
      perJob && parts.queue ? { props: perJob, queue: parts.queue } : undefined,
      this.props.pod,
    );
    target.render(this, blueprint);
  }
}
