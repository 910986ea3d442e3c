import * as fs from 'node:fs';
import * as path from 'node:path';

/**
 * A listing that contains the content of the directory. A single listing is used, because checking each file costs as
 * much as writing the file.
 */
export class Present {
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
