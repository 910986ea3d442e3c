import { Forge } from '../forge';
import { Egress, Placement, PodOptions, Resources, WorkloadIdentity } from '../kube';
import { CaBundle } from '../trust';
import { Executor } from './executor/executor';
import { RunnerConfig } from './config/config';
import { IRunnerProgram } from './program/program';
import { Registration } from './registration/registration';
import { RunnerLabel } from './runner-label';
import { RunnerProxy } from './pod/proxy';
import { RunnerScope } from './runner-scope';
import { RunnerVersion } from './runner-version';
import { Scaling } from './scaling/scaling';

/** The address at which a runner reaches its forge. */
export enum ForgeAddress {
  /** The `internalUrl` of the forge, so that traffic stays inside the cluster. */
  INTERNAL = 'internal',
  /** The public `url` of the forge. `github.server_url` in jobs is then the address that a browser opens. */
  PUBLIC = 'public',
}

/** Settings of a runner for the jobs of a forge. */
export interface RunnerProps {
  /** The forge whose jobs the runner runs: Gitea or Forgejo. */
  readonly forge: Forge;

  /** The scope of the jobs that the runner accepts. The registration token must have the same scope. */
  readonly scope: RunnerScope;

  /** The executor that runs the jobs. */
  readonly executor: Executor;

  /**
   * The way in which the runner registers. Gitea: `Registration.token` or `Registration.minted`. Forgejo:
   * `Registration.connection`, `Registration.minted` from 15.0 on, or `Registration.token`.
   */
  readonly registration: Registration;

  /**
   * The labels that jobs request in `runs-on`.
   *
   * @default - host executor: one label of kind host, named as the runner; others: `ubuntu-latest`, in Gitea's image of that name, or in
   * `node:22-bookworm` for Forgejo, whose default label is `docker`
   */
  readonly labels?: RunnerLabel[];

  /**
   * The number of runners, or a runner for each job.
   *
   * @default - `Scaling.fixed(1)`: one runner that runs permanently
   */
  readonly scaling?: Scaling;

  /**
   * The version of the runner binary.
   *
   * @default RunnerVersion.LATEST_KNOWN
   */
  readonly version?: RunnerVersion;

  /**
   * The name of the runner's image, without tag. Use a mirror of the official image, or an image built on it with more
   * tools, for example `node` for JavaScript actions. The image must have the same tags as the official image.
   *
   * @default - the official image: `gitea/act_runner` below 1.0.0, `gitea/runner` from there on, `code.forgejo.org/forgejo/runner`
   */
  readonly image?: string;

  /**
   * The digest of the image that the executor uses, `sha256:…`. The tag remains for readability.
   *
   * @default - the tag decides
   */
  readonly imageDigest?: string;

  /**
   * The runner binary, if it is one of your own.
   *
   * @default - that of the forge's product
   */
  readonly program?: IRunnerProgram;

  /**
   * Environment variables that every job gets. Do not use them for secrets: they are readable in Git and by every job.
   *
   * @default - none
   */
  readonly environment?: Record<string, string>;

  /**
   * The destinations that the runner's pods, and the jobs in them, can connect to. Forge, builder, proxy and external
   * cache of the runner are declared endpoints. With `Executor.externalDocker()`, jobs run on another machine, which
   * the choice does not restrict.
   *
   * @default Egress.open()
   */
  readonly egress?: Egress;

  /**
   * Additional settings of the runner binary.
   *
   * @default - its defaults
   */
  readonly config?: RunnerConfig;

  /**
   * The address at which the runner registers. Job containers must also reach this address, because they check out from
   * it.
   *
   * @default ForgeAddress.INTERNAL
   */
  readonly registerAt?: ForgeAddress;

  /**
   * The resource requests and limits of the container in which jobs run. With `Executor.docker()`, jobs run in the
   * Docker daemon's container; otherwise, jobs run in the runner's own container.
   *
   * @default - for each job at a time: 2 GiB of memory at most with the host executor, 4 GiB with Docker; storage in memory on top
   */
  readonly resources?: Resources;

  /**
   * The node placement of the runner's pods. Use `awayFrom` to keep the runner away from the forge's own pods, because
   * builds slow down their disk.
   *
   * @default - anywhere
   */
  readonly placement?: Placement;

  /**
   * Private CAs that the runner and its jobs trust, in addition to the forge's CA.
   *
   * @default - that of the forge, if it has one
   */
  readonly certificateAuthorities?: CaBundle[];

  /**
   * The proxy for outbound traffic of the runner and its jobs.
   *
   * @default - straight
   */
  readonly proxy?: RunnerProxy;

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
