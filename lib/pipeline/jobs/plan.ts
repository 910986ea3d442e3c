import { Checkout, Versioning } from '../../recipe';
import { ForgeError, oneOf, quoted, scriptText } from '../../support';
import { Access, Condition, Expression, IStepSource, Job, JobProps, Step } from '../../workflow';
import { SkipFlag } from './skip-flag';

/** A plan of a run: its version, and the images that it builds. */
export interface RunPlanProps {
  /** The way to find the version, if tags are versions. */
  readonly versioning?: Versioning;
  /** Flags that leave images out. */
  readonly skip: readonly SkipFlag[];
  /** Names of the images of the workflow. */
  readonly images: readonly string[];
  /** Names of the images whose tags need the version. */
  readonly versioned: readonly string[];
  /** Names of all images of the pipeline, which flags can name. */
  readonly known: readonly string[];
  /** The branch that is deployed. */
  readonly branch: string;
}

/**
 * A plan of a run, which is made before anything is built: its version, and the images that it builds. A run without
 * either has no job for it.
 *
 * @jsii ignore
 */
export class RunPlan {
  private readonly version?: Step;
  private readonly selection?: Step;
  private readonly refCheck?: Step;
  private readonly images: readonly string[];
  private readonly versioned: readonly string[];
  private readonly reserves: boolean;
  private job?: Job;

  constructor({ versioning, skip, images, versioned, known, branch }: RunPlanProps) {
    this.images = images;
    this.versioned = versioned;
    checkFlags(skip, known);
    // A version from a Git tag belongs to the tag, on whatever branch it is.
    this.refCheck = versioning && !versioning._isFromTag ? refCheck(branch, versioning) : undefined;
    this.reserves = versioning?._isComputed ?? false;
    this.selection = skip.length > 0 ? selection(skip, images) : undefined;
    // A number is reserved before anything is built: of two runs at once, none pushes over the images of the other.
    this.version = this.reserves
      ? versioning?.reserve({ id: 'version', ...(this.selection ? { if: selectsAny(this.selection) } : {}) })
      : versioning?.compute({ id: 'version' });
  }

  /** Reports whether a run needs a job for its plan. */
  get isNeeded(): boolean {
    return this.version !== undefined || this.selection !== undefined;
  }

  /** Creates the job, if it is needed. */
  create(add: (id: string, props: JobProps) => Job, base: Pick<JobProps, 'runsOn' | 'if'>): void {
    if (!this.isNeeded) {
      return;
    }
    const { version, selection: selected } = this;
    const steps: IStepSource[] = [
      ...(this.refCheck ? [this.refCheck] : []),
      ...(selected ? [selected] : []),
      ...(version && !this.reserves ? [Checkout.git({ fullHistory: true })] : []),
      ...(version ? [version] : []),
    ];
    this.job = add('plan', {
      ...base,
      name: 'Plan',
      ...(this.reserves ? { permissions: { contents: Access.WRITE } } : {}),
      steps,
      outputs: {
        ...(selected ? { images: selected.output('images') } : {}),
        ...(version
          ? { version: version.output('version'), tag: version.output('tag'), changed: version.output('changed') }
          : {}),
      },
    });
  }

  /** The version of the run; undefined if tags are no versions. */
  get versionOutput(): string | undefined {
    return this.version && this.job?.output('version');
  }

  /** The Git tag of the version. */
  get tagOutput(): string {
    return this.job!.output('tag');
  }

  /** Returns the conditions for building at least one of the images, which share their tags. */
  conditionsFor(images: readonly string[]): Condition[] {
    const output = this.selection && this.job?.output('images');
    return [
      ...(this.job && images.every((image) => this.versioned.includes(image))
        ? [Condition.equal(this.job.output('changed'), 'true')]
        : []),
      ...(output === undefined ? [] : [this.selectsSome(output, images)]),
    ];
  }

  /** Returns the conditions for tagging the version. */
  conditionsOfRelease(): Condition[] {
    const output = this.selection && this.job?.output('images');
    return [
      Condition.equal(this.job!.output('changed'), 'true'),
      ...(output === undefined ? [] : [this.selectsSome(output, this.images)]),
    ];
  }

  private selectsSome(output: string, images: readonly string[]): Condition {
    if (images.length === this.images.length) {
      return Condition.notEqual(output, '|');
    }
    const [first, ...others] = images.map((image) => Condition.contains(output, `|${image}|`));
    return others.length > 0 ? first.or(...others) : first;
  }

  /** Returns the condition of a step in a job with a matrix, whose job runs for all of its images. */
  conditionOfLeg(name: string): Condition | undefined {
    return this.selection && this.job && Condition.contains(this.job.output('images'), `|${name}|`);
  }
}

/** Returns the condition that flags leave an image in: a run without images takes no number. */
function selectsAny(step: Step): Condition {
  return Condition.notEqual(step.output('images'), '|');
}

/** Returns the step that stops a run on another branch than the one that is deployed. */
function refCheck(branch: string, { tagPrefix }: Versioning): Step {
  return Step.run({
    name: 'Check the branch',
    script: scriptText(__dirname, 'check-ref.sh'),
    env: { REF: Expression.REF, DEPLOYED: branch, TAG_PREFIX: tagPrefix },
  });
}

function selection(skip: readonly SkipFlag[], images: readonly string[]): Step {
  return Step.run({
    name: 'Select the images',
    id: 'select',
    script: scriptText(__dirname, 'select-images.sh'),
    outputs: ['images'],
    env: {
      // A run that no push started has no commit message here, and builds all images.
      MESSAGE: Expression.event('head_commit.message'),
      IMAGES: images.join(' '),
      FLAGS: skip
        .map(({ text, images: only }) => `${only.filter((one) => images.includes(one)).join(' ')}|${text}`)
        .join('\n'),
    },
  });
}

function checkFlags(skip: readonly SkipFlag[], images: readonly string[]): void {
  for (const { text, images: only } of skip) {
    const unknown = only.find((image) => !images.includes(image));
    if (unknown !== undefined) {
      throw ForgeError.of({
        code: 'FORGE-PIPE-009',
        message: `skip flag ${quoted(text)} leaves image ${quoted(unknown)}, which the pipeline does not build`,
        allowed: oneOf(images),
        fix: 'list names of images of the pipeline',
      });
    }
  }
}
