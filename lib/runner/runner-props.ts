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

/** Under which address a runner knows its forge. */
export enum ForgeAddress {
  /** `internalUrl`: inside the cluster, no way out and back in. */
  INTERNAL = 'internal',
  /** `url`, as people use it: what jobs see as `github.server_url` is then what a browser opens. */
  PUBLIC = 'public',
}

/**
 * A runner for the jobs of a forge.
 */
export interface RunnerProps {
  /** The forge whose jobs it runs: Gitea or Forgejo. */
  readonly forge: Forge;

  /** Whose jobs it takes; the registration token must be of the same scope. */
  readonly scope: RunnerScope;

  /** How it runs them. */
  readonly executor: Executor;

  /**
   * The registration token, under the key `token`. `RegistrationTokenJob` can fetch one. For Forgejo it is the token that belongs to
   * the UUID.
   */
  readonly registrationToken: SecretSource;

  /**
   * What jobs ask for in `runs-on`.
   *
   * @default - host executor: one label of kind host, named as the runner; others: `ubuntu-latest`, in Gitea's image of that name, or in
   * `node:22-bookworm` for Forgejo, whose default label is `docker`
   */
  readonly labels?: RunnerLabel[];

  /**
   * How the forge knows it again, and how many there are.
   *
   * @default - `RunnerIdentity.persistent()`: one replica; Forgejo needs a `RunnerIdentity.connection()`
   */
  readonly identity?: RunnerIdentity;

  /**
   * The version of the program.
   *
   * @default - the newest that this library knows
   */
  readonly version?: RunnerVersion;

  /**
   * Further settings of the program.
   *
   * @default - its defaults
   */
  readonly config?: RunnerConfig;

  /**
   * Under which address it registers. Job containers must reach that address too: they check out from it.
   *
   * @default ForgeAddress.INTERNAL
   */
  readonly registerAt?: ForgeAddress;

  /**
   * What the container in which jobs run asks for: the daemon's container with `Executor.docker()`, else the runner's own.
   *
   * @default - for each job at a time: 2 GiB of memory at most with the host executor, 4 GiB with Docker; storage in memory on top
   */
  readonly resources?: Resources;

  /**
   * Where it runs. Keep it away from the forge's own pods, whose disk builds slow down: `awayFrom`.
   *
   * @default - anywhere
   */
  readonly placement?: Placement;

  /**
   * Private authorities that the runner and its jobs trust, besides that of the forge.
   *
   * @default - that of the forge, if it has one
   */
  readonly certificateAuthorities?: CaBundle[];

  /**
   * The way out of the cluster, for the runner and its jobs.
   *
   * @default - straight
   */
  readonly proxy?: RunnerProxy;
}
