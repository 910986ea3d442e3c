import { SecretSource } from '../secret';
import { ForgeError, hasControlCharacter, quoted } from '../support';
import { badIdentity, checkCount, checkScaling, RunnerScaling } from './scaling/scaling';

/** Settings of a runner that keeps its identity. */
export interface PersistentIdentityProps {
  /**
   * The number of runners. Each runner is a pod with its own identity on its own claim.
   *
   * @default 1
   */
  readonly replicas?: number;

  /**
   * A key that registers every replica again as a new runner when it changes. Change the key if the forge no longer
   * knows the runners. Examples: the forge's database was recreated, or the runner's log says that the runner is no
   * longer registered. The old runner records stay in the forge until you delete them there.
   *
   * @default - the runner registers anew when the forge's URL or the scope changes
   */
  readonly key?: string;
}

/** Settings of runners that are started for one job each. */
export interface EphemeralIdentityProps extends RunnerScaling {
  /**
   * An API token of the forge with which KEDA counts jobs, under the key `token`. The API token is not the registration
   * token: it has read access, and pods cannot read it. For a user scope, the token must belong to that user, because
   * the forge answers for the token's owner.
   */
  readonly apiToken: SecretSource;

  /**
   * The runner's UUID (Forgejo only), as the forge shows it when you create the runner.
   *
   * @default - none; Forgejo needs one
   */
  readonly uuid?: string;
}

/** The kinds of runner identity, as part of `RunnerIdentity`. */
export enum RunnerIdentityKind {
  /** An identity that is registered once per replica and kept on a claim. */
  PERSISTENT = 'persistent',
  /** An identity that is registered for one job. */
  EPHEMERAL = 'ephemeral',
  /** An identity that is created at the forge beforehand and has only a UUID and a token. Forgejo only. */
  CONNECTION = 'connection',
}

/**
 * An identity by which the forge recognizes a runner.
 *
 * @example
 *
 * RunnerIdentity.persistent({ replicas: 2 });
 */
export class RunnerIdentity {
  /**
   * Creates an identity that is registered once. The registration is stored in `/data/.runner`, on a claim for each
   * replica. The runner is always running, and its caches stay warm.
   *
   * @throws FORGE-RUN-020 for a number of replicas or a key that is not one
   */
  static persistent(props: PersistentIdentityProps = {}): RunnerIdentity {
    checkCount('replicas', props.replicas ?? 1, [1, 100]);
    if (props.key !== undefined && (props.key === '' || props.key.length > 100 || hasControlCharacter(props.key))) {
      throw badIdentity(
        `the key ${quoted(props.key)} is not one`,
        'one line of at most 100 characters, such as a date',
      );
    }
    return new RunnerIdentity(RunnerIdentityKind.PERSISTENT, { persistent: { ...props } });
  }

  /**
   * Creates an identity that is registered for one job, in a pod that is deleted after the job. Jobs share nothing.
   * KEDA must be installed in the cluster; KEDA starts a pod for each waiting job. A job starts later than on a warm
   * runner, and with empty caches.
   *
   * @throws FORGE-RUN-020 for numbers or times that are not such
   */
  static ephemeral(props: EphemeralIdentityProps): RunnerIdentity {
    checkScaling(props);
    return new RunnerIdentity(RunnerIdentityKind.EPHEMERAL, {
      ephemeral: { ...props },
      uuid: props.uuid === undefined ? undefined : checkedUuid(props.uuid),
    });
  }

  /**
   * Creates an identity for a runner that already exists at the forge, as in Forgejo. The identity has a UUID, which is
   * not secret, and a token, which is the Secret of the runner. No registration and no claim are needed. Each identity
   * supports one runner.
   *
   * @param uuid as the forge shows it when the runner is created
   * @throws FORGE-RUN-024 if it is not a UUID
   */
  static connection(uuid: string): RunnerIdentity {
    return new RunnerIdentity(RunnerIdentityKind.CONNECTION, { uuid: checkedUuid(uuid) });
  }

  /** The number of replicas of a persistent runner; 1 for the other kinds. */
  readonly replicas: number;

  /** The key that registers the runner again when it changes; undefined if not set. */
  readonly key?: string;

  /** The runner's UUID at Forgejo; undefined for Gitea. */
  readonly uuid?: string;

  /** The scaling settings of pods for jobs; undefined unless the kind is `EPHEMERAL`. */
  readonly scaling?: EphemeralIdentityProps;

  private constructor(
    /** The kind, as an enum member. */
    readonly kind: RunnerIdentityKind,
    parts: { persistent?: PersistentIdentityProps; ephemeral?: EphemeralIdentityProps; uuid?: string },
  ) {
    this.replicas = parts.persistent?.replicas ?? 1;
    this.key = parts.persistent?.key;
    this.uuid = parts.uuid;
    this.scaling = parts.ephemeral;
  }
}

function checkedUuid(uuid: string): string {
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(uuid)) {
    return uuid;
  }
  throw ForgeError.of({
    code: 'FORGE-RUN-024',
    message: `${quoted(uuid)} is not the UUID of a runner`,
    allowed: '8, 4, 4, 4 and 12 hexadecimal digits in lower case',
    fix: 'create the runner on the page Settings, Actions, Runners of the forge; it shows UUID and token',
  });
}
