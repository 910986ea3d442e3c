import { IConstruct } from 'constructs';
import { Problem } from './forge-error';
import { quoted } from './text';

/**
 * Returns the problem of an id that another construct in the scope has.
 *
 * @param id the id
 * @param call the call that it is given to, such as `new Chart()`
 * @param child the construct that has the id
 *
 * @jsii ignore
 */
export function takenId(id: string, call: string, child: IConstruct): Problem {
  return {
    code: 'FORGE-ARG-003',
    message: `id ${quoted(id)} of ${call} is already used by a ${child.constructor.name} at ${quoted(child.node.path)}`,
    allowed: 'an id that is unique in its scope',
    fix: 'set another id, or create the construct in another scope',
  };
}
