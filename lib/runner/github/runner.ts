import { ApiObject, Duration, Size } from 'cdk8s';
import { Construct } from 'constructs';
import type { EnvVar } from 'kubernetes-types/core/v1';
import { Buildkitd } from '../../buildkit';
import { Forge, Repository, RunnerCapabilities, RunsOn } from '../../forge';
import { Layer, podSecurityOf, resourceRequirements, Resources } from '../../kube';
import { advise, fingerprint, objectName, Problem, Problems, quoted, register, scriptText } from '../../support';
import { Executor } from '../executor/executor';
import { gitHubAdvice } from './advice';
import { gitHubApiUrl } from './api';
import { checkGitHubRunner } from './checks';
import { COUNT_PERMISSION, registerPermission } from './credential';
import { gitHubRegistration, JIT_FILE, JIT_MOUNT, registrationVolumes } from './registration';
import { GitHubRunnerProps } from './props';
import { gitHubTrigger } from '../scaling/github-trigger';
import { gitHubWarnings } from './warnings';
import { jobResources, runnerPod } from '../pod/pod';
import { CONFIG_FOLDER, GitHubExecutor, PlanContext, PodPlan } from '../executor/pod-plan';
import { IRunner, RUNNERS } from '../runner-interface';
import { RunnerLabel } from '../runner-label';
import { proxyEnv } from '../pod/proxy';
import { RunnerScope } from '../runner-scope';
import { TrustPlan, trustPlan } from '../pod/trust';
import { RunnerVersion } from '../runner-version';
import { makeScaledJob } from '../scaling/scaled-objects';
import { podVolumes } from '../pod/workload';

const DEFAULT_SHUTDOWN = Duration.hours(1);
/**
 * The termination time of a pod beyond its job's shutdown timeout, in seconds. In this time, the pod cancels the job,
 * reports, and stops the Docker daemon.
 */
