import { IConstruct } from 'constructs';
import { checkArguments, DoorCall, NOT_FINITE } from './door-check';
import { DoorMembers, readDoor } from './door-table';
import { collectedCall, collectedConstruction, isEntered } from './collected';
import { failuresFor } from './failures';
import { ForgeError, Problem } from './forge-error';
import { takenId } from './taken-id';
import { isAwaited } from './waiting';

type Method = (this: unknown, ...args: unknown[]) => unknown;

const constructors = new Map<object, DoorMembers>();

/** The arguments of a constructor that is being called. */
interface Construction {
  readonly type: object;
  readonly target: unknown;
  readonly args: ArrayLike<unknown>;
}

/**
 * Lets a module check what its public methods and constructors are called with. JavaScript has no types, and `tsx`
 * removes those of TypeScript, so that a missing or misspelled property would go unnoticed or end in a TypeError.
 *
 * Methods are checked from here. A constructor calls `checkConstruction` itself: no one else can, before its body runs.
 *
 * @param room the module's name
 * @param classes the module's classes, by name
 * @param text the module's API, as in `door.ts`
 *
 * @jsii ignore
 */
export function guardDoor(room: string, classes: Record<string, object>, text: string): void {
  const table = readDoor(room, classes, text);
  table.constructors.forEach((params, name) => constructors.set(classes[name], params));
  table.methods.forEach((params, name) => {
    const isInstance = name.includes('#');
    const [className, method] = name.split(isInstance ? '#' : '.');
    const owner = classes[className] as { prototype: object };
    guardMethod(isInstance ? owner.prototype : owner, method, {
      name: `${className}.${method}()`,
      get params() {
        return params();
      },
    });
  });
}

function guardMethod(owner: object, method: string, door: DoorCall): void {
  const descriptor = Object.getOwnPropertyDescriptor(owner, method);
  if (typeof descriptor?.value !== 'function') {
    return;
  }
  const original = descriptor.value as Method;
  const checked: Method = function (...args) {
    const problems = checkArguments(door, args, false);
    if (problems.length > 0) {
      if (problems.every((problem) => problem.code === NOT_FINITE)) {
        // A method that knows the range of a number throws the better error.
        original.apply(this, args);
      }
      throw new ForgeError(problems);
    }
    return original.apply(this, args);
  };
  const guarded: Method = method.startsWith('assert')
    ? checked
    : function (...args) {
        return isAwaited()
          ? checked.apply(this, args)
          : collectedCall([this, ...args], () => checked.apply(this, args));
      };
  Object.defineProperty(guarded, 'name', { value: method });
  Object.defineProperty(guarded, 'length', { value: original.length });
  Object.defineProperty(owner, method, { ...descriptor, value: guarded });
}

/**
 * Checks the arguments of a public constructor. The call is the first line of the constructor.
 *
 * A class that extends a class of the library may add properties of its own to the props that it passes on.
 *
 * @param type the class of the constructor
 * @param target `new.target`
 * @param args `arguments`
 *
 * @jsii ignore
 */
export function checkConstruction(type: object, target: unknown, args: ArrayLike<unknown>): void {
  const problems = constructionProblems({ type, target, args });
  if (problems.length > 0) {
    throw new ForgeError(problems);
  }
}

/**
 * Checks the arguments of the constructor of a construct. The call is the first line of the constructor, before `super`.
 *
 * In an app that collects failures, the whole construction runs from here: the constructor returns the finished construct
 * that it gets, or what stands in for a construct that could not be created.
 *
 * @param type the class of the constructor
 * @param target `new.target`
 * @param args `arguments`
 * @returns the object for the constructor to return, or undefined if the constructor must go on
 *
 * @jsii ignore
 */
export function constructed<T extends object>(
  type: { readonly prototype: T },
  target: unknown,
  args: ArrayLike<unknown>,
): T | undefined {
  if (isEntered(target)) {
    return undefined;
  }
  const [scope] = args as ArrayLike<unknown> & unknown[];
  const failures = failuresFor([scope]);
  if (!failures) {
    checkConstruction(type, target, args);
    return undefined;
  }
  const problems = constructionProblems({ type, target, args });
  return collectedConstruction({ type, target, args, scope: scope as IConstruct, failures, problems });
}

function constructionProblems({ type, target, args }: Construction): Problem[] {
  const params = constructors.get(type);
  if (!params) {
    return [];
  }
  const scope = params()[0]?.name === 'scope' ? (args[0] as IConstruct | undefined) : undefined;
  const call = `new ${(type as { name?: string }).name}()`;
  const problems = checkArguments({ name: call, params: params() }, args, target !== type);
  if (problems.length === 0 && scope) {
    // A construct can be in the tree under another id, so that a workload can have its id.
    const { _idSuffix = '' } = type as { readonly _idSuffix?: string };
    problems.push(...idProblems(scope, { id: args[1] as string, suffix: _idSuffix }, call));
  }
  const id = typeof args[1] === 'string' ? args[1].slice(0, 100) : '?';
  const path = typeof scope?.node?.path === 'string' ? [scope.node.path, id].filter(Boolean).join('/') : undefined;
  return problems.map((problem) => ({ ...problem, path }));
}

function idProblems(scope: IConstruct, { id, suffix }: { id: string; suffix: string }, call: string): Problem[] {
  if (id === '') {
    const message = `id of ${call} is an empty string`;
    return [{ code: 'FORGE-ARG-003', message, allowed: 'a non-empty string', fix: 'set an id' }];
  }
  const child = scope.node.tryFindChild(`${id}${suffix}`);
  return child ? [takenId(id, call, child)] : [];
}

/**
 * Tells the compiler that a constructor ends here and that the fields are assigned: the next statement returns a construct
 * that is finished. The function does nothing.
 *
 * @jsii ignore
 */
export function handedOver(): never {
  return undefined as never;
}
