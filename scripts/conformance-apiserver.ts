/**
 * Writes what the rooms' own cases are made of, for an API server to take: `node --import tsx scripts/conformance-apiserver.ts <folder>`.
 */
import { execFileSync } from 'node:child_process';
import * as path from 'node:path';

const [folder] = process.argv.slice(2);
if (!folder) {
  throw new Error('usage: conformance-apiserver.ts <folder>');
}
for (const cases of ['pods', 'flux']) {
  execFileSync(
    process.execPath,
    ['--import', 'tsx', path.join(__dirname, `conformance-${cases}.ts`), path.join(folder, cases)],
    { stdio: 'inherit' },
  );
}
