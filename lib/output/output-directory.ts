import * as fs from 'node:fs';
import * as path from 'node:path';
import { checkConstruction, ForgeError, Problems, quoted } from '../support';
import { changeMode, readIfPresent, reportingErrors, writeAtomically } from './write-file';
import { obstacleAt } from './obstacle';
import { foldingOf, Present } from './present';

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
 * The sections of the plan file, apart from the list of files. Each section is a list, and each entry is one line.
 *
 * @jsii ignore
 */
export type PlanSections = Record<string, readonly object[]>;

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

  constructor(private readonly root: string) {
    checkConstruction(OutputDirectory, new.target, arguments);
  }

  /** Returns the files that the plan would overwrite although this library did not write them. */
  foreignFilesIn(files: readonly PlannedFile[]): Problems {
    const problems = new Problems();
    const wanted = new Set(files.map((file) => file.path));
    const fold = foldingOf(this.root);
    const obsolete = new Set(
      this.owned()
        .filter((file) => !wanted.has(file))
        .map(fold),
    );
    const blocked = new Set<PlannedFile>();
    for (const file of files) {
      const obstacle = reportingErrors(path.join(this.root, file.path), () =>
        obstacleAt(this.root, file.path, (other) => obsolete.has(fold(other))),
      );
      if (obstacle !== undefined) {
        blocked.add(file);
        problems.add({
          code: 'FORGE-OUT-007',
          message: `${quoted(file.path)} cannot be written into ${quoted(path.basename(this.root))}: ${obstacle}`,
          fix: 'move what is there elsewhere, then synthesize again; the library replaces only files that it wrote',
          path: file.origin,
        });
      }
    }
    const free = files.filter((file) => !blocked.has(file));
    this.foreign(free).forEach((file) =>
      problems.add({
        code: 'FORGE-OUT-003',
        message: `${quoted(file.path)} exists in ${quoted(path.basename(this.root))} with other content, and this library did not write it`,
        fix: 'move the file out of the output directory, or delete it: Flux then removes the objects that only this file contains',
        path: file.origin,
      }),
    );
    return problems;
  }

  /**
   * Reports whether the directory contains the output of another app: it has clusters, and neither a cluster nor a file is the
   * same. An app that was renamed completely looks like another app.
   */
  isOfAnotherApp(files: readonly PlannedFile[], clusters: readonly string[]): boolean {
    const names = new Set(clusters);
    const before = this.plannedClusters();
    const isOther = before.length > 0 && !before.some((name) => names.has(name));
    return (
      isOther &&
      sharesNothing(
        this.owned(),
        files.map((file) => file.path),
      )
    );
  }

  /** Updates the directory to match the plan. This method overwrites files, so check the plan first. */
  write(files: readonly PlannedFile[], sections: PlanSections = {}): WriteReport {
    const before = this.owned();
    const wanted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
    const paths = new Set(wanted.map((file) => file.path));
    const known = new Set(before);
    const obsolete = before.filter((file) => !paths.has(file));
    const report = { written: [] as string[], unchanged: [] as string[], removed: [] as string[] };
    const isNew = wanted.some((file) => !known.has(file.path));
    // Claimed before they are written: a run that is killed on the way still knows its own files the next time.
    if (isNew) {
      this.claim([...new Set([...before, ...paths])], sections);
    }
    // First, so that a directory can become a file, and so that a name can change in case only.
    for (const file of obsolete) {
      if (reportingErrors(path.join(this.root, file), () => this.remove(file))) {
        report.removed.push(file);
      }
    }
    const present = new Present(this.root);
    for (const file of wanted) {
      const target = path.join(this.root, file.path);
      const isWritten = reportingErrors(target, () => this.writeOne(file, present));
      (isWritten ? report.written : report.unchanged).push(file.path);
    }
    if (paths.size > 0 || before.length > 0) {
      this.claim([...paths], sections);
    }
    return report;
  }

  private writeOne(file: PlannedFile, present: Present): boolean {
    const target = path.join(this.root, file.path);
    const mode = file.executable ? 0o755 : 0o644;
    const there = present.has(file.path);
    if (there && readIfPresent(target) === file.text) {
      return changeMode(target, mode);
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
    const stat = fs.lstatSync(target, { throwIfNoEntry: false });
    // Somebody made a directory where our file was.
    if (stat?.isDirectory()) {
      return false;
    }
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
    return stat !== undefined;
  }

  private foreign(files: readonly PlannedFile[]): PlannedFile[] {
    const there = new Present(this.root);
    const ours = new Set(this.owned().map(there.fold));
    return files.filter((file) => {
      if (ours.has(there.fold(file.path)) || !there.has(file.path)) {
        return false;
      }
      const target = path.join(this.root, file.path);
      // A directory that is in the way and holds only files of ours is removed before the file is written.
      const present = fs.statSync(target, { throwIfNoEntry: false })?.isDirectory() ? undefined : readIfPresent(target);
      return present !== undefined && present !== file.text;
    });
  }

  private plannedClusters(): string[] {
    const { clusters } = this.planFile();
    return (Array.isArray(clusters) ? (clusters as ({ name?: unknown } | null)[]) : [])
      .map((cluster) => cluster?.name)
      .filter((name): name is string => typeof name === 'string');
  }

  private planFile(): { readonly files?: unknown; readonly clusters?: unknown } {
    const text = readIfPresent(path.join(this.root, MANIFEST));
    if (text === undefined) {
      return { files: [] };
    }
    try {
      return (JSON.parse(text) as { files?: unknown } | null) ?? {};
    } catch {
      throw unreadable(this.root);
    }
  }

  private owned(): string[] {
    const { files } = this.planFile();
    if (!Array.isArray(files)) {
      throw unreadable(this.root);
    }
    // Read like any foreign input: a line that points outside the directory must never lead to a removal there.
    return files.filter((f): f is string => typeof f === 'string' && isInside(f));
  }

  private claim(files: string[], sections: PlanSections): void {
    const file = path.join(this.root, MANIFEST);
    const text = planText(files, sections);
    if (readIfPresent(file) !== text) {
      writeAtomically(file, text);
    }
  }
}

