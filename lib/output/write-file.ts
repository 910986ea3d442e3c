import * as fs from 'node:fs';
import * as path from 'node:path';
import { ForgeError, quoted } from '../support';

/** The number of temporary files that this process has made, so that each has a name of its own. */
let made = 0;

/**
 * Replaces a file atomically. Even if the process is interrupted, every reader finds the complete old text or the
 * complete new text, never a part. A file that exists keeps its mode, and a link stays a link.
 *
 * @throws FORGE-OUT-009 if the operating system refuses
 * @jsii ignore
 */
export function writeAtomically(file: string, text: string, mode?: number): void {
  reportingErrors(file, () => {
    const target = targetOf(file);
    const folder = path.dirname(target);
    fs.mkdirSync(folder, { recursive: true });
    removeLeftovers(target);
    // Beside the target, since a rename is atomic only within a file system; and unique, since two synths may run.
    const temporary = path.join(folder, `.${path.basename(target)}.${process.pid}-${++made}.tmp`);
    try {
      const handle = fs.openSync(temporary, 'wx', 0o644);
      try {
        fs.writeFileSync(handle, text);
        ignoringModes(temporary, () => fs.fchmodSync(handle, mode ?? modeOf(target) ?? 0o644));
        fs.fsyncSync(handle);
      } finally {
        fs.closeSync(handle);
      }
      fs.renameSync(temporary, target);
    } catch (e) {
      fs.rmSync(temporary, { force: true });
      throw e;
    }
    syncFolder(folder);
  });
}

/**
 * Runs an operation on a file, and reports an error of the operating system as a ForgeError.
 *
 * @throws FORGE-OUT-009
 * @jsii ignore
 */
export function reportingErrors<T>(file: string, run: () => T): T {
  try {
    return run();
  } catch (e) {
    const { code } = e as NodeJS.ErrnoException;
    if (e instanceof ForgeError || code === undefined) {
      throw e;
    }
    throw ForgeError.of({
      code: 'FORGE-OUT-009',
      message: `${quoted(file)} cannot be read or written: ${code}, ${REASONS[code] ?? 'the operating system refuses'}`,
      fix: 'remove the cause and synthesize again; files that were written before the error are completed then',
    });
  }
}

const REASONS: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EISDIR: 'the path is a directory',
  ENAMETOOLONG: 'the path, or a part of it, is too long',
  ENOTDIR: 'a part of the path is a file',
  ENOTEMPTY: 'the path is a directory with files',
  EEXIST: 'a file is at the place of a directory',
  ENOSPC: 'no space is left on the device',
  EROFS: 'the file system is read-only',
  EDQUOT: 'the disk quota is exceeded',
  ELOOP: 'symbolic links lead in a circle',
};

/** Returns the file that a chain of symbolic links ends at, also if that file does not exist yet. */
function targetOf(file: string): string {
  let target = file;
  for (let i = 0; i < 40; i++) {
    const link = fs.lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink()
      ? fs.readlinkSync(target)
      : undefined;
    if (link === undefined) {
      return target;
    }
    target = path.resolve(path.dirname(target), link);
  }
  return target;
}

/**
 * Makes a file executable or not, and returns whether that changed it. Some volumes keep no modes.
 *
 * @jsii ignore
 */
export function changeMode(target: string, mode: number): boolean {
  const isExecutable = () => (fs.statSync(target).mode & 0o100) !== 0;
  const before = isExecutable();
  if (before === ((mode & 0o100) !== 0)) {
    return false;
  }
  ignoringModes(target, () => fs.chmodSync(target, mode));
  return isExecutable() !== before;
}

/** Runs a change of a mode. A volume that has no modes refuses it for a file of our own; FAT does. */
function ignoringModes(file: string, change: () => void): void {
  try {
    change();
  } catch (e) {
    const isRefused = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP'].includes((e as NodeJS.ErrnoException).code ?? '');
    if (!isRefused || fs.statSync(file).uid !== process.geteuid?.()) {
      throw e;
    }
  }
}

/**
 * Writes a file unless it has the text, and makes it executable or not. A volume that keeps no modes has nothing to change.
 *
 * @throws FORGE-OUT-009 if the operating system refuses
 * @jsii ignore
 */
export function writeIfDifferent(file: string, text: string, mode?: number): void {
  if (readIfPresent(file) !== text) {
    writeAtomically(file, text, mode);
  } else if (mode !== undefined) {
    reportingErrors(file, () => changeMode(file, mode));
  }
}

/**
 * Returns how a write of a text would change a file, or undefined if the file stays as it is. Nothing is written.
 *
 * @throws FORGE-OUT-009 if the operating system refuses
 * @jsii ignore
 */
export function changeOf(
  file: string,
  { text, executable }: { readonly text: string; readonly executable?: boolean },
): 'created' | 'updated' | undefined {
  const stat = statIfPresent(file, fs.statSync);
  if (stat?.isFile() !== true) {
    return 'created';
  }
  const isSameMode = executable === undefined || executable === ((stat.mode & 0o100) !== 0);
  return isSameMode && readIfPresent(file) === text ? undefined : 'updated';
}

/**
 * Returns whether there is a file of ours to remove. A directory in its place is somebody else's.
 *
 * @jsii ignore
 */
export function isRemovable(file: string): boolean {
  return statIfPresent(file, fs.lstatSync)?.isDirectory() === false;
}

/** Returns nothing also for a path below a file. */
function statIfPresent(file: string, stat: (file: string) => fs.Stats): fs.Stats | undefined {
  return reportingErrors(file, () => {
    try {
      return stat(file);
    } catch (e) {
      if (['ENOENT', 'ENOTDIR'].includes((e as NodeJS.ErrnoException).code ?? '')) {
        return undefined;
      }
      throw e;
    }
  });
}

function modeOf(file: string): number | undefined {
  const mode = fs.statSync(file, { throwIfNoEntry: false })?.mode;
  return mode === undefined ? undefined : mode & 0o777;
}

/** Removes temporary files of earlier processes that were killed. */
function removeLeftovers(target: string): void {
  const folder = path.dirname(target);
  const start = `.${path.basename(target)}.`;
  for (const name of fs.readdirSync(folder)) {
    const pid = name.startsWith(start) ? /^(\d+)-\d+\.tmp$/.exec(name.slice(start.length))?.[1] : undefined;
    if (pid !== undefined && !isRunning(Number(pid))) {
      fs.rmSync(path.join(folder, name), { force: true });
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (e) {
    return (e as NodeJS.ErrnoException).code === 'EPERM';
  }
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
 * @throws FORGE-OUT-009 if the operating system refuses
 * @jsii ignore
 */
export function readIfPresent(file: string): string | undefined {
  return bytesIfPresent(file)?.toString('utf8');
}

/**
 * Returns the content of a file, or undefined if the file does not exist.
 *
 * @throws FORGE-OUT-009 if the operating system refuses
 * @jsii ignore
 */
export function bytesIfPresent(file: string): Buffer | undefined {
  return reportingErrors(file, () => {
    try {
      return fs.readFileSync(file);
    } catch (e) {
      if ((e as NodeJS.ErrnoException).code === 'ENOENT') {
        return undefined;
      }
      throw e;
    }
  });
}
