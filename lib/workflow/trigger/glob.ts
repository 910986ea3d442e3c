import { ForgeError, hasControlCharacter, quoted } from '../../support';

/**
 * Checks a filter pattern for branches, tags or paths.
 *
 * @throws FORGE-WF-025
 * @jsii ignore
 */
export function checkGlob(pattern: string, kind: 'ref' | 'path'): void {
  const why = problemOf(pattern) ?? (kind === 'ref' ? refProblemOf(pattern) : pathProblemOf(pattern));
  if (why === undefined) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-WF-025',
    message: `${quoted(pattern)} is no ${kind === 'ref' ? 'branch or tag' : 'path'} pattern: ${why}`,
    allowed:
      kind === 'ref'
        ? 'a short name such as main or v*, with *, **, ?, +, [a-z] and a leading !'
        : 'a path from the root of the repository such as docs/**, with *, **, ?, +, [a-z] and a leading !',
    fix:
      kind === 'ref'
        ? 'write the short name, without refs/heads/ or refs/tags/'
        : 'write it from the root of the repository, without ./ in front',
  });
}

function problemOf(pattern: string): string | undefined {
  if (pattern === '' || pattern === '!') {
    return 'it is empty';
  }
  if (hasControlCharacter(pattern)) {
    return 'it holds a control character';
  }
  if (pattern.includes('${{')) {
    return 'a filter takes no expression';
  }
  return bracketProblemOf(pattern);
}

function bracketProblemOf(pattern: string): string | undefined {
  const plain = pattern.replace(/\\./g, '');
  const sets = plain.match(/\[[^\]]*\]?/g) ?? [];
  for (const set of sets) {
    if (!set.endsWith(']')) {
      return 'a "[" is not closed';
    }
    if (set === '[]') {
      return 'a "[]" is empty';
    }
    const backwards = [...set.matchAll(/([^[\]-])-([^[\]-])/g)].find(([, first, last]) => first > last);
    if (backwards) {
      return `the range ${backwards[0]} runs backwards`;
    }
  }
  return /^!?[+?]/.test(plain) ? 'a "+" or "?" has nothing before it' : undefined;
}

function refProblemOf(pattern: string): string | undefined {
  if (/^!?refs\//.test(pattern)) {
    return 'the forge compares the short name';
  }
  if (/[\s~^:]/.test(pattern)) {
    return 'no Git ref has such a character';
  }
  if (/\/\/|^!?\/|\/$|\.\.|\.lock$/.test(pattern)) {
    return 'no Git ref is written so';
  }
  return undefined;
}

function pathProblemOf(pattern: string): string | undefined {
  if (/^!?\.{1,2}\//.test(pattern)) {
    return 'nothing matches "./" or "../"';
  }
  if (/^!?\//.test(pattern)) {
    return 'paths do not begin with "/"';
  }
  if (/^\s|\s$/.test(pattern)) {
    return 'it has a space at its end';
  }
  return undefined;
}
