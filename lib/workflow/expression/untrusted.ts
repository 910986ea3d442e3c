import { Origin } from './origin';
import { Scope, Where } from './scope';
import { ContextUse } from './syntax';

/**
 * Members of `github` whose text another person can choose. Names of branches and tags may contain `$(…)`, quotes and
 * semicolons.
 */
const CHOSEN = ['base_ref', 'event', 'head_ref', 'ref', 'ref_name', 'workflow_ref'];

/** Contexts that hold what steps and jobs computed. */
const COMPUTING = ['steps', 'needs', 'jobs'];

/** Last members of an event path whose values have a fixed form: numbers, commits, booleans, the kind of activity. */
const FIXED = ['action', 'after', 'before', 'draft', 'fork', 'id', 'merged', 'number', 'private', 'run_attempt', 'sha'];

/**
 * Returns the origin of the text that the use of a context yields. Names are compared without case, as the forges do.
 *
 * @jsii ignore
 */
export function originOf(use: ContextUse, scope: Scope, where: Where): Origin {
  if (use.isBoolean) {
    return Origin.KNOWN;
  }
  const [root, member, ...rest] = use.path.map((name) => name.toLowerCase());
  const chosen = (names: readonly string[] = []) =>
    member === undefined || use.open || names.some((name) => name.toLowerCase() === member)
      ? Origin.STRANGER
      : Origin.KNOWN;
  switch (root) {
    case 'github':
      return githubOrigin(member, rest, use.open);
    case 'inputs':
      return chosen(scope.freeInputs);
    case 'matrix':
      return chosen(scope.freeMatrix);
    case 'env':
      return where.origins?.get(member) ?? scope.origins?.get(member) ?? Origin.COMPUTED;
    default:
      return COMPUTING.includes(root) && (rest.length === 0 || rest[0] === 'outputs') ? Origin.COMPUTED : Origin.KNOWN;
  }
}

function githubOrigin(member: string | undefined, rest: string[], open: boolean): Origin {
  if (member === undefined) {
    return Origin.STRANGER;
  }
  if (!CHOSEN.includes(member)) {
    return Origin.KNOWN;
  }
  const isFixed = member === 'event' && !open && rest.length > 0 && FIXED.includes(rest[rest.length - 1]);
  return isFixed ? Origin.KNOWN : Origin.STRANGER;
}
