import { Construct } from 'constructs';
import { IBuilder } from '../buildkit';
import { Repository, RunnerCapabilities } from '../forge';
import { NamedStorage, Resources, Storage } from '../kube';
import { Problem, Problems } from '../support';
import { checkRunner, requireProgram } from './advice/checks';
import { storesOf } from './advice/storage';
import { runnerWarnings, WarnedRunner } from './advice/warnings';
import { assemble, Assembled, forgeHosts, jobResources, PartialRequest } from './assembly';
import { withoutTools } from './capabilities';
import { DEFAULT_FETCH, DEFAULT_SHUTDOWN } from './config/defaults';
import { ExecutorContext, ExecutorPlan, ExecutorTraits } from './executor/plan';
import { proxyEnv } from './pod/proxy';
import { checkedImage } from './program/checked-image';
import { GiteaProgram } from './program/gitea';
import { ImageReference } from './program/image';
import { IRunnerProgram, ProgramFacts } from './program/program';
import { programOf } from './program/table';
import { Registration } from './registration/registration';
import { RunnerLabel } from './runner-label';
import { authoritiesOf, stateOf } from './runner-parts';
import { RunnerProps } from './runner-props';
import { RunnerVersion } from './runner-version';
import { Scaling, ScalingKind } from './scaling/scaling';

/**
 * The properties of a runner that do not depend on the platform.
 *
 * @jsii ignore
 */
export type DesignProps = Omit<RunnerProps, 'egress' | 'registerAt' | 'workload' | 'pod'>;

/**
 * The parts of a runner that its platform decides.
 *
 * @jsii ignore
 */
export interface RunnerPlace {
  /** The name of the runner. */
  readonly name: string;
  /** The labels that only the runner's instances have. */
  readonly podLabels: Record<string, string>;
  /** The address of the forge with which the runner registers. */
  readonly instanceUrl: string;
  /** Whether to serve neither metrics nor checks. @default false */
  readonly withoutMetrics?: boolean;
}

/**
 * Returns the runner binary for a forge.
 *
 * @throws FORGE-RUN-016 if the forge has another one
 *
 * @jsii ignore
 */
export function requiredProgram(construct: Construct, { program, forge }: DesignProps): IRunnerProgram {
  const found = program ?? programOf(forge) ?? new GiteaProgram();
  requireProgram(construct, { forge, program: found, by: 'Runner' });
  return found;
}

/**
 * A runner before a target renders it: everything that follows from its properties, whatever the platform.
 *
 * @jsii ignore
 */
export class RunnerDesign {
  readonly program: IRunnerProgram;
  readonly version: RunnerVersion;
  readonly scaling: Scaling;
  readonly facts: ProgramFacts;
  readonly traits: ExecutorTraits;
  readonly labels: readonly RunnerLabel[];
  private readonly jobs: Resources;

  /**
   * @throws FORGE-RUN-016 if the forge has another runner binary
   */
  constructor(
    private readonly construct: Construct,
    private readonly props: DesignProps,
    private readonly place: RunnerPlace,
  ) {
    this.program = requiredProgram(construct, props);
    this.scaling = props.scaling ?? Scaling.fixed(1);
    this.version = props.version?.version ? props.version : RunnerVersion.of(this.program.latestKnown);
    const image = props.image ?? this.program.imageName(this.version);
    this.facts = this.program.facts(this.version, new ImageReference(image, this.version.version, props.imageDigest));
    this.traits = props.executor._executor.traits(this.facts);
    this.labels = props.labels ? [...props.labels] : [this.defaultLabel];
    this.jobs = jobResources(props.resources, this.traits.jobResources, {
      capacity: countOf(props.config?.capacity ?? 1),
      stores: this.traits.jobStores ?? [],
    });
  }

  /** The capabilities of the runner's jobs. */
  get capabilities(): RunnerCapabilities {
    const capabilities = this.props.executor._executor.capabilities(this.facts);
    const isShared = capabilities.containerJobs === false && this.scaling.kind === ScalingKind.FIXED;
    const known = { ...capabilities, runnerVersion: this.version.version, ...(isShared ? { sharedHome: true } : {}) };
    return this.props.image === undefined ? known : withoutTools(known);
  }

