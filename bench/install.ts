import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';

const ROOT = path.join(__dirname, '..');

/** Installs the library into a directory as its users get it, except for the declarations, beside the packages of this repository. */
export function installLibrary(folder: string): void {
  const library = path.join(folder, 'node_modules', 'cdk8s-forge');
  fs.mkdirSync(library, { recursive: true });
  const packages = path.join(ROOT, 'node_modules');
  fs.readdirSync(packages).forEach((name) =>
    fs.symlinkSync(path.join(packages, name), path.join(folder, 'node_modules', name)),
  );
  fs.copyFileSync(path.join(ROOT, 'package.json'), path.join(library, 'package.json'));
  const command = ['--import', 'tsx', 'scripts/bundle.ts', path.join(library, 'build', 'lib')];
  execFileSync(process.execPath, command, { cwd: ROOT });
}
