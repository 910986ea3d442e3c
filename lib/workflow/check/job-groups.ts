import { Dialect } from '../../forge';
import { Problems, quoted } from '../../support';
import { JobBase } from '../job-base';

/** A concurrency group that several jobs of one run have, as the server sees them when it creates the run. */
interface SharedGroup {
  readonly group: string;
  readonly jobs: string[];
}

/**
 * Checks that no two jobs of a run that wait for no other job have the same concurrency group, if the forge is known to create no run then.
 *
 * @throws FORGE-WF-058 as a problem
 * @jsii ignore
 */
export function checkJobGroups(jobs: readonly JobBase[], dialect: Dialect, problems: Problems): void {
  if (dialect.losesSharedJobGroups !== true || dialect.ignores('jobs.concurrency')) {
    return;
  }
  sharedGroups(jobs).forEach(({ group, jobs: names }) =>
    problems.add({
      code: 'FORGE-WF-058',
      message: `${whoShares(names)} the concurrency group ${quoted(group)}, and ${dialect.name} creates no run then`,
      allowed: `groups that differ; ${dialect.facts.sharedJobGroups!.source}`,
      fix: 'give each job a group of its own, with the matrix value if the job has a matrix; or let one job need the other; or set the group at the workflow',
      symptom: 'no run appears; the log of the server has: InsertRun: run has changed',
    }),
  );
}

/**
 * Returns warnings for jobs of a run with the same concurrency group, if the forge is not known to run all of them.
 *
 * @jsii ignore
 */
export function jobGroupWarnings(path: string, jobs: readonly JobBase[], dialect: Dialect): string[] {
  if (dialect.losesSharedJobGroups !== undefined || dialect.ignores('jobs.concurrency')) {
    return [];
  }
  const lost = dialect.facts.sharedJobGroups!.lostIn.join(', ');
  return sharedGroups(jobs).map(
    ({ group, jobs: names }) =>
      `${path}: ${whoShares(names)} the concurrency group ${quoted(group)}: version ${lost} creates no run then, and ${dialect.name} is not known to run all of them`,
  );
}

function whoShares(names: readonly string[]): string {
  return names.length === 1
    ? `all jobs of the matrix of ${quoted(names[0])} have`
    : `jobs ${names.map(quoted).join(' and ')} have`;
}

/** Returns the groups that jobs share which wait for no other job. The group of a job that waits is evaluated later. */
function sharedGroups(jobs: readonly JobBase[]): SharedGroup[] {
  const first = jobs.filter(
    ({ _base: { concurrency, needs = [] } }) => concurrency !== undefined && needs.length === 0,
  );
  const groups = new Map<string, JobBase[]>();
  first.forEach((job) => {
    const { group } = job._base.concurrency!;
    // The name of the job in a group makes it differ.
    if (/\.job\b/.test(group)) {
      return;
    }
    groups.set(group, [...(groups.get(group) ?? []), job]);
  });
  return [...groups]
    .filter(([group, members]) => members.length > 1 || isRepeated(members[0], group))
    .map(([group, members]) => ({ group, jobs: members.map(({ id }) => id) }));
}

/** Returns whether several jobs of a matrix have the group. */
function isRepeated({ _base: { matrix } }: JobBase, group: string): boolean {
  return matrix !== undefined && matrix._jobs > 1 && !/\b(matrix|strategy)\b/.test(group);
}