  /** The builder that jobs build with; undefined if there is none. */
  get builder(): IBuilder | undefined {
    return this.props.executor.builder;
  }

  /** The storage of the runner, with the names of its volumes. */
  get stores(): NamedStorage[] {
    return storesOf(this.traits, this.state());
  }

  /** Returns whether a job of this repository with these labels can run on the runner. */
  canRunJobsOf(repository: Repository, runsOn: readonly string[]): boolean {
    const { forge, scope } = this.props;
    return (
      repository.forge.isSameAs(forge) &&
      scope.isScopeOf(repository) &&
      runsOn.every((wanted) => this.labels.some(({ name }) => name === wanted))
    );
  }

  /** Returns warnings about settings that work but may be unintended. */
  warnings(runner: WarnedRunner): Problem[] {
    return runnerWarnings(runner, { props: this.props, traits: this.traits });
  }

  /** Reports everything that would keep the runner from starting, or its jobs from running. */
  check(problems: Problems): void {
    const { props, program, traits, jobs, labels, scaling } = this;
    const { registration } = props;
    checkRunner(
      { runner: { name: this.place.name, labels, registration, scaling }, props, program, traits, jobs },
      problems,
    );
    problems.collect(() => checkedImage(props.image, props.imageDigest));
    problems.collect(() => {
      const request = { ...this.request(registration), ...NOTHING, image: this.facts.image };
      program.problems(request).forEach((problem) => problems.add(problem));
    });
    props.executor._executor.problems(this.context).forEach((problem) => problems.add(problem));
  }

  /** Returns the executor's plan. Called only if there are no problems. */
  plan(): ExecutorPlan {
    return this.props.executor._executor.plan(this.context);
  }

  /**
   * Returns the blueprint.
   *
   * @param plan the executor's plan
   * @param registration the registration, if it is not that of the properties
   */
  assemble(plan: ExecutorPlan, registration: Registration = this.props.registration): Assembled {
    const { construct, place, program, facts, traits, jobs } = this;
    return assemble({
      construct,
      identity: place,
      program,
      facts,
      traits,
      plan,
      request: this.request(registration),
      environment: this.props.environment ?? {},
      authorities: authoritiesOf(this.props.forge, this.props.certificateAuthorities),
      state: this.state(),
      jobs,
      placement: this.props.placement,
    });
  }

  private get defaultLabel(): RunnerLabel {
    return this.traits.hasDocker ? this.program.defaultLabel : RunnerLabel.host(this.place.name);
  }

  private get context(): ExecutorContext {
    return {
      construct: this.construct,
      forge: this.props.forge,
      program: this.facts,
      version: this.version,
      labels: [...this.labels],
      config: this.props.config ?? {},
      podLabels: this.place.podLabels,
      jobResources: this.jobs,
      daemonResources: {},
    };
  }

  private request(registration: Registration): PartialRequest {
    const { forge, scope, proxy } = this.props;
    const { shutdownTimeout = DEFAULT_SHUTDOWN, fetchTimeout = DEFAULT_FETCH, ...config } = this.props.config ?? {};
    return {
      construct: this.construct,
      name: this.place.name,
      forge,
      instanceUrl: this.place.instanceUrl,
      scope,
      registration,
      scaling: this.scaling,
      labels: [...this.labels],
      version: this.version,
      config: { ...config, shutdownTimeout, fetchTimeout },
      env: proxyEnv(proxy, forgeHosts(forge)),
      ...(this.place.withoutMetrics ? { withoutMetrics: true } : {}),
      shutdownSeconds: Math.ceil(shutdownTimeout.toMilliseconds() / 1000),
    };
  }

  private state(): Storage | undefined {
    const { registration, forge } = this.props;
    return stateOf({ scaling: this.scaling, registration, forge }, this.facts, this.traits);
  }
}

/** The parts of a request that only the assembly knows, and checks do not need. */
const NOTHING = { settings: {}, jobEnvironment: {}, trustEnv: [], trustMounts: [] };

/** Returns a valid capacity for calculations, for any input. Invalid values are reported elsewhere. */
function countOf(capacity: number): number {
  return Number.isInteger(capacity) && capacity > 0 && capacity <= 1000 ? capacity : 1;
}
