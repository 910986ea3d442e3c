import { SecretSource } from '../secret';
import { ForgeError, hasControlCharacter, quoted } from '../support';
import { badIdentity, checkCount, checkScaling, RunnerScaling } from './scaling/scaling';

/**
 * A runner that keeps what the forge knows it by.
 */
export interface PersistentIdentityProps {
  /**
   * How many runners: pods with one identity each, on a claim each.
   *
   * @default 1
   */
  readonly replicas?: number;

  /**
   * Changing it registers every replica anew, as another runner. Do so when the forge has forgotten the runners: after its database was
   * made anew, or when the runner's log says that it is no longer registered. The old entries stay in the forge until they are deleted there.
   *
   * @default - the runner registers anew when the forge's URL or the scope changes
   */
  readonly key?: string;
}

/**
 * Runners that are started for one job each.
 */
export interface EphemeralIdentityProps extends RunnerScaling {
  /**
   * An API token of the forge with which KEDA counts jobs, under the key `token`. It is another one than the registration token: it
   * may read, and it stays away from the pods. For the scope of a user it must be a token of that user: the forge then answers for
   * whoever asks.
   */
  readonly apiToken: SecretSource;

  /**
   * Forgejo only: the runner's UUID, as the forge shows it when the runner is created.
   *
   * @default - none; Forgejo needs one
   */
  readonly uuid?: string;
}

/** The kinds of identity; part of `RunnerIdentity`. */
export enum RunnerIdentityKind {
  /** Registered once for each replica, kept on a claim. */
  PERSISTENT = 'persistent',
  /** Registered for one job. */
  EPHEMERAL = 'ephemeral',
  /** Created at the forge beforehand; UUID and token are all there is. Forgejo. */
  CONNECTION = 'connection',
}

/**
 * How the forge knows a runner again.
 *
 * @example
 *
 * RunnerIdentity.persistent({ replicas: 2 });
 */
export class RunnerIdentity {
  /**
   * Registered once; what the forge answers is kept in `/data/.runner`, on a claim for each replica. The runner is there all the time,
   * and what it caches stays warm.
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
   * Registered for one job, in a pod of its own that is gone with it: jobs share nothing. KEDA, which must be in the cluster, starts
   * a pod for each job that waits. A job starts later than on a warm runner, and with empty caches.
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
   * Created at the forge beforehand, as Forgejo does: a UUID, which is no secret, and a token, which is the Secret that the runner is
   * given. There is nothing to register and no claim to keep. One runner for each.
   *
   * @param uuid as the forge shows it when the runner is created
   * @throws FORGE-RUN-024 if it is not a UUID
   */
  static connection(uuid: string): RunnerIdentity {
    return new RunnerIdentity(RunnerIdentityKind.CONNECTION, { uuid: checkedUuid(uuid) });
  }

  /** How many replicas a persistent runner has; 1 for the other kinds. */
  readonly replicas: number;

  /** Changing it registers anew; undefined unless given. */
  readonly key?: string;

  /** The runner's UUID at Forgejo; undefined for Gitea. */
  readonly uuid?: string;

  /** How pods are started for jobs; undefined unless the kind is `EPHEMERAL`. */
  readonly scaling?: EphemeralIdentityProps;

  private constructor(
    /** Which kind it is. */
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
