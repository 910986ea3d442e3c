import * as fs from 'node:fs';
import { Chart } from 'cdk8s';
import { ConfigMap } from 'cdk8s-plus-28';
import * as fc from 'fast-check';
import { GitOpsApp } from '../../lib/app';
import { OutputFile, RootFile } from '../../lib/output';
import { accepts, codesOf } from '../support/problems';
import { temporaryFolder } from '../support/workspace';

/** Each file below a directory, with its text and whether it is executable. */
function filesIn(folder: string): Map<string, string> {
  const names = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return new Map(
    names
      .filter((name) => fs.statSync(`${folder}/${name}`).isFile())
      .map((name) => {
        const file = `${folder}/${name}`;
        return [name, `${fs.statSync(file).mode & 0o100} ${fs.readFileSync(file, 'utf8')}`];
      }),
  );
}

interface Program {
  readonly charts: Record<string, string>;
  readonly scripts: Record<string, boolean>;
  readonly roots: Record<string, string>;
  readonly recordConstructMetadata?: boolean;
}

function synth(folder: string, { charts, scripts, roots, recordConstructMetadata }: Program): void {
  const app = new GitOpsApp({
    outdir: `${folder}/dist`,
    imageLock: `${folder}/images.yaml`,
    recordConstructMetadata,
  });
  for (const [id, value] of Object.entries(charts)) {
    new ConfigMap(new Chart(app, id, { namespace: 'apps' }), 'settings', { data: { value } });
  }
  for (const [id, executable] of Object.entries(scripts)) {
    new OutputFile(app, `script-${id}`, { path: `scripts/${id}.sh`, content: `echo ${id}\n`, executable });
  }
  for (const [id, content] of Object.entries(roots)) {
    new RootFile(app, `root-${id}`, { path: `.${id}rc`, content, executable: content === 'x\n' });
  }
  app.synth();
}

/** Runs a dry run, and returns what it prints. */
function dryRun(folder: string, program: Program, report?: string): string {
  const printed: string[] = [];
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
  process.env.FORGE_DRY_RUN = '1';
  if (report) {
    process.env.FORGE_REPORT = report;
  }
  try {
    synth(folder, program);
  } finally {
    write.mockRestore();
    delete process.env.FORGE_DRY_RUN;
    delete process.env.FORGE_REPORT;
  }
  return printed.join('');
}

const key = fc.constantFrom('a', 'b', 'c');
const programs: fc.Arbitrary<Program> = fc.record({
  charts: fc.dictionary(key, fc.constantFrom('1', '2'), { minKeys: 1 }),
  scripts: fc.dictionary(key, fc.boolean()),
  roots: fc.dictionary(key, fc.constantFrom('x\n', 'y\n')),
  recordConstructMetadata: fc.boolean(),
});

test('a dry run writes nothing, and names the files that the next synth changes', () => {
  fc.assert(
    fc.property(programs, programs, (first, second) => {
      const folder = temporaryFolder();
      synth(folder, first);
      const before = filesIn(folder);
      const changes = JSON.parse(dryRun(folder, second, 'json')) as { file: string; change: string }[];
      expect(filesIn(folder)).toEqual(before);
      synth(folder, second);
      const after = filesIn(folder);
      const expected = [...new Set([...before.keys(), ...after.keys()])]
        .filter((name) => before.get(name) !== after.get(name))
        .map((name) => [name, before.has(name) ? (after.has(name) ? 'updated' : 'removed') : 'created'])
        .sort();
      const relative = (file: string) => file.slice(file.indexOf(folder.slice(1)) + folder.length);
      expect(changes.map(({ file, change }) => [relative(file), change])).toEqual(expected);
      expect(dryRun(folder, second)).toBe('dry run: no files would change\n');
    }),
    { numRuns: 25 },
  );
});

test('a dry run of a new program names every file, and makes no directory', () => {
  const folder = temporaryFolder();
  const text = dryRun(folder, { charts: { a: '1' }, scripts: {}, roots: {} });
  expect(text).toMatch(/^created: \S*dist\/a\.k8s\.yaml$/m);
  expect(text).toMatch(/^dry run: \d files would change$/m);
  expect(fs.readdirSync(folder)).toEqual([]);
});

test('a dry run refuses what a synth refuses', () => {
  const folder = temporaryFolder();
  fs.mkdirSync(`${folder}/dist`);
  fs.writeFileSync(`${folder}/dist/a.k8s.yaml`, 'by hand\n');
  const program = { charts: { a: '1' }, scripts: {}, roots: {} };
  expect(codesOf(() => dryRun(folder, program))).toEqual(['FORGE-OUT-003']);
  accepts(() => dryRun(temporaryFolder(), program));
});

test('a dry run tells files, directories and what is no longer ours apart, as the synth does', () => {
  const folder = temporaryFolder();
  const dist = (name: string) => `${folder}/dist/${name}`;
  const program = { charts: { a: '1', b: '1' }, scripts: { a: true }, roots: {} };
  synth(folder, program);
  fs.rmSync(dist('a.k8s.yaml'));
  fs.mkdirSync(dist('a.k8s.yaml'));
  fs.writeFileSync(dist('.cdk8s-forge.json'), fs.readFileSync(dist('.cdk8s-forge.json'), 'utf8').replace(/ 1,/, ' 9,'));
  const lines = dryRun(folder, { ...program, charts: { b: '1' } }).split('\n');
  expect(lines.map((line) => line.replace(/\S*dist\//, ''))).toEqual([
    'updated: .cdk8s-forge.json',
    'dry run: 1 file would change',
    '',
  ]);
  synth(folder, { ...program, charts: { b: '1' } });
  expect(fs.statSync(dist('a.k8s.yaml')).isDirectory()).toBe(true);
});
