import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { verifyScript } from '../../lib/app/verify-script';
import { Check, Command, Symptom } from '../../lib/support';
import { EXAMPLES } from '../support/examples';
import { temporaryFolder } from '../support/workspace';

const ROOT = path.join(__dirname, '..', '..');
const TOKEN = 'verify-token-0123456789';

type More = Partial<Pick<Check, 'good' | 'symptom' | 'token' | 'authority'>>;

const check = (title: string, run: string[], expect: Check['expect'] = {}, more: More = {}): Check => {
  const about = { about: 'Runner `runner`', title, good: 'it is `True`', ...more };
  return run.length === 0 ? about : { ...about, commands: run.map((line) => Command.ofText(line)), expect };
};

function ran(checks: Check[], environment: NodeJS.ProcessEnv = {}, symptoms: Symptom[] = []) {
  const folder = temporaryFolder();
  fs.writeFileSync(`${folder}/verify.sh`, verifyScript(checks, symptoms));
  const env = { PATH: process.env.PATH, HOME: folder, ...environment };
  return { folder, ...spawnSync('bash', [`${folder}/verify.sh`], { encoding: 'utf8', env }) };
}

/** The programs of a machine with neither timeout nor grep -P, such as macOS. */
function withoutGnu(): string {
  const folder = temporaryFolder();
  ['bash', 'cat', 'mktemp', 'perl', 'rm', 'sed', 'sleep', 'tail'].forEach((name) => {
    const [found] = process.env
      .PATH!.split(':')
      .map((at) => path.join(at, name))
      .filter((file) => fs.existsSync(file));
    fs.symlinkSync(found, path.join(folder, name));
  });
  const grep =
    '#!/bin/bash\ncase $1 in -*P*) echo "grep: invalid option -- P" >&2; exit 2 ;; esac\nexec /bin/grep "$@"\n';
  fs.writeFileSync(path.join(folder, 'grep'), grep, { mode: 0o755 });
  return folder;
}

test('a machine without timeout and grep -P gets the same answers', () => {
  const checks = [
    check('text', ['echo linux/amd64'], { stdoutMatches: 'linux\\/' }),
    check('over lines', ['printf "a\\nb\\n"'], { stdoutMatches: '(?=[\\s\\S]*a)(?=[\\s\\S]*b)' }),
    check('whole', ['echo 401'], { stdoutMatches: '^(?:200|401)\\n$' }),
    check('part of a number', ['echo 4010'], { stdoutMatches: '^(?:200|401)\\n$' }),
    check('nothing', ['true'], { stdoutMatches: 'x' }),
    check('wrong code', ['exit 3']),
  ];
  const gnu = ran(checks);
  const other = ran(checks, { PATH: withoutGnu() });
  expect(other.stdout).toBe(gnu.stdout);
  expect(other.stderr).toBe('');
  expect(gnu.stdout).toContain('3 passed, 3 failed, 0 skipped');
});

test('with several forges, a token goes to the forge that gave it, and to no other', () => {
  const asks = ['a.example.com', 'b.example.com', 'a.example.com'].map((host, i) =>
    check(
      `${i}`,
      ['cat "$HEADER"; env | grep -c first; exit 1'],
      {},
      { token: { page: `https://${host}/user`, scope: 'x' } },
    ),
  );
  const variables = { FORGE_TOKEN_A_EXAMPLE_COM: 'first', FORGE_TOKEN_B_EXAMPLE_COM: 'second' };
  const { stdout, stderr } = ran(asks, variables);
  expect(stderr).toBe('');
  expect(stdout.split('\n').filter((line) => line.startsWith('  |'))).toEqual(
    ['***', '***', '***'].flatMap((text) => [`  | Authorization: token ${text}`, '  | 0']),
  );
  const one = ran(asks, { FORGE_TOKEN: 'third', FORGE_TOKEN_A_EXAMPLE_COM: 'first' }).stdout;
  expect(one).toContain('FORGE_TOKEN_B_EXAMPLE_COM is not set');
  expect(one.match(/Authorization: token/g)).toHaveLength(2);
  expect(one).not.toMatch(/first|third/);
});

test('the script tells passed, failed and skipped apart, as the command does', () => {
  const token = { page: 'https://git.example.com/user', scope: 'read:admin' };
  const checks = [
    check('text', ['echo linux/amd64'], { stdoutMatches: 'linux\\/' }),
    check('over lines', ['printf "a\\nb\\n"'], { stdoutMatches: '(?=[\\s\\S]*a)(?=[\\s\\S]*b)' }),
    check('other text', ["echo it\\'s"], { stdoutMatches: '^nodes$' }),
    check('wrong code', ['exit 3']),
    check('expected code', ['exit 3'], { exitCode: 3 }),
    check('first of two', ['false', 'true']),
    check('page', []),
    check('asks', ['cat "$HEADER"; exit 1'], {}, { token }),
    check(
      'authority',
      ['cat "$CA"'],
      { stdoutMatches: 'CERT' },
      { authority: { name: 'ca', print: Command.ofText('echo CERT') } },
    ),
    check('unknown authority', ['true'], {}, { authority: { name: 'ca' } }),
  ];
  const without = ran(checks);
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
  const withToken = ran(checks, { FORGE_TOKEN: TOKEN });
  expect(withToken.stdout).toContain('  | Authorization: token ***');
  expect(withToken.stdout).not.toContain(TOKEN);
  expect(ran([check('text', ['true'])]).status).toBe(0);
});

test('under a failure is the advice for each symptom that the output shows, or that the check names', () => {
  const symptoms = [
    { seen: '`dial tcp …: connect: connection refused` in the log', cause: "Nothing's there.", fix: 'Start `it`.' },
    { seen: '`no space left on device`', cause: 'The volume is full.', fix: 'Make room.' },
    { seen: '`some other text`', cause: 'Nothing.', fix: 'Nothing.' },
  ];
  const checks = [
    check('log', ['echo "dial tcp 10.0.0.1:1234: connect: connection refused"; exit 1']),
    check('disk', ['echo 97%'], { stdoutMatches: '\\s[1-8]\\d%' }, { symptom: 'no space left on device' }),
  ];
  const { stdout, stderr } = ran(checks, {}, symptoms);
  expect([stdout, stderr]).toEqual([
    `failed: Runner runner: log
  expected: it is True
  | dial tcp 10.0.0.1:1234: connect: connection refused
  cause: Nothing's there.
  fix: Start it.
failed: Runner runner: disk
  expected: it is True
  | 97%
  cause: The volume is full.
  fix: Make room.
0 passed, 2 failed, 0 skipped
`,
    '',
  ]);
});

test('the scripts of main.ts and of each example are Bash, and shellcheck finds nothing in them', () => {
  const folders = [ROOT, ...EXAMPLES.map((name) => `${ROOT}/${name}`)];
  const scripts = folders.map((folder) => `${folder}/dist/host/verify.sh`).filter((file) => fs.existsSync(file));
  expect(scripts.length).toBeGreaterThan(10);
  for (const file of scripts) {
    expect([file, spawnSync('bash', ['-n', file], { encoding: 'utf8' }).stderr]).toEqual([file, '']);
  }
  const { error, stdout } = spawnSync('shellcheck', scripts, { encoding: 'utf8' });
  // A machine without shellcheck has the check above only.
  expect((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT' || stdout === '').toBe(true);
});
