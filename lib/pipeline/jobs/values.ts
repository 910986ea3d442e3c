import { Matrix } from '../../workflow';

type Environment = Record<string, string>;

/** The name of the matrix axis, whose values are the names of the images. */
const AXIS = 'name';

/**
 * The environments of several images as one environment, whose values come from a matrix where they differ.
 *
 * @jsii ignore
 */
export interface JoinedEnvironment {
  readonly matrix: Matrix;
  readonly env: Environment;
}

/**
 * Joins the environments of several images. A value that differs in the name of the image only needs no value of its own in
 * the matrix. Returns undefined if the images differ in more than values.
 *
 * @param environments the environments by the name of the image
 * @param options options of the matrix
 * @jsii ignore
 */
export function joined(
  environments: ReadonlyMap<string, Environment>,
  options: { maxParallel?: number } = {},
): JoinedEnvironment | undefined {
  const names = [...environments.keys()];
  const all = [...environments.values()];
  const keys = Object.keys(all[0]);
  if (all.some((env) => Object.keys(env).join() !== keys.join())) {
    return undefined;
  }
  const rows = names.map((name): Environment => ({ [AXIS]: name }));
  const env: Environment = {};
  for (const key of keys) {
    const values = all.map((one) => one[key]);
    const common = commonValue(names, values);
    if (common === undefined && values.some((value) => value.includes('${{'))) {
      return undefined;
    }
    env[key] = common ?? `\${{ matrix.${key.toLowerCase()} }}`;
    if (common === undefined) {
      rows.forEach((row, i) => Object.assign(row, { [key.toLowerCase()]: values[i] }));
    }
  }
  const include = rows.filter((row) => Object.keys(row).length > 1);
  const matrix = Matrix.of(
    { [AXIS]: names },
    { ...options, failFast: false, ...(include.length > 0 ? { include } : {}) },
  );
  return { matrix, env };
}

/** Returns the value that all images have, with the name of the image as an expression; undefined if there is none. */
function commonValue(names: string[], values: string[]): string | undefined {
  if (new Set(values).size === 1) {
    return values[0];
  }
  const patterns = values.map((value, i) => value.replace(asWord(names[i]), `\${{ matrix.${AXIS} }}`));
  return new Set(patterns).size === 1 && !values.some((value) => value.includes('${{')) ? patterns[0] : undefined;
}

/** Returns a pattern for a name where it is not a part of a longer word. */
function asWord(name: string): RegExp {
  return new RegExp(`(?<![A-Za-z0-9])${name.replace(/[^A-Za-z0-9]/g, '\\$&')}(?![A-Za-z0-9])`, 'g');
}
