import * as fs from 'node:fs';
import * as path from 'node:path';
import { perText } from './per-text';

/**
 * Returns the text of a script in the `scripts/` directory next to the caller. Scripts are separate files so that tests
 * can run Bash on them.
 *
 * @param folder the caller's `__dirname`
 * @param name the script's file name
 *
 * @jsii ignore
 */
export function scriptText(folder: string, name: string): string {
  return textOf(path.join(folder, 'scripts', name));
}

const textOf = perText((file) => fs.readFileSync(file, 'utf8'));
