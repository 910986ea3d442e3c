import { Repository } from '../forge';
import { ForgeError, quoted, scriptText } from '../support';
import { Expression, JobTool, Step } from '../workflow';

/** A set of options that define how to synthesize a repository. */
export interface SynthOptions {
  /**
   * Commands to run before the synth, in bash. The commands run again when `package-lock.json` changes.
   *
   * @default 'npm ci'
   */
  readonly prepare?: string;

  /**
   * Command that synthesizes, in bash.
   *
   * @default 'npx cdk8s synth'
   */
  readonly command?: string;
}

/** A set of options that define how to commit the difference. */
export interface SynthPushOptions extends SynthOptions {
  /** The branch to synthesize and to push to. */
  readonly branch: string;

  /**
   * The name of the commit author.
   *
   * @default 'synth'
   */
  readonly authorName?: string;

  /**
   * The email address of the commit author.
   *
   * @default 'synth@users.noreply.local'
   */
  readonly authorEmail?: string;

  /**
   * Maximum number of attempts. A new attempt starts if another client pushes in the meantime.
   *
   * @default 10
   */
  readonly attempts?: number;

  /**
   * Token to push with: `Expression.JOB_TOKEN` or `Expression.secret('…')`.
   *
   * @default Expression.JOB_TOKEN
   */
  readonly token?: string;
}

/**
 * A collection of steps that keep the committed output consistent with the cdk8s app.
 *
 * @example
 *
 * Synth.push(repository, { branch: 'main' });
 */
export class Synth {
  /**
   * Creates a step that fails if the committed output differs from the output of the cdk8s app. Check out the
   * repository first.
   */
  static check(options: SynthOptions = {}): Step {
    return Step.run({
      name: 'Check for drift',
      script: scriptText(__dirname, 'synth-check.sh'),
      env: commands(options),
      tools: tools(options),
    });
  }

  /**
   * Creates a step that synthesizes and pushes the difference, never with a force push. If another client pushes first,
   * the step starts again. The step checks out the repository itself.
   *
   * The commit message contains `[skip ci]`, so that the commit starts no workflow.
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

/**
 * Returns the tools that the commands need. The default commands need npm; the requirements of other commands are
 * unknown.
 */
function tools({ prepare, command }: SynthOptions): JobTool[] {
  return prepare === undefined || command === undefined ? [JobTool.NODE] : [];
}

function refused(message: string, fix: string): ForgeError {
  return ForgeError.of({ code: 'FORGE-RECIPE-002', message, fix });
}
