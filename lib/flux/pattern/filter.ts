import { ForgeError, quoted } from '../../support';
import { Language } from './language';
import { literal, PatternNode } from './node';
import { parseRe2, Re2, toJavaScript } from './re2';

/** A part of a template: a text, or the index of a group. */
type TemplatePart = { readonly text: string } | { readonly name: string; readonly index: number };

/**
 * A filter that selects tags by a regular expression and extracts the part of each tag by which Flux sorts.
 */
export class TagFilter {
  /** Filters by their texts. A filter never changes, and pipelines of one branch have the same one. */
  private static readonly made = new Map<string, TagFilter>();

  /**
   * Returns the filter for an expression and a template.
   *
   * @param pattern a regular expression in Go's syntax
   * @param extract a template in the syntax of Go's `Expand`; by default the only named group, otherwise the whole tag
   * @throws FORGE-FLUX-007 for the expression, FORGE-FLUX-008 for the template
   */
  static of(pattern: string, extract?: string): TagFilter {
    const key = JSON.stringify([pattern, extract]);
    const filter = TagFilter.made.get(key) ?? new TagFilter(pattern, extract);
    TagFilter.made.set(key, filter);
    return filter;
  }

  /** The tags that the expression selects. */
  readonly tags: Language;

  /** The texts that the filter extracts. */
  readonly keys: Language;

  /** The template in the form that is emitted, or an empty string for the whole tag. */
  readonly extract: string;

  private readonly expression: RegExp;
  private readonly parts: readonly TemplatePart[];

  private constructor(
    readonly pattern: string,
    extract?: string,
  ) {
    const re2 = parseRe2(pattern);
    this.expression = toJavaScript(re2);
    const named = re2.groups.filter((name) => name !== '');
    const template = extract ?? (named.length === 1 ? `$${named[0]}` : '');
    this.parts = templateOf(pattern, template, re2);
    this.extract = this.parts.map((part) => ('text' in part ? part.text : `$${part.name}`)).join('');
    this.tags = Language.found(re2.root);
    this.keys =
      this.parts.length === 0
        ? this.tags
        : Language.whole({ kind: 'sequence', items: this.parts.map((part) => languageOf(part, re2)) });
  }

  /** Returns the part of a tag by which Flux sorts, or undefined if the filter does not select the tag. */
  keyOf(tag: string): string | undefined {
    const match = this.expression.exec(tag);
    if (match === null || this.parts.length === 0) {
      return match === null ? undefined : tag;
    }
    return this.parts.map((part) => ('text' in part ? part.text : (match[part.index + 1] ?? ''))).join('');
  }

  /** Returns the corresponding part of an ImagePolicy's spec. */
  render(): { pattern: string; extract?: string } {
    return this.extract === '' ? { pattern: this.pattern } : { pattern: this.pattern, extract: this.extract };
  }
}

/**
 * Reads a template as Go's `Expand` reads it: a name without braces is as long as possible. The emitted form has no braces,
 * because Flux's variable substitution would replace `${name}`; so they may not be needed.
 */
function templateOf(pattern: string, extract: string, { groups }: Re2): TemplatePart[] {
  const parts: TemplatePart[] = [];
  for (let rest = extract; rest !== '';) {
    const match = /^(?:\$([A-Za-z0-9_]+)|\$\{([A-Za-z0-9_]+)\}(?![A-Za-z0-9_])|[^$]+)/.exec(rest);
    if (!match) {
      throw noGroup(pattern, extract);
    }
    const name = match[1] ?? match[2];
    const index = name === undefined ? -1 : /^[0-9]+$/.test(name) ? Number(name) - 1 : groups.indexOf(name);
    if (name !== undefined && (index < 0 || index >= groups.length)) {
      throw noGroup(pattern, extract);
    }
    parts.push(name === undefined ? { text: match[0] } : { name, index });
    rest = rest.slice(match[0].length);
  }
  if (parts.length > 0 && !parts.some((part) => 'name' in part)) {
    throw noGroup(pattern, extract);
  }
  return parts;
}

function languageOf(part: TemplatePart, { root }: Re2): PatternNode {
  if ('text' in part) {
    return literal(part.text);
  }
  const { body, mayMiss } = groupIn(root, part.index)!;
  return mayMiss ? { kind: 'repeat', body, min: 0, max: 1, lazy: false } : body;
}

/** Returns the body of a group, and whether an expression can match without the group. */
function groupIn(node: PatternNode, index: number): { body: PatternNode; mayMiss: boolean } | undefined {
  switch (node.kind) {
    case 'group':
      return node.index === index ? { body: node.body, mayMiss: false } : groupIn(node.body, index);
    case 'repeat': {
      const found = groupIn(node.body, index);
      return found && { body: found.body, mayMiss: found.mayMiss || node.min === 0 };
    }
    case 'sequence':
    case 'choice': {
      const found = node.items.map((item) => groupIn(item, index)).find((item) => item !== undefined);
      return found && { body: found.body, mayMiss: found.mayMiss || node.kind === 'choice' };
    }
    default:
      return undefined;
  }
}

/** Returns the error for a template that names no group of its expression. */
export function noGroup(pattern: string, extract: string): ForgeError {
  return ForgeError.of({
    code: 'FORGE-FLUX-008',
    message: `extract ${quoted(extract)} names a group that pattern ${quoted(pattern)} does not have, or no group`,
    allowed:
      'a text with `$name` or `${name}` of a group `(?P<name>…)`, or `$1`, `$2` …; after braces no letter, digit or "_"',
    fix: 'name the group that contains the sort key, for example pattern ^main-(?P<n>[0-9]+)$ with extract $n',
    symptom: 'version list argument cannot be empty: a group that does not exist leaves an empty text of every tag',
  });
}
