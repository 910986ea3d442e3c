import { ForgeError } from '../../support';

/**
 * A part of a parsed regular expression, reduced to the characters of image tags.
 *
 * @jsii ignore
 */
export type PatternNode =
  | { readonly kind: 'set'; readonly chars: string }
  | { readonly kind: 'assert'; readonly at: 'start' | 'end' | 'word' | 'notWord' }
  | { readonly kind: 'group'; readonly index?: number; readonly body: PatternNode }
  | {
      readonly kind: 'repeat';
      readonly body: PatternNode;
      readonly min: number;
      readonly max: number;
      readonly lazy: boolean;
    }
  | { readonly kind: 'sequence'; readonly items: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly items: readonly PatternNode[] };

/** The characters that a tag can contain. */
export const TAG_CHARACTERS = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-'];

/** Returns a node that matches exactly a text. */
export function literal(text: string, ignoresCase = false): PatternNode {
  return {
    kind: 'sequence',
    items: [...text].map((char) => ({
      kind: 'set',
      chars: charactersIn(charSource(char.codePointAt(0)!), ignoresCase),
    })),
  };
}

/** Returns the source of a JavaScript character class member for a code point. */
export function charSource(point: number): string {
  return `\\u{${point.toString(16)}}`;
}

/** Returns the tag characters that a JavaScript character class contains. */
export function charactersIn(members: string, ignoresCase: boolean, negated = false): string {
  const expression = new RegExp(`^[${negated ? '^' : ''}${members}]$`, ignoresCase ? 'ui' : 'u');
  return TAG_CHARACTERS.filter((char) => expression.test(char)).join('');
}

/** A mistake in a regular expression, in the words of Go's parser. */
export class PatternMistake extends Error {}

/** Returns the error for a regular expression that Flux does not accept. */
export function badPattern(pattern: string, mistake: string): ForgeError {
  return ForgeError.of({
    code: 'FORGE-FLUX-007',
    message: `pattern ${JSON.stringify(pattern)} is not a regular expression that Flux accepts: ${mistake}`,
    allowed: "a regular expression in Go's syntax (RE2): no look-ahead or look-behind, no back-references",
    fix: 'set pattern to an anchored expression in that syntax, for example ^main-(?P<n>[0-9]+)$',
    symptom: 'ImagePolicy: Stalled, InvalidPolicy, error parsing regexp',
  });
}
