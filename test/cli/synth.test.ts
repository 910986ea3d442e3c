import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, Chart, Size } from 'cdk8s';
import { engineProblems } from '../../lib/app/engine-errors';
import { synth as synthesize } from '../../lib/cli/synth';
import { ForgeError, Problem, reportOf } from '../../lib/support';
import { runCli } from '../support/cli';
import { temporaryFolder, writeTree } from '../support/workspace';

const ROOT = path.join(__dirname, '..', '..');
const TSX = path.join(ROOT, 'node_modules', 'tsx', 'dist', 'loader.mjs');
const NODE = `"${process.execPath}" --import "${TSX}"`;
const CLI8S = path.join(ROOT, 'node_modules', '.bin', 'cdk8s');

jest.setTimeout(120_000);

function run(directory: string, command: string, environment: Record<string, string> = {}) {
  const env = { ...process.env };
  ['CDK8S_OUTDIR', 'CDK8S_RECORD_CONSTRUCT_METADATA', 'FORGE_REPORT'].forEach((name) => delete env[name]);
  const { status, stdout, stderr } = spawnSync(command, {
    cwd: directory,
    encoding: 'utf8',
    env: { ...env, CDK8S_CHECK_UPGRADE: 'false', ...environment },
    shell: true,
  });
  return { status, stdout, stderr };
}
const synth = (directory: string, args = '', environment: Record<string, string> = {}) =>
  run(directory, `${NODE} "${path.join(ROOT, 'lib', 'cli', 'main.ts')}" ${args || 'synth'}`, environment);

/** Synthesizes in this process, which saves the start of a command, and returns what the command would print. */
async function direct(
  directory: string,
  options: { types?: boolean; output?: string } = {},
  more: NodeJS.ProcessEnv = {},
) {
  const environment = { ...process.env };
  delete environment.CDK8S_OUTDIR;
  try {
    return {
      status: await synthesize({ directory, environment: { ...environment, ...more }, ...options }),
      stderr: '',
    };
  } catch (e) {
    const { problems } = e as ForgeError;
    return { status: 1, stderr: reportOf(problems, { json: false, width: 80, directory }) };
  }
}

/** A program with two mistakes, made in an order that is not the order of their paths. */
const FAILING = `
import { Chart } from ${JSON.stringify(path.join(ROOT, 'node_modules', 'cdk8s'))};
import { GitOpsApp } from ${JSON.stringify(path.join(ROOT, 'lib', 'app'))};
import { OutputFile } from ${JSON.stringify(path.join(ROOT, 'lib', 'output'))};
const app = new GitOpsApp();
for (const id of ['zebra', 'ant']) {
  new Chart(app, id, {}).node.addValidation({ validate: () => ['a long complaint about ' + id + ' that goes on and on so that no terminal of eighty columns can show it on one line'] });
}
app.synth();
`;

test.each(['verify --help', '--help', 'nonsense 2>&1'])('a reader that closes the pipe is no error: %s', (args) => {
  const command = `${NODE} "${path.join(ROOT, 'lib', 'cli', 'main.ts')}" ${args}`;
  const { stdout, stderr } = run(temporaryFolder(), `bash -c '(${command}; echo "status $?" >&3) 3>&2 | true'`);
  expect([stdout, stderr]).toEqual(['', `status ${args.startsWith('nonsense') ? 2 : 0}\n`]);
});

