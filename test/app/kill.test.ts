import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ImageLock, writeAtomically } from '../../lib/output';
import { temporaryFolder, writeTree } from '../support/workspace';

const ROOT = path.join(__dirname, '..', '..');

/** A platform with many images, so that writing takes a while; prints when the synth begins, so that the kill can be aimed. */
const PROGRAM = `
  import { GitOpsApp } from '${ROOT}/lib/app';
  import { Cluster, ImagePolicy, ImageRepository, TagPolicy } from '${ROOT}/lib/flux';
  import { Forge } from '${ROOT}/lib/forge';
  import { Registry } from '${ROOT}/lib/registry';
  const app = new GitOpsApp();
  const gitea = Forge.gitea({ version: '1.26', url: 'https://git.example.com' });
  const registry = Registry.gitea(gitea, { owner: 'platform' });
  const home = new Cluster(app, 'home', { source: gitea.repository('platform/gitops') });
  for (let i = 0; i < 1500; i++) {
    const repository = new ImageRepository(home.images, 'image-' + i, { registry, image: 'image-' + i });
    new ImagePolicy(repository, 'image-' + i, { repository, tags: TagPolicy.timestamped() });
  }
  process.stdout.write('ready\\n');
  app.synth();
`;

const oldLock = () =>
  ImageLock.empty()
    .mergedWith(
      Array.from({ length: 1500 }, (_, i) => ({
        policy: `flux-system:old-${i}`,
        name: 'x',
        initialTag: '1',
        reflectsDigest: false,
      })),
    )
    .render();

/** Kills after a time, or, without one, as soon as the lock or its temporary file is touched. */
function synthAndKill(folder: string, milliseconds?: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', path.join(folder, 'main.ts')], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const kill = () => child.kill('SIGKILL');
    const watcher = fs.watch(folder, (_, name) => {
      if (milliseconds === undefined && name?.includes('images.yaml')) {
        kill();
      }
    });
    child.stdout.once('data', () => {
      if (milliseconds !== undefined) {
        setTimeout(kill, milliseconds);
      }
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      watcher.close();
      resolve(code === null);
    });
  });
}

test('a synth that is killed at any moment leaves the old lock or the new one, never a part', async () => {
  const before = oldLock();
  const seen = new Set<string>();
  let killed = 0;
  for (let attempt = 0; attempt < 12; attempt++) {
    const folder = temporaryFolder();
    fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
    writeTree(folder, { 'main.ts': PROGRAM, 'images.yaml': before });
    killed += (await synthAndKill(folder, attempt % 2 ? undefined : attempt * 25)) ? 1 : 0;
    const text = fs.readFileSync(path.join(folder, 'images.yaml'), 'utf8');
    expect(() => ImageLock.parse(text, 'images.yaml')).not.toThrow();
    seen.add(text === before ? 'old' : 'new');
    if (text !== before) {
      expect(text.match(/^ {2}flux-system:image-/gm)).toHaveLength(1500);
    }
  }
  expect(killed).toBeGreaterThan(0);
  expect(seen).toContain('old');
}, 120_000);

test('a reader that looks all the time sees one whole text or the other', async () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'images.yaml');
  const texts = ['a'.repeat(300_000), 'b'.repeat(200_000)];
  writeAtomically(file, texts[0]);
  const writer = spawn(
    process.execPath,
    [
      '--import',
      'tsx',
      '-e',
      `
    const { writeAtomically } = require('${ROOT}/lib/output/write-file');
    for (let i = 0; i < 300; i++) { writeAtomically(${JSON.stringify(file)}, (i % 2 ? 'a'.repeat(300000) : 'b'.repeat(200000))); }
  `,
    ],
    { cwd: ROOT, stdio: 'inherit' },
  );
  const done = new Promise<number | null>((resolve) => writer.on('exit', resolve));
  let over = false;
  void done.then(() => {
    over = true;
  });
  let looks = 0;
  while (!over) {
    expect(texts.includes(fs.readFileSync(file, 'utf8'))).toBe(true);
    looks += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await done).toBe(0);
  expect(looks).toBeGreaterThan(20);
}, 60_000);
