import fc from 'fast-check';
import { parseExpression } from '../../../lib/workflow/expression/syntax';
import { CONTEXTS, FUNCTIONS } from '../../../lib/workflow/expression/contexts';
import { operand, parseTemplate } from '../../../lib/workflow/expression/template';
import { evaluated, official } from '../official';

const functions = Object.entries(FUNCTIONS)
  .filter(([name]) => /^(always|success|failure|cancelled|hashFiles)$/.test(name))
  .map(([name, [minArgs, maxArgs]]) => ({ name, description: '', minArgs, maxArgs, call: () => undefined }));

/** Whether GitHub's parser takes an expression. */
function officialTakes(text: string): boolean {
  try {
    new official.Parser(new official.Lexer(text).lex().tokens, [...CONTEXTS], functions).parse();
    return true;
  } catch {
    return false;
  }
}

function weTake(text: string): boolean {
  try {
    parseExpression(text);
    return true;
  } catch {
    return false;
  }
}

const TOKENS = [
  'github',
  'env',
  'needs',
  '.ref',
  '.a-b',
  '.*',
  '[0]',
  "['x']",
  '[',
  ']',
  '(',
  ')',
  ',',
  '!',
  '==',
  '!=',
  '<',
  '>=',
  '&&',
  '||',
  "'a'",
  "'it''s'",
  "''",
  '1',
  '-1.5',
  '0x1F',
  '1e3',
  'true',
  'false',
  'null',
  'NaN',
  'Infinity',
  'contains(',
  'fromJSON(',
  'format(',
  'always()',
  'success()',
  'toJSON(github)',
  'startsWith(github.ref, ',
  ' ',
  '.',
  '-',
  '+',
  '=',
  '&',
  '|',
  '"',
  "'",
  'githb',
  'upper(',
  '1.',
  '.5',
  '0o17',
  '1_0',
];

test("takes what GitHub's parser takes, and nothing else", () => {
  let taken = 0;
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...TOKENS), { minLength: 1, maxLength: 8 }),
      fc.constantFrom('', ' '),
      (tokens, glue) => {
        const text = tokens.join(glue);
        // GitHub takes a signed infinity, which nobody needs and act does not know.
        fc.pre(text.trim() !== '' && !/[-+] ?Infinity/.test(text));
        taken += Number(weTake(text));
        expect([text, weTake(text)]).toEqual([text, officialTakes(text)]);
      },
    ),
    { numRuns: 3000 },
  );
  expect(taken).toBeGreaterThan(200);
});

const expression: fc.Arbitrary<string> = fc.letrec<{ e: string }>((tie) => ({
  e: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(
      'github.ref',
      "github['ref']",
      'needs.a.outputs.b',
      'env.X',
      "'it''s'",
      '1',
      'true',
      'github.event.commits[0].id',
      'github.event.*.id',
      'always()',
    ),
    fc.tuple(tie('e'), fc.constantFrom('==', '!=', '&&', '||', '<'), tie('e')).map(([a, op, b]) => `${a} ${op} ${b}`),
    tie('e').map((e) => `!(${e})`),
    fc.tuple(tie('e'), tie('e')).map(([a, b]) => `contains(${a}, ${b})`),
    tie('e').map((e) => `github[format('{0}', ${e})]`),
  ),
})).e;

test('takes every expression that is one', () => {
  fc.assert(
    fc.property(expression, (text) => {
      expect(officialTakes(text)).toBe(true);
      parseExpression(text);
    }),
    { numRuns: 2000 },
  );
});

test('a text as an operand means the text itself, whatever is in it', () => {
  const plain = fc.string({ unit: fc.constantFrom(...'ab{}\'"$ 1é'), maxLength: 10 });
  fc.assert(
    fc.property(plain, plain, (left, right) => {
      // The evaluator turns only the first doubled quote of a text into one.
      fc.pre(!`${left}${right}`.includes('${{') && (`${left}${right}`.match(/'/g) ?? []).length < 2);
      const value = `${left}\${{ github.x }}${right}`;
      expect(evaluated(operand(left), {})).toBe(left);
      expect(evaluated(operand(value), { github: { x: '-' } })).toBe(`${left}-${right}`);
    }),
    { numRuns: 1000 },
  );
});

test('a text is taken apart without loss', () => {
  const literal = fc.string({ maxLength: 6 }).filter((text) => !text.includes('$') && !text.includes('{'));
  fc.assert(
    fc.property(fc.array(fc.tuple(literal, expression), { maxLength: 4 }), literal, (pairs, last) => {
      const text = pairs.map(([before, e]) => `${before}\${{ ${e} }}`).join('') + last;
      expect(
        parseTemplate(text)
          .map((part) => (typeof part === 'string' ? part : `\${{ ${part.text} }}`))
          .join(''),
      ).toBe(text);
    }),
    { numRuns: 500 },
  );
});
