import { cronJobProblem } from '../../lib/support';

// conformance/cron asks robfig/cron itself about 10,000 generated schedules.
test.each([
  ['17 3 * * *', true],
  ['*/5 0-6,22 1 * MON-FRI', true],
  ['0 0 1 JAN ?', true],
  ['@daily', true],
  ['@every 1h30m', true],
  [' 17  3 * * *', true],
  ['59 23 31 12 6', true],
  ['0 0 29 2 *', true],
  ['0 0 31 2 MON', true],
  ['60 23 31 12 6', false],
  ['59 24 31 12 6', false],
  ['59 23 32 12 6', false],
  ['59 23 31 13 6', false],
  ['59 23 31 12 7', false],
  ['0 0 0 1 0', false],
  ['*/0 * * * *', false],
  ['5-3 * * * *', false],
  ['0 0 30 2 *', false],
  ['@every 1d', false],
  ['@reboot', false],
  ['TZ=Europe/Zurich 17 3 * * *', false],
  ['CRON_TZ=UTC @daily', false],
  ['daily', false],
  ['17 3 * *', false],
  ['17 3 * * * *', false],
  ['17 3 * * *\n', false],
  ['', false],
])('%j is a schedule of a CronJob: %s', (text, expected) => {
  expect(cronJobProblem(text) === undefined).toBe(expected);
});
