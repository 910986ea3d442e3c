import { RunsOn } from '../forge';
import { IRunner } from '../runner';
import { Workflow } from '../workflow';
import { byPath, Model } from '../model';
import { Chapter } from './runbook-chapter';
import { table } from './runbook-text';

/** A group of jobs of one repository that request the same labels. */
interface Awaited {
  readonly workflow: Workflow;
  readonly labels: string[];
  readonly jobs: string[];
}

/**
 * Returns the runners that jobs select only by labels, and that no runner of the cdk8s app provides. These runners must
 * already exist.
 */
export function awaitedRunners(model: Model): Chapter<Awaited> {
  const runners = model.runners;
  return {
    heading: '## Runners that must be there',
    intro: [
      'No runner of this program takes these jobs: one with all the labels must be registered with the forge, or they wait for ever.',
      '',
    ],
    entries: awaitedJobs(model, runners).map((value) => ({
      owners: value.jobs,
      name: `${value.workflow.repository.fullName} ${value.labels.join()}`,
      value,
    })),
    body: (values) => [
      ...table(
        ['repository', 'labels', 'jobs'],
        values.map((one) => [
          `\`${one.workflow.repository.fullName}\` at ${one.workflow.repository.forge.url}`,
          one.labels.map((label) => `\`${label}\``).join(', ') + nearMiss(one, runners),
          one.jobs.map((path) => `\`${path}\``).join(', '),
        ]),
      ),
      '',
    ],
  };
}

function awaitedJobs(model: Model, runners: readonly IRunner[]): Awaited[] {
  const awaited = new Map<string, Awaited>();
  for (const workflow of byPath(model.workflows)) {
    for (const job of workflow.stepJobs) {
      const { runsOn } = job._props;
      const { jobLabels: labels } = runsOn;
      const isElsewhere = RunsOn.isRunsOn(runsOn) && !runsOn.isDeclared;
      if (
        !isElsewhere ||
        (job.labels.length > 0 && runners.some((runner) => runner.canRunJobsOf(workflow.repository, job.labels)))
      ) {
        continue;
      }
      const key = JSON.stringify([workflow.repository.forge.url, workflow.repository.fullName, labels]);
      const jobs = [...(awaited.get(key)?.jobs ?? []), job.node.path];
      awaited.set(key, { workflow, labels, jobs });
    }
  }
  return [...awaited.values()];
}

/** Returns a hint if a runner of the cdk8s app matches except for its scope. This mistake is the most frequent. */
function nearMiss({ workflow: { repository }, labels }: Awaited, runners: readonly IRunner[]): string {
  const near = runners.filter((runner) => labels.every((label) => runner.labels.some(({ name }) => name === label)));
  return near
    .map(
      (runner) =>
        `; ${runner.description} has ${labels.length === 1 ? 'it' : 'them'}, but takes no jobs of ${repository.owner}`,
    )
    .join('');
}
