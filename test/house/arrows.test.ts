import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { temporaryFolder } from '../support/workspace';

const ROOT = path.join(__dirname, '../..');
const KNOWN = '.dependency-cruiser-known-violations.json';

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string };
}

/** Cruises a directory `lib/` with this project's rules, and returns what they reject. */
function violationsIn(root: string): Violation[] {
  const cruise = spawnSync(
    process.execPath,
    [
      path.join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
      ...['--config', path.join(ROOT, '.dependency-cruiser.cjs'), '--output-type', 'json', 'lib'],
    ],
    { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28 },
  );
  expect(cruise.stderr).toBe('');
  return JSON.parse(cruise.stdout).summary.violations;
}

const named = (violations: Violation[]) => violations.map((v) => `${v.rule.name}: ${v.from} -> ${v.to}`).sort();

/** A program of files, each given as the imports that it has. */
function libOf(files: Record<string, string[]>): string {
  const root = temporaryFolder();
  fs.writeFileSync(path.join(root, 'tsconfig.json'), '{ "compilerOptions": { "module": "CommonJS" } }');
  for (const [file, imports] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    fs.writeFileSync(path.join(root, file), [...imports, 'export interface A {}'].join('\n'));
  }
  return root;
}

test('each rule rejects its mistake, and only that', () => {
  const root = libOf({
    'lib/support/index.ts': ["import { A as B } from '../kube';"],
    'lib/kube/index.ts': ["export * from './storage';", "import { A as B } from './storage';"],
    'lib/kube/storage.ts': [],
    'lib/secret/index.ts': ["import { A as B } from '../kube/storage';", "import { A as C } from '../kube';"],
    'lib/trust/index.ts': ["import type { A as B } from './one';"],
    'lib/trust/one.ts': ["import type { A as B } from './two';"],
    'lib/trust/two.ts': ["import type { A as B } from './one';"],
    'lib/flux/index.ts': ["export * from './cluster/cluster';"],
    'lib/flux/cluster/cluster.ts': [
      "import { A as B } from '../image/policy';",
      "import { A as C } from '../page/page';",
    ],
    'lib/flux/image/policy.ts': ["import { A as B } from '../notify/alert';", "import { A as C } from '../duration';"],
    'lib/flux/notify/alert.ts': [],
    'lib/flux/page/page.ts': [],
    'lib/flux/duration.ts': [],
    'lib/attic/index.ts': ["import { A as B } from '../../test/world';"],
    'test/world.ts': [],
  });
  expect(named(violationsIn(root))).toEqual([
    'directory-flux-image: lib/flux/image/policy.ts -> lib/flux/notify/alert.ts',
    'door: lib/secret/index.ts -> lib/kube/storage.ts',
    'library-stands-alone: lib/attic/index.ts -> test/world.ts',
    'module-support: lib/support/index.ts -> lib/kube/index.ts',
    'no-circle: lib/trust/one.ts -> lib/trust/two.ts',
    'unknown-directory: lib/flux/cluster/cluster.ts -> lib/flux/page/page.ts',
    'unknown-module: lib/attic/index.ts -> test/world.ts',
  ]);
});

test('the list of known violations holds nothing that has been fixed', () => {
  const known: Violation[] = JSON.parse(fs.readFileSync(path.join(ROOT, KNOWN), 'utf8'));
  const found = new Set(named(violationsIn(ROOT)));
  expect(named(known).filter((violation) => !found.has(violation))).toEqual([]);
});
