import { ForgeError, quoted } from '../../support';

const ALIASES = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

interface Field {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly words?: string[];
}

const FIELDS: Field[] = [
  { name: 'minute', least: 0, most: 59 },
  { name: 'hour', least: 0, most: 23 },
  { name: 'day of the month', least: 1, most: 31 },
  { name: 'month', least: 1, most: 12, words: MONTHS },
  { name: 'day of the week', least: 0, most: 6, words: DAYS },
];

/**
 * Checks a cron expression of five fields, or an alias if the forge supports aliases.
 *
 * @throws FORGE-WF-026
 * @jsii ignore
 */
export function checkCron(cron: string, aliases: boolean): void {
  const why = problemOf(cron, aliases) ?? (aliases ? undefined : tooOften(cron));
  if (why === undefined) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-WF-026',
    message: `${quoted(cron)} is no schedule: ${why}`,
    allowed: `minute, hour, day of the month, month and day of the week, e.g. "30 5 * * 1-5"${aliases ? `; or ${ALIASES.join(', ')}, @every 2h; TZ=Europe/Zurich in front` : ''}`,
    fix: 'write five fields, separated by single spaces',
    symptom: 'Invalid cron expression',
  });
}

/** A time zone in front of a cron expression, as robfig/cron reads it. */
const TIME_ZONE = /^(?:CRON_)?TZ=([A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+)*) +(?=\S)/;

/** An interval after `@every`, as Go's time.ParseDuration reads it. */
const INTERVAL =
  /^@every (?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|ms|s|m|h)(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|ms|s|m|h))*$/;

/**
 * Returns the problem with a schedule. Gitea and Forgejo read schedules with robfig/cron v3, which also knows aliases,
 * intervals, a time zone in front, and `?`.
 */
function problemOf(schedule: string, isRobfig: boolean): string | undefined {
  const cron = isRobfig ? schedule.replace(TIME_ZONE, '') : schedule;
  if (cron.startsWith('@')) {
    if (!ALIASES.includes(cron) && !INTERVAL.test(cron)) {
      return 'there is no such alias';
    }
    return isRobfig ? undefined : 'this forge has no aliases';
  }
  const fields = (isRobfig ? cron.replace(/\?/g, '*') : cron).split(' ');
  if (fields.length !== FIELDS.length) {
    return `it has ${fields.length} field${fields.length === 1 ? '' : 's'}, not 5`;
  }
  for (const [i, field] of FIELDS.entries()) {
    const why = fieldProblem(fields[i], field, isRobfig);
    if (why) {
      return why;
    }
  }
  return neverComes(fields) ? 'no month has such a day' : undefined;
}

function fieldProblem(text: string, field: Field, isRobfig: boolean): string | undefined {
  for (const item of text.split(',')) {
    const match = /^(?:\*|([0-9A-Za-z]+)(?:-([0-9A-Za-z]+))?)(?:\/([0-9]+))?$/.exec(item);
    if (!match) {
      return `${quoted(item)} is no ${field.name}`;
    }
    const [, first, last, step] = match;
    const bounds = [first, last].filter((x): x is string => x !== undefined).map((word) => valueOf(word, field));
    if (bounds.some((n) => n === undefined || n < field.least || n > field.most)) {
      return `${quoted(item)} is no ${field.name}: it goes from ${field.least} to ${field.most}`;
    }
    if (bounds.length === 2 && bounds[0]! > bounds[1]!) {
      return `the range ${quoted(item)} runs backwards`;
    }
    if (step !== undefined && (Number(step) === 0 || (Number(step) > field.most && !isRobfig))) {
      return `the step of ${quoted(item)} is out of range`;
    }
  }
  return undefined;
}

function valueOf(word: string, field: Field): number | undefined {
  if (/^[0-9]+$/.test(word)) {
    return Number(word);
  }
  const at = field.words?.indexOf(word.toUpperCase()) ?? -1;
  return at === -1 ? undefined : at + field.least;
}

/**
 * Returns the problem if a GitHub schedule runs more often than every five minutes. GitHub silently omits the other
 * runs.
 */
function tooOften(cron: string): string | undefined {
  const [minute] = cron.split(' ');
  const step = /^\*(?:\/([0-9]+))?$/.exec(minute);
  return step && Number(step[1] ?? 1) < 5 ? 'the shortest interval is five minutes' : undefined;
}

/** Returns whether the date of a cron expression never occurs, for example February 30 or April 31. */
function neverComes([, , day, month, weekday]: string[]): boolean {
  if (weekday !== '*' || !/^[0-9]+$/.test(day) || !/^[0-9]+(,[0-9]+)*$/.test(month)) {
    return false;
  }
  const longest = month.split(',').map((m) => [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][Number(m) - 1]);
  return longest.every((days) => Number(day) > days);
}
