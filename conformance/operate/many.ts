/**
 * Delivers to many repositories of a real Gitea in one run, kills the run in the middle, and runs it again: each repository
 * has its file, in one commit.
 *   FORGE_REPOSITORIES=1000 node --import tsx conformance/operate/many.ts
 */
import * as assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { inParallel } from '../../lib/cli/run/slots';
import { Gitea } from './gitea';

const ROOT = path.join(__dirname, '..', '..');
const COUNT = Number(process.env.FORGE_REPOSITORIES ?? 40);
const FILE = '.gitea/workflows/build.yml';
const names = Array.from({ length: COUNT }, (_, i) => `platform/app-${i}`);

async function main(): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'forge-many-'));
  const gitea = await Gitea.start(path.join(folder, 'gitea'), 3412);
  try {
    await gitea.must('POST', 'orgs', { username: 'platform' });
    const options = { auto_init: true, default_branch: 'main' };
    await timed(`${COUNT} repositories created`, () =>
      inParallel(names, 8, (name) => gitea.must('POST', 'orgs/platform/repos', { name: name.split('/')[1], ...options })),
    );
    writePlan(folder, gitea.url);
    const token = gitea.token();
    const killed = await timed('the first run, killed in the middle', () => deliver(folder, token, Math.floor(COUNT / 2)));
    console.log(`${killed.length} repositories were reported before the kill`);
    assert.ok(killed.length < COUNT);
    const second = await timed('the second run', () => deliver(folder, token));
    assert.equal(second.length, COUNT);
    assert.deepEqual(second.filter((line) => line.includes('failed')), []);
    const third = await timed('the third run, with nothing to do', () => deliver(folder, token));
    assert.ok(third.every((line) => line.endsWith('nothing to change')));
    const commits = await inParallel(names, 8, async (name) => {
      const list = await gitea.must('GET', `repos/${name}/commits?path=${FILE}&limit=5&stat=false&files=false`);
      return list.length as number;
    });
    assert.deepEqual([...new Set(commits)], [1], 'each repository has one commit of the file');
    console.log(`${COUNT} repositories have the file, each by one commit`);
    await protectedBranch(gitea, folder, token);
  } finally {
    await gitea.end();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** A rule for the branch that lets nobody push: reported first, then changed for this user, and only as asked. */
async function protectedBranch(gitea: Gitea, folder: string, token: string): Promise<void> {
  const [name] = names;
  const rules = `repos/${name}/branch_protections`;
  await gitea.must('POST', rules, { rule_name: 'ma*', enable_push: false });
  fs.appendFileSync(path.join(folder, 'dist/repositories', name, FILE), '# changed\n');
  const to = (...more: string[]) => deliver(folder, token, Infinity, ['--only', name, ...more]);
  assert.match((await to()).join(), /failed/);
  assert.match((await to('--allow-push')).join(), /: [0-9a-f]{10}$/);
  const [rule] = await gitea.must('GET', rules);
  assert.deepEqual([rule.rule_name, rule.enable_push, rule.push_whitelist_usernames], ['ma*', true, ['operator']]);
  assert.match((await to()).join(), /nothing to change/);
  console.log('a protected branch is reported, and delivered to when the user is added to its rule');
}

function writePlan(folder: string, url: string): void {
  const forges = [{ url, product: 'gitea', api: `${url}/api/v1`, tokenPage: `${url}/user/settings/applications` }];
  const repositories = names.map((name) => ({ name, url: `${url}/${name}.git`, forge: url, files: [FILE] }));
  for (const name of names) {
    const file = path.join(folder, 'dist/repositories', name, FILE);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, `name: ${name}\non: workflow_dispatch\njobs: {}\n`);
  }
  const plan = { version: 1, files: [], forges, repositories, checks: [] };
  fs.writeFileSync(path.join(folder, 'dist/.cdk8s-forge.json'), JSON.stringify(plan));
}

/** Delivers, kills the run after a number of repositories, and returns the lines of the repositories. */
function deliver(folder: string, token: string, killAfter = Infinity, more: string[] = []): Promise<string[]> {
  const main = ['--import', 'tsx', path.join(ROOT, 'lib/cli/main.ts')];
  const options = ['--output', path.join(folder, 'dist'), '--source', 'platform/gitops', '--by', 'api', '--parallel', '8', ...more];
  const environment = { PATH: process.env.PATH, HOME: folder, FORGE_TOKEN: token };
  const child = spawn(process.execPath, [...main, 'deliver', ...options], { cwd: ROOT, env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  const lines = () => text.split('\n').filter((line) => line.startsWith('platform/'));
  child.stdout.on('data', (part: Buffer) => {
    text += part.toString();
    if (lines().length >= killAfter) {
      child.kill('SIGKILL');
    }
  });
  return new Promise((resolve) => child.on('close', () => resolve(lines())));
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const start = Date.now();
  const result = await work();
  console.log(`${what}: ${((Date.now() - start) / 1000).toFixed(1)} s`);
  return result;
}

void main();
