import { Lazy } from 'cdk8s';
import { inexpressible, isExpressible } from './amount';
import { wantedValue } from './door-hint';
import { DoorMember, doorType, keysOf, propsOf } from './door-table';
import { Problem } from './forge-error';
import { Shape, shapeInWords } from './shape';
import { isStandIn } from './stand-in';

/**
 * The code of a number that is NaN or infinite.
 *
 * @jsii ignore
 */
export const NOT_FINITE = 'FORGE-ARG-004';

/**
 * A method or constructor, with its parameters.
 *
 * @jsii ignore
 */
export interface DoorCall {
  readonly name: string;
  readonly params: DoorMember[];
}

/** The circumstances of a check. */
interface Context {
  /** The checked property or parameter. */
  readonly at: string;
  /** The call to check, for example `Storage.persistent()`. */
  readonly call: string;
  readonly problems: Problem[];
  /** Whether to accept properties that the interface does not declare. */
  readonly open: boolean;
}

/** Returns a value in words. The characters of a text are left out: the text may be a secret. */
function inWords(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  if (typeof value !== 'object') {
    return value === '' ? 'an empty string' : `a ${typeof value}`;
  }
  const { name } = value.constructor ?? Object;
  return Array.isArray(value) ? 'a list' : name === 'Object' || !name ? 'an object' : `a value of the type ${name}`;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Returns whether a value has the type of a class or a behavior interface, also if it is of another copy of the library. */
function isObjectOf(name: string, value: object): boolean {
  const type = doorType(name);
  if (type?.is !== 'class') {
    return true;
  }
  if (type.of && value instanceof (type.of as new () => object)) {
    return true;
  }
  return type.members.length > 0
    ? type.members.every((member) => (isPlain(value) ? hasValue(value, member) : member in value))
    : !type.of || value.constructor?.name === (type.of as { name?: string }).name;
}

/** Returns whether an object literal that stands in for an object of a class has a member. */
function hasValue(value: object, member: string): boolean {
  return ((value as Record<string, unknown>)[member] ?? undefined) !== undefined;
}

/** Returns whether a value is one that a check accepts unseen. */
function isTaken(value: unknown): boolean {
  // cdk8s produces the value of a Lazy during synthesis, and a stand-in is of an object with problems of its own.
  return value instanceof Lazy || isStandIn(value);
}

/**
 * Returns whether a value has a shape: whether `valueProblems` finds nothing. Nearly every call is of this kind, so that no text is
 * made for it.
 *
 * @param open whether to accept properties that an interface does not declare
 *
 * @jsii ignore
 */
export function fits(value: unknown, shape: Shape, open: boolean): boolean {
  if (isTaken(value)) {
    return true;
  }
  if (!fitsHere(value, shape)) {
    return false;
  }
  switch (shape.is) {
    case 'list':
      return (value as unknown[]).every((item) => fits(item, shape.of, open));
    case 'record':
      return Object.values(value as object).every((item) => fits(item, shape.of, open));
    case 'named':
      return doorType(shape.name)?.is === 'struct'
        ? fitsProps(value as Record<string, unknown>, shape.name, open)
        : isExpressible(value, shape.name);
    default:
      return true;
  }
}

function fitsProps(value: Record<string, unknown>, name: string, open: boolean): boolean {
  for (const member of propsOf(name).values()) {
    const given = value[member.name];
    if (
      !(member.optional && given === undefined) &&
      !fits(given, member.shape, open) &&
      !isDecidedByRun(given, member, name)
    ) {
      return false;
    }
  }
  return open || !isPlain(value) || unknownKeys(value, name).length === 0;
}

function unknownKeys(value: Record<string, unknown>, name: string): string[] {
  const known = keysOf(name);
  return Object.keys(value).filter((key) => !known.has(key) && value[key] !== undefined);
}

function fitsHere(value: unknown, shape: Shape): boolean {
  const isObject = typeof value === 'object' && value !== null;
  switch (shape.is) {
    case 'any':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      return isObject;
    case 'literal':
      return value === shape.value;
    case 'list':
      return Array.isArray(value);
    case 'record':
      return isObject && !Array.isArray(value) && isPlain(value);
    case 'union':
      return shape.of.some((member) => fits(value, member, true));
    case 'named':
      return fitsName(value, shape.name);
    default:
      return typeof value === shape.is;
  }
}

function fitsName(value: unknown, name: string): boolean {
  const type = doorType(name);
  if (type?.is === 'enum') {
    return fitsHere(value, type.values);
  }
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function';
  if (type?.is === 'struct') {
    const isProps = isObject && typeof value !== 'function' && !Array.isArray(value);
    return isProps && (isPlain(value) || [...keysOf(name)].some((key) => key in value));
  }
  return isObject && isObjectOf(name, value);
}

/** Returns the accepted values. For an enum, these are its values. */
function allowedFor(shape: Shape): string {
  const type = shape.is === 'named' ? doorType(shape.name) : undefined;
  return type?.is === 'enum' ? `${shapeInWords(shape)}: ${shapeInWords(type.values)}` : shapeInWords(shape);
}

function checkValue(value: unknown, shape: Shape, context: Context): void {
  const { at } = context;
  if (isTaken(value)) {
    return;
  }
  if (!fitsHere(value, shape)) {
    context.problems.push(wrongValue(value, shape, context));
  } else if (shape.is === 'list') {
    (value as unknown[]).forEach((item, i) => checkValue(item, shape.of, { ...context, at: `${at}[${i}]` }));
  } else if (shape.is === 'record') {
    const entries = Object.entries(value as object);
    entries.forEach(([key, item]) => checkValue(item, shape.of, { ...context, at: `${at}.${key}` }));
  } else if (shape.is === 'named') {
    checkNamed(value, shape.name, context);
  }
}

function checkNamed(value: unknown, name: string, context: Context): void {
  if (doorType(name)?.is === 'struct') {
    checkProps(value as Record<string, unknown>, name, context);
  } else if (!isExpressible(value, name)) {
    context.problems.push(inexpressible(value, name, context));
  }
}

function wrongValue(value: unknown, shape: Shape, { at, call }: Context): Problem {
  return {
    code: typeof value === 'number' && shape.is === 'number' ? NOT_FINITE : 'FORGE-ARG-001',
    message: `${at} of ${call} is ${inWords(value)}`,
    allowed: allowedFor(shape),
    fix:
      value === undefined
        ? `set ${at}; if its value is read from the environment, check that the variable is set`
        : `set ${at} to ${wantedValue(shape, allowedFor(shape))}`,
  };
}

function checkProps(value: Record<string, unknown>, name: string, context: Context): void {
  const props = propsOf(name);
  for (const member of props.values()) {
    const given = value[member.name];
    if (!(member.optional && given === undefined) && !isDecidedByRun(given, member, name)) {
      checkValue(given, member.shape, { ...context, at: `${context.at}.${member.name}` });
    }
  }
  if (!context.open && isPlain(value)) {
    unknownKeys(value, name).forEach((key) => context.problems.push(unknownKey(key, context, [...props.keys()])));
  }
}

/** Returns whether a boolean input of an action is an expression, as in a workflow file: `push: ${{ … }}`. */
function isDecidedByRun(value: unknown, { name, shape }: DoorMember, struct: string): boolean {
  return (
    shape.is === 'boolean' &&
    typeof value === 'string' &&
    /^\$\{\{(?:(?!\}\}).)+\}\}$/.test(value) &&
    struct.endsWith('ActionProps') &&
    propsOf(struct).has(`${name}If`)
  );
}

