import { ReadyStepOptions } from '../../workflow';

/** A result of a run that a notification reports. */
export enum NotifyOn {
  /** The run succeeded. */
  SUCCESS = 'success',
  /** The run failed. */
  FAILURE = 'failure',
  /** The run was cancelled. */
  CANCELLED = 'cancelled',
  /** The run succeeded, and the run before it failed: of the same workflow, on the same branch. */
  RECOVERED = 'recovered',
}

/** A set of options that every notification accepts. */
export interface NotifyOptions extends ReadyStepOptions {
  /**
   * Title of the notification.
   *
   * @default - the repository and the name of the workflow
   */
  readonly title?: string;

  /**
   * Text of the notification. The text may contain outputs of steps and jobs; no text can become code or a header.
   *
   * @default - the result, the branch or tag, and the commit
   */
  readonly message?: string;

  /**
   * Result that the notification reports: `success`, `failure`, `cancelled` or `skipped`.
   *
   * @default Expression.JOB_STATUS - the result of the job so far
   */
  readonly result?: string;

  /**
   * Results that are reported. `RECOVERED` asks the forge for the result of the run before: the job needs jq and the
   * permission `actions: read`. If nobody can tell, the result is `SUCCESS`, with a warning in the log.
   *
   * @default - all results; `SUCCESS` for a run that recovered
   */
  readonly on?: NotifyOn[];

  /**
   * Address that the notification links to.
   *
   * @default - the page of the repository's workflow runs
   */
  readonly link?: string;
}

/** A set of options for a notification that logs in with a token. */
export interface TokenNotifyOptions extends NotifyOptions {
  /**
   * Access token: `Expression.secret('…')`.
   *
   * @default - none: the address accepts messages without a login
   */
  readonly token?: string;
}

/** A set of options for ntfy. */
export interface NtfyOptions extends TokenNotifyOptions {
  /**
   * Priority, from 1 (no sound) to 5.
   *
   * @default 3
   */
  readonly priority?: number;

  /**
   * Tags of the message. ntfy shows known names as an emoji.
   *
   * @default - none
   * @see https://docs.ntfy.sh/publish/#tags-emojis
   */
  readonly tags?: string[];
}

/** A set of options for a Matrix room. */
export interface MatrixOptions extends NotifyOptions {
  /** Internal id of the room, for example `!abc:example.com`. */
  readonly room: string;

  /** Access token of the user that writes: `Expression.secret('…')`. */
  readonly token: string;
}
