import { ForgeError, quoted } from '../support';
import { Repository } from './repository';
import { EVERY_CAPABILITY, RunnerCapabilities } from './runner-capabilities';

/**
 * Where a job runs: a runner, or labels of one.
 *
 * Synth holds the job against it: whether the runner takes jobs of the repository, and whether it can do what the job asks for.
 */
export interface IRunsOn {
  /** What stands in `runs-on`: labels, all of which the runner must have. */
  readonly jobLabels: string[];

  /** Who it is, in words, for messages. */
  readonly description: string;

  /** What its jobs can do. What is not known counts as possible. */
  readonly capabilities: RunnerCapabilities;

  /**
   * Whether a job of this repository that asks for these labels may land here.
   *
   * @param repository the repository
   * @param runsOn names of labels, as they stand in `runs-on`
   */
  accepts(repository: Repository, runsOn: string[]): boolean;
}

const RUNS_ON = Symbol.for('cdk8s-forge.RunsOn');

/**
 * Labels for `runs-on`, where the runner itself cannot be given.
 *
 * A runner of this program is passed as it is: `runsOn: runner`. Synth then knows that it takes the job.
 */
export class RunsOn implements IRunsOn {
  /**
   * Labels of a runner that is there already and that this program does not declare. Nothing can be checked; the runbook lists what has
   * to be there.
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
      accepts: () => true,
    });
  }

  /** Whether `x` is a RunsOn, also of another copy of this library. */
  static isRunsOn(x: unknown): x is RunsOn {
    return x !== null && typeof x === 'object' && RUNS_ON in x;
  }

  /**
   * Some labels of a runner that has more of them.
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
      accepts: (repository, wanted) => runner.accepts(repository, wanted),
      isDeclared: true,
    });
  }

  /** What stands in `runs-on`. */
  readonly jobLabels: string[];

  /** Who it is, in words. */
  readonly description: string;

  /** What jobs can do there. */
  readonly capabilities: RunnerCapabilities;

  /** Whether the program declares the runner. */
  readonly isDeclared: boolean;

  private readonly takes: (repository: Repository, runsOn: string[]) => boolean;

  private constructor(
    labels: string[],
    runner: {
      description: string;
      capabilities: RunnerCapabilities;
      accepts: (repository: Repository, runsOn: string[]) => boolean;
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
    this.jobLabels = [...labels];
    this.description = runner.description;
    this.capabilities = runner.capabilities;
    this.isDeclared = runner.isDeclared ?? false;
    this.takes = runner.accepts;
  }

  /** Whether a job of this repository that asks for these labels may land there; true where nothing is known. */
  accepts(repository: Repository, runsOn: string[]): boolean {
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
