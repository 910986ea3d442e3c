import * as fs from 'node:fs';
import * as path from 'node:path';

const ROOT = path.join(__dirname, '../..');

/** Folders of the example programs, relative to the root: one per system, and those that show a part in `examples/parts/`. */
export const EXAMPLES: readonly string[] = ['examples', 'examples/parts'].flatMap((folder) =>
  fs
    .readdirSync(path.join(ROOT, folder))
    .map((name) => `${folder}/${name}`)
    .filter((example) => fs.existsSync(path.join(ROOT, example, 'main.ts'))),
);
