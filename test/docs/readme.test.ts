import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { difference } from '../../lib/cli/diff/diff';
import { markdownOf } from '../../lib/cli/diff/markdown';
import { readTree, temporaryFolder } from '../support/workspace';
import { fencedBlocks, ROOT } from './snippets';

const BLOCKS = fencedBlocks('README.md');

/** Synthesizes main.ts with another Dockerfile, as a reader of the README does. */
function synthWith(dockerfile: string, work = temporaryFolder(), storage = 50) {
  for (const name of ['node_modules', 'lib', 'imports'].filter((one) => !fs.existsSync(path.join(work, one)))) {
    fs.symlinkSync(path.join(ROOT, name), path.join(work, name));
  }
  fs.copyFileSync(path.join(ROOT, 'images.yaml'), path.join(work, 'images.yaml'));
  const program = fs.readFileSync(path.join(ROOT, 'main.ts'), 'utf8');
  fs.writeFileSync(
    path.join(work, 'main.ts'),
    program
      .replace("dockerfile: 'Dockerfile'", `dockerfile: '${dockerfile}'`)
      .replace('Size.gibibytes(50)', `Size.gibibytes(${storage})`),
  );
  const run = spawnSync(process.execPath, ['--import', 'tsx', 'main.ts'], {
    cwd: work,
    encoding: 'utf8',
    env: { ...process.env, CDK8S_OUTDIR: undefined },
  });
  return { run, files: fs.existsSync(path.join(work, 'dist')) ? readTree(path.join(work, 'dist')) : {} };
}

test('the statement that the README shows stands in main.ts', () => {
  const statement = BLOCKS.find((b) => b.code.startsWith('const hello'))!.code;
  expect(fs.readFileSync(path.join(ROOT, 'main.ts'), 'utf8')).toContain(statement);
});

test('another Dockerfile is the difference that the README promises', () => {
  const [before, after] = ['Dockerfile', 'docker/Dockerfile'].map((dockerfile) => synthWith(dockerfile).files);
  const lines = (files: Record<string, string>) =>
    Object.entries(files).flatMap(([file, text]) => text.split('\n').map((line) => `${file}: ${line}`));
  const changed = (a: string[], b: string[], sign: string) =>
    a.filter((line) => !b.includes(line)).map((line) => sign + line.replace(/^[^:]*: /, ''));
  const difference = [...changed(lines(before), lines(after), '-'), ...changed(lines(after), lines(before), '+')];
  expect(difference).toEqual(BLOCKS.find((b) => b.code.startsWith('- '))!.code.split('\n'));
});

test('the mistake that the README shows says what the README says', () => {
  const { run, files } = synthWith('../Dockerfile');
  expect(run.status).not.toBe(0);
  expect(run.stderr).toContain(BLOCKS.find((b) => b.code.startsWith('FORGE-'))!.code);
  expect(files).toEqual({});
});

test('more storage for buildkitd gives the comment that the README shows', async () => {
  const work = fs.realpathSync(temporaryFolder());
  const git = (...args: string[]) =>
    spawnSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { cwd: work, encoding: 'utf8' });
  synthWith('Dockerfile', work);
  git('init', '--quiet', '--initial-branch', 'main');
  git('add', 'dist', 'images.yaml');
  git('commit', '--quiet', '--message', 'Begin');
  expect(synthWith('Dockerfile', work, 60).run.status).toBe(0);
  const comment = markdownOf(await difference({ outdir: path.join(work, 'dist'), commit: 'main' }));
  expect(comment.split('\n').slice(1).join('\n').trim()).toBe(
    BLOCKS.find((b) => b.code.startsWith('## What Flux'))!.code.trim(),
  );
});
