import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { codeSpan, quoted, shellWord } from '../../lib/support';
import { seedOf } from './seed';

test('a word of the shell arrives as it is, whatever is in it', () => {
  const texts = fc.sample(
    fc.oneof(
      fc.string({ unit: 'grapheme-ascii', minLength: 1 }),
      fc.constantFrom("it's", '$(id)', '`id`', 'a b', '?x=1&y=2', '\\', '!'),
    ),
    { numRuns: 300, seed: seedOf(1) },
  );
  const run = spawnSync('bash', ['-c', `printf '%s\\0' ${texts.map(shellWord).join(' ')}`], { encoding: 'utf8' });
  expect(run.stdout.split('\0').slice(0, -1)).toEqual(texts);
});

test('a word that needs no quotes has none', () => {
  expect(shellWord('https://git.example.com:3000/api/v1/orgs/home-lab')).toBe(
    'https://git.example.com:3000/api/v1/orgs/home-lab',
  );
});

test('code in Markdown cannot be left from inside', () => {
  expect(codeSpan('ubuntu-latest')).toBe('`ubuntu-latest`');
  fc.assert(
    fc.property(fc.stringMatching(/^[`a \n|]{1,12}$/), (text) => {
      const [, fence, inside] = /^(`+) ?(.*?) ?\1$/s.exec(codeSpan(text))!;
      expect(inside).not.toContain('\n');
      expect((inside.match(/`+/g) ?? []).map((runOf) => runOf.length)).not.toContain(fence.length);
    }),
  );
});

test('a quoted text shows no credentials of a URL, and nothing else is left out', () => {
  const word = fc.stringMatching(/^[A-Za-z0-9._~!$&'()*+,;=:@-]{1,20}$/);
  fc.assert(
    fc.property(word, fc.constantFrom('https', 'http', 'HTTPS'), (user, scheme) => {
      const text = quoted(`see ${scheme}://${user}@git.example.com/a/b, or not`);
      expect(text).toBe(`"see ${scheme}://…@git.example.com/a/b, or not"`);
    }),
  );
  expect(quoted({ url: 'ssh://ci:p@ss@git.example.com/a' })).toBe('{"url":"ssh://ci:…@git.example.com/a"}');
  const plain = [
    'ssh://git@git.example.com/a',
    'https://git.example.com/@a/b',
    'a@b',
    'https://a.example.com?x=a@b',
    'docker.io/a@sha256:b',
  ];
  expect(plain.map(quoted)).toEqual(plain.map((text) => JSON.stringify(text)));
});
