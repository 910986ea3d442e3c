import { Duration } from 'cdk8s';
import { Repository } from '../../forge';
import { SecretSource } from '../../secret';
import { ForgeError, quoted } from '../../support';
import { GitHubAppProps } from '../registration/github-app-props';
import { GitHubCredential } from '../registration/github-credential';

/** The kinds of scaling, as part of `Scaling`. */
export enum ScalingKind {
  /** A fixed number of runners that run permanently. */
  FIXED = 'fixed',
  /** A runner for each job. */
  PER_JOB = 'per-job',
}

/** Settings that decide how many single-job runners are started, when, and how jobs are counted. */
export interface PerJobScalingProps {
  /** The maximum number of runners that run at the same time. */
  readonly max: number;

  /**
   * The number of idle runners that are ready in addition to the busy runners; within `max`.
   *
   * @default 0
   */
  readonly min?: number;

  /**
   * The interval at which jobs are counted.
   *
   * @default 30 seconds
   */
  readonly pollingInterval?: Duration;

  /**
   * The time that a finished pod and its log are kept.
   *
   * @default 5 minutes
   */
  readonly keepFinished?: Duration;

  /**
   * An API token with which KEDA counts jobs, under the key `token`. The API token is not the registration token: it
   * has read access, and pods cannot read it. For a user scope of Gitea or Forgejo, the token must belong to that user,
   * because the forge answers for the token's owner. On GitHub, the token needs the repository permission "Actions"
   * (read-only).
   *
   * @default - GitHub: the runner's own credential, which then needs that permission as well; Gitea and Forgejo need a token
   */
  readonly apiToken?: SecretSource;

  /**
   * A GitHub App with which KEDA counts jobs, instead of `apiToken`. GitHub only.
   *
   * @default - `apiToken`
   */
  readonly gitHubApp?: GitHubAppProps;

  /**
   * The repositories whose jobs are counted. Each repository costs two requests per poll, plus one request for each
   * unfinished run. GitHub only.
   *
   * @default - scope repository: that one; scope organization: all of them, which KEDA lists at every poll
   */
  readonly repositories?: Repository[];

  /**
   * Whether to use conditional requests in KEDA, so that unchanged responses do not count against the rate limit. Older
   * versions of KEDA mixed up the responses of several runs of a repository; KEDA 2.21 does not. GitHub only.
   *
   * @default false
   */
  readonly conditionalRequests?: boolean;
}

/**
 * A choice of the number of runners.
 *
 * @see https://keda.sh/docs/latest/concepts/scaling-jobs/
 *
 * @example
 *
 * Scaling.perJob({ max: 10, apiToken: SecretSource.existing('jobs-token') });
 */
export class Scaling {
  /**
   * Creates a choice of runners that run permanently. Each runner is a pod with its own identity on its own claim.
   *
   * @throws FORGE-RUN-020 for a number that is not from 1 to 1000
   */
  static fixed(replicas: number): Scaling {
    checkCount('replicas', replicas, [1, 1000]);
    return new Scaling(ScalingKind.FIXED, replicas);
  }

  /**
   * Creates a choice of one runner for each job, in a pod that is deleted after the job. Jobs share nothing. KEDA must
   * be installed in the cluster; KEDA starts a pod for each waiting job. A job starts later than on a warm runner, and
   * with empty caches.
   *
   * @throws FORGE-RUN-020 for numbers or times that are not such, FORGE-RUN-035 for an ID of a GitHub App that is not a number
   */
  static perJob(props: PerJobScalingProps): Scaling {
    checkScaling(props);
    return new Scaling(ScalingKind.PER_JOB, 1, {
      ...props,
      ...(props.repositories ? { repositories: [...props.repositories] } : {}),
    });
  }

  /** The credential with which KEDA counts GitHub jobs; undefined for the runner's own. @internal */
  readonly _credential?: GitHubCredential;

  private readonly given?: PerJobScalingProps;

  private constructor(
    /** The kind, as an enum member. */
    readonly kind: ScalingKind,
    /** The number of runners that run permanently; 1 with a runner for each job. */
    readonly replicas: number,
    given?: PerJobScalingProps,
  ) {
    this.given = given;
    this._credential = given && credentialOf(given);
  }

  /** The settings of a runner for each job; undefined for runners that run permanently. */
  get perJobProps(): PerJobScalingProps | undefined {
    return this.given && { ...this.given };
  }
}

function credentialOf({ apiToken, gitHubApp }: PerJobScalingProps): GitHubCredential | undefined {
  if (gitHubApp) {
    return GitHubCredential.app(gitHubApp);
  }
  return apiToken && GitHubCredential.token(apiToken);
}

function checkScaling(scaling: PerJobScalingProps): void {
  checkCount('max', scaling.max, [1, 1000]);
  checkCount('min', scaling.min ?? 0, [0, scaling.max]);
  for (const [name, value] of Object.entries({
    pollingInterval: scaling.pollingInterval,
    keepFinished: scaling.keepFinished,
  })) {
    if (value !== undefined) {
      checkCount(`${name} in seconds`, value.toMilliseconds() / 1000, [1, 86_400]);
    }
  }
}

function checkCount(name: string, value: number, [least, most]: [number, number]): void {
  if (Number.isInteger(value) && value >= least && value <= most) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-RUN-020',
    message: `${name} is ${quoted(value)}`,
    allowed: `a whole number from ${least} to ${most}`,
    fix: `set ${name.split(' ')[0]} of Scaling to such a number`,
  });
}
