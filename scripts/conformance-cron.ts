// Writes cron expressions for conformance/cron, each with what the library says about it.
//   node --import tsx scripts/conformance-cron.ts <folder> [expressions] [seed]
import * as fs from 'node:fs';
import * as path from 'node:path';
import fc from 'fast-check';
import { cronJobProblem, ForgeError } from '../lib/support';
import { checkCron } from '../lib/workflow/trigger/cron';
import { seedOf } from '../test/support/seed';

const [folder, count = '10000', seed = String(seedOf(1))] = process.argv.slice(2);

const names = (list: string) => fc.constantFrom(...list.split(' '));
const number = fc
  .oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 6 }) }, fc.integer({ min: -1, max: 99 }))
  .map(String);
const value = fc.oneof(
  { weight: 12, arbitrary: number },
  names('mon TUE Wed sun SAT jan DEC Feb monday xyz 007 +1 1.5'),
);
const range = fc.oneof(
  { weight: 5, arbitrary: value },
  { weight: 3, arbitrary: fc.tuple(value, value).map(([a, b]) => `${a}-${b}`) },
  names('* ? ** *? L W 1- -1 1-2-3'),
);
const step = fc.oneof(
  { weight: 5, arbitrary: range },
  { weight: 3, arbitrary: fc.tuple(fc.oneof(range, fc.constant('*')), number).map(([a, b]) => `${a}/${b}`) },
  names('*/0 */ /5 */2/3 1/x'),
);
const field = fc.oneof(
  { weight: 8, arbitrary: fc.constant('*') },
  { weight: 6, arbitrary: step },
  fc.array(step, { minLength: 2, maxLength: 3 }).map((parts) => parts.join(',')),
  names(', 1, ,1 1,,2'),
);
const fields = fc
  .tuple(fc.array(field, { minLength: 5, maxLength: 5 }), fc.constantFrom(...Array<number>(20).fill(5), 4, 6))
  .map(([parts, length]) => [...parts, '*'].slice(0, length).join(' '));
const descriptor = fc.oneof(
  names('@daily @weekly @monthly @yearly @annually @hourly @midnight @Daily @reboot @never @'),
  fc
    .tuple(
      fc.constantFrom('@every ', '@every', '@Every ', '@every  '),
      names('1h 2h30m 90s 1.5h 0s -1h 1d 500ms h 1 1h30 1µs'),
    )
    .map((parts) => parts.join('')),
);
const zone = names('TZ=Europe/Berlin CRON_TZ=Asia/Tokyo TZ=UTC CRON_TZ=Nowhere/Land TZ= tz=UTC TZ=Local');
const expression = fc.oneof({ weight: 8, arbitrary: fields }, descriptor);
const expressions = fc.oneof(
  { weight: 6, arbitrary: expression },
  fc.tuple(zone, fc.constantFrom(' ', ' ', '  ', ''), expression).map((parts) => parts.join('')),
  expression.map((text) => ` ${text}`),
);

const accepts = (cron: string): boolean => {
  try {
    checkCron(cron, true);
    return true;
  } catch (e) {
    if (e instanceof ForgeError) {
      return false;
    }
    throw e;
  }
};
const cases = fc
  .sample(expressions, { numRuns: Number(count), seed: Number(seed) })
  .map((cron) => ({ cron, accepted: accepts(cron), cronJob: cronJobProblem(cron) === undefined }));
fs.writeFileSync(path.join(folder, 'cases.json'), JSON.stringify(cases));
