import * as fs from 'node:fs';
import * as path from 'node:path';

/** The text of a script that lies beside this file. Scripts are files of their own so that tests can run them. */
export function scriptText(name: string): string {
  return fs.readFileSync(path.join(__dirname, 'scripts', name), 'utf8');
}
