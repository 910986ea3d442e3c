import * as fs from 'node:fs';
import * as path from 'node:path';

/**
 * The text of a script that lies in `scripts/` beside the caller. Scripts are files of their own so that tests can let bash loose on them.
 *
 * @param folder the caller's `__dirname`
 * @param name the script's file name
 *
 * @jsii ignore
 */
export function scriptText(folder: string, name: string): string {
  return fs.readFileSync(path.join(folder, 'scripts', name), 'utf8');
}
