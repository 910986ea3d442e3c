import { checkArguments } from './door-check';
import { ForgeError } from './forge-error';
import { readShape } from './shape';

/**
 * Checks what a method of a user's own object has returned, such as `buildScript` of an own `IBuilder`, against the type
 * that the interface declares, and returns it.
 *
 * @param call the method, for example `IBuilder.buildScript()`
 * @param type the type, as in `door.ts`, for example `support.ScriptSpec`
 * @param result what the method has returned
 * @throws FORGE-ARG-001, 002, 004 if it has another type
 *
 * @jsii ignore
 */
export function answered<T>(call: string, type: string, result: T): T {
  const params = [{ name: 'result', optional: false, rest: false, shape: readShape(type, '') }];
  const problems = checkArguments({ name: call, params }, [result], false);
  if (problems.length > 0) {
    const fix = `correct what your ${call} returns`;
    throw new ForgeError(problems.map((problem) => ({ ...problem, fix })));
  }
  return result;
}
