import { Repository } from '../forge';
import { ForgeError, quoted, scriptText } from '../support';
import { Expression, JobTool, Step } from '../workflow';

/**
 * How a repository is synthesized.
 */
export interface SynthOptions {
  /**
   * What has to run before, in bash. It runs again when `package-lock.json` changes.
   *
   * @default 'npm ci'
   */
  readonly prepare?: string;

  /**
   * What synthesizes, in bash.
   *
   * @default 'npx cdk8s synth'
   */
  readonly command?: string;
}

/**
 * How the difference is committed.
 */
export interface SynthPushOptions extends SynthOptions {
  /** The branch to synthesize and to push to. */
  readonly branch: string;

  /**
   * Name of the commits' author.
   *
   * @default 'synth'
   */
  readonly authorName?: string;

  /**
   * E-mail address of the commits' author.
   *
   * @default 'synth@users.noreply.local'
   */
  readonly authorEmail?: string;

  /**
   * How often to begin again when somebody else pushed in between.
   *
   * @default 10
   */
  readonly attempts?: number;

  /**
   * What to push with: `Expression.JOB_TOKEN` or `Expression.secret('…')`.
   *
   * @default Expression.JOB_TOKEN
   */
  readonly token?: string;
}

/**
 * Steps that keep the committed output in step with the program.
 *
 * @example
 *
 * Synth.push(repository, { branch: 'main' });
 */
export class Synth {
  /** Fails if the committed output is not what the program says. Check the repository out before. */
  static check(options: SynthOptions = {}): Step {
    return Step.run({
      name: 'Check for drift',
      script: scriptText(__dirname, 'synth-check.sh'),
      env: commands(options),
      tools: tools(options),
    });
  }

  /**
   * Synthesizes and pushes the difference, never by force; begins again when somebody else was faster. It checks out by itself.
   *
   * The commit says `[skip ci]`, so that it starts no workflow.
   *
   * @throws FORGE-RECIPE-002 for a token in plain text, or a number of attempts that is none
   */
  static push(repository: Repository, options: SynthPushOptions): Step {
    const { branch, attempts = 10, token = Expression.JOB_TOKEN } = options;
    if (!/^\$\{\{ (secrets\.\w+|github\.token) \}\}$/.test(token)) {
      throw refused(
        'the token to push with stands in the program',
        "put it into a secret of the forge and pass Expression.secret('…')",
      );
    }
    if (!Number.isInteger(attempts) || attempts < 1) {
      throw refused(`${quoted(attempts)} is no number of attempts`, 'give a whole number from 1');
    }
    return Step.run({
      name: 'Synthesize and push',
      script: scriptText(__dirname, 'synth-and-push.sh'),
      tools: tools(options),
      env: {
        REPOSITORY_URL: repository.internalCloneUrl,
        BRANCH: branch,
        TOKEN: token,
        ...commands(options),
        AUTHOR_NAME: options.authorName ?? 'synth',
        AUTHOR_EMAIL: options.authorEmail ?? 'synth@users.noreply.local',
        MESSAGE: 'Synthesize [skip ci]',
        ATTEMPTS: String(attempts),
      },
    });
  }

  private constructor() {}
}

function commands({ prepare, command }: SynthOptions): Record<string, string> {
  return { PREPARE: prepare ?? 'npm ci', SYNTH: command ?? 'npx cdk8s synth' };
}

/** Npm is needed by what is run unless it is told otherwise; of other commands nothing is known. */
function tools({ prepare, command }: SynthOptions): JobTool[] {
  return prepare === undefined || command === undefined ? [JobTool.NODE] : [];
}

function refused(message: string, fix: string): ForgeError {
  return ForgeError.of({ code: 'FORGE-RECIPE-002', message, fix });
}
