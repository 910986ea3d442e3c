import { ReadyStepOptions } from '../../workflow';

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
