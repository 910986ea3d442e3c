// Jest filter for Stryker: only the test files that reach the active mutant. Stryker selects by the names of tests, which loads all files.
const fs = require('node:fs');

const NOTES = 'coverage/mutants-of-tests.ndjson';

function testsThatReach(mutant) {
  const lines = fs.existsSync(NOTES) ? fs.readFileSync(NOTES, 'utf8').trim().split('\n') : [];
  return lines
    .map((line) => JSON.parse(line))
    .filter(([, mutants]) => mutants.includes(mutant))
    .map(([file]) => file);
}

module.exports = (paths) => {
  const mutant = process.env.__STRYKER_ACTIVE_MUTANT__;
  const reach = new Set(mutant === undefined ? [] : testsThatReach(mutant));
  return { filtered: reach.size === 0 ? paths : paths.filter((path) => reach.has(path)) };
};
