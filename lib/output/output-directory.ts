import * as fs from 'node:fs';
import * as path from 'node:path';
import { Problems, quoted } from '../support';
import { readIfPresent, writeAtomically } from './write-file';

/**
 * The file that lists this library's own files. The next run uses the list to remove obsolete files and to recognize
 * files of other owners.
 */
const MANIFEST = '.cdk8s-forge.json';

/**
 * A file that the run writes.
 *
 * @jsii ignore
 */
export interface PlannedFile {
  /** The path relative to the output directory, with `/` as separator. */
  readonly path: string;
  /** The complete text of the file. */
  readonly text: string;
  /** Whether to make the file executable. */
  readonly executable?: boolean;
  /** The path of the construct that creates the file. */
  readonly origin: string;
}

/**
 * A report that lists a run's changes to the output directory.
 *
 * @jsii ignore
 */
export interface WriteReport {
  readonly written: string[];
  readonly unchanged: string[];
  readonly removed: string[];
}

/**
 * An output directory that accepts a plan completely or rejects the plan completely. If the plan is accepted, the
 * directory is updated to match the plan.
 *
 * @jsii ignore
 */
export class OutputDirectory {
  /** Returns the conflicts inside a plan: two constructs with the same path, or a path below another file. */
  static collisionsIn(files: readonly PlannedFile[]): Problems {
    const problems = new Problems();
    const claims = new Map<string, PlannedFile>();
    for (const file of files) {
      // Compared without case: on macOS and Windows these would be one file.
      const key = file.path.toLowerCase();
      const first = claims.get(key);
      if (first) {
        problems.add(claimedTwice(first, file));
      }
      claims.set(key, file);
    }
    for (const file of files) {
      const parent = parents(file.path)
        .map((p) => claims.get(p.toLowerCase()))
        .find((p) => p !== undefined);
      if (parent) {
        problems.add(claimedTwice(parent, file));
      }
    }
    return problems;
  }

  constructor(private readonly root: string) {}

  /** Returns the files that the plan would overwrite although this library did not write them. */
  foreignFilesIn(files: readonly PlannedFile[]): Problems {
    const problems = new Problems();
    this.foreign(files).forEach((file) =>
      problems.add({
        code: 'FORGE-OUT-003',
        message: `${quoted(file.path)} exists in ${quoted(path.basename(this.root))} with other content, and this library did not write it`,
        fix: 'move it elsewhere or delete it; the library never overwrites or removes what it did not write',
        path: file.origin,
      }),
    );
    return problems;
  }

  /** Updates the directory to match the plan. This method overwrites files, so check the plan first. */
  write(files: readonly PlannedFile[]): WriteReport {
    const before = this.owned();
    const wanted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
    const paths = new Set(wanted.map((file) => file.path));
    const known = new Set(before);
    const obsolete = before.filter((file) => !paths.has(file));
    const report = { written: [] as string[], unchanged: [] as string[], removed: [] as string[] };
    const isNew = wanted.some((file) => !known.has(file.path));
    // Claimed before they are written: a run that is killed on the way still knows its own files the next time.
    if (isNew) {
      this.claim([...new Set([...before, ...paths])]);
    }
    const present = new Present(this.root);
    for (const file of wanted) {
      (this.writeOne(file, present) ? report.written : report.unchanged).push(file.path);
    }
    for (const file of obsolete) {
      if (this.remove(file)) {
        report.removed.push(file);
      }
    }
    if (isNew || obsolete.length > 0) {
      this.claim([...paths]);
    }
    return report;
  }

  private writeOne(file: PlannedFile, present: Present): boolean {
    const target = path.join(this.root, file.path);
    const mode = file.executable ? 0o755 : 0o644;
    const there = present.has(file.path);
    if (there && readIfPresent(target) === file.text && (fs.statSync(target).mode & 0o100) === (mode & 0o100)) {
      return false;
    }
    present.makeFolderOf(file.path);
    fs.writeFileSync(target, file.text, { mode });
    if (there) {
      fs.chmodSync(target, mode);
    }
    return true;
  }

  private remove(file: string): boolean {
    const target = path.join(this.root, file);
    const existed = fs.existsSync(target);
    fs.rmSync(target, { force: true });
    for (
      let folder = path.dirname(target);
      folder !== this.root && folder.startsWith(this.root);
      folder = path.dirname(folder)
    ) {
      if (!fs.existsSync(folder)) {
        continue;
      }
      if (fs.readdirSync(folder).length > 0) {
        break;
      }
      fs.rmdirSync(folder);
    }
    return existed;
  }

  private foreign(files: readonly PlannedFile[]): PlannedFile[] {
    const ours = new Set(this.owned());
    const there = new Present(this.root);
    return files.filter((file) => {
      if (ours.has(file.path) || !there.has(file.path)) {
        return false;
      }
      const present = readIfPresent(path.join(this.root, file.path));
      return present !== undefined && present !== file.text;
    });
  }

  private owned(): string[] {
    const text = readIfPresent(path.join(this.root, MANIFEST));
    if (text === undefined) {
      return [];
    }
    try {
      const files: unknown = JSON.parse(text).files;
      // Read like any foreign input: a line that points outside the directory must never lead to a removal there.
      return Array.isArray(files) ? files.filter((f): f is string => typeof f === 'string' && isInside(f)) : [];
    } catch {
      return [];
    }
  }

  private claim(files: string[]): void {
    const text =
      JSON.stringify(
        { comment: 'Written by cdk8s-forge: the files in this folder that it owns.', files: [...files].sort() },
        undefined,
        2,
      ) + '\n';
    const file = path.join(this.root, MANIFEST);
    if (readIfPresent(file) !== text) {
      writeAtomically(file, text);
    }
  }
}

/**
 * A listing that contains the content of the directory. A single listing is used, because checking each file costs as
 * much as writing the file.
 */
class Present {
  private readonly entries: Set<string>;

  constructor(private readonly root: string) {
    this.entries = new Set(
      fs.existsSync(root)
        ? fs.readdirSync(root, { recursive: true, encoding: 'utf8' }).map((e) => e.split(path.sep).join('/'))
        : [],
    );
  }

  has(file: string): boolean {
    return this.entries.has(file);
  }

  makeFolderOf(file: string): void {
    const folder = path.posix.dirname(file);
    if (this.entries.has(folder)) {
      return;
    }
    fs.mkdirSync(path.join(this.root, folder), { recursive: true });
    this.entries.add(folder);
  }
}

function isInside(file: string): boolean {
  return (
    !path.isAbsolute(file) &&
    file.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && !part.includes('\\'))
  );
}

function parents(file: string): string[] {
  const parts = file.split('/');
  return parts.slice(0, -1).map((_, i) => parts.slice(0, i + 1).join('/'));
}

function claimedTwice(first: PlannedFile, second: PlannedFile) {
  const same = first.path === second.path;
  return {
    code: 'FORGE-OUT-002',
    message: same
      ? `${quoted(second.path)} is claimed by ${quoted(first.origin)} and by ${quoted(second.origin)}`
      : `${quoted(second.path)} of ${quoted(second.origin)} collides with ${quoted(first.path)} of ${quoted(first.origin)}`,
    fix: 'give one of the two another id or path',
    path: second.origin,
  };
}
