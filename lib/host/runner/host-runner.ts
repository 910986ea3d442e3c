import { Construct } from 'constructs';
import { IBuilder } from '../../buildkit';
import { Forge, Repository, RunnerCapabilities, RunsOn } from '../../forge';
import {
  DesignProps,
  Executor,
  IRunner,
  IRunnerTarget,
  Registration,
  RegistrationKind,
  RunnerBlueprint,
  RunnerDesign,
  RunnerLabel,
  RUNNERS,
  RunnerScope,
  RunnerVersion,
} from '../../runner';
import { SecretSource } from '../../secret';
import { advise, constructed, handedOver, markOutside, Problem, Problems, quoted, register } from '../../support';
import { HostFiles } from '../host-files';
import { hostName } from '../host-name';
import { HostProfile } from '../profile/host-profile';
import { checkAddresses, freeSubnet, HostNetwork, hostNetwork, takeSubnet, unknownNames } from './addresses';
import { hostRunnerAdvice } from './advice';
import { HostVariable, variablesIn } from './compose-mounts';
import { ComposeTarget } from './compose';
import { ContainerEngine, HostRunnerProps } from './host-runner-props';
import { configWith, knownHostsOf, withKnownHosts } from './known-hosts';
import { checkEngine, checkPlan, hasDaemon, jobHosts, machineHosts, urlsOf } from './places';
import { QuadletTarget } from './quadlet';
import { ServiceTarget } from './service';
import { unusedProblems } from './unused';

/**
 * A runner on a machine outside the cluster. Its files are in `host/<name>/` of the output.
 *
 * With a Docker executor, the files are a project of Docker Compose, or units of rootless Podman (`engine`): the runner, and the
 * Docker daemon for its jobs. With
 * `Executor.host()`, they are a service of the machine: a systemd unit, or a launchd job on macOS. Labels, configuration,
 * trust and Docker daemon are those that a `Runner` with the same properties has in the cluster.
 *
 * The registration token is read from an environment variable of the operator once. Jobs do not see the token.
 *
 * @example
 *
 * new HostRunner(app, 'runner', {
 *   forge: Forge.gitea({ version: '1.26', url: 'https://git.example.com' }),
 *   executor: Executor.docker({ daemon: { registries: [registry] } }),
 * });
 */
export class HostRunner extends Construct implements IRunner {
  /** Name of the runner, of its directory below `host/`, and of the compose project or service. */
  readonly name: string;

  /** The scope of the jobs that the runner accepts. */
  readonly scope: RunnerScope;

  /** The executor that runs the jobs. */
  readonly executor: Executor;

  /** The forge whose jobs the runner runs. */
  readonly forge: Forge;

  /** The way in which the runner registers. */
  readonly registration: Registration;

  /** The kind of machine. */
  readonly profile: HostProfile;

  /** The program of the machine that runs the containers. */
  readonly engine: ContainerEngine;

  private design: RunnerDesign;

  private blueprint?: RunnerBlueprint;

  private unknown: Problem[] = [];

