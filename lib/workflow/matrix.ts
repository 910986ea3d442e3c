import { ForgeError, oneOf, ownOf, quoted } from '../support';

const NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;
const MOST_JOBS = 256;
/** Number of combinations up to which excluded rows are counted. */
const MOST_COMBINATIONS = 65536;

/** A set of properties that configure a matrix. */
export interface MatrixProps {
  /**
   * Additional combinations, or additional values for matching combinations. The keys may be new.
   *
   * @default - none
   */
  readonly include?: Record<string, string>[];

  /**
   * Combinations to exclude, each by axes and values of the matrix.
   *
   * @default - none
   */
  readonly exclude?: Record<string, string>[];

  /**
   * Whether to cancel the other jobs after the first failure.
   *
   * @default true
   */
  readonly failFast?: boolean;

  /**
   * Maximum number of jobs that run at the same time.
   *
   * @default - as many as there are runners
   */
  readonly maxParallel?: number;
}

/**
 * A matrix that creates one job for each combination of values.
 *
 * Values are text. Pass a value to a step with `env: { GPU: matrix.value('gpu') }`.
 *
 * @example
 *
 * const matrix = Matrix.of({ gpu: ['nvidia', 'intel'] }, { maxParallel: 1 });
 */
export class Matrix {
  /**
   * Creates a matrix from known values.
   *
   * @throws FORGE-WF-020 for an axis without values, with a value twice, or an `exclude` that names nothing of the matrix
   */
  static of(axes: Record<string, string[]>, props: MatrixProps = {}): Matrix {
    const copy = Object.fromEntries(Object.entries(axes).map(([name, values]) => [name, [...values]]));
    const include = (props.include ?? []).map((row) => ({ ...row }));
    const exclude = (props.exclude ?? []).map((row) => ({ ...row }));
    checkAxes(copy, include);
    checkExclude(copy, exclude);
    const jobs = jobsOf(copy, include, exclude);
    if (jobs > MOST_JOBS || jobs === 0) {
      throw bad(`it makes ${jobs} jobs`, `stay within 1 and ${MOST_JOBS}; \`exclude\` takes combinations out`);
    }
    return new Matrix(
      { ...copy, ...(include.length > 0 ? { include } : {}), ...(exclude.length > 0 ? { exclude } : {}) },
      {
        ...props,
        jobs,
        names: [...new Set([...Object.keys(copy), ...include.flatMap((row) => Object.keys(row))])],
      },
    );
  }

  /**
   * Creates a matrix from values that a job computes. Each axis is an output that contains a JSON list.
   *
   * @throws FORGE-WF-020 without an axis
   */
  static computed(axes: Record<string, string>, props: MatrixProps = {}): Matrix {
    const rows = Object.fromEntries(
      Object.entries(axes).map(([name, json]) => [name, `\${{ fromJSON(${inner(name, json)}) }}`]),
    );
    if (Object.keys(rows).length === 0) {
      throw bad('it has no axis', 'name one');
    }
    Object.keys(rows).forEach(checkName);
    return new Matrix(rows, { ...props, names: Object.keys(rows) });
  }

  private constructor(
    private readonly content: Record<string, unknown>,
    private readonly props: MatrixProps & { readonly names: string[]; readonly jobs?: number },
  ) {
    const { maxParallel } = props;
    if (maxParallel !== undefined && !(Number.isInteger(maxParallel) && maxParallel > 0)) {
      throw bad(`maxParallel is ${maxParallel}`, 'give a whole number above 0');
    }
  }

  /**
   * Returns the value of an axis in the current job.
   *
   * @throws FORGE-WF-020 for a name that is no axis of the matrix
   */
  value(name: string): string {
    if (!this.props.names.includes(name)) {
      throw bad(`it has no axis ${quoted(name)}`, `use ${oneOf(this.props.names)}`);
    }
    return `\${{ matrix.${name} }}`;
  }

  /** Names of the axes, including the axes of `include`. */
  get names(): string[] {
    return [...this.props.names];
  }

