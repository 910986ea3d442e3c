import { quoted } from './text';

/**
 * The aliases that robfig/cron has for schedules.
 *
 * @jsii ignore
 */
export const CRON_ALIASES = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];
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

/** An interval after `@every`, as Go's time.ParseDuration reads it. */
const INTERVAL =
  /^@every (?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|ms|s|m|h)(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|ms|s|m|h))*$/;

/**
 * Returns the problem with the schedule of a CronJob, which Kubernetes reads with the standard parser of robfig/cron v3, but
 * without a time zone in front; undefined if there is none.
 *
 * @see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax
 *
 * @jsii ignore
 */
export function cronJobProblem(schedule: string): string | undefined {
  return schedule.includes('TZ') ? 'Kubernetes takes no time zone in a schedule' : robfigProblem(schedule);
}

/**
 * Returns the problem with a schedule of a workflow of GitHub: five fields with single spaces between them; undefined if there
 * is none.
 *
 * @jsii ignore
 */
export function gitHubCronProblem(cron: string): string | undefined {
  if (cron.startsWith('@')) {
    return CRON_ALIASES.includes(cron) || INTERVAL.test(cron) ? 'this forge has no aliases' : 'there is no such alias';
  }
  return fieldsProblem(cron.split(' '), fieldProblem) ?? tooOften(cron);
}

/**
 * Returns the problem with a schedule as robfig/cron v3 reads it, which Gitea and Forgejo use. Its forms are aliases,
 * intervals, a time zone in front, `?`, several blanks between fields, and lists with empty items. Undefined if there is none.
 *
 * @jsii ignore
 */
export function robfigProblem(schedule: string): string | undefined {
  const blank = schedule.indexOf(' ');
  const zone = /^(?:CRON_)?TZ=([^ ]*)/.exec(schedule)?.[1];
  if (zone !== undefined && (blank === -1 || !isTimeZone(zone))) {
    return blank === -1 ? 'no fields follow the time zone' : `${quoted(zone)} is no time zone`;
  }
  const cron = zone === undefined ? schedule : schedule.slice(blank).trim();
  if (cron.startsWith('@')) {
    return CRON_ALIASES.includes(cron) || INTERVAL.test(cron) ? undefined : 'there is no such alias';
  }
  const fields = cron.split(/[ \t]+/).filter((field) => field !== '');
  return fieldsProblem(fields, robfigFieldProblem);
}

function isTimeZone(name: string): boolean {
  if (name === '' || name === 'Local') {
    return true;
  }
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return /^[A-Za-z]/.test(name);
  } catch {
    return false;
  }
}

function fieldsProblem(
  fields: string[],
  check: (text: string, field: Field) => string | undefined,
): string | undefined {
  if (fields.length !== FIELDS.length) {
    return `it has ${fields.length} field${fields.length === 1 ? '' : 's'}, not 5`;
  }
  for (const [i, field] of FIELDS.entries()) {
    const why = check(fields[i], field);
    if (why) {
      return why;
    }
  }
  return neverComes(fields.map((field) => field.replaceAll('?', '*'))) ? 'no month has such a day' : undefined;
}

function robfigFieldProblem(text: string, field: Field): string | undefined {
  const items = text.split(',').filter((item) => item !== '');
  return items.length === 0
    ? `${quoted(text)} contains no ${field.name}`
    : items.map((item) => robfigItemProblem(item, field)).find((why) => why !== undefined);
}

function robfigItemProblem(item: string, field: Field): string | undefined {
  const [range, step, ...more] = item.split('/');
  const [first, last = first, ...others] = range.split('-');
  if (more.length > 0 || (step !== undefined && !/^\+?0*[1-9][0-9]*$/.test(step))) {
    return `the step of ${quoted(item)} is out of range`;
  }
  if (first === '*' || first === '?') {
    return undefined;
  }
  const [start, end] = [first, last].map((word) => valueOf(word.replace(/^\+(?=[0-9])/, ''), field));
  const isInside = (n: number | undefined) => n !== undefined && n >= field.least && n <= field.most;
  if (others.length > 0 || !isInside(start) || !isInside(end)) {
    return `${quoted(item)} is no ${field.name}: it goes from ${field.least} to ${field.most}`;
  }
  return start! > end! ? `the range ${quoted(item)} runs backwards` : undefined;
}

function fieldProblem(text: string, field: Field): string | undefined {
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
    if (step !== undefined && (Number(step) === 0 || Number(step) > field.most)) {
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
