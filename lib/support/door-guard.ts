import { IConstruct } from 'constructs';
import { checkArguments, DoorCall, NOT_FINITE } from './door-check';
import { DoorMember, readDoor } from './door-table';
import { ForgeError, Problem } from './forge-error';
import { quoted } from './text';

type Method = (this: unknown, ...args: unknown[]) => unknown;

const constructors = new Map<object, DoorMember[]>();

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
    const [className, method] = name.split(/[.#]/);
    const owner = classes[className] as { prototype: object };
    guardMethod(name.includes('#') ? owner.prototype : owner, method, { name: `${className}.${method}()`, params });
  });
}

function guardMethod(owner: object, method: string, door: DoorCall): void {
  const descriptor = Object.getOwnPropertyDescriptor(owner, method);
  if (typeof descriptor?.value !== 'function') {
    return;
  }
  const original = descriptor.value as Method;
  const guarded: Method = function (...args) {
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
  Object.defineProperty(guarded, 'name', { value: method });
  Object.defineProperty(guarded, 'length', { value: original.length });
  Object.defineProperty(owner, method, { ...descriptor, value: guarded });
}

/**
 * Checks the arguments of a public constructor. The call is the first line of the constructor, before `super`.
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
  const params = constructors.get(type);
  if (!params) {
    return;
  }
  const call = `new ${(type as { name: string }).name}()`;
  const problems = checkArguments({ name: call, params }, args, target !== type);
  const scope = params[0]?.name === 'scope' ? (args[0] as IConstruct | undefined) : undefined;
  if (problems.length === 0 && scope) {
    problems.push(...idProblems(scope, args[1] as string, call));
  }
  if (problems.length > 0) {
    const id = typeof args[1] === 'string' ? args[1].slice(0, 100) : '?';
    const path = typeof scope?.node?.path === 'string' ? [scope.node.path, id].filter(Boolean).join('/') : undefined;
    throw new ForgeError(problems.map((problem) => ({ ...problem, path })));
  }
}

function idProblems(scope: IConstruct, id: string, call: string): Problem[] {
  if (id === '') {
    const message = `id of ${call} is an empty string`;
    return [{ code: 'FORGE-ARG-003', message, allowed: 'a non-empty string', fix: 'set an id' }];
  }
  const child = scope.node.tryFindChild(id);
  return child
    ? [
        {
          code: 'FORGE-ARG-003',
          message: `id ${quoted(id)} of ${call} is already used by a ${child.constructor.name} at ${quoted(child.node.path)}`,
          allowed: 'an id that is unique in its scope',
          fix: 'set another id, or create the construct in another scope',
        },
      ]
    : [];
}
