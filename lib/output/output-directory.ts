import * as fs from 'node:fs';
import * as path from 'node:path';
import { checkConstruction, Problem, Problems, quoted } from '../support';
import { changeMode, changeOf, isRemovable, readIfPresent, reportingErrors } from './write-file';
import { obstacleAt, removeEmptyFolder } from './obstacle';
import { OutputPlan, PlanSections } from './output-plan';
import { foldingOf, Present } from './present';

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
 * A file that a run would change.
 *
 * @jsii ignore
 */
export interface FileChange {
  readonly file: string;
  readonly change: 'created' | 'updated' | 'removed';
}

/** The longest name of a file or directory that the file systems of Linux, macOS and Windows take. */
const MOST_BYTES = 255;

/**
 * An output directory that accepts a plan completely or rejects the plan completely. If the plan is accepted, the
 * directory is updated to match the plan.
 *
 * @jsii ignore
 */
export class OutputDirectory {
  /**
   * Returns the conflicts inside a plan: two constructs with the same path, a path below another file, or a name that file
   * systems refuse.
   */
  static collisionsIn(files: readonly PlannedFile[]): Problems {
    const problems = new Problems();
    const claims = new Map<string, PlannedFile>();
    for (const file of files) {
      const long = file.path.split('/').find((name) => Buffer.byteLength(name) > MOST_BYTES);
      if (long !== undefined) {
        problems.add(tooLong(file, long));
      }
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

  private readonly plan: OutputPlan;

  constructor(private readonly root: string) {
    checkConstruction(OutputDirectory, new.target, arguments);
    this.plan = new OutputPlan(root);
  }

  /** Returns the files that the plan would overwrite although this library did not write them. */
  foreignFilesIn(files: readonly PlannedFile[]): Problems {
    const problems = new Problems();
    const wanted = new Set(files.map((file) => file.path));
    const fold = foldingOf(this.root);
    const obsolete = new Set(
      this.plan
        .owned()
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
    const before = this.plan.clusters();
    const isOther = before.length > 0 && !before.some((name) => names.has(name));
    return (
      isOther &&
      sharesNothing(
        this.plan.owned(),
        files.map((file) => file.path),
      )
    );
  }

  /** Returns what `write` would change. */
  changesFor(files: readonly PlannedFile[], sections: PlanSections = {}): FileChange[] {
    const paths = new Set(files.map((file) => file.path));
    const before = this.plan.owned();
    const hasPlan = paths.size > 0 || before.length > 0;
    const plan = hasPlan ? [{ path: OutputPlan.NAME, text: this.plan.textOf([...paths], sections) }] : [];
    const removed = before.filter((file) => !paths.has(file) && isRemovable(path.join(this.root, file)));
    return [
      ...[...files, ...plan].flatMap(({ path: file, ...wanted }): FileChange[] => {
        const change = changeOf(path.join(this.root, file), { executable: false, ...wanted });
        return change === undefined ? [] : [{ file, change }];
      }),
      ...removed.map((file): FileChange => ({ file, change: 'removed' })),
    ];
  }

  /** Updates the directory to match the plan. This method overwrites files, so check the plan first. */
  write(files: readonly PlannedFile[], sections: PlanSections = {}): WriteReport {
    const before = this.plan.owned();
    const wanted = [...files].sort((a, b) => (a.path < b.path ? -1 : 1));
    const paths = new Set(wanted.map((file) => file.path));
    const known = new Set(before);
    const obsolete = before.filter((file) => !paths.has(file));
    const report = { written: [] as string[], unchanged: [] as string[], removed: [] as string[] };
    const isNew = wanted.some((file) => !known.has(file.path));
    // Claimed before they are written: a run that is killed on the way still knows its own files the next time.
    if (isNew) {
      this.plan.claim([...new Set([...before, ...paths])], sections);
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
      this.plan.claim([...paths], sections);
    }
    return report;
  }

  private writeOne(file: PlannedFile, present: Present): boolean {
    const target = path.join(this.root, file.path);
    const mode = file.executable ? 0o755 : 0o644;
    const isFolder = present.has(file.path) && fs.lstatSync(target).isDirectory();
    if (isFolder) {
      removeEmptyFolder(target);
    }
    const there = present.has(file.path) && !isFolder;
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
    const ours = new Set(this.plan.owned().map(there.fold));
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
}

/** Files that say nothing of the app that wrote them: the runbook and its pages, and the script of its checks. */
const IN_EVERY_APP = /^(RUNBOOK\.md|runbook\/.*|host\/verify\.sh)$/;

/** Returns whether two lists of files have no file in common, apart from those that every app has. */
function sharesNothing(one: readonly string[], other: readonly string[]): boolean {
  const own = [one, other].map((list) => list.filter((file) => !IN_EVERY_APP.test(file)));
  const names = new Set(own[1]);
  return own[0].length > 0 && own[1].length > 0 && !own[0].some((file) => names.has(file));
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

function tooLong({ origin }: PlannedFile, name: string): Problem {
  return {
    code: 'FORGE-OUT-013',
    message: `${quoted(`${name.slice(0, 40)}…`)} is the name of a file or directory with ${Buffer.byteLength(name)} bytes`,
    allowed: `up to ${MOST_BYTES} bytes between two "/"`,
    fix: 'shorten the name that the file comes from: the id of the chart, the path of the file, or the name of the repository',
    path: origin,
  };
}
