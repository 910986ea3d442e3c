import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ImageLock, writeAtomically } from '../../lib/output';
import { temporaryFolder, writeTree } from '../support/workspace';

const ROOT = path.join(__dirname, '..', '..');

/** As many images as make a lock of several blocks of a disk. */
const COUNT = 300;

/** A platform with many images. */
const PROGRAM = `
  import { GitOpsApp } from '${ROOT}/lib/app';
  import { Cluster, ImagePolicy, ImageRepository, TagPolicy } from '${ROOT}/lib/flux';
  import { Forge } from '${ROOT}/lib/forge';
  import { Registry } from '${ROOT}/lib/registry';
  const app = new GitOpsApp();
  const gitea = Forge.gitea({ version: '1.26', url: 'https://git.example.com' });
  const registry = Registry.gitea(gitea, { owner: 'platform' });
  const home = new Cluster(app, 'home', { source: gitea.repository('platform/gitops'), expected: ${COUNT} });
  for (let i = 0; i < ${COUNT}; i++) {
    const repository = new ImageRepository(home.images, 'image-' + i, { registry, image: 'image-' + i });
    new ImagePolicy(repository, 'image-' + i, { repository, tags: TagPolicy.timestamped() });
  }
  app.synth();
`;

const oldLock = () =>
  ImageLock.empty()
    .mergedWith(
      Array.from({ length: COUNT }, (_, i) => ({
        policy: `flux-system:old-${i}`,
        name: 'x',
        initialTag: '1',
        reflectsDigest: false,
      })),
    )
    .render();

/** Kills the process at the rename that puts the lock in place: before it, or after it. */
const killer = (when: 'before' | 'after') => `
  const fs = require('node:fs');
  const { renameSync } = fs;
  fs.renameSync = (from, to) => {
    const isLock = String(to).endsWith('images.yaml');
    if (isLock && ${when === 'before'}) process.kill(process.pid, 'SIGKILL');
    renameSync(from, to);
    if (isLock) process.kill(process.pid, 'SIGKILL');
  };
`;

// A lock that is written in place is never renamed, so that its process ends by itself, which fails here.
test.each(['before', 'after'] as const)(
  'a synth that is killed %s the lock is put in place leaves a whole lock',
  async (when) => {
    const before = oldLock();
    const folder = temporaryFolder();
    fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
    writeTree(folder, { 'main.ts': PROGRAM, 'images.yaml': before, 'killer.cjs': killer(when) });
    const signal = await new Promise((resolve, reject) =>
      spawn(process.execPath, ['--require', './killer.cjs', '--import', 'tsx', 'main.ts'], {
        cwd: folder,
        stdio: ['ignore', 'ignore', 'inherit'],
      })
        .on('error', reject)
        .on('exit', (_, by) => resolve(by)),
    );
    expect(signal).toBe('SIGKILL');
    const text = fs.readFileSync(path.join(folder, 'images.yaml'), 'utf8');
    expect(() => ImageLock.parse(text, 'images.yaml')).not.toThrow();
    expect(text === before).toBe(when === 'before');
    expect(text.match(/image-\d+\b/g)?.length ?? 0).toBeGreaterThanOrEqual(when === 'before' ? 0 : COUNT);
  },
  60_000,
);

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
    for (let i = 0; i < 150; i++) { writeAtomically(${JSON.stringify(file)}, (i % 2 ? 'a'.repeat(300000) : 'b'.repeat(200000))); }
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
