import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { command, Command, shellWord } from '../../lib/support';

/** The words that bash makes of a command. */
function wordsOf({ text }: Command): string[] {
  const run = spawnSync('bash', ['--norc', '-c', `printf '%s\\0' ${text}`], { encoding: 'utf8' });
  expect(run.stderr).toBe('');
  return run.stdout.split('\0').slice(0, -1);
}

const anyText = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => !text.includes('\0'));
const nasty = fc.constantFrom(
  "'",
  '"',
  '`',
  '$(id)',
  '\\',
  '\n',
  ' ',
  '*',
  '~',
  '#',
  '!',
  ';',
  '&&',
  '${IFS}',
  '=',
  '-n',
);
const values = fc.array(fc.oneof(anyText, nasty), { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''));

test('a value is one word, whatever it contains', () => {
  fc.assert(
    fc.property(values, values, (a, b) => {
      expect(wordsOf(command`get ${a} key=${b} last`)).toEqual(['get', a, `key=${b}`, 'last']);
    }),
    { numRuns: 100 },
  );
});

test('a list is several words, and a command stays code', () => {
  const exec = command`exec ${'a b'} --`;
  expect(wordsOf(command`${exec} ${['x y', 'z']} end`)).toEqual(['exec', 'a b', '--', 'x y', 'z', 'end']);
  expect(command`a${[]}b ${7}`.text).toBe('ab 7');
});

test('a harmless word stays as it is', () => {
  expect(shellWord('https://git.example.com:3000/a_b')).toBe('https://git.example.com:3000/a_b');
  expect(shellWord('')).toBe("''");
});

test('a value inside quotes is a mistake of the library', () => {
  expect(() => command`sh -c 'echo ${'a'}'`).toThrow('inside the quotes');
  expect(() => command`echo "${'a'}"`).toThrow('inside the quotes');
  expect(command`echo "it's" \\" ${'a'}`.text).toBe('echo "it\'s" \\" a');
});

test('is its text in JSON', () => {
  expect(JSON.stringify([Command.ofText('a b')])).toBe('["a b"]');
});
