import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { readTree, temporaryFolder } from './support/workspace';

const ROOT = path.join(__dirname, '..');
const FOLDER = path.join(ROOT, 'examples');
const examples = fs.readdirSync(FOLDER).filter((name) => fs.existsSync(path.join(FOLDER, name, 'main.ts')));

/** What synth leaves in an example's folder, without what the user wrote. */
function output(folder: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(readTree(folder)).filter(([file]) => file.startsWith('dist/') || file === 'images.yaml'),
  );
}

test.each(examples)('example %s synthesizes to its golden output, starting from its committed images.yaml', (name) => {
  const work = temporaryFolder();
  fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(work, 'node_modules'));
  fs.symlinkSync(path.join(ROOT, 'lib'), path.join(work, 'lib'));
  fs.symlinkSync(path.join(ROOT, 'imports'), path.join(work, 'imports'));
  const folder = path.join(work, 'examples', name);
  fs.cpSync(path.join(FOLDER, name), folder, { recursive: true, filter: (file) => path.basename(file) !== 'dist' });
  execFileSync(process.execPath, ['--import', 'tsx', 'main.ts'], {
    cwd: folder,
    stdio: 'pipe',
    env: { ...process.env, CDK8S_OUTDIR: undefined },
  });
  expect(output(folder)).toEqual(output(path.join(FOLDER, name)));
});

test.each(examples)('example %s says what it shows', (name) => {
  expect(fs.readFileSync(path.join(FOLDER, name, 'README.md'), 'utf8')).toMatch(/^# /);
});

test('the committed output of main.ts is what main.ts synthesizes', () => {
  const work = temporaryFolder();
  ['node_modules', 'lib', 'imports', 'main.ts'].forEach((name) =>
    fs.symlinkSync(path.join(ROOT, name), path.join(work, name)),
  );
  fs.copyFileSync(path.join(ROOT, 'images.yaml'), path.join(work, 'images.yaml'));
  execFileSync(process.execPath, ['--preserve-symlinks-main', '--import', 'tsx', 'main.ts'], {
    cwd: work,
    stdio: 'pipe',
    env: { ...process.env, CDK8S_OUTDIR: undefined },
  });
  expect(output(work)).toEqual(output(ROOT));
});
