import * as fs from 'node:fs';
import * as path from 'node:path';

export const ROOT = path.join(__dirname, '..', '..');

/** A piece of code out of the documentation. */
export interface Snippet {
  /** Where it begins, `file:line`. */
  readonly origin: string;
  readonly language: string;
  readonly code: string;
}

/** Files below a folder whose name ends so. */
export function filesBelow(folder: string, ending: string): string[] {
  const absolute = path.join(ROOT, folder);
  if (!fs.existsSync(absolute)) {
    return [];
  }
  return fs
    .readdirSync(absolute, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending) && !entry.parentPath.includes('node_modules'))
    .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)))
    .sort();
}

/** The fenced blocks of a Markdown file. */
export function fencedBlocks(file: string): Snippet[] {
  const lines = fs.readFileSync(path.join(ROOT, file), 'utf8').split('\n');
  const snippets: Snippet[] = [];
  for (let i = 0; i < lines.length; i++) {
    const fence = /^( *)```(\w*)/.exec(lines[i]);
    if (!fence) {
      continue;
    }
    const start = i + 1;
    do {
      i += 1;
    } while (i < lines.length && !lines[i].trim().startsWith('```'));
    snippets.push({
      origin: `${file}:${start + 1}`,
      language: fence[2],
      code: lines
        .slice(start, i)
        .map((l) => l.slice(fence[1].length))
        .join('\n'),
    });
  }
  return snippets;
}

/** The `@example` blocks of a source file's doc comments. */
export function examplesIn(file: string): Snippet[] {
  const text = fs.readFileSync(path.join(ROOT, file), 'utf8');
  return [...text.matchAll(/\/\*\*(?:(?!\*\/)[\s\S])*?@example\n((?:(?!\*\/)[\s\S])*?)\*\//g)].map((match) => ({
    origin: `${file}:${text.slice(0, match.index).split('\n').length}`,
    language: 'ts',
    code: match[1]
      .split('\n')
      .map((line) => line.replace(/^\s*\* ?/, ''))
      .filter((line) => !/^@\w+/.test(line))
      .join('\n')
      .trim(),
  }));
}
