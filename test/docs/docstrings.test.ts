import * as fs from 'node:fs';
import * as path from 'node:path';
import * as ts from 'typescript';
import { filesBelow, ROOT } from './snippets';

/** Openings that make a first sentence depend on the name beside it; the API reference cuts everything else away. */
const DEPENDENT =
  /^(?:What|Who|Whose|How|Why|Which|Where|When|It|Its|They|Their|This|That|Same|Whether (?!to\b|or not to\b))\b/;

const firstSentence = (description: string) => description.split(/(?<=[.!?])\s/)[0];

/** Why a description cannot stand as the line of a reference, or nothing. */
function fault(description: string): string | undefined {
  const sentence = firstSentence(description);
  if (DEPENDENT.test(sentence)) {
    return 'opens with a word that needs the name beside it';
  }
  if (/[;:]$/.test(sentence.trim())) {
    return 'ends before it is finished';
  }
  return undefined;
}

/** The descriptions of a file's doc comments, with their lines. */
function descriptions(file: string): { line: number; text: string }[] {
  const text = fs.readFileSync(path.join(ROOT, file), 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: { line: number; text: string }[] = [];
  const visit = (node: ts.Node): void => {
    for (const doc of ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc)) {
      const comment = ts.getTextOfJSDocComment(doc.comment)?.replace(/\s+/g, ' ').trim();
      if (comment) {
        found.push({ line: source.getLineAndCharacterOfPosition(doc.getStart()).line + 1, text: comment });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

test('the first sentence of every docstring stands alone', () => {
  const all = filesBelow('lib', '.ts').flatMap((file) => descriptions(file).map((each) => ({ file, ...each })));
  expect(all.length).toBeGreaterThan(2000);
  expect(
    all.flatMap(({ file, line, text }) => {
      const reason = fault(text);
      return reason ? [`${file}:${line}: ${reason}: ${firstSentence(text)}`] : [];
    }),
  ).toEqual([]);
});

test.each([
  ['What the daemon is told.', 'opens'],
  ['Whether a build waits.', 'opens'],
  ['Its name.', 'opens'],
  ['A pipeline; builds one image.', undefined],
  ['A pipeline:', 'ends'],
  ['Whether to wait for a build.', undefined],
  ['Whatever Flux commits stays.', undefined],
])('%p', (text, reason) => {
  expect(fault(text) ?? '').toMatch(reason ?? /^$/);
});