test('--dry-run shows the files that would change, and writes nothing', () => {
  const folder = temporaryFolder();
  const program = `
const { Chart } = require(${JSON.stringify(path.join(ROOT, 'node_modules', 'cdk8s'))});
const { GitOpsApp } = require(${JSON.stringify(path.join(ROOT, 'lib', 'app'))});
const { OutputFile } = require(${JSON.stringify(path.join(ROOT, 'lib', 'output'))});
console.log('settings of', process.env.USER);
const app = new GitOpsApp();
new OutputFile(app, 'motd', { path: 'motd', content: 'hello\\n' });
app.synth();
console.log('done');
`;
  writeTree(folder, { 'main.js': program, 'cdk8s.yaml': `app: >-\n  ${NODE} main.js\n` });
  const { status, stdout, stderr } = synth(folder, 'synth --dry-run --no-types --json', { USER: 'anna' });
  expect(stderr).toBe('settings of anna\ndone\n');
  expect([status, JSON.parse(stdout)]).toEqual([0, expect.arrayContaining([{ file: 'dist/motd', change: 'created' }])]);
  expect(fs.readdirSync(folder).sort()).toEqual(['cdk8s.yaml', 'main.js']);
});

test('the program of cdk8s.yaml runs with its output directory, and its exit code is passed on', async () => {
  const folder = temporaryFolder();
  const program =
    'require("fs").writeFileSync("seen", process.env.CDK8S_OUTDIR ?? "none"); process.exit(Number(process.env.CODE ?? 0));';
  const seen = () => fs.readFileSync(path.join(folder, 'seen'), 'utf8');
  writeTree(folder, { 'program.js': program, 'cdk8s.yaml': 'app: node program.js\n' });
  expect([await direct(folder), seen()]).toEqual([{ status: 0, stderr: '' }, 'none']);
  expect(await direct(folder, {}, { CODE: '7' })).toEqual({ status: 7, stderr: '' });
  writeTree(folder, { 'cdk8s.yaml': 'app: node program.js\noutput: deploy\n' });
  expect([await direct(folder), seen()]).toEqual([{ status: 0, stderr: '' }, 'deploy']);
  expect([await direct(folder, {}, { CDK8S_OUTPUT: 'fromenv' }), seen()]).toEqual([
    { status: 0, stderr: '' },
    'fromenv',
  ]);
  expect(synth(folder, 'synth --output other')).toMatchObject({ status: 0, stdout: '', stderr: '' });
  expect(seen()).toBe('other');
});

test('errors of the command line and of cdk8s.yaml are texts without a stack trace', async () => {
  const folder = temporaryFolder();
  const before = process.cwd();
  const failsWith = async (args: string[], status: number, code: string) => {
    const result = await runCli(args, process.env);
    expect(result).toMatchObject({ status, stderr: expect.stringContaining(code) });
  };
  process.chdir(folder);
  try {
    await failsWith(['synth'], 1, 'FORGE-CLI-001');
    writeTree(folder, { 'cdk8s.yaml': 'app: [\n' });
    await failsWith(['synth'], 1, 'FORGE-CLI-001');
    writeTree(folder, { 'cdk8s.yaml': 'language: typescript\n' });
    await failsWith(['synth'], 1, 'FORGE-CLI-002');
    await failsWith(['deploy'], 2, 'FORGE-CLI-003');
    await failsWith(['synth', '--ouput', 'x'], 2, 'FORGE-CLI-003');
    expect(await runCli(['--help'], process.env)).toMatchObject({ stdout: expect.stringContaining('synth') });
    expect(await runCli(['synth', '--app', 'true'], process.env)).toMatchObject({ status: 0, stderr: '' });
  } finally {
    process.chdir(before);
  }
  // The whole command, once.
  const { status, stderr } = synth(folder, 'deploy');
  expect([status, stderr]).toEqual([2, expect.stringContaining('FORGE-CLI-003')]);
  expect(stderr).not.toMatch(/^\s+at .*:\d+/m);
});

test('a program that fails keeps the output directory, and its report has no stack trace', () => {
  const folder = temporaryFolder();
  writeTree(folder, { 'main.ts': FAILING, 'cdk8s.yaml': `app: >-\n  ${NODE} main.ts\n`, 'dist/kept.txt': 'kept' });
  const { status, stdout, stderr } = synth(folder);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(fs.readFileSync(path.join(folder, 'dist', 'kept.txt'), 'utf8')).toBe('kept');
  expect(stderr).toMatch(/^FORGE-APP-001 at ant\n[^]*FORGE-APP-001 at zebra\n[^]*\n2 problems\.\n$/);
  expect(stderr).toMatch(/see: .*docs\/errors\/app\.md$/m);
  expect(stderr).not.toMatch(/^\s+at |Node\.js v/m);
  expect(stderr.split('\n').filter((line) => line.length > 80 && !line.includes('see:'))).toEqual([]);
});

