import * as fs from 'node:fs';
import * as path from 'node:path';

/**
 * Returns how the volume of a directory compares names: as they are, or without case, as on macOS and Windows.
 *
 * @jsii ignore
 */
export function foldingOf(root: string): (name: string) => string {
  const own = path.basename(root);
  const upper = own.toUpperCase();
  const other = path.join(path.dirname(root), upper === own ? own.toLowerCase() : upper);
  const [here, there] = [root, other].map((folder) => fs.statSync(folder, { throwIfNoEntry: false }));
  const isSame = other !== root && here !== undefined && here.ino === there?.ino && here.dev === there.dev;
  return isSame ? (name) => name.toLowerCase() : (name) => name;
}

/**
 * A listing that contains the content of a directory. A single listing is used, because checking each file costs as
 * much as writing the file.
 *
 * @jsii ignore
 */
export class Present {
  /** A function that folds names as the volume compares them. */
  readonly fold: (name: string) => string;

  private readonly entries: Set<string>;

  constructor(private readonly root: string) {
    this.fold = foldingOf(root);
    this.entries = new Set(
      fs.existsSync(root)
        ? fs
            .readdirSync(root, { recursive: true, encoding: 'utf8' })
            .map((entry) => this.fold(entry.split(path.sep).join('/')))
        : [],
    );
  }

  has(file: string): boolean {
    return this.entries.has(this.fold(file));
  }

  makeFolderOf(file: string): void {
    const folder = path.posix.dirname(file);
    if (this.has(folder)) {
      return;
    }
    fs.mkdirSync(path.join(this.root, folder), { recursive: true });
    this.entries.add(this.fold(folder));
  }
}
