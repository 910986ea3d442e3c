import * as fs from 'node:fs';
import * as path from 'node:path';
import { quoted } from '../support';

/**
 * Returns the text of a file for another repository. A plan that somebody changed names no file outside of the files to deliver,
 * neither by its path nor by a link.
 */
export function plannedText(outdir: string, name: string, file: string): string {
  const parts = [...name.split('/'), ...file.split(/[/\\]/)];
  if (parts.some((part) => ['', '.', '..'].includes(part))) {
    throw new Error(`${quoted(file)} is not a path in the repository ${quoted(name)}: synthesize again`);
  }
  const folder = path.join(outdir, 'repositories');
  const found = fs.realpathSync(path.join(folder, name, file));
  if (!found.startsWith(`${fs.realpathSync(folder)}${path.sep}`)) {
    throw new Error(`${quoted(file)} is outside of the files to deliver: synthesize again`);
  }
  return fs.readFileSync(found, 'utf8');
}
