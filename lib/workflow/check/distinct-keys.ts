import { Dialect } from '../../forge';
import { Problems, quoted } from '../../support';
import { Annotated } from '../annotated';

/** The key of a map of environment variables: a runner on Linux distinguishes `A` and `a`. */
const VARIABLES = 'env';

/**
 * Adds a problem for keys of one map that differ only in case. GitHub refuses the file. On other forges, expressions and the
 * variables of inputs ignore case, so that one of the two values hides the other.
 *
 * @jsii ignore
 */
export function checkDistinctKeys(content: unknown, dialect: Dialect, problems: Problems): void {
  visit(content, [], (keys, first, second) => {
    if (dialect.facts.keysIgnoreCase || keys[keys.length - 1] !== VARIABLES) {
      problems.add({
        code: 'FORGE-WF-021',
        message: `${keys.length === 0 ? 'the file' : `\`${keys.join('.')}\``} has ${quoted(first)} and ${quoted(second)}, which are the same to ${dialect.name}`,
        allowed: 'names that differ in more than upper and lower case',
        fix: 'name one of them otherwise',
        symptom: dialect.facts.keysIgnoreCase
          ? `'${second}' is already defined`
          : 'no error: one value hides the other',
      });
    }
  });
}

function visit(value: unknown, keys: string[], found: (keys: string[], first: string, second: string) => void): void {
  const data = value instanceof Annotated ? value.value : value;
  if (Array.isArray(data)) {
    data.forEach((item) => visit(item, keys, found));
    return;
  }
  if (typeof data !== 'object' || data === null) {
    return;
  }
  const known = new Map<string, string>();
  for (const [key, child] of Object.entries(data)) {
    if (child !== undefined) {
      const first = known.get(key.toUpperCase());
      if (first !== undefined) {
        found(keys, first, key);
      }
      known.set(key.toUpperCase(), first ?? key);
      visit(child, [...keys, key], found);
    }
  }
}