test('FORGE_REPORT=json prints the same problems for programs', () => {
  const folder = temporaryFolder();
  writeTree(folder, { 'main.ts': FAILING });
  const { status, stderr } = run(folder, `${NODE} main.ts`, { FORGE_REPORT: 'json' });
  const report = JSON.parse(stderr) as { count: number; problems: { code: string; path: string; docs: string }[] };
  expect(status).toBe(1);
  expect(report.count).toBe(2);
  expect(report.problems.map((p) => [p.code, p.path])).toEqual([
    ['FORGE-APP-001', 'ant'],
    ['FORGE-APP-001', 'zebra'],
  ]);
  expect(report.problems[0].docs).toMatch(/docs\/errors\/app\.md$/);
});

test('after the cdk8s CLI has deleted the output directory, the report says how to get it back', () => {
  const folder = temporaryFolder();
  writeTree(folder, { 'main.ts': FAILING, 'cdk8s.yaml': `app: >-\n  ${NODE} main.ts\n`, 'dist/kept.txt': 'kept' });
  const { status, stderr } = run(folder, `"${CLI8S}" synth`);
  expect(status).not.toBe(0);
  expect(fs.existsSync(path.join(folder, 'dist'))).toBe(false);
  expect(stderr).toContain('git checkout -- dist');
});

test('errors that are not of the library are printed as Node.js prints them, and handlers of the program still run', () => {
  const folder = temporaryFolder();
  const app = JSON.stringify(path.join(ROOT, 'lib', 'app'));
  const support = JSON.stringify(path.join(ROOT, 'lib', 'support'));
  const problem = `ForgeError.of({ code: 'FORGE-ABC-001', message: 'm', fix: 'f' })`;
  writeTree(folder, {
    'other.ts': `import ${app};\nthrow new RangeError('mine');\n`,
    'handled.ts': `import ${app};\nimport { ForgeError } from ${support};\nprocess.on('uncaughtException', (e: any) => { console.log('handled ' + e.code); process.exit(3); });\nthrow ${problem};\n`,
  });
  expect(run(folder, `${NODE} other.ts`).stderr).toMatch(/RangeError: mine\n\s+at /);
  expect(run(folder, `${NODE} handled.ts`)).toMatchObject({ status: 3, stdout: 'handled FORGE-ABC-001\n' });
});

describe('types', () => {
  const project = (program: string) => {
    const folder = temporaryFolder();
    writeTree(folder, {
      'main.ts': program,
      'package.json': '{}',
      // The program does not run: what counts is its name.
      'cdk8s.yaml': 'app: node -e 0 main.ts\n',
      'tsconfig.json': JSON.stringify({
        compilerOptions: { strict: true, types: [], target: 'es2015', lib: ['es2015'] },
      }),
    });
    fs.mkdirSync(path.join(folder, 'node_modules'));
    fs.symlinkSync(path.join(ROOT, 'node_modules', 'typescript'), path.join(folder, 'node_modules', 'typescript'));
    return folder;
  };

  test('are checked beside the program: wrong ones are findings and exit code 1, right ones are nothing', async () => {
    const folder = project('const size: number = "big";\nexport const other: string = 5;\n');
    const { status, stderr } = await direct(folder);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^FORGE-CLI-004 in main\.ts:1\n {2}TS2322: .*\n[^]*^FORGE-CLI-004 in main\.ts:2\n[^]*^2 problems\.\n$/m,
    );
    expect(await direct(folder, { types: false })).toMatchObject({ status: 0, stderr: '' });
    writeTree(folder, { 'main.ts': 'export const size: number = 5;\n' });
    expect(await direct(folder)).toMatchObject({ status: 0, stderr: '' });
    const stamp = path.join(folder, 'node_modules/.cache/cdk8s-forge/checked');
    const checkedAt = fs.statSync(stamp).mtimeMs;
    expect(await direct(folder)).toMatchObject({ status: 0, stderr: '' });
    expect(fs.statSync(stamp).mtimeMs).toBe(checkedAt);
    writeTree(folder, { 'main.ts': 'export const size: number = "bigger";\n' });
    expect(await direct(folder)).toMatchObject({ status: 1 });
  });

  test('are not checked without TypeScript, or for a program in JavaScript', async () => {
    const folder = project('const size: number = "big";\n');
    fs.rmSync(path.join(folder, 'node_modules', 'typescript'));
    expect(await direct(folder)).toMatchObject({ status: 0, stderr: '' });
  });
});

