import * as fs from 'node:fs';
import * as path from 'node:path';

/**
 * Replaces a file atomically. Even if the process is interrupted, every reader finds the complete old text or the
 * complete new text, never a part.
 *
 * @jsii ignore
 */
export function writeAtomically(file: string, text: string, mode?: number): void {
  const folder = path.dirname(file);
  fs.mkdirSync(folder, { recursive: true });
  // One fixed name beside the target: a rename is atomic only within a file system, and a leftover of a killed run is overwritten.
  const temporary = path.join(folder, `.${path.basename(file)}.tmp`);
  const handle = fs.openSync(temporary, 'w', mode ?? 0o644);
  try {
    fs.writeFileSync(handle, text);
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
  fs.renameSync(temporary, file);
  syncFolder(folder);
}

/** Makes a rename durable. Some platforms do not allow opening a directory. */
function syncFolder(folder: string): void {
  let handle: number;
  try {
    handle = fs.openSync(folder, 'r');
  } catch {
    return;
  }
  try {
    fs.fsyncSync(handle);
  } catch {
    // Windows and some network file systems refuse; the rename itself stands.
  } finally {
    fs.closeSync(handle);
  }
}

/**
 * Returns the text of a file, or undefined if the file does not exist.
 *
 * @jsii ignore
 */
export function readIfPresent(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code === 'ENOENT') {
      return undefined;
    }
    throw e;
  }
}
