import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { CheckResult, verify, VerifyRun } from '../../lib/cli/verify';
import { EXAMPLES } from '../support/examples';
import { temporaryFolder, writeTree } from '../support/workspace';

const ROOT = path.join(__dirname, '..', '..');
const TOKEN = 'verify-token-0123456789';

/** Writes a plan with checks, and programs that play kubectl and curl. */
function planned(
  checks: object[],
  { symptoms = [] as object[], commands = {} as Record<string, string>, forges = [] as object[] } = {},
) {
  const folder = temporaryFolder();
  const plan = { version: 1, files: [], repositories: [], forges, checks, symptoms };
  writeTree(folder, { 'dist/.cdk8s-forge.json': JSON.stringify(plan) });
  for (const [name, script] of Object.entries(commands)) {
    writeTree(folder, { [`bin/${name}`]: `#!/bin/bash\n${script}\n` });
    fs.chmodSync(`${folder}/bin/${name}`, 0o755);
  }
  const environment = { PATH: `${folder}/bin:${process.env.PATH}`, HOME: folder };
  return { folder, outdir: `${folder}/dist`, environment };
}

async function results(
  plan: ReturnType<typeof planned>,
  more: Partial<VerifyRun> = {},
): Promise<{ all: CheckResult[]; reported: string[] }> {
  const reported: string[] = [];
  const all = await verify({ ...plan, ...more }, ({ title }) => reported.push(title));
  return { all, reported };
}

const check = (title: string, run: string[] | undefined, expect?: object, more: object = {}) => ({
  about: 'Runner `runner`',
  title,
  good: 'READY is `True`',
  ...(run === undefined ? {} : { run, expect: { exitCode: 0, ...expect } }),
  ...more,
});
const states = (all: CheckResult[]) => all.map(({ title, state }) => `${title}: ${state}`);

test('a check passes with its exit code and its text, and results come in the order of the plan', async () => {
  const plan = planned(
    [
      check('slow', ['sleep 0.3', 'kubectl get x']),
      check('fast', ['kubectl get y']),
      check('text', ['kubectl get pods'], { stdoutMatches: '^pods\n$' }),
      check('other text', ['kubectl get pods'], { stdoutMatches: '^nodes$' }),
      check('on stderr', ['kubectl get pods >&2'], { stdoutMatches: 'pods' }),
      check('wrong code', ['exit 3']),
      check('expected code', ['exit 3'], { exitCode: 3 }),
      check('first of two', ['false', 'true']),
      check('in a pipe', ['false | true']),
      check('page', undefined),
    ],
    { commands: { kubectl: 'echo "$2"' } },
  );
  const { all, reported } = await results(plan);
  expect(states(all)).toEqual([
    'slow: passed',
    'fast: passed',
    'text: passed',
    'other text: failed',
    'on stderr: failed',
    'wrong code: failed',
    'expected code: passed',
    'first of two: failed',
    'in a pipe: failed',
    'page: skipped',
  ]);
  expect(reported).toEqual(all.map(({ title }) => title));
});

test('a check that asks the forge reads the token from a file, and is skipped without one', async () => {
  const token = { page: 'https://git.example.com/user/settings/applications', scope: 'read:admin' };
  const plan = planned([check('online', ['curl --header @"$HEADER" https://git.example.com'], {}, { token })], {
    commands: {
      curl: 'env > env; printf "%s " "$@" > args; cat "${2#@}" > header; stat -c %a "${2#@}" > mode; echo "${2#@}" > file; cat "${2#@}"; exit 22',
    },
  });
  const [skipped] = (await results(plan)).all;
  expect(skipped).toMatchObject({
    state: 'skipped',
    reason: expect.stringContaining('scope read:admin at https://git'),
  });
  const before = process.cwd();
  process.chdir(plan.folder);
  const [failed] = (await results(plan, { tokens: { FORGE_TOKEN: TOKEN } })).all;
  process.chdir(before);
  const read = (file: string) => fs.readFileSync(`${plan.folder}/${file}`, 'utf8').trim();
  expect([read('header'), read('mode')]).toEqual([`Authorization: token ${TOKEN}`, '600']);
  expect(read('args') + read('env')).not.toContain(TOKEN);
  expect(failed).toMatchObject({ state: 'failed', output: 'Authorization: token ***' });
  expect(fs.existsSync(read('file'))).toBe(false);
});