/** Returns the plan file as JSON with one entry per line, sorted, so that Git merges changes of different entries. */
function planText(files: readonly string[], sections: PlanSections): string {
  const list = (entries: readonly unknown[]) =>
    entries.length === 0
      ? '[]'
      : `[\n${entries
          .map((entry) => `    ${JSON.stringify(entry)}`)
          .sort()
          .join(',\n')}\n  ]`;
  const head = {
    comment: 'Written by cdk8s-forge: the files in this directory that it owns, and its plan.',
    version: 1,
  };
  const keys = [
    ...Object.entries(head).map(([key, value]) => `  "${key}": ${JSON.stringify(value)}`),
    ...Object.entries({ files, ...sections }).map(([key, entries]) => `  "${key}": ${list(entries)}`),
  ];
  return `{\n${keys.join(',\n')}\n}\n`;
}

/** Returns whether two lists of files have no file in common, apart from the runbook, which every app has. */
/** Files that say nothing of the app that wrote them. */
const IN_EVERY_APP = ['RUNBOOK.md', 'host/verify.sh'];

function sharesNothing(one: readonly string[], other: readonly string[]): boolean {
  const own = [one, other].map((list) => list.filter((file) => !IN_EVERY_APP.includes(file)));
  const names = new Set(own[1]);
  return own[0].length > 0 && own[1].length > 0 && !own[0].some((file) => names.has(file));
}

function unreadable(root: string): ForgeError {
  const folder = path.basename(root);
  return ForgeError.of({
    code: 'FORGE-OUT-008',
    message: `${quoted(`${folder}/${MANIFEST}`)} is not readable as JSON with a list of files, perhaps because of a merge conflict`,
    fix: `restore the file: git checkout HEAD -- ${folder}/${MANIFEST}; or delete ${folder}/ and synthesize again, which writes every file again`,
  });
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
