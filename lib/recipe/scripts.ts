import { scriptText } from '../support';

/**
 * Returns the parts of a script in this order, as one script.
 *
 * @param names names of files in `scripts/`, without their ending
 *
 * @jsii ignore
 */
export function scriptOf(...names: string[]): string {
  return names.map((name) => scriptText(__dirname, `${name}.sh`)).join('\n');
}
