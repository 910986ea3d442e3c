// `npm run mutate -- <module> [share] [seed]`: does a test fail when a piece of the module is wrong? See docs/ARCHITECTURE.md.
// The share, between 0 and 1, takes that part of the lines, chosen by the seed.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

const [room, share, seed] = [
  process.env.MUTATE_ROOM ?? '*',
  Number(process.env.MUTATE_SHARE ?? 1),
  process.env.MUTATE_SEED ?? '1',
];

/** Texts of errors are judged by people, and by the tests of docs/errors. */
const TEXTS = new Set(['message', 'allowed', 'fix', 'symptom']);
const isText = (path) =>
  path.isObjectProperty() && TEXTS.has(path.node.key.name) && /Literal/.test(path.node.value.type);

/** The lines of the sample. A range takes what begins and ends in it, so that a sample has no change of several lines. */
function sampleOf(file) {
  const isChosen = (line) =>
    createHash('sha256').update(`${seed}:${file}:${line}`).digest().readUInt32BE() / 2 ** 32 < share;
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .map((_, i) => i + 1);
  return lines.filter(isChosen).map((line) => `${file}:${line}:0-${line}:999`);
}

const files = process.env.MUTATE_FILES
  ? process.env.MUTATE_FILES.split(',')
  : readdirSync(`lib/${room}`, { recursive: true })
      .map((name) => `lib/${room}/${name}`)
      .filter((name) => /\.ts$/.test(name) && !/(^|\/)(index|door)\.ts$/.test(name))
      .sort();

export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'texts', { shouldIgnore: (path) => (isText(path) ? 'text' : undefined) }),
];

const jest = createRequire(import.meta.url)('../../jest.config.js');

/** @type {import('@stryker-mutator/api/core').PartialStrykerOptions} */
export default {
  testRunner: 'jest',
  plugins: ['@stryker-mutator/jest-runner', import.meta.filename],
  jest: {
    projectType: 'custom',
    enableFindRelatedTests: false,
    config: {
      ...jest,
      globalSetup: undefined,
      roots: [`<rootDir>/test/${room}`],
      setupFilesAfterEnv: ['<rootDir>/scripts/mutate/record-tests.cjs'],
      filter: '<rootDir>/scripts/mutate/select-tests.cjs',
      testMatch: [`<rootDir>/test/${room}/**/*.test.ts`],
      testPathIgnorePatterns: [
        '/node_modules/',
        ...(process.env.MUTATE_SKIP ?? 'kill|races|does-not-compile').split('|'),
      ],
    },
  },
  mutate: share < 1 ? files.flatMap(sampleOf) : files,
  ignorers: ['texts'],
  coverageAnalysis: 'perTest',
  ignoreStatic: process.env.MUTATE_STATIC === undefined,
  concurrency: Number(process.env.MUTATE_CONCURRENCY ?? 2),
  // A loaded machine must kill no mutant.
  timeoutMS: Number(process.env.MUTATE_TIMEOUT ?? 60_000),
  incremental: share === 1,
  incrementalFile: `coverage/mutation/${room}-${share}-${seed}.json`,
  reporters: ['clear-text', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  ignorePatterns: ['/build', '/compat', '/coverage', '/pkg'],
};
