import { badPattern, PatternMistake, PatternNode } from './node';
import { PatternReader } from './reader';

/**
 * A regular expression that is parsed according to Go's rules.
 *
 * @jsii ignore
 */
export interface Re2 {
  /** The names of the groups, in order. An unnamed group has the name ''. */
  readonly groups: string[];
  /** The parsed expression. */
  readonly root: PatternNode;
}

/**
 * Parses a regular expression in the syntax of Go's `regexp`, which Flux uses. JavaScript supports a different syntax:
 * look-around and back-references, which Go does not support. JavaScript does not support `(?P<name>…)`. Measured
 * cases: test/flux/image/fixtures/re2.json.
 *
 * @throws FORGE-FLUX-007 for what Go would refuse
 * @jsii ignore
 */
export function parseRe2(pattern: string): Re2 {
  const found = tryParseRe2(pattern);
  if (typeof found !== 'string') {
    return found;
  }
  throw badPattern(pattern, found);
}

/**
 * Parses a regular expression and returns the problem as text if the expression is invalid.
 *
 * @jsii ignore
 */
export function tryParseRe2(pattern: string): Re2 | string {
  try {
    const reader = new PatternReader(pattern);
    return { root: reader.read(), groups: reader.groups };
  } catch (e) {
    if (e instanceof PatternMistake) {
      return e.message;
    }
    throw e;
  }
}

/**
 * Returns the JavaScript regular expression that matches the same tags. Both search leftmost and prefer the same
 * alternatives.
 *
 * @jsii ignore
 */
export function toJavaScript({ root }: Re2): RegExp {
  return new RegExp(source(root));
}

function source(node: PatternNode): string {
  switch (node.kind) {
    case 'set':
      return node.chars === '' ? '[]' : `[${node.chars.replace('-', '\\-')}]`;
    case 'assert':
      return { start: '^', end: '$', word: '\\b', notWord: '\\B' }[node.at];
    case 'group':
      return `(${node.index === undefined ? '?:' : ''}${source(node.body)})`;
    case 'repeat':
      return `(?:${source(node.body)}){${node.min},${node.max === Infinity ? '' : node.max}}${node.lazy ? '?' : ''}`;
    case 'sequence':
      return node.items.map(source).join('');
    case 'choice':
      return `(?:${node.items.map(source).join('|')})`;
  }
}