function unknownKey(key: string, context: Context, known: string[]): Problem {
  const shown = key.length <= 100 ? key : `${key.slice(0, 80)}…`;
  const near = nearest(key, known);
  return {
    code: 'FORGE-ARG-002',
    message: `${context.at}.${shown} of ${context.call} is not a property`,
    allowed: known.length > 0 ? known.sort().join(', ') : 'no property',
    fix: near === undefined ? `remove it` : `rename it to ${near}`,
    symptom: 'no error: the property has no effect',
  };
}

/** Returns the known name that a misspelled name was probably meant to be. */
function nearest(key: string, known: string[]): string | undefined {
  const distance = (a: string, b: string): number => {
    let row = [...b].map((_, i) => i + 1);
    [...a].forEach((char, i) => {
      let diagonal = i;
      let left = i + 1;
      row = row.map((above, j) => {
        const best = Math.min(above + 1, left + 1, diagonal + (char === b[j] ? 0 : 1));
        [diagonal, left] = [above, best];
        return best;
      });
    });
    return row.at(-1) ?? a.length;
  };
  const short = key.slice(0, 60).toLowerCase();
  const ranked = known
    .map((name) => ({ name, far: distance(short, name.toLowerCase()) }))
    .sort((a, b) => a.far - b.far);
  return ranked[0] && ranked[0].far <= Math.max(1, Math.floor(ranked[0].name.length / 4)) ? ranked[0].name : undefined;
}

/**
 * Returns what is wrong with a value.
 *
 * @jsii ignore
 */
export function valueProblems(value: unknown, shape: Shape, { at, call, open }: Omit<Context, 'problems'>): Problem[] {
  const problems: Problem[] = [];
  checkValue(value, shape, { at, call, problems, open });
  return problems;
}

/**
 * Checks the arguments of a call against the parameters that the public API declares.
 *
 * @param open whether a props object may have more properties than its interface
 *
 * @jsii ignore
 */
export function checkArguments(call: DoorCall, args: ArrayLike<unknown>, open: boolean): Problem[] {
  const problems: Problem[] = [];
  const { name, params } = call;
  for (let i = 0; i < params.length; i++) {
    const param = params[i];
    for (let j = i; j < (param.rest ? args.length : i + 1); j++) {
      if (!(param.optional && args[j] === undefined) && !fits(args[j], param.shape, open)) {
        problems.push(...valueProblems(args[j], param.shape, { at: param.name, call: name, open }));
      }
    }
  }
  return problems;
}