/** Runs a program whose fifth line has a mistake. */
function runWith(mistake: string) {
  const folder = temporaryFolder();
  const [cdk8s, app, flux, forge] = ['node_modules/cdk8s', 'lib/app', 'lib/flux', 'lib/forge'].map((module) =>
    JSON.stringify(path.join(ROOT, module)),
  );
  const lines = [
    `import { Chart, Size } from ${cdk8s}; import { GitOpsApp } from ${app};`,
    `import { Cluster } from ${flux}; import { Forge } from ${forge};`,
    "const source = Forge.gitea({ version: '1.26', url: 'https://git.example.com' }).repository('platform/gitops');",
    "const app = new GitOpsApp(); const home = new Cluster(app, 'home', { source }); const x = new Chart(home, 'x');",
    mistake,
    'app.synth();',
  ];
  writeTree(folder, { 'main.ts': `${lines.join('\n')}\n` });
  const { status, stderr } = run(folder, `${NODE} main.ts`);
  expect(status).toBe(1);
  expect(stderr).not.toMatch(/^\s+at |Node\.js v/m);
  return stderr.replace(/\n {4}/g, ' ');
}

test('what cdk8s rejects is reported with its line and without a stack trace', () => {
  const said = runWith('Size.gibibytes(-5);');
  expect(said).toMatch(/^FORGE-APP-019 in main\.ts:5\n/);
  expect(said).toContain('check that the variable is set');
});

test.each([
  ['a chart of the program', "new Chart(home, 'x');", 'id "x" of new Chart() is already used by a Chart at "home/x"'],
  [
    'the objects of Flux',
    "new Chart(home, 'flux');",
    'id "flux" of new Chart() is already used by a FluxEntryPoint at "home/flux"',
  ],
  [
    'another cluster, for a chart of the app',
    "new Chart(app, 'home');",
    'id "home" of new Chart() is already used by a Cluster at "home"',
  ],
  [
    'a class that extends Chart',
    "class Mine extends Chart {}; new Mine(home, 'x');",
    'id "x" of new Chart() is already used by a Chart at "home/x"',
  ],
])('an id that is taken by %s is reported with what has it', (_, mistake, message) => {
  const said = runWith(mistake);
  expect(said).toMatch(/^FORGE-ARG-003 in main\.ts:5\n/);
  expect(said).toContain(message);
  expect(said).toContain('set another id');
});

test.each<[string, () => unknown, string]>([
  ['a size that is no number', () => Size.gibibytes(NaN).toKibibytes(), 'finite number'],
  ['a negative size', () => Size.gibibytes(-5), 'finite number'],
  ['an empty id', () => new Chart(new App(), ''), 'set an id'],
])('%s, which cdk8s rejects, has a problem with a fix', (_, call, fix) => {
  const problems = (): Problem[] | undefined => {
    try {
      call();
    } catch (e) {
      return engineProblems(e as Error);
    }
    return undefined;
  };
  expect(problems()).toMatchObject([{ code: 'FORGE-APP-019', fix: expect.stringContaining(fix) }]);
});
