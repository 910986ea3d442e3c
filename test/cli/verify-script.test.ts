import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { verifyScript } from '../../lib/cli/verify-script';
import { readPlan } from '../../lib/cli/plan';
import { runCli } from '../support/cli';
import { temporaryFolder, writeTree } from '../support/workspace';

const ROOT = path.join(__dirname, '..', '..');
const TOKEN = 'verify-token-0123456789';

const check = (title: string, run: string[] | undefined, expect: object = {}, more: object = {}) => ({
  about: 'Runner `runner`',
  title,
  good: 'it is `True`',
  ...(run === undefined ? {} : { run, expect: { exitCode: 0, ...expect } }),
  ...more,
});

async function ran(checks: object[], environment: NodeJS.ProcessEnv = {}) {
  const folder = temporaryFolder();
  writeTree(folder, { 'dist/.cdk8s-forge.json': JSON.stringify({ version: 1, repositories: [], checks }) });
  const { stdout: script } = await runCli(['verify', '--script', '--output', `${folder}/dist`], {
    PATH: process.env.PATH,
  });
  fs.writeFileSync(`${folder}/verify.sh`, script);
  const env = { PATH: process.env.PATH, HOME: folder, ...environment };
  return { folder, ...spawnSync('bash', [`${folder}/verify.sh`], { encoding: 'utf8', env }) };
}

test('the script tells passed, failed and skipped apart, as the command does', async () => {
  const token = { page: 'https://git.example.com/user', scope: 'read:admin' };
  const checks = [
    check('text', ['echo linux/amd64'], { stdoutMatches: 'linux\\/' }),
    check('over lines', ['printf "a\\nb\\n"'], { stdoutMatches: '(?=[\\s\\S]*a)(?=[\\s\\S]*b)' }),
    check('other text', ["echo it\\'s"], { stdoutMatches: '^nodes$' }),
    check('wrong code', ['exit 3']),
    check('expected code', ['exit 3'], { exitCode: 3 }),
    check('first of two', ['false', 'true']),
    check('page', undefined),
    check('asks', ['cat "$HEADER"; exit 1'], {}, { token }),
    check('authority', ['cat "$CA"'], { stdoutMatches: 'CERT' }, { authorities: [{ name: 'ca', print: 'echo CERT' }] }),
    check('unknown authority', ['true'], {}, { authorities: [{ name: 'ca' }] }),
  ];
  const without = await ran(checks);
  const states = (text: string) =>
    text
      .split('\n')
      .filter((line) => /^(passed|failed|skipped):/.test(line))
      .map((line) => line.replace('Runner runner: ', ''));
  expect(states(without.stdout)).toEqual([
    'passed: text',
    'passed: over lines',
    'failed: other text',
    'failed: wrong code',
    'passed: expected code',
    'failed: first of two',
    'skipped: page',
    'skipped: asks',
    'passed: authority',
    'skipped: unknown authority',
  ]);
  expect([without.status, without.stderr]).toEqual([1, '']);
  expect(without.stdout).toContain("  | it's\n");
  expect(without.stdout).toMatch(/4 passed, 3 failed, 3 skipped\n$/);
  const withToken = await ran(checks, { FORGE_TOKEN: TOKEN });
  expect(withToken.stdout).toContain('  | Authorization: token ***');
  expect(withToken.stdout).not.toContain(TOKEN);
  expect((await ran([check('text', ['true'])])).status).toBe(0);
});

test('the script of each example and of main.ts is Bash', () => {
  const folders = [ROOT, ...fs.readdirSync(`${ROOT}/examples`).map((name) => `${ROOT}/examples/${name}`)];
  const plans = folders
    .map((folder) => `${folder}/dist`)
    .filter((folder) => fs.existsSync(`${folder}/.cdk8s-forge.json`));
  expect(plans.length).toBeGreaterThan(5);
  for (const outdir of plans) {
    const input = verifyScript(readPlan(outdir));
    expect([outdir, spawnSync('bash', ['-n'], { input, encoding: 'utf8' }).stderr]).toEqual([outdir, '']);
  }
});
