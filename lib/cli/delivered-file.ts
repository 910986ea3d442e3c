import { createHash } from 'node:crypto';

/** The last line of a delivered file: who delivered it, and the hash of the text before the line. */
const STAMP = /^# Delivered by cdk8s-forge from (\S+), sha256 ([0-9a-f]{64})\n$/;

/** Returns the text that each file from a source contains. */
export function stampOf(source: string): string {
  return `# Delivered by cdk8s-forge from ${source}, sha256 `;
}

/** The state of a file in the repository of an application. */
export enum FileState {
  /** There is no such file. */
  MISSING = 'missing',
  /** The file has the text that is delivered. */
  SAME = 'same',
  /** The file has an older text that was delivered, unchanged since. */
  OUTDATED = 'outdated',
  /** Somebody changed the file, or it was not delivered by this command. */
  EDITED = 'edited',
}

/** Returns a text with the line that lets a later delivery see whether somebody changed the text. */
export function stamped(text: string, source: string): string {
  const body = text.endsWith('\n') ? text : `${text}\n`;
  return `${body}${stampOf(source)}${hashOf(body)}\n`;
}

/** Returns whether a text was delivered from a source, and nobody changed it since. */
export function isDelivered(text: string, source: string): boolean {
  const [body, stamp] = parts(text);
  const [, from, hash] = STAMP.exec(stamp) ?? [];
  return from === source && hash === hashOf(body);
}

/** Returns the state of a file. A file without a stamp that has the text, copied by hand, is the same too. */
export function stateOf(present: string | undefined, text: string, source: string): FileState {
  if (present === undefined) {
    return FileState.MISSING;
  }
  if (present === stamped(text, source) || present === text) {
    return FileState.SAME;
  }
  return isDelivered(present, source) ? FileState.OUTDATED : FileState.EDITED;
}

function parts(text: string): [string, string] {
  const start = text.lastIndexOf('\n', text.length - 2) + 1;
  return [text.slice(0, start), text.slice(start)];
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
