import { ForgeError } from '../support';

/**
 * Returns a reader of an option whose value is a whole number.
 *
 * @throws FORGE-CLI-003, when the option is read, for a value that is none
 */
export function numberOption(name: string, [min, max]: readonly [number, number]): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) {
      return value;
    }
    throw ForgeError.of({
      code: 'FORGE-CLI-003',
      message: `${name} ${text} is not a whole number in its range`,
      allowed: `${min} to ${max}`,
      fix: `set ${name} to a number in the range`,
    });
  };
}