const GRACE_SECONDS = 60;
/** The default resource requests and limits of steps. */
const STEPS: Resources = { cpuRequestMillis: 100, memoryRequest: Size.mebibytes(256), memoryLimit: Size.gibibytes(2) };

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
 *   credential: GitHubCredential.token(SecretSource.existing('github-runners')),
 *   scaling: { max: 10, credential: GitHubCredential.token(SecretSource.existing('github-jobs')) },
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

  /** The version of the runner binary. */
  readonly version: RunnerVersion;

  /** The URL of GitHub's API. */
  readonly apiUrl: string;

  private readonly ownLabels: readonly RunnerLabel[];
  private readonly props: GitHubRunnerProps;
  private readonly resources: Resources;
  private readonly kind: GitHubExecutor;

  /**
   * @throws FORGE-RUN-001, 007, 010, 012, 013, 015 … 020, 022, 026 … 028, 034 … 039 for everything that would keep jobs from running; all at once
   */
  constructor(scope: Construct, id: string, props: GitHubRunnerProps) {
    super(scope, id);
    this.props = { ...props };
    this.name = objectName(this);
    this.scope = props.scope;
    this.executor = props.executor;
    this.forge = props.forge;
    this.version = props.version ?? RunnerVersion.GITHUB_LATEST_KNOWN;
    this.apiUrl = gitHubApiUrl(props.forge);
    const problems = new Problems(this.node.path);
    this.ownLabels = this.readLabels(problems);
    const gitHub = props.executor._kind.gitHub;
    const stores: Pick<GitHubExecutor, 'memoryStores' | 'daemonStores'> =
      'refusal' in gitHub ? { memoryStores: [] } : gitHub;
    this.resources = jobResources(props.resources, STEPS, { capacity: 1, stores: stores.memoryStores });
    const context: PlanContext = {
      construct: this,
      forge: props.forge,
      version: this.version,
      labels: this.ownLabels,
      config: {},
      configMap: `${this.name}-config`,
      podLabels: this.podLabels,
      resources: jobResources(props.daemonResources, props.executor._kind.defaultResources, {
        capacity: 1,
        stores: stores.daemonStores ?? [],
      }),
    };
    problems.collect(() => {
      this.proxy();
    });
    checkGitHubRunner({ name: this.name, props, context, resources: this.resources }, problems);
    problems.throwIfAny();
    this.kind = gitHub as GitHubExecutor;
    Layer.PLATFORM.mark(this);
    register(this, RUNNERS);
    advise(this, () => gitHubAdvice(this));
    this.make(context, this.kind.plan(context));
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
    return { ...this.kind.capabilities };
  }

  /** The BuildKit daemon that jobs build with; undefined if there is none. */
  get builder(): Buildkitd | undefined {
    return this.executor.builder;
  }

  /** The labels that only this runner's pods have. */
  get podLabels(): Record<string, string> {
    return { 'app.kubernetes.io/name': 'github-runner', 'app.kubernetes.io/instance': this.name };
  }

  /** Warnings about settings that work but may be unintended. */
  get warnings(): Problem[] {
    return gitHubWarnings(this.node.path, this.props);
  }

  /**
   * Returns whether a job of this repository with these labels can run on this runner. The scope must cover the
   * repository, and the runner must have all the labels. GitHub compares labels case-insensitively. GitHub decides
   * whether the runner group allows the repository.
   *
   * @param repository the repository
   * @param runsOn names of labels, as they stand in `runs-on`
   */
  accepts(repository: Repository, runsOn: string[]): boolean {
    const own = new Set(this.ownLabels.map(({ name }) => name.toLowerCase()));
    return (
      repository.forge.isSameAs(this.forge) &&
      this.scope.covers(repository) &&
      runsOn.every((wanted) => own.has(wanted.toLowerCase()))
    );
  }

  /**
   * Returns the runner for jobs that request some of its labels: `runsOn: runner.labelled('gpu')`.
   *
   * @param labels names of labels that it has
   * @throws FORGE-FRG-012 if it has not
   */
  labelled(...labels: string[]): RunsOn {
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

  private make(context: PlanContext, plan: PodPlan): void {
    const trust = trustPlan(this, { image: plan.image, bundles: this.props.certificateAuthorities ?? [] });
    const files = {
      'github-jit-config.sh': scriptText(__dirname, 'github-jit-config.sh'),
      'github-start.sh': scriptText(__dirname, 'github-start.sh'),
      ...plan.files,
      ...trust.files,
    };
    new ApiObject(this, 'Config', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: context.configMap },
      data: files,
    });
    const pod = this.pod(context, plan, trust);
    podSecurityOf(pod).mark(this);
    const counting = this.props.scaling.credential ?? this.props.credential;
    const authentication = `${this.name}-queue`;
    makeScaledJob(this, {
      meta: { name: this.name, labels: this.podLabels, configHash: fingerprint(...Object.values(files)) },
      pod,
      authentication,
      secret: {
        parameter: counting._parameter,
        name: counting._provide(this, {
          purpose: `KEDA counts the jobs for runner ${this.name}`,
          permission: COUNT_PERMISSION,
        }),
        key: counting._key,
      },
      scaling: this.props.scaling,
      trigger: gitHubTrigger(this.props, this.ownLabels, authentication),
    });
  }

  private pod(context: PlanContext, plan: PodPlan, trust: TrustPlan): ReturnType<typeof runnerPod> {
    const { credential } = this.props;
    const secretName = credential._provide(this, {
      purpose: `runner ${this.name} registers with GitHub (scope: ${this.scope.description})`,
      permission: registerPermission(this.scope),
    });
    const proxy = this.proxy();
    const shutdown = (this.props.shutdownTimeout ?? DEFAULT_SHUTDOWN).toSeconds();
    return runnerPod({
      context,
      plan,
      trust,
      daemonEnv: proxy,
      env: [...this.environment(shutdown), ...proxy],
      registration: gitHubRegistration(this.props, {
        image: plan.image,
        labels: this.ownLabels,
        env: [...proxy, ...trust.env],
        mounts: trust.mounts,
      }),
      command: ['bash', `${CONFIG_FOLDER}/github-start.sh`],
      volumes: [...registrationVolumes(secretName, credential._key), ...podVolumes(plan.stores)],
      mounts: [JIT_MOUNT],
      resources: resourceRequirements(this.resources, {}),
      placement: this.props.placement,
      spread: this.podLabels,
      graceSeconds: shutdown + GRACE_SECONDS,
      restartPolicy: 'Never',
    });
  }

  private environment(shutdown: number): EnvVar[] {
    return [
      JIT_FILE,
      { name: 'SHUTDOWN_SECONDS', value: String(shutdown) },
      // So that it hears a signal, and stops the listener in good order.
      { name: 'RUNNER_MANUALLY_TRAP_SIG', value: '1' },
      // So that a version that GitHub takes no more is a failed pod, and not one that has done its work.
      { name: 'ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE', value: '1' },
      ...Object.entries(this.props.environment ?? {}).map(([name, value]) => ({ name, value })),
    ];
  }

  private proxy(): EnvVar[] {
    return proxyEnv(this.props.proxy, []);
  }
}
