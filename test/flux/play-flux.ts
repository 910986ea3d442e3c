import * as fs from 'node:fs';
import * as path from 'node:path';
import { readTree } from '../support/workspace';

/** What a policy chose. */
export interface Chosen {
  readonly name: string;
  readonly tag: string;
  readonly digest?: string;
}

const MARKED = /^(.*?)("[^"]*"|'[^']*'|[^\s"'#]+) # \{"\$imagepolicy": "([^"]+)"\}$/gm;

/**
 * Plays one run of Flux's automation on a folder, on the level of text: puts the values that policies chose behind their markers.
 * (The real setter does it in conformance/setters.) Returns the files that it changed.
 */
export function playFlux(folder: string, chosen: Record<string, Chosen>): string[] {
  const changed: string[] = [];
  for (const [file, text] of Object.entries(readTree(folder))) {
    if (!/\.ya?ml$/.test(file)) {
      continue;
    }
    const after = updated(text, chosen);
    if (after === text) {
      continue;
    }
    fs.writeFileSync(path.join(folder, file), after);
    changed.push(file);
  }
  return changed;
}

/** Returns the text of a file after one run of Flux's automation. */
export function updated(text: string, chosen: Record<string, Chosen>): string {
  return text.replace(MARKED, (line, before: string, scalar: string, setter: string) => {
    const [namespace, name, part] = setter.split(':');
    const image = chosen[`${namespace}:${name}`];
    if (!image) {
      return line;
    }
    const quote = /^["']/.exec(scalar)?.[0] ?? '';
    return `${before}${quote}${valueOf(image, part)}${quote} # {"$imagepolicy": "${setter}"}`;
  });
}

function valueOf({ name, tag, digest }: Chosen, part: string | undefined): string {
  switch (part) {
    case 'tag':
      return tag;
    case 'name':
      return name;
    case 'digest':
      return digest ?? '';
    default:
      return `${name}:${tag}${digest ? `@${digest}` : ''}`;
  }
}
