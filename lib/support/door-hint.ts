import { doorType, propsOf } from './door-table';
import { Shape, shapeInWords } from './shape';

/** The number of names that a hint has at most. */
const MOST = 6;

/** Static methods that ask about a value, and create none. */
const ASKS = /^(?:_|is|has|try|assert)/;

/**
 * Returns a value of a type in words, for the fix of a wrong value: for a class, calls that create one; for a props interface, its
 * properties.
 *
 * @param allowed the type in words
 *
 * @jsii ignore
 */
export function wantedValue(shape: Shape, allowed: string): string {
  const type = shape.is === 'named' ? doorType(shape.name) : undefined;
  if (shape.is !== 'named' || type === undefined || type.is === 'enum') {
    return allowed;
  }
  if (type.is === 'struct') {
    const members = [...propsOf(shape.name).values()].sort((a, b) => Number(a.optional) - Number(b.optional));
    return `an object with the properties of ${shapeInWords(shape).split(' ').at(-1)}: ${listed(members.map(({ name, optional }) => (optional ? `${name}?` : name)))}`;
  }
  const calls = creators(type.of ?? classOf(shape.name));
  return calls.length === 0 ? allowed : `${allowed}, for example from ${listed(calls)}`;
}

/** Returns the class that the library has for an interface: `RunsOn` for `IRunsOn`. */
function classOf(name: string): object | undefined {
  const type = doorType(name.replace(/(^|\.)I(?=[A-Z])/, '$1'));
  return type?.is === 'class' ? type.of : undefined;
}

/** Returns the static methods of a class that create an object of it. */
function creators(of: object | undefined): string[] {
  if (typeof of !== 'function') {
    return [];
  }
  return Object.getOwnPropertyNames(of)
    .filter((name) => typeof Object.getOwnPropertyDescriptor(of, name)!.value === 'function' && !ASKS.test(name))
    .map((name) => `${of.name}.${name}(…)`);
}

function listed(names: readonly string[]): string {
  return [...names.slice(0, MOST), ...(names.length > MOST ? ['…'] : [])].join(', ');
}
