import { Repository } from '../../forge';
import { ForgeError, hasControlCharacter, quoted } from '../../support';
import { Condition, Expression, Step } from '../../workflow';
import { isSecret } from '../credential';
import { apiOf } from '../forge/api';
import { scriptOf } from '../scripts';
import { MatrixOptions, NotifyOn, NotifyOptions, NtfyOptions, TokenNotifyOptions } from './notify-props';

interface Parts {
  readonly kind: string;
  readonly url: string;
  readonly env?: Record<string, string>;
  readonly token?: string;
  readonly options: NotifyOptions;
}

/** Environment of a script that looks for the run before its own. */
const RUN = {
  FORGE_TOKEN: Expression.JOB_TOKEN,
  RUN_ID: Expression.RUN_ID,
  RUN_NUMBER: Expression.RUN_NUMBER,
  RUN_ATTEMPT: Expression.RUN_ATTEMPT,
};

/**
 * A collection of steps that send a notification.
 *
 * A notification runs whatever the result of the steps before it, and never fails the job: a server that does not answer
 * is a warning in the log. Text goes to the server as JSON, so that no commit message can become a header or an option.
 *
 * @example
 *
 * const notify = Notify.ntfy(Expression.secret('NTFY_URL'), { tags: ['package'] });
 */
export class Notify {
  /**
   * Creates a step that publishes to an ntfy topic.
   *
   * @param url address with the topic, for example `https://ntfy.example.com/builds`. The topic works like a password, so
   *   prefer `Expression.secret('…')`
   * @throws FORGE-RECIPE-011 for an invalid address, priority or tag, for no results, or for a token in plain text
   */
  static ntfy(url: string, options: NtfyOptions = {}): Step {
    const { priority = 3, tags = [], token, ...rest } = options;
    if (!Number.isInteger(priority) || priority < 1 || priority > 5) {
      throw refused(`priority is ${quoted(priority)}`, 'set priority to a whole number from 1 to 5');
    }
    const bad = tags.find((tag) => tag === '' || hasControlCharacter(tag));
    if (bad !== undefined) {
      throw refused(`tags has ${quoted(bad)}`, "set tags to names of one line, for example 'package'");
    }
    return notification({
      kind: 'ntfy',
      url,
      token,
      options: rest,
      env: { PRIORITY: `${priority}`, TAGS: tags.join('\n') },
    });
  }

  /**
   * Creates a step that posts JSON with the keys `status`, `title`, `message` and `link`.
   *
   * @param url address of the webhook; an address that works like a password must be `Expression.secret('…')`
   * @throws FORGE-RECIPE-011 for an invalid address or a token in plain text
   */
  static webhook(url: string, options: TokenNotifyOptions = {}): Step {
    const { token, ...rest } = options;
    return notification({ kind: 'webhook', url, token, options: rest });
  }

  /**
   * Creates a step that posts to an incoming webhook of Slack or Mattermost.
   *
   * @param url address of the webhook: `Expression.secret('…')`
   * @throws FORGE-RECIPE-011 for an address in plain text
   */
  static slack(url: string, options: NotifyOptions = {}): Step {
    return notification({ kind: 'slack', url: secretUrl(url), options });
  }

  /**
   * Creates a step that posts to a webhook of Discord. No text can mention anybody.
   *
   * @param url address of the webhook: `Expression.secret('…')`
   * @throws FORGE-RECIPE-011 for an address in plain text
   */
  static discord(url: string, options: NotifyOptions = {}): Step {
    return notification({ kind: 'discord', url: secretUrl(url), options });
  }

  /**
   * Creates a step that sends a notice to a Matrix room.
   *
   * @param url address of the homeserver, for example `https://matrix.example.com`
   * @throws FORGE-RECIPE-011 for an invalid address or room, or for a token in plain text
   */
  static matrix(url: string, options: MatrixOptions): Step {
    const { room, token, ...rest } = options;
    if (!/^![A-Za-z0-9._~+/=-]+(:[A-Za-z0-9.:-]+)?$/.test(room)) {
      throw refused(
        `room is ${quoted(room)}`,
        "set room to the internal id of the room, for example '!abc:example.com'",
      );
    }
    const env = { ROOM: room, RUN: `${Expression.RUN_ID}-${Expression.RUN_ATTEMPT}` };
    return notification({ kind: 'matrix', url, token, options: rest, env });
  }

  private constructor() {}
}

function notification({ kind, url, env = {}, token, options }: Parts): Step {
  const { title, message, result = Expression.JOB_STATUS, link, on, ...step } = options;
  if (!isSecret(url) && !/^https?:\/\/[^\s"\\]+$/.test(url)) {
    throw refused(`the address ${quoted(url)} is not a URL`, "pass 'https://…' or Expression.secret('…')");
  }
  if (token !== undefined && !isSecret(token)) {
    throw refused('the token of a notification is in plain text', "pass Expression.secret('…')");
  }
  const detail = `${Expression.REF_NAME} ${Expression.SHA}`;
  const choice = choiceOf(on, detail);
  return Step._ready(
    {
      name: 'Notify',
      if: Condition.ALWAYS,
      readsRuns: choice.readsRuns,
      script: scriptOf('json', 'notify-common', ...choice.scripts, `notify-${kind}`),
      env: {
        URL: url,
        TOKEN: token ?? '',
        STATUS: result,
        TITLE: title ?? `${Expression.REPOSITORY}: ${Expression.WORKFLOW}`,
        MESSAGE: `${result}: ${detail}`,
        ...env,
        ...choice.env,
        ...(message === undefined ? {} : { MESSAGE: message }),
      },
    },
    step,
    ({ repository }) => ({
      LINK: link ?? runPage(repository),
      ...(choice.readsRuns ? { API: apiOf(repository) } : {}),
    }),
  );
}

/** Returns what a script needs to report these results only. It then writes the text of a message without one. */
function choiceOf(on: readonly NotifyOn[] | undefined, detail: string) {
  if (on === undefined) {
    return { scripts: [], env: {}, readsRuns: false };
  }
  if (on.length === 0) {
    const fix = 'list results, such as NotifyOn.FAILURE, or remove on';
    throw refused('on is empty: the notification would never be sent', fix);
  }
  const readsRuns = on.includes(NotifyOn.RECOVERED);
  const env = { MESSAGE: '', ON: [...new Set(on)].join(' '), DETAIL: detail, ...(readsRuns ? RUN : {}) };
  return { scripts: ['notify-on'], env, readsRuns };
}

/** Returns the page of the repository's workflow runs. */
function runPage({ forge, fullName }: Repository): string {
  return forge.product.runsPage(forge.url, fullName);
}

function secretUrl(url: string): string {
  if (isSecret(url)) {
    return url;
  }
  throw refused(
    'the address of the webhook is in plain text: anyone who knows the address can post',
    "store the address in a secret of the forge, and pass Expression.secret('…')",
  );
}

function refused(message: string, fix: string): ForgeError {
  return ForgeError.of({ code: 'FORGE-RECIPE-011', message, fix });
}