test('a token goes to the forge that gave it, and to no other', async () => {
  const page = (host: string) => ({ page: `https://${host}/user/settings/applications`, scope: 'read:admin' });
  const asks = ['a.example.com', 'b.example.com'].map((host) =>
    check(host, ['cat "$HEADER"; exit 1'], {}, { token: page(host) }),
  );
  const seen = async (forges: string[], tokens: Record<string, string>) => {
    const plan = planned(asks, { forges: forges.map((url) => ({ url })) });
    return (await results(plan, { tokens })).all.map(
      ({ state, output, reason }) => output ?? `${state}: ${reason?.split(':')[0]}`,
    );
  };
  const both = { FORGE_TOKEN_A_EXAMPLE_COM: 'first', FORGE_TOKEN_B_EXAMPLE_COM: 'second', FORGE_TOKEN: 'third' };
  const masked = 'Authorization: token ***';
  const missing = (name: string) => `skipped: FORGE_TOKEN_${name}_EXAMPLE_COM is not set`;
  const [a, b] = ['https://a.example.com', 'https://b.example.com'];
  expect(await seen([a, b], both)).toEqual([masked, masked]);
  expect(await seen([a, b], { FORGE_TOKEN: 'third' })).toEqual([missing('A'), missing('B')]);
  expect(await seen([], { FORGE_TOKEN: 'third' })).toEqual([missing('A'), missing('B')]);
  expect(await seen([a], { FORGE_TOKEN: 'third' })).toEqual([masked, missing('B')]);
  // The page of a forge may be at another host.
  const forges = [{ url: 'https://git.example.com', tokenPage: page('a.example.com').page }];
  const plan = planned(asks.slice(0, 1), { forges });
  for (const name of ['FORGE_TOKEN', 'FORGE_TOKEN_GIT_EXAMPLE_COM']) {
    expect((await results(plan, { tokens: { [name]: 'first' } })).all).toMatchObject([{ output: masked }]);
  }
});

test('a command that ended, and whose output another process has, ends with its time', async () => {
  const late = planned([check('late', ['setsid sleep 7 & exit 0'])]);
  const start = Date.now();
  const { all } = await results(late, { timeout: 1 });
  expect([all[0].state, Date.now() - start < 5000]).toEqual(['passed', true]);
});

test('certificates of private CAs come from the cluster, or from the file that the user names', async () => {
  const authorities = [
    { name: 'ca-bundle', print: 'kubectl get configmap ca-bundle' },
    { name: 'other', print: 'kubectl get configmap other' },
  ];
  const run = ['cat "$CA"'];
  const one = [check('ca', run, { stdoutMatches: '^ca-bundle\\nother\\n$' }, { authorities })];
  const plan = planned(one, { commands: { kubectl: 'echo "$3"' } });
  expect(states((await results(plan)).all)).toEqual(['ca: passed']);
  writeTree(plan.folder, { 'ca.crt': 'mine' });
  const environment = { ...plan.environment, CA: `${plan.folder}/ca.crt` };
  expect((await results(plan, { environment })).all).toMatchObject([{ state: 'failed', output: 'mine' }]);
  const elsewhere = planned([check('ca', run, {}, { authorities: [{ name: 'system' }] })]);
  expect((await results(elsewhere)).all).toMatchObject([
    { state: 'skipped', reason: expect.stringContaining('system') },
  ]);
});

test('a failure shows the symptoms of the runbook that it is', async () => {
  const symptoms = [
    { seen: '`x509: certificate signed by unknown authority`', cause: 'A private CA.', fix: 'Pass it.' },
    { seen: '`dial tcp …: connect: connection refused` in the log', cause: 'Nothing listens.', fix: 'Start it.' },
    { seen: '`denied`', cause: 'Too short to say anything.', fix: '-' },
  ];
  const run = ['echo "error: dial tcp 10.0.0.1:1234: connect: connection refused, access denied" >&2; exit 1'];
  const [failed] = (await results(planned([check('reaches', run)], { symptoms }))).all;
  expect(failed.symptoms).toEqual([symptoms[1]]);
});

test('a command that never ends fails in time, with its children', async () => {
  const plan = planned([check('hangs', ['sleep 600 & sleep 600'])]);
  const [failed] = (await results(plan, { timeout: 0.5 })).all;
  expect(failed).toMatchObject({ state: 'failed', output: 'no result after 0.5 seconds' });
});

