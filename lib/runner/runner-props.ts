import { Forge } from '../forge';
import { Placement, Resources } from '../kube';
import { SecretSource } from '../secret';
import { CaBundle } from '../trust';
import { Executor } from './executor/executor';
import { RunnerConfig } from './config/config';
import { RunnerIdentity } from './runner-identity';
import { RunnerLabel } from './runner-label';
import { RunnerProxy } from './pod/proxy';
import { RunnerScope } from './runner-scope';
import { RunnerVersion } from './runner-version';

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
   * The registration token, under the key `token`. `RegistrationTokenJob` can fetch a token. For Forgejo, use the token
   * that belongs to the UUID.
   */
  readonly registrationToken: SecretSource;

  /**
   * The labels that jobs request in `runs-on`.
   *
   * @default - host executor: one label of kind host, named as the runner; others: `ubuntu-latest`, in Gitea's image of that name, or in
   * `node:22-bookworm` for Forgejo, whose default label is `docker`
   */
  readonly labels?: RunnerLabel[];

  /**
   * The identity by which the forge recognizes the runner, and the number of runners.
   *
   * @default - `RunnerIdentity.persistent()`: one replica; Forgejo needs a `RunnerIdentity.connection()`
   */
  readonly identity?: RunnerIdentity;

  /**
   * The version of the runner binary.
   *
   * @default - the newest that this library knows
   */
  readonly version?: RunnerVersion;

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
}
