import { Construct, IConstruct } from 'constructs';

const STAND_IN = Symbol.for('cdk8s-forge:stand-in');

/**
 * The text that a stand-in gives where a text is needed. It is a valid name in most places, and is recognized in the
 * findings that follow from it.
 *
 * @jsii ignore
 */
export const STAND_IN_TEXT = 'cdk8s-forge-could-not-create-this';

/**
 * Returns an object in place of a construct that could not be created, so that the rest of the cdk8s app is still
 * checked. The object is of the class, has a node in the tree, and answers every other question with a value that can
 * be used as anything.
 *
 * @jsii ignore
 */
export function standInFor<T extends object>(type: { readonly prototype: T }, node: Construct): T {
  return proxied(Object.create(type.prototype) as T, node);
}

/**
 * Returns a value in place of the result of a method that failed.
 *
 * @jsii ignore
 */
export function standInValue(node: IConstruct): unknown {
  return proxied(() => undefined, node);
}

/**
 * Returns whether a value is in place of one that could not be created.
 *
 * @jsii ignore
 */
export function isStandIn(value: unknown): boolean {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    Reflect.get(value, STAND_IN) === true
  );
}

/** The answers of a stand-in that JavaScript itself asks for. */
function ownAnswer(property: string | symbol, at: IConstruct): { readonly value: unknown } | undefined {
  switch (property) {
    case STAND_IN:
      return { value: true };
    case 'node':
      return { value: at.node };
    case 'then':
      return { value: undefined };
    case 'length':
      return { value: 1 };
    case Symbol.iterator:
      return { value: () => [][Symbol.iterator]() };
    case Symbol.toPrimitive:
      return { value: (hint: string) => (hint === 'number' ? NaN : STAND_IN_TEXT) };
    case 'toString':
    case 'toJSON':
    case 'valueOf':
      return { value: () => STAND_IN_TEXT };
    default:
      return undefined;
  }
}

function proxied<T extends object>(target: T, at: IConstruct): T {
  // One value for each property, so that a value that is reached in two ways is the same.
  const answers = new Map<string, unknown>();
  const standIn: T = new Proxy(target, {
    get: (object, property) => {
      const own = ownAnswer(property, at);
      if (own) {
        return own.value;
      }
      if (typeof property === 'symbol' || property === 'constructor') {
        return Reflect.get(object, property) as unknown;
      }
      const method = CREATES.test(property) ? methodOf(object, property) : undefined;
      const answer =
        answers.get(property) ?? (method ? (...args: unknown[]) => answerOf(method, standIn, args) : standInValue(at));
      answers.set(property, answer);
      return answer;
    },
    has: (object, property) => typeof property === 'string' || Reflect.has(object, property),
    set: () => true,
    apply: () => standInValue(at),
    construct: () => standInValue(at) as object,
  });
  return standIn;
}

/** Methods that create something, and so check what they are given. Other methods answer what suits their caller. */
const CREATES = /^add[A-Z]/;

/** Returns a method of the class, which still checks its arguments. */
function methodOf(object: object, name: string): ((...args: unknown[]) => unknown) | undefined {
  for (let each: object | null = object; each; each = Object.getPrototypeOf(each) as object | null) {
    const descriptor = Object.getOwnPropertyDescriptor(each, name);
    if (descriptor) {
      return descriptor.value as ((...args: unknown[]) => unknown) | undefined;
    }
  }
  return undefined;
}

function answerOf(method: (...args: unknown[]) => unknown, standIn: { readonly node?: unknown }, args: unknown[]) {
  try {
    return Reflect.apply(method, standIn, args) as unknown;
  } catch {
    return standInValue(standIn as unknown as IConstruct);
  }
}
