import { Dialect } from '../../forge';
import { Trigger } from '../trigger/trigger';

/**
 * Returns warnings about triggers that are not errors.
 *
 * @jsii ignore
 */
export function triggerWarnings(path: string, triggers: Trigger[], dialect: Dialect): string[] {
  const mixed = triggers
    .filter((trigger) => dialect.facts.tagsBesideBranches === false && trigger._mixesTags)
    .map((trigger) => `${path}: Forgejo documents no tags beside branches or paths in \`${trigger.eventName}\``);
  const paths = triggers
    .filter((trigger) => trigger._filtersPathsOfTags)
    .map(
      (trigger) =>
        `${path}: \`${trigger.eventName}\` filters tags, so no branch starts the workflow, and its paths say nothing: paths of tags are not compared`,
    );
  const local = triggers
    .filter((trigger) => trigger._crons.length > 0 && dialect.ignores('on.schedule.utc'))
    .map(() => `${path}: ${dialect.name} reads schedules in the time zone of the server, not in UTC`);
  return [...mixed, ...paths, ...local];
}
