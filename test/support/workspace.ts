import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

/** A folder that a test may fill; removed when the test file is done. */
export function temporaryFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk8s-forge-test-'));
  created.push(folder);
  return folder;
}

const created: string[] = [];

afterAll(() => created.forEach((folder) => fs.rmSync(folder, { recursive: true, force: true })));

/** Every file below a folder and its text, by path with `/`. */
export function readTree(folder: string): Record<string, string> {
  const files = fs.readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort();
  return Object.fromEntries(paths.map((file) => [file, fs.readFileSync(path.join(folder, file), 'utf8')]));
}

/** Writes files below a folder. */
export function writeTree(folder: string, files: Record<string, string>): void {
  for (const [file, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), text);
  }
}
