import { ForgeError, frozenList, quoted } from '../support';
import { Repository } from './repository';
import { EVERY_CAPABILITY, RunnerCapabilities } from './runner-capabilities';

/**
 * A target that runs a job: a runner, or labels of a runner.
 *
 * Synth checks the job against the target: whether the runner accepts jobs of the repository, and whether it has the
 * capabilities that the job needs.
 */
export interface IRunsOn {
  /** Labels in `runs-on`. The runner must have all labels. */
  readonly jobLabels: string[];

  /** Description of the target in words, for messages. */
  readonly description: string;

  /** Capabilities of jobs on the target. Unknown capabilities count as available. */
  readonly capabilities: RunnerCapabilities;

  /**
   * Returns whether a job of the given repository with the given labels may run on the target.
   *
   * @param repository the repository
   * @param runsOn names of labels, as they stand in `runs-on`
   */
  canRunJobsOf(repository: Repository, runsOn: string[]): boolean;
}

const RUNS_ON = Symbol.for('cdk8s-forge.RunsOn');

/**
 * A set of labels for `runs-on` that refers to a runner outside this cdk8s app.
 *
 * Pass a runner of this cdk8s app directly: `runsOn: runner`. Synth then knows that the runner accepts the job.
 */
export class RunsOn implements IRunsOn {
  /**
   * Creates labels of an existing runner that this cdk8s app does not declare. Synth cannot check the runner; the
   * runbook lists the requirements.
   *
   * @param labels names of labels, all of which the runner must have; an expression may make one
   * @throws FORGE-FRG-012 for none, or for one that is empty or holds a comma or a line break
   *
   * @example
   *
   * RunsOn.existing('self-hosted', 'arm64');
   */
  static existing(...labels: string[]): RunsOn {
    return new RunsOn(labels, {
      description: `a runner with ${labels.map((label) => `label ${quoted(label)}`).join(' and ')}`,
      capabilities: EVERY_CAPABILITY,
      canRunJobsOf: () => true,
    });
  }

  /** Returns whether `x` is a RunsOn, including a RunsOn from another copy of this library. */
  static isRunsOn(x: unknown): x is RunsOn {
    return x !== null && typeof x === 'object' && RUNS_ON in x;
  }

  /**
   * Returns a subset of the labels of a runner.
   *
   * @internal
   */
  static _some(runner: IRunsOn, labels: string[], all: string[]): RunsOn {
    const missing = labels.filter((label) => !all.includes(label));
    if (missing.length > 0) {
      throw bad(
        `${runner.description} has no label ${missing.map(quoted).join(', ')}`,
        `its own: ${all.join(', ')}`,
        'ask for a label that it has, or give it this one',
      );
    }
    return new RunsOn(labels, {
      description: runner.description,
      capabilities: runner.capabilities,
      canRunJobsOf: (repository, wanted) => runner.canRunJobsOf(repository, wanted),
      isDeclared: true,
    });
  }

  /** Labels in `runs-on`. */
  readonly jobLabels: string[];

  /** Description of the target in words. */
  readonly description: string;

  /** Capabilities of jobs on the target. */
  readonly capabilities: RunnerCapabilities;

  /** Reports whether the cdk8s app declares the runner. */
  readonly isDeclared: boolean;

  private readonly takes: (repository: Repository, runsOn: string[]) => boolean;

  private constructor(
    labels: string[],
    runner: {
      description: string;
      capabilities: RunnerCapabilities;
      canRunJobsOf: (repository: Repository, runsOn: string[]) => boolean;
      isDeclared?: boolean;
    },
  ) {
    Object.defineProperty(this, RUNS_ON, { value: true });
    const wrong = labels.find((label) => label.trim() === '' || /[\r\n,]/.test(label));
    if (labels.length === 0 || wrong !== undefined) {
      throw bad(
        wrong === undefined ? 'no label is given' : `${quoted(wrong)} is not a label`,
        'one label or more; not empty, without commas and line breaks',
        "give each label by itself: RunsOn.existing('self-hosted', 'arm64')",
      );
    }
    this.jobLabels = frozenList(labels);
    this.description = runner.description;
    this.capabilities = Object.freeze({ ...runner.capabilities });
    this.isDeclared = runner.isDeclared ?? false;
    this.takes = runner.canRunJobsOf;
  }

  /**
   * Returns whether a job of the given repository with the given labels may run on the target. Returns true if nothing
   * is known.
   */
  canRunJobsOf(repository: Repository, runsOn: string[]): boolean {
    return this.takes(repository, runsOn);
  }
}

function bad(message: string, allowed: string, fix: string): ForgeError {
  return ForgeError.of({
    code: 'FORGE-FRG-012',
    message,
    allowed,
    fix,
    symptom: 'the job waits for ever: no matching online runner with label',
  });
}
