// Jest setup for Stryker. Its first run notes which mutants each test file reaches; select-tests.cjs reads the notes.
const fs = require('node:fs');
const fc = require('fast-check');

const NOTES = 'coverage/mutants-of-tests.ndjson';

// One failing case kills a mutant: nobody reads the smallest one. A property that is cut early lacks accepted cases, which is no kill.
fc.configureGlobal({ ...fc.readConfigureGlobal(), endOnFailure: true, interruptAfterTimeLimit: 120_000 });

const tests = new Set();
beforeEach(() => tests.add(globalThis.__stryker__?.currentTestId));
afterAll(() => {
  const coverage = globalThis.__stryker__?.mutantCoverage;
  if (process.env.__STRYKER_ACTIVE_MUTANT__ === undefined && coverage !== undefined) {
    const mutants = [...tests].flatMap((test) => Object.keys(coverage.perTest[test] ?? {}));
    fs.mkdirSync('coverage', { recursive: true });
    fs.appendFileSync(NOTES, `${JSON.stringify([expect.getState().testPath, [...new Set(mutants)]])}\n`);
  }
});
