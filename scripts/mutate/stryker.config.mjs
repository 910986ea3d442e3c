// `npm run mutate -- <module> [share] [seed]`: does a test fail when a piece of the module is wrong? See docs/ARCHITECTURE.md.
// The share, between 0 and 1, takes that part of the statements, chosen by the seed.
import { createHash } from 'node:crypto';
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

/** The innermost statement, or the condition of an outer one. */
const isPiece = (path) =>
  path.key === 'test' ||
  path.isClassProperty() ||
  (path.isStatement() &&
    !path.isBlockStatement() &&
    !path.isIfStatement() &&
    !path.isLoop() &&
    !path.isDeclaration()) ||
  path.isVariableDeclaration();

function isLeftOut(path) {
  const { start } = path.node.loc;
  const hash = createHash('sha256').update(`${seed}:${path.hub.file.opts.filename}:${start.line}:${start.column}`);
  return hash.digest().readUInt32BE() / 2 ** 32 >= share;
}

export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'texts', { shouldIgnore: (path) => (isText(path) ? 'text' : undefined) }),
  declareValuePlugin(PluginKind.Ignore, 'sample', {
    shouldIgnore: (path) => (share < 1 && isPiece(path) && isLeftOut(path) ? 'not in the sample' : undefined),
  }),
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
      testPathIgnorePatterns: ['/node_modules/', ...(process.env.MUTATE_SKIP ?? 'kill|races').split('|')],
    },
  },
  mutate: [...(process.env.MUTATE_FILES || `lib/${room}/**/*.ts`).split(','), '!lib/*/door.ts', '!lib/**/index.ts'],
  ignorers: ['texts', 'sample'],
  coverageAnalysis: 'perTest',
  ignoreStatic: process.env.MUTATE_STATIC === undefined,
  concurrency: 2,
  timeoutMS: 60_000,
  incremental: share === 1,
  incrementalFile: `coverage/mutation/${room}-${share}-${seed}.json`,
  reporters: ['clear-text', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  ignorePatterns: ['/build', '/compat', '/coverage', '/pkg'],
};
