import { Dialect } from '../../forge';
import { Action } from '../action/action';
import { Job } from '../job';
import { runnerWarnings } from './job-runner';

/**
 * Returns warnings about a job that are not errors.
 *
 * @jsii ignore
 */
export function jobWarnings(job: Job, dialect: Dialect): string[] {
  const actions = job._stepList
    .map((step) => step._content.action)
    .filter((action): action is Action => action !== undefined);
  const movable = actions
    .filter((action) => action._movable)
    .map(
      (action) =>
        `${job.node.path}: ${action.uses} is not pinned: whoever can move the tag can run code in the job; give its \`sha\``,
    );
  const unknown =
    dialect.defaultActionsUrl !== 'https://github.com'
      ? []
      : actions
          .filter((action) => action._unknown)
          .map(
            (action) =>
              `${job.node.path}: ${action.uses} is not among the actions that its owner is known to have; at run time this is: repository not found`,
          );
  const artifacts =
    dialect.facts.artifactsSinceRunner === undefined
      ? []
      : actions.filter((action) => action._is('actions/upload-artifact') || action._is('actions/download-artifact'));
  const containers = Object.entries({ container: job._props.container, ...job._props.services });
  const unpinned = containers
    .filter(([, container]) => container && !/@sha256:|:(?!latest$)[\w.-]+$/.test(container.image))
    .map(([name, container]) => `${job.node.path}: image ${container!.image} of ${name} has no version`);
  const plain = actions
    .filter((action) => action._plain)
    .map(
      (action) => `${job.node.path}: ${action.uses} is fetched over plain HTTP: whoever is on the way can change it`,
    );
  return [
    ...movable,
    ...unknown,
    ...plain,
    ...artifacts.map(
      (action) =>
        `${job.node.path}: ${action.uses} needs a runner of version ${dialect.facts.artifactsSinceRunner} or newer`,
    ),
    ...unpinned,
    ...runnerWarnings(job),
  ];
}
