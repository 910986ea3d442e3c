const SCHEDULE = /^(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|[0-9*\/,-]+( [0-9A-Za-z*\/,?-]+){4})$/;

/** Returns whether a text has the form of a CronJob's schedule: five fields, or an alias. */
export function isSchedule(text: string): boolean {
  return SCHEDULE.test(text);
}
