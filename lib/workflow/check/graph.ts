import { Problems, quoted } from '../../support';

/** A job that waits for other jobs, with the list of those jobs. */
export interface Edges {
  readonly id: string;
  readonly needs: string[];
}

/**
 * Checks for problems that prevent a workflow from starting or ending: no jobs, and jobs that wait for each other.
 *
 * @jsii ignore
 */
export function checkGraph(jobs: Edges[], problems: Problems): void {
  if (jobs.length === 0) {
    problems.add({
      code: 'FORGE-WF-018',
      message: 'the workflow has no job',
      fix: 'add one: workflow.addJob(…)',
      symptom: NO_ROOT,
    });
    return;
  }
  const cycle = cycleIn(jobs);
  if (!cycle) {
    return;
  }
  problems.add({
    code: 'FORGE-WF-017',
    message: `jobs wait for each other: ${cycle.map(quoted).join(' needs ')}`,
    fix: `take out one of the needs, or the use of an output of ${quoted(cycle[1])} in ${quoted(cycle[0])}`,
    symptom: jobs.every((job) => job.needs.length > 0) ? NO_ROOT : 'the jobs stay blocked for ever',
  });
}

const NO_ROOT = 'The workflow must contain at least one job without dependencies.';

function cycleIn(jobs: Edges[]): string[] | undefined {
  const needs = new Map(jobs.map((job) => [job.id, job.needs]));
  const done = new Set<string>();
  const visit = (id: string, trail: string[]): string[] | undefined => {
    const at = trail.indexOf(id);
    if (at !== -1) {
      return [...trail.slice(at), id];
    }
    if (done.has(id)) {
      return undefined;
    }
    for (const next of needs.get(id) ?? []) {
      const found = visit(next, [...trail, id]);
      if (found) {
        return found;
      }
    }
    done.add(id);
    return undefined;
  };
  for (const { id } of jobs) {
    const found = visit(id, []);
    if (found) {
      return found;
    }
  }
  return undefined;
}
