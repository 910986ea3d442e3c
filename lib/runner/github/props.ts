import { Duration } from 'cdk8s';
import { Forge } from '../../forge';
import { Placement, Resources } from '../../kube';
import { CaBundle } from '../../trust';
import { Executor } from '../executor/executor';
import { GitHubCredential } from './credential';
import { GitHubScaling } from '../scaling/github';
import { RunnerProxy } from '../pod/proxy';
import { RunnerScope } from '../runner-scope';
import { RunnerVersion } from '../runner-version';

/**
 * A runner for the jobs of GitHub.
 */
export interface GitHubRunnerProps {
  /** Which GitHub: `Forge.github()`, or an Enterprise Server 3.10 or newer by its URL. */
  readonly forge: Forge;

  /** Whose jobs it takes: an organization's, or one repository's. GitHub knows no runners of users, and none of the whole instance. */
  readonly scope: RunnerScope;

  /**
   * How it runs them: `Executor.host()` or `Executor.docker()`.
   *
   * Steps run in the runner's own container, with the docker executor too; there, `container:`, `services:` and builds run in the daemon's.
   */
  readonly executor: Executor;

  /** Who registers the runners. */
  readonly credential: GitHubCredential;

  /** How many there are, and how waiting jobs are counted. KEDA must be in the cluster. */
  readonly scaling: GitHubScaling;

  /**
   * What jobs ask for in `runs-on`: at least one, at most 100. A runner has these labels and no others: give `self-hosted`, `linux` and `x64` if
   * jobs ask for them. KEDA counts all jobs whose labels are among these, so no other runners should have the same.
   *
   * @default - one, named as the runner
   */
  readonly labels?: string[];

  /**
   * The group that it joins, by its ID: the number at the end of the address of the group's page. The group decides which repositories
   * may use it. Scope organization only.
   *
   * @default - 1, the group `Default`, which no public repository may use unless it is told to
   * @see https://docs.github.com/en/actions/concepts/runners/runner-groups
   */
  readonly runnerGroupId?: number;

  /**
   * The version of the program.
   *
   * @default - the newest that this library knows
   */
  readonly version?: RunnerVersion;

  /**
   * How long a pod that is told to stop, because its node is drained for instance, waits for its job. Then the job is cancelled.
   *
   * @default 1 hour
   */
  readonly shutdownTimeout?: Duration;

  /**
   * What the runner's container asks for, in which steps run.
   *
   * @default - 2 GiB of memory at most; storage in memory on top
   */
  readonly resources?: Resources;

  /**
   * What the daemon's container asks for, in which `container:`, `services:` and builds run. `Executor.docker()` only.
   *
   * @default - 4 GiB of memory at most; storage in memory on top
   */
  readonly daemonResources?: Resources;

  /**
   * Where it runs.
   *
   * @default - anywhere
   */
  readonly placement?: Placement;

  /**
   * Private authorities that the runner and its steps trust; job containers do not. For an Enterprise Server, that of its certificate.
   *
   * @default - none
   */
  readonly certificateAuthorities?: CaBundle[];

  /**
   * The way out of the cluster, for registration, runner, steps and daemon. GitHub is reached through it: name an Enterprise Server in
   * `except` if it is not.
   *
   * @default - straight
   */
  readonly proxy?: RunnerProxy;

  /**
   * Variables for the runner and its steps, e.g. `ACTIONS_RUNNER_HOOK_JOB_STARTED` or `ACTIONS_RUNNER_REQUIRE_JOB_CONTAINER`. They are in Git: no secrets.
   *
   * @default - none
   */
  readonly environment?: Record<string, string>;
}
