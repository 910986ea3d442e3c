import { Duration } from 'cdk8s';
import { Forge } from '../../forge';
import { Egress, Placement, PodOptions, Resources, WorkloadIdentity } from '../../kube';
import { CaBundle } from '../../trust';
import { Executor } from '../executor/executor';
import { Registration } from '../registration/registration';
import { Scaling } from '../scaling/scaling';
import { RunnerProxy } from '../pod/proxy';
import { RunnerScope } from '../runner-scope';
import { RunnerVersion } from '../runner-version';

/** Settings of a runner for GitHub jobs. */
export interface GitHubRunnerProps {
  /** The GitHub instance: `Forge.github()`, or the URL of an Enterprise Server 3.10 or newer. */
  readonly forge: Forge;

  /**
   * The scope of the jobs that the runner accepts: an organization or one repository. GitHub does not support runners
   * for users or for a whole instance.
   */
  readonly scope: RunnerScope;

  /**
   * The executor that runs the jobs: `Executor.host()` or `Executor.docker()`.
   *
   * Steps run in the runner's own container, also with the Docker executor. With the Docker executor, `container:`,
   * `services:` and builds run in the Docker daemon's container.
   */
  readonly executor: Executor;

  /** The way in which the runner registers: `Registration.gitHubApp` or `Registration.gitHubToken`. */
  readonly registration: Registration;

  /**
   * The number of runners, and the method that counts waiting jobs: `Scaling.perJob`. KEDA must be installed in the
   * cluster.
   */
  readonly scaling: Scaling;

  /**
   * The labels that jobs request in `runs-on`: at least one, at most 100. A runner has only these labels: add
   * `self-hosted`, `linux` and `x64` if jobs request them. KEDA counts all jobs whose labels are among these labels, so
   * no other runners should have the same labels.
   *
   * @default - one, named as the runner
   */
  readonly labels?: string[];

  /**
   * The ID of the runner group: the number at the end of the URL of the group's page. The group decides which
   * repositories may use the runner. Supported only for the scope organization.
   *
   * @default - 1, the group `Default`, which no public repository may use unless it is told to
   * @see https://docs.github.com/en/actions/concepts/runners/runner-groups
   */
  readonly runnerGroupId?: number;

  /**
   * The version of the runner binary.
   *
   * @default RunnerVersion.LATEST_KNOWN
   */
  readonly version?: RunnerVersion;

  /**
   * The name of the runner's image, without tag. Use a mirror of the official image, or an image built on it with more
   * tools. The image must have the same tags as the official image.
   *
   * @default `ghcr.io/actions/actions-runner`
   */
  readonly image?: string;

  /**
   * The digest of the image, `sha256:…`. The tag remains for readability.
   *
   * @default - the tag decides
   */
  readonly imageDigest?: string;

  /**
   * The destinations that the runner's pods, and the steps and job containers in them, can connect to. GitHub, its API,
   * the builder and the proxy are declared endpoints.
   *
   * @default Egress.open()
   */
  readonly egress?: Egress;

  /**
   * The time that a stopping pod waits for its job, for example when its node is drained. After this time, the job is
   * canceled.
   *
   * @default 1 hour
   */
  readonly shutdownTimeout?: Duration;

  /**
   * The resource requests and limits of the runner's container, in which steps run.
   *
   * @default - 2 GiB of memory at most; storage in memory on top
   */
  readonly resources?: Resources;

  /**
   * The resource requests and limits of the Docker daemon's container, in which `container:`, `services:` and builds
   * run. `Executor.docker()` only.
   *
   * @default - 4 GiB of memory at most; storage in memory on top
   */
  readonly daemonResources?: Resources;

  /**
   * The node placement of the runner's pods.
   *
   * @default - anywhere
   */
  readonly placement?: Placement;

  /**
   * Private CAs that the runner and its steps trust; job containers do not trust them. For an Enterprise Server, add
   * the CA of its certificate.
   *
   * @default - none
   */
  readonly certificateAuthorities?: CaBundle[];

  /**
   * The proxy for outbound traffic of the registration, runner, steps and Docker daemon. Traffic to GitHub uses the
   * proxy. If an Enterprise Server is reached without the proxy, add the server to `except`.
   *
   * @default - straight
   */
  readonly proxy?: RunnerProxy;

  /**
   * Environment variables for the runner and its steps, for example `ACTIONS_RUNNER_HOOK_JOB_STARTED` or
   * `ACTIONS_RUNNER_REQUIRE_JOB_CONTAINER`. The variables are stored in Git, so do not use them for secrets.
   *
   * @default - none
   */
  readonly environment?: Record<string, string>;

  /**
   * The names and labels of the runner's workload, to take over one that runs already.
   *
   * @default - made from the construct ids below the chart
   */
  readonly workload?: WorkloadIdentity;

  /**
   * Additions to the pods: image pull Secrets, a service account, environment, volumes, containers, DNS, security context.
   *
   * @default - none
   */
  readonly pod?: PodOptions;
}