  /**
   * Reports whether the values depend on the output of a job, which is known only after the run has started.
   *
   * @internal
   */
  get _isComputed(): boolean {
    return /\$\{\{[^}]*\bneeds\b/.test(JSON.stringify(this.content));
  }

  /**
   * Names of the axes whose values the cdk8s app does not fix.
   *
   * @internal
   */
  get _freeNames(): string[] {
    return this.props.names.filter((name) => JSON.stringify(valuesOf(this.content, name)).includes('${{'));
  }

  /**
   * Minimum number of jobs that the matrix creates, as far as known.
   *
   * @internal
   */
  get _jobs(): number {
    return Math.max(1, this.props.jobs ?? 1);
  }

  /**
   * Returns the `strategy` of a job.
   *
   * @internal
   */
  _render(): Record<string, unknown> {
    return { 'fail-fast': this.props.failFast, 'max-parallel': this.props.maxParallel, matrix: this.content };
  }
}

/** Returns all values of an axis, including the values in `include`. */
function valuesOf(content: Record<string, unknown>, name: string): unknown[] {
  const include = (content.include ?? []) as Record<string, string>[];
  return [ownOf(content, name) ?? [], ...include.map((row) => ownOf(row, name) ?? '')];
}

function inner(name: string, json: string): string {
  const match = /^\$\{\{ (.*) \}\}$/.exec(json);
  if (!match) {
    throw bad(
      `axis ${quoted(name)} is ${quoted(json)}, which no job computed`,
      "pass an output, job.output('…'), or use Matrix.of for values that are known",
    );
  }
  return match[1];
}

function checkName(name: string): void {
  if (!NAME.test(name) || name === 'include' || name === 'exclude') {
    throw bad(
      `${quoted(name)} cannot name an axis`,
      'use letters, digits, "_" and "-", first a letter or "_"; not include, not exclude',
    );
  }
}

function checkAxes(axes: Record<string, string[]>, include: Record<string, string>[]): void {
  [...Object.keys(axes), ...include.flatMap((row) => Object.keys(row))].forEach(checkName);
  for (const [name, values] of Object.entries(axes)) {
    if (values.length === 0) {
      throw bad(`axis ${quoted(name)} has no values`, 'give it some, or leave it out');
    }
    const twice = values.find((value, i) => values.indexOf(value) < i);
    if (twice !== undefined) {
      throw bad(`axis ${quoted(name)} has the value ${quoted(twice)} twice`, 'leave the second out');
    }
  }
  if (Object.keys(axes).length === 0 && include.length === 0) {
    throw bad('it has no axis', "name one: Matrix.of({ os: ['linux', 'windows'] })");
  }
  const all = combinations(axes);
  if (all > MOST_COMBINATIONS) {
    throw bad(`it has ${all} combinations`, `stay within ${MOST_JOBS} jobs`);
  }
}

function checkExclude(axes: Record<string, string[]>, exclude: Record<string, string>[]): void {
  for (const [name, value] of exclude.flatMap((row) => Object.entries(row))) {
    if (!Object.hasOwn(axes, name)) {
      throw bad(`\`exclude\` names ${quoted(name)}, which is no axis`, `use ${oneOf(Object.keys(axes))}`);
    }
    if (!axes[name].includes(value)) {
      throw bad(
        `\`exclude\` leaves out ${quoted(value)}, which axis ${quoted(name)} does not have`,
        `use ${oneOf(axes[name])}`,
      );
    }
  }
}

/** Returns the number of jobs of a matrix, with the rows that `exclude` removes and the rows that `include` adds. */
function jobsOf(
  axes: Record<string, string[]>,
  include: Record<string, string>[],
  exclude: Record<string, string>[],
): number {
  const names = Object.keys(axes);
  const all = names.reduce<Record<string, string>[]>(
    (rows, name) => rows.flatMap((row) => axes[name].map((value) => ({ ...row, [name]: value }))),
    names.length > 0 ? [{}] : [],
  );
  const kept = all.filter(
    (row) => !exclude.some((out) => Object.entries(out).every(([name, value]) => row[name] === value)),
  );
  const isExtended = (row: Record<string, string>, extra: Record<string, string>): boolean =>
    names.every((name) => !Object.hasOwn(extra, name) || extra[name] === row[name]);
  const added = include.filter((extra) => !kept.some((row) => isExtended(row, extra)));
  return kept.length + added.length;
}

/** Returns the number of combinations before rows are excluded or added. */
function combinations(axes: Record<string, string[]>): number {
  return Object.values(axes).reduce((product, values) => product * values.length, 1);
}

function bad(why: string, fix: string): ForgeError {
  return ForgeError.of({ code: 'FORGE-WF-020', message: `this is no matrix: ${why}`, fix });
}
