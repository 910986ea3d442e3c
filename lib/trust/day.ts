import { ForgeError, quoted } from '../support';

/**
 * Returns the start of a day in UTC. Other forms of a date depend on the time zone of the machine, and JavaScript moves
 * a day that does not exist into the next month.
 *
 * @param text `YYYY-MM-DD`
 * @throws FORGE-TRUST-003 if it is not a day of the calendar
 *
 * @jsii ignore
 */
export function dayOf(text: string): Date {
  const day = new Date(/^\d{4}-\d{2}-\d{2}$/.test(String(text)) ? `${text}T00:00:00Z` : NaN);
  if (!Number.isNaN(day.getTime()) && day.toISOString().startsWith(text)) {
    return day;
  }
  throw ForgeError.of({
    code: 'FORGE-TRUST-003',
    message: `validOn is ${quoted(text)}, which is not a day`,
    allowed: "a day of the calendar, as YYYY-MM-DD: '2027-01-31'",
    fix: 'set validOn to year, month and day',
  });
}
