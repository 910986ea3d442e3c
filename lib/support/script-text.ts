import * as fs from 'node:fs';
import * as path from 'node:path';

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
  return fs.readFileSync(path.join(folder, 'scripts', name), 'utf8');
}
