import { Dialect } from '../../forge';
import { checkConstruction, Problems } from '../../support';
import { Annotated } from '../annotated';

/** A policy that defines how to handle a key that the forge ignores. */
export enum IgnoredKeys {
  /** Replacement by an equivalent, with a comment in the file. Keys without an equivalent are rejected. */
  LOWER = 'lower',
  /** Rejection of all ignored keys. */
  REFUSE = 'refuse',
  /** Unchanged output of all ignored keys, with a comment that the keys have no effect. */
  KEEP = 'keep',
}

/** Keys that cause no harm if the forge ignores them. These keys are written with a comment. */
const HARMLESS = ['run-name', 'permissions', 'jobs.permissions'];

/** Recommended alternatives to ignored keys. */
const INSTEAD: Record<string, string> = {
  concurrency: 'make the work safe to repeat, e.g. a push of a tag that accepts an equal one',
  'jobs.concurrency': 'make the work safe to repeat, e.g. a push of a tag that accepts an equal one',
  'jobs.continue-on-error': 'set continueOnError at the steps that may fail',
  'jobs.environment': 'leave it out, and name the target in a variable',
  'jobs.runs-on.group': 'give the runner a label for the group, and use that',
  'steps.background': 'run the step in the foreground, or start the program in a script with `&`',
  'concurrency.queue': 'leave it out: waiting runs replace each other',
  'jobs.services.command': 'build an image with the command, or set the options of the image by env',
  'on.workflow_dispatch': 'start it by a push of a tag, or by the clock',
};

/**
 * A check that compares each key with the keys that the forge supports.
 *
 * @jsii ignore
 */
export class DialectCheck {
  private runnerVersion?: string;

  constructor(
    readonly dialect: Dialect,
    private readonly policy: IgnoredKeys,
    private readonly problems: Problems,
  ) {
    checkConstruction(DialectCheck, new.target, arguments);
  }

  /** Returns the same check for a job whose runner has the given version, if known. */
  forRunner(version?: string): DialectCheck {
    const check = new DialectCheck(this.dialect, this.policy, this.problems);
    check.runnerVersion = version;
    return check;
  }

  /** Returns whether to replace a key that the forge ignores. */
  lowers(key: string): boolean {
    return this.dialect.ignores(key, this.runnerVersion) !== undefined && this.policy === IgnoredKeys.LOWER;
  }

  /** Returns whether the forge does not know a key. */
  lacks(key: string): boolean {
    return this.dialect.ignores(key, this.runnerVersion) !== undefined;
  }

  /** Returns a value in the form that the file allows: unchanged, with a comment, or omitted. */
  checked(key: string, value: unknown, owner: string): unknown {
    if (value === undefined) {
      return undefined;
    }
    const ignored = this.dialect.ignores(key, this.runnerVersion);
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
