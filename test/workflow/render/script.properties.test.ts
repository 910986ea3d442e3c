import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { parse } from 'yaml';
import { Step } from '../../../lib/workflow';
import { codesOf } from '../../support/problems';
import { rendered } from '../render';

/** The script as the runner gets it: every reader of the file must agree. */
function emitted(script: string): string {
  const text = rendered({ steps: [Step.run({ name: 'Run', script })] });
  const [modern, old] = ['1.2', '1.1'].map(
    (version) => parse(text, { version: version as '1.2' | '1.1' }).jobs.build.steps[0].run as string,
  );
  expect(old).toBe(modern);
  return modern;
}

const character = fc.constantFrom('a', 'b', ' ', ' ', '\t', '\\', '$', '"', "'", '#', ':', '-', '{', '|', '>', 'é');
const line = fc.array(character, { maxLength: 8 }).map((all) => all.join(''));
const lines = fc.array(line, { minLength: 1, maxLength: 6 });
const heredoc = (body: string[]) => `cat <<'END'\n${body.join('\n')}\nEND\nprintf '%s' done\n`;

test('a script arrives byte for byte, blanks at the end of its lines included', () => {
  fc.assert(fc.property(lines, (body) => expect(emitted(heredoc(body))).toBe(heredoc(body))));
});

test('bash prints the same for what was written and for what was emitted', () => {
  fc.assert(
    fc.property(lines, (body) => {
      const [written, read] = [heredoc(body), emitted(heredoc(body))].map((input) =>
        spawnSync('bash', ['-e', '-s'], { input }).stdout.toString('hex'),
      );
      expect(read).toBe(written);
    }),
    { numRuns: 20 },
  );
});

test.each([
  ['a blank after a backslash', 'IFS=\\ \nread -ra words <<< "a b"\necho "${#words[@]}"\n', '2\n'],
  ['a tab at the end', "x='a\t\n'\nprintf '%s' \"$x\"\n", 'a\t\n'],
  ['a blank on the last line', "printf '%s' \\ ", ' '],
  ['a blank line inside', "cat <<'END'\na\n  \nb\nEND\n", 'a\n  \nb\n'],
])('keeps %s', (_, script, output) => {
  expect(spawnSync('bash', ['-e', '-s'], { input: emitted(script) }).stdout.toString()).toBe(output);
});

test.each([
  ['\n    make\n      all\n  ', 'make\n  all\n'],
  ['make\r\nall\r\n', 'make\nall\n'],
  ['\tif true\n\t\tmake \n', 'if true\n\tmake \n'],
])('removes the indentation of the program from %j', (written, expected) => {
  expect(emitted(written)).toBe(expected);
});

test('refuses a script of blanks only', () => {
  expect(codesOf(() => Step.run({ name: 'a', script: ' \n\t\n' }))).toEqual(['FORGE-WF-022']);
  expect(emitted(':')).toBe(':\n');
});
