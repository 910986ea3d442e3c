import { CRON_ALIASES, ForgeError, gitHubCronProblem, quoted, robfigProblem } from '../../support';

/**
 * Checks a cron expression of five fields, or an alias if the forge supports aliases.
 *
 * @throws FORGE-WF-026
 * @jsii ignore
 */
export function checkCron(cron: string, aliases: boolean): void {
  const why = aliases ? robfigProblem(cron) : gitHubCronProblem(cron);
  if (why === undefined) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-WF-026',
    message: `${quoted(cron)} is no schedule: ${why}`,
    allowed: `minute, hour, day of the month, month and day of the week, e.g. "30 5 * * 1-5"${aliases ? `; or ${CRON_ALIASES.join(', ')}, @every 2h; TZ=Europe/Zurich in front` : ''}`,
    fix: 'write five fields, separated by single spaces',
    symptom: 'Invalid cron expression',
  });
}
