import { isSchedule } from '../../lib/registry/schedule';

test.each([
  ['17 3 * * *', true],
  ['*/5 0-6,22 1 * MON-FRI', true],
  ['0 0 1 JAN ?', true],
  ['@daily', true],
  ['@every 1h', false],
  ['daily', false],
  ['17 3 * *', false],
  ['17 3 * * * *', false],
  ['17  3 * * *', false],
  [' 17 3 * * *', false],
  ['17 3 * * *\n', false],
  ['', false],
])('%j has the form of a schedule of a CronJob: %s', (text, expected) => {
  expect(isSchedule(text)).toBe(expected);
});
