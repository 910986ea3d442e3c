import { Problems, quoted } from '../../support';
import { DialectCheck } from '../check/dialect';
import { Place } from '../expression/contexts';
import { Resolver } from '../expression/resolver';
import { Concurrency } from '../job-base';
import { namedTwice, Permissions, permissionScopes } from '../permissions';

/** Returns the concurrency settings in the form written to the file. */
export function renderedConcurrency(
  concurrency: Concurrency,
  { resolver, check }: { readonly resolver: Resolver; readonly check: DialectCheck },
  place: Place,
): Record<string, unknown> {
  const { group, cancelInProgress, cancelInProgressIf, queueAll } = concurrency;
  return {
    group: resolver.text(group, { place, key: 'concurrency.group' }),
    'cancel-in-progress': cancelInProgressIf
      ? `\${{ ${resolver.expression(cancelInProgressIf._text, { place, key: 'concurrency.cancel-in-progress' })} }}`
      : (cancelInProgress ?? false),
    queue: check.checked('concurrency.queue', queueAll ? 'max' : undefined, 'concurrency'),
  };
}

/** Access that a permission does not have: schema of @actions/workflow-parser 0.3.61. */
const DENIED: Record<string, string> = {
  'copilot-requests': 'read',
  'id-token': 'read',
  models: 'write',
  'vulnerability-alerts': 'write',
};

/** Returns the permissions in the form written to the file. The forge must support each scope. */
export function checkedPermissions(
  permissions: Permissions,
  { check, problems, owner }: { check: DialectCheck; problems: Problems; owner: string },
): Record<string, string> {
  const scopes = permissionScopes(permissions);
  const known = check.dialect.facts.permissionScopes;
  const unknown = Object.keys(scopes).filter(
    (scope) => !known.includes(scope) && !Object.hasOwn(permissions.other ?? {}, scope) && scopes[scope] !== 'none',
  );
  if (unknown.length > 0) {
    problems.add({
      code: 'FORGE-WF-045',
      message: `${owner}: ${check.dialect.name} has no permission ${unknown.map(quoted).join(', ')}`,
      allowed: known.join(', '),
      fix: 'leave it out; what the job does with it does not work there',
      symptom: 'the token does not have it, and nothing says so',
    });
  }
  const twice = namedTwice(permissions);
  if (twice.length > 0) {
    problems.add({
      code: 'FORGE-WF-045',
      message: `${owner}: \`other\` repeats the permission ${twice.map(quoted).join(', ')}`,
      allowed: 'scopes in `other` that no prop of the permissions sets',
      fix: 'remove it from `other`',
    });
  }
  for (const [scope, denied] of Object.entries(DENIED).filter(([scope, denied]) => scopes[scope] === denied)) {
    problems.add({
      code: 'FORGE-WF-045',
      message: `${owner}: the permission ${quoted(scope)} has no access ${quoted(denied)}`,
      allowed: denied === 'read' ? 'Access.WRITE, Access.NONE' : 'Access.READ, Access.NONE',
      fix: denied === 'read' ? 'use Access.WRITE' : 'use Access.READ',
    });
  }
  return scopes;
}