test('a check that fails is repeated while there is time', async () => {
  const plan = planned([
    check('later', ['echo x >> "$HOME/tries"', 'test "$(wc -l < "$HOME/tries")" = 2']),
    check('never', ['false']),
  ]);
  expect(states((await results(plan)).all)).toEqual(['later: failed', 'never: failed']);
  fs.rmSync(`${plan.folder}/tries`);
  expect(states((await results(plan, { wait: 0.3 })).all)).toEqual(['later: passed', 'never: failed']);
});

test('the command prints what failed, and its exit code is 1', () => {
  const symptoms = [{ seen: '`connection refused`', cause: 'Nothing listens.', fix: 'Start `buildkitd`.' }];
  const checks = [check('good', ['true']), check('bad', ['echo connection refused; exit 1']), check('page', undefined)];
  const { folder, environment } = planned(checks, { symptoms });
  const command = (...args: string[]) =>
    spawnSync(
      process.execPath,
      [
        '--import',
        path.join(ROOT, 'node_modules/tsx/dist/loader.mjs'),
        path.join(ROOT, 'lib/cli/main.ts'),
        'verify',
        ...args,
      ],
      { cwd: folder, encoding: 'utf8', env: environment },
    );
  const { status, stdout } = command();
  expect([status, stdout]).toEqual([
    1,
    [
      'passed: Runner runner: good',
      'failed: Runner runner: bad',
      '  expected: READY is True',
      '  | connection refused',
      '  cause: Nothing listens.',
      '  fix: Start buildkitd.',
      'skipped: Runner runner: page',
      '  no command shows it; expected: READY is True',
      '1 passed, 1 failed, 1 skipped',
      '',
    ].join('\n'),
  ]);
  expect(command('--only', 'registry')).toMatchObject({ status: 0, stdout: '0 passed, 0 failed, 0 skipped\n' });
  expect(JSON.parse(command('--json').stdout)).toHaveLength(3);
  expect(command('--dry-run', '--only', 'bad')).toMatchObject({
    status: 0,
    stdout: 'check: Runner runner: bad\n  echo connection refused; exit 1\n',
  });
});

test('every expectation of the committed plans is one that the command reads', () => {
  const folders = EXAMPLES.map((name) => path.join(ROOT, name));
  const plans = [ROOT, ...folders]
    .map((folder) => `${folder}/dist/.cdk8s-forge.json`)
    .filter((file) => fs.existsSync(file));
  const keys = plans.flatMap((file) =>
    (JSON.parse(fs.readFileSync(file, 'utf8')).checks as { expect?: object }[]).flatMap((one) =>
      Object.keys(one.expect ?? {}),
    ),
  );
  expect([...new Set(keys)].sort()).toEqual(['exitCode', 'stdoutMatches']);
});

describe('a plan with several clusters', () => {
  const several = (commands: Record<string, string> = {}) => {
    const plan = planned(
      [
        check('of staging', ['kubectl get x'], {}, { cluster: 'staging' }),
        check('of production', ['kubectl get x'], {}, { cluster: 'production' }),
        check('of none', ['true']),
      ],
      { commands: { kubectl: 'true', ...commands } },
    );
    const file = `${plan.outdir}/.cdk8s-forge.json`;
    const clusters = ['staging', 'production'].map((name) => ({ name, entry: `dist/clusters/${name}/flux` }));
    fs.writeFileSync(file, JSON.stringify({ ...JSON.parse(fs.readFileSync(file, 'utf8')), clusters }));
    return plan;
  };

  test('runs the checks of the chosen one, and those that ask none', async () => {
    const { all } = await results(several(), { cluster: 'production' });
    expect(states(all)).toEqual(['of production: passed', 'of none: passed']);
  });

  test('needs a choice', async () => {
    await expect(results(several())).rejects.toThrow(/FORGE-CLI-009[^]*staging, production/);
    await expect(results(several(), { cluster: 'other' })).rejects.toThrow('FORGE-CLI-009');
  });

  test('gives the context to kubectl and Flux, in a file that is deleted', async () => {
    const kubectl =
      'if [ "$3 $4" = "config view" ]; then echo "$*"; else cat "$KUBECONFIG"; stat -c %a "$KUBECONFIG"; echo "$KUBECONFIG" > file; exit 1; fi';
    const plan = several({ kubectl });
    const { all } = await results(plan, { cluster: 'production', context: 'prod-admin', only: 'of production' });
    expect(all[0].output).toBe('--context prod-admin config view --minify --flatten --raw\n600');
    expect(fs.existsSync(fs.readFileSync('file', 'utf8').trim())).toBe(false);
    fs.rmSync('file');
  });
});