  /**
   * @throws FORGE-HOST-001 … 008, 016 for what the machine cannot do; FORGE-RUN-004 … 028, 039, 049 as for `Runner`; FORGE-SEC-006 for a
   * token in the cluster; all at once
   */
  constructor(scope: Construct, id: string, props: HostRunnerProps) {
    const made = constructed(HostRunner, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    markOutside(this);
    this.name = hostName(this);
    this.forge = props.forge;
    this.scope = props.scope ?? RunnerScope.instance();
    this.executor = props.executor ?? Executor.docker();
    this.registration = props.registration ?? Registration.token(SecretSource.environment('RUNNER_TOKEN'));
    this.profile = props.profile ?? HostProfile.linux();
    this.engine = props.engine ?? ContainerEngine.DOCKER;
    const problems = new Problems(this.node.path);
    const network = hostNetwork(props.subnet ?? freeSubnet(this), problems);
    this.design = this.designed(props, []);
    this.check(props, problems);
    register(this, RUNNERS);
    advise(this, () => hostRunnerAdvice(this));
    const plan = this.design.plan();
    checkPlan(plan, problems);
    const urls = urlsOf(props, plan);
    checkAddresses(urls, this.isComposed, problems);
    this.unknown = this.isComposed || this.profile._facts.namesHost ? [] : unknownNames(urls);
    const hosts = machineHosts(this, { urls, gateway: network.gateway }, problems);
    problems.throwIfAny();
    // Only the plan has all addresses, and the plan does not depend on them.
    this.design = this.designed(props, jobHosts(this.executor, plan, hosts));
    const { blueprint } = this.design.assemble(plan);
    this.blueprint = blueprint;
    const isNeeded = hosts.length > 0 || props.subnet !== undefined;
    if (isNeeded) {
      takeSubnet(this, network.subnet);
    }
    this.target({ network: isNeeded ? network : undefined, hosts }).render(
      this,
      withKnownHosts(blueprint, knownHostsOf(this.forge.ssh)),
    );
  }

  /** The directory of the files, relative to the output directory. */
  get folder(): string {
    return `host/${this.name}`;
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
    return `runner ${quoted(this.node.path)} outside the cluster (scope: ${this.scope.description})`;
  }

  /** The capabilities of the runner's jobs. */
  get capabilities(): RunnerCapabilities {
    return this.design.capabilities;
  }

  /** The builder that jobs build with; undefined if there is none. */
  get builder(): IBuilder | undefined {
    return this.design.builder;
  }

  /** The version of the runner binary. */
  get version(): RunnerVersion {
    return this.design.version;
  }

  /** Reports whether the runner is containers: a project of Docker Compose, or units of Podman. */
  get isComposed(): boolean {
    return this.design.traits.hasDocker === true;
  }

  /** Warnings about settings that work but may be unintended. */
  get warnings(): Problem[] {
    const { node, labels, capabilities, design } = this;
    return [...this.unknown, ...design.warnings({ node, labels, capabilities, scaling: design.scaling })];
  }

  /**
   * Returns whether a job of this repository with these labels can run on this runner.
   *
   * @param repository the repository
   * @param runsOn names of labels, as they stand in `runs-on`
   */
  canRunJobsOf(repository: Repository, runsOn: string[]): boolean {
    return this.design.canRunJobsOf(repository, runsOn);
  }

  /**
   * Returns the runner for jobs that request labels other than its first label.
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

  /**
   * Path of the runner binary on the machine, for a service without Docker.
   *
   * @internal
   */
  get _binary(): string {
    return this.design.facts.portable?.path ?? this.design.facts.binary;
  }

  /**
   * Names of the containers that run permanently.
   *
   * @internal
   */
  get _containers(): string[] {
    const { services = [], runner } = this.blueprint ?? {};
    return [...services, ...(runner ? [runner] : [])].map(({ name }) => name);
  }

  /**
   * Containers beside the runner that can be asked for their health, with the commands that ask.
   *
   * @internal
   */
  get _probes(): { name: string; command: string[] }[] {
    return (this.blueprint?.services ?? []).flatMap(({ name, probes: { liveness, startup } = {} }) => {
      const command = liveness?.command ?? startup?.command;
      return command ? [{ name, command }] : [];
    });
  }

  /**
   * Environment variables that the installation reads, with the names of the files that they become.
   *
   * @internal
   */
  get _variables(): HostVariable[] {
    const { secrets = [], volumes = [] } = this.blueprint ?? {};
    return variablesIn([...secrets, ...volumes]);
  }

  private designed(props: HostRunnerProps, hosts: readonly string[]): RunnerDesign {
    const { scope, executor, registration } = this;
    const additions = {
      knownHosts: hasDaemon(executor) && knownHostsOf(props.forge.ssh) !== undefined,
      extraHosts: hosts,
    };
    const config = configWith(props.config, additions);
    const own: DesignProps = { ...props, scope, executor, registration, ...(config ? { config } : {}) };
    const withoutMetrics = executor.name === 'host';
    return new RunnerDesign(this, own, {
      name: this.name,
      podLabels: {},
      instanceUrl: props.forge.url,
      withoutMetrics,
    });
  }

  private check(props: HostRunnerProps, problems: Problems): void {
    const { config } = props;
    problems.collect(() => this.profile.assertCanRun(this.executor));
    if (this.registration.kind === RegistrationKind.MINTED) {
      problems.add({
        code: 'FORGE-HOST-007',
        message: 'registration is minted by a Job, which only a cluster runs',
        fix: "use Registration.token(SecretSource.environment('RUNNER_TOKEN'))",
      });
    }
    if (config?.cache?.server !== undefined) {
      problems.add({
        code: 'FORGE-HOST-007',
        message: 'config.cache.server is a cache server of a cluster',
        fix: 'remove config.cache.server: the runner has a cache of its own',
      });
    }
    checkEngine(this, problems);
    unusedProblems(props, this).forEach((problem) => problems.add(problem));
    this.design.check(problems);
    problems.throwIfAny();
  }

  private target({
    network,
    hosts,
  }: {
    readonly network?: HostNetwork;
    readonly hosts: readonly string[];
  }): IRunnerTarget {
    const files = new HostFiles(this, this.name);
    if (this.isComposed && this.engine === ContainerEngine.PODMAN) {
      return new QuadletTarget(files);
    }
    return this.isComposed
      ? new ComposeTarget({ files, extraHosts: hosts, network })
      : new ServiceTarget({ files, manager: this.profile._facts.services ?? 'systemd', facts: this.design.facts });
  }
}
