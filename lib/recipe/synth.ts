import { Repository } from '../forge';
import { ForgeError, quoted } from '../support';
import { Condition, Expression, IStepJob, IStepSource, JobTool, ReadyStepOptions, Step } from '../workflow';
import { Checkout } from './checkout';
import { assertAuthor, isCredential } from './credential';
import { Ref } from './ref';
import { scriptOf } from './scripts';

const MOST_ATTEMPTS = 10;

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
   * @default 'npx --no-install cdk8s-forge synth'
   */
  readonly command?: string;
}

/** A set of options that define how to check for drift. */
export interface SynthCheckOptions extends SynthOptions, ReadyStepOptions {}

/** A set of options that define how to compare the output with that of the base of a pull request. */
export interface SynthDiffOptions extends ReadyStepOptions {
  /**
   * Command that prints Markdown, in bash. The variable `BASE` contains the commit to compare with.
   *
   * @default 'npx --no-install cdk8s-forge diff "$BASE" --no-synth --markdown --fail-on never'
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
   * Maximum number of attempts, from 1 to 10. A new attempt starts if another client pushes in the meantime. Each attempt
   * is a pair of steps in the workflow file.
   *
   * @default 3
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
 * workflow.addJob('synth', { runsOn: runner, permissions: { contents: Access.WRITE }, steps: [Synth.push({ branch: 'main' })] });
 */
export class Synth {
  /**
   * Creates a step that fails if the committed output differs from the output of the cdk8s app. Check out the
   * repository first.
   */
  static check(options: SynthCheckOptions = {}): Step {
    const { prepare, command, ...step } = options;
    return Step._ready(
      {
        name: 'Check for drift',
        isReady: false,
        script: scriptOf('synth-check'),
        env: commands({ prepare, command }),
        tools: tools({ prepare, command }),
      },
      step,
    );
  }

  /**
   * Creates a step that writes what Flux does when the pull request is merged, as Markdown, to its output `comment`. Check out
   * the repository with its full history first, and check for drift. The step never fails the job.
   *
   * @see https://git.example.com/platform/cdk8s-forge/src/branch/main/docs/diff.md
   */
  static diff(options: SynthDiffOptions = {}): Step {
    const { command = 'npx --no-install cdk8s-forge diff "$BASE" --no-synth --markdown --fail-on never', ...step } =
      options;
    return Step._ready(
      {
        name: 'Compare with the base',
        isReady: false,
        script: scriptOf('synth-diff'),
        env: { BASE: Expression.event('pull_request.merge_base'), DIFF: command },
        outputs: ['comment'],
        tools: options.command === undefined ? [JobTool.NODE] : [],
      },
      { if: Condition.NOT_CANCELLED, ...step },
    );
  }

  /**
   * Creates steps that synthesize a branch and push the difference, never with a force push. The steps check out the
   * repository themselves. If another client pushes first, the newest commit is synthesized in a further round.
   *
   * Code of the repository runs only in steps without a credential. The steps that hold the token read the files of the
   * repository, and run none of them.
   *
   * The commit message contains `[skip ci]`, so that the commit starts no workflow.
   *
   * @throws FORGE-RECIPE-002 for a token in plain text, an empty author, or an invalid number of attempts; FORGE-RECIPE-004 for an invalid branch
   */
  static push(options: SynthPushOptions): IStepSource {
    return new SynthPush(options);
  }

  private constructor() {}
}

/** The steps of a synth with a push: one checkout, then a synth and a push for each round. */
class SynthPush implements IStepSource {
  private readonly attempts: number;
  private readonly token: string;
  private readonly ref: string;
  private readonly author: string;

  constructor(private readonly options: SynthPushOptions) {
    const { branch, attempts = 3, token = Expression.JOB_TOKEN, authorName = 'synth' } = options;
    this.author = assertAuthor(authorName);
    if (!isCredential(token)) {
      throw refused(
        'the token to push with is in the cdk8s app, in plain text',
        "store it in a secret of the forge, and pass Expression.secret('…')",
      );
    }
    if (!Number.isInteger(attempts) || attempts < 1 || attempts > MOST_ATTEMPTS) {
      throw refused(`attempts is ${quoted(attempts)}`, `set attempts to a whole number from 1 to ${MOST_ATTEMPTS}`);
    }
    this.attempts = attempts;
    this.token = token;
    this.ref = Ref.branch(branch);
  }

  bind(job: IStepJob): Step[] {
    const steps = [Checkout.git({ ref: this.ref, token: this.token })];
    let [commit, prepared, condition]: [string, string, Condition | undefined] = [
      steps[0].output('commit'),
      '',
      undefined,
    ];
    for (let attempt = 1; attempt <= this.attempts; attempt++) {
      const synth = this.synth(attempt, prepared, condition);
      const push = this.pushed(job.repository, { attempt, commit, condition });
      steps.push(synth, push);
      prepared = synth.output('prepared');
      commit = push.output('commit');
      condition = Condition.equal(push.output('pushed'), 'no');
    }
    return steps.flatMap((step) => step.bind(job));
  }

  private synth(attempt: number, prepared: string, condition: Condition | undefined): Step {
    return Step.run({
      name: `Synthesize${again(attempt)}`,
      if: condition,
      script: scriptOf('synth'),
      tools: tools(this.options),
      outputs: ['prepared'],
      env: { ...commands(this.options), PREPARED: prepared },
    });
  }

  private pushed(
    repository: Repository,
    { attempt, commit, condition }: { attempt: number; commit: string; condition?: Condition },
  ): Step {
    return Step.run({
      name: `Push${again(attempt)}`,
      if: condition,
      script: scriptOf('fail', 'isolated-git', 'synth-push'),
      outputs: ['pushed', 'commit'],
      env: {
        REPOSITORY_URL: repository.internalCloneUrl,
        BRANCH: this.options.branch,
        COMMIT: commit,
        TOKEN: this.token,
        AUTHOR_NAME: this.author,
        AUTHOR_EMAIL: this.options.authorEmail ?? 'synth@users.noreply.local',
        MESSAGE: 'Synthesize [skip ci]',
        ATTEMPT: String(attempt),
        ATTEMPTS: String(this.attempts),
      },
    });
  }
}

function again(attempt: number): string {
  return attempt === 1 ? '' : `, round ${attempt}`;
}

function commands({ prepare, command }: SynthOptions): Record<string, string> {
  return { PREPARE: prepare ?? 'npm ci', SYNTH: command ?? 'npx --no-install cdk8s-forge synth' };
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
