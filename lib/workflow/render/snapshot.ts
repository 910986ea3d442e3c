import { Problems, quoted } from '../../support';
import { DialectCheck } from '../check/dialect';
import { Resolver } from '../expression/resolver';
import { RunnerSnapshot } from '../job';

/** Returns the image that GitHub creates from the runner. GitHub reads the name and the version as they are. */
export function renderedSnapshot(
  snapshot: RunnerSnapshot | undefined,
  {
    label,
    resolver,
    check,
    problems,
  }: { readonly label: string; readonly resolver: Resolver; readonly check: DialectCheck; readonly problems: Problems },
): unknown {
  if (snapshot === undefined) {
    return undefined;
  }
  const { imageName, version, if: condition } = snapshot;
  if (!/^[A-Za-z0-9][\w.-]{0,126}$/.test(imageName) || !/^\d+(?:\.(?:\d+|\*))?$/.test(version ?? '1')) {
    problems.add({
      code: 'FORGE-WF-066',
      message: `${label}: ${quoted(imageName)}${version === undefined ? '' : ` of version ${quoted(version)}`} is no custom image`,
      allowed: 'letters, digits, `_`, `-` and `.` for the name; `2` or `2.*` for the version; no expression',
      fix: 'change snapshot.imageName or snapshot.version',
    });
  }
  const value = {
    'image-name': imageName,
    version,
    if: condition && resolver.expression(condition._text, { place: 'jobs.snapshot.if', key: 'snapshot.if' }),
  };
  return check.checked('jobs.snapshot', value, label);
}
