import { Dialect } from '../../forge';
import { Problems } from '../../support';
import { Annotated } from '../render/yaml';

/** What to do about a key that the forge ignores. */
export enum IgnoredKeys {
  /** Write what does the same where there is such a thing and say so in a comment; refuse the rest. */
  LOWER = 'lower',
  /** Refuse all of them. */
  REFUSE = 'refuse',
  /** Write them all the same, with a comment that says that they do nothing. */
  KEEP = 'keep',
}

/** Keys that do no harm when they are ignored: they are written, with a comment. */
const HARMLESS = ['run-name', 'permissions', 'jobs.permissions'];

/** What to do instead. */
const INSTEAD: Record<string, string> = {
  concurrency: 'make the work safe to repeat, e.g. a push of a tag that accepts an equal one',
  'jobs.concurrency': 'make the work safe to repeat, e.g. a push of a tag that accepts an equal one',
  'jobs.continue-on-error': 'set continueOnError at the steps that may fail',
  'jobs.environment': 'leave it out, and name the target in a variable',
  'jobs.runs-on.group': 'give the runner a label for the group, and use that',
  'on.workflow_dispatch': 'start it by a push of a tag, or by the clock',
};

/**
 * Holds each key against what the forge heeds.
 *
 * @jsii ignore
 */
export class DialectCheck {
  constructor(
    readonly dialect: Dialect,
    private readonly policy: IgnoredKeys,
    private readonly problems: Problems,
  ) {}

  /** Whether a key that the forge ignores is to be replaced by something else. */
  lowers(key: string): boolean {
    return this.dialect.ignores(key) !== undefined && this.policy === IgnoredKeys.LOWER;
  }

  /** A value as it may stand in the file: as it is, with a comment, or not at all. */
  checked(key: string, value: unknown, owner: string): unknown {
    if (value === undefined) {
      return undefined;
    }
    const ignored = this.dialect.ignores(key);
    if (!ignored) {
      return value;
    }
    const since = ignored.since ? ` before ${ignored.since}` : '';
    if (this.policy === IgnoredKeys.KEEP || (this.policy === IgnoredKeys.LOWER && HARMLESS.includes(key))) {
      return new Annotated(value, {
        above: [`${this.dialect.name} ignores this${ignored.since ? ` (heeded from ${ignored.since})` : ''}.`],
      });
    }
    this.problems.add({
      code: 'FORGE-WF-033',
      message: `${owner}: ${this.dialect.name} ignores \`${key.replace(/^jobs\./, '')}\`${since}`,
      allowed: 'see ' + ignored.source,
      fix: `${INSTEAD[key] ?? 'leave it out'}; or upgrade the forge${ignored.since ? ` to ${ignored.since}` : ''}; or keep it with ignoredKeys: IgnoredKeys.KEEP`,
      symptom: 'the key vanishes before the runner sees the job',
    });
    return undefined;
  }
}
