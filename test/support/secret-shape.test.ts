import { hasTokenShapedWord, isTokenShaped } from '../../lib/support';

/** A text of each format that a word of a script can have. */
const TOKENS = [
  ...['ghp', 'gho', 'ghu', 'ghs', 'ghr'].map((kind) => `${kind}_${'a1'.repeat(12)}`),
  `github_pat_${'a1'.repeat(12)}`,
  `glpat-${'a1'.repeat(12)}`,
  ...['AKIA', 'ASIA'].map((kind) => `${kind}${'A1'.repeat(8)}`),
  ...['a', 'b', 'r', 's', 'p'].map((kind) => `xox${kind}-1`),
  ...['npm', 'dckr_pat', 'dckr_oat', 'hf', 'pypi', 'sk_live', 'rk_live', 'sk-ant', 'sk-proj'].flatMap((kind) =>
    ['_', '-'].map((joint) => `${kind}${joint}${'a1'.repeat(8)}`),
  ),
  `eyJ${'a'.repeat(8)}.${'b'.repeat(8)}.`,
  'AGE-SECRET-KEY-1',
];

test.each(TOKENS)('A word of a script is found if it has the format of a token: %s', (token) => {
  expect(isTokenShaped(token)).toBe(true);
  for (const script of [token, `curl -H "X: ${token}"`, `TOKEN=${token}\nrun`, `https://user:${token}@host/`]) {
    expect(hasTokenShapedWord(script)).toBe(true);
  }
});

test('A word that only begins like a token is none, and neither is a part of a longer word', () => {
  expect(hasTokenShapedWord(`echo ghp_short npm_config eyJ-a`)).toBe(false);
  expect(hasTokenShapedWord(`echo a${TOKENS[0]}`)).toBe(false);
});
