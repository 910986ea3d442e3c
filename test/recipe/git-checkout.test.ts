import { execFileSync, spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as http from 'node:http';
import { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { Duration } from 'cdk8s';
import fc from 'fast-check';
import { Forge, RunsOn, SshEndpoint } from '../../lib/forge';
import { Checkout, Ref } from '../../lib/recipe';
import { scriptOf } from '../../lib/recipe/scripts';
import { Condition, Expression, Input, Step, Trigger } from '../../lib/workflow';
import { outcomeOf } from '../support/outcome';
import { codesOf } from '../support/problems';
import { newWorkflow, textOf } from '../workflow/render';
import { temporaryFolder } from '../support/workspace';

const SCRIPT = scriptOf('fail', 'isolated-git', 'git-checkout');
const TOKEN = 'not-a-real-token-7f3a';
const ENCODED = Buffer.from(`x-access-token:${TOKEN}`).toString('base64');
const IDENTITY = {
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@example.com',
  GIT_CONFIG_GLOBAL: '/dev/null',
};

function git(cwd: string, ...args: string[]): string {
  return execFileSync('git', args, {
    cwd,
    encoding: 'utf8',
    stdio: 'pipe',
    env: { ...process.env, ...IDENTITY },
  }).trim();
}

/** Git over HTTP, as a forge serves it: nothing without the token. */
class Server {
  static async start(): Promise<Server> {
    const server = new Server();
    await new Promise<void>((resolve) => {
      server.http.listen(0, '127.0.0.1', resolve);
    });
    return server;
  }

  readonly root = temporaryFolder();
  readonly headers: (string | undefined)[] = [];
  private readonly http = http.createServer((request, response) => this.answer(request, response));

  get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.http.close();
    this.http.closeAllConnections();
  }

  private answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    this.headers.push(request.headers.authorization);
    if (request.headers.authorization !== `Basic ${ENCODED}`) {
      response.writeHead(401, { 'www-authenticate': 'Basic' }).end();
      return;
    }
    const url = new URL(request.url!, this.url);
    const backend = spawn('git', ['http-backend'], {
      env: {
        ...process.env,
        GIT_PROJECT_ROOT: this.root,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: url.pathname,
        QUERY_STRING: url.search.slice(1),
        REQUEST_METHOD: request.method,
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: String(request.headers['content-encoding'] ?? ''),
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'safe.directory',
        GIT_CONFIG_VALUE_0: '*',
      },
    });
    const chunks: Buffer[] = [];
    backend.stdout.on('data', (chunk) => chunks.push(chunk));
    backend.on('close', () => {
      const whole = Buffer.concat(chunks);
      const end = whole.indexOf('\r\n\r\n');
      const headers = Object.fromEntries(
        whole
          .subarray(0, end)
          .toString()
          .split('\r\n')
          .map((line) => line.split(': ') as [string, string]),
      );
      const { Status, ...rest } = headers;
      response.writeHead(Number(Status?.slice(0, 3) ?? 200), rest).end(whole.subarray(end + 4));
    });
    request.pipe(backend.stdin);
  }
}

let server: Server;
let commits: string[];

/** A submodule with a URL beside that of its repository. */
function addSubmodule(folder: string, name: string): void {
  const url = `file://${server.root}/${name}.git`;
  git(folder, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', url, name);
  git(folder, 'config', '-f', '.gitmodules', `submodule.${name}.url`, `../${name}.git`);
}

beforeAll(async () => {
  server = await Server.start();
  const source = temporaryFolder();
  git(source, 'init', '-q', '-b', 'main');
  const inmost = temporaryFolder();
  git(inmost, 'init', '-q', '-b', 'main');
  fs.writeFileSync(path.join(inmost, 'inmost.txt'), 'inmost\n');
  git(inmost, 'add', '.');
  git(inmost, 'commit', '-qm', 'inmost');
  git(server.root, 'clone', '-q', '--bare', inmost, 'inmost.git');
  const inner = temporaryFolder();
  git(inner, 'init', '-q', '-b', 'main');
  fs.writeFileSync(path.join(inner, 'inner.txt'), 'inner\n');
  addSubmodule(inner, 'inmost');
  git(inner, 'add', '.');
  git(inner, 'commit', '-qm', 'inner');
  git(server.root, 'clone', '-q', '--bare', inner, 'inner.git');
  commits = ['one', 'two', 'three'].map((text) => {
    fs.writeFileSync(path.join(source, 'file.txt'), `${text}\n`);
    git(source, 'add', '.');
    git(source, 'commit', '-qm', text);
    if (text === 'one') {
      git(source, 'tag', 'v1.0.0');
    }
    return git(source, 'rev-parse', 'HEAD');
  });
  git(source, 'checkout', '-qb', 'with-submodule');
  addSubmodule(source, 'inner');
  git(source, 'add', '.');
  git(source, 'commit', '-qm', 'submodule');
  git(server.root, 'clone', '-q', '--bare', source, 'hello.git');
  git(path.join(server.root, 'hello.git'), 'config', 'uploadpack.allowAnySHA1InWant', 'true');
}, 60_000);

afterAll(() => server.stop());

interface Result {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly folder: string;
}

/** The script as a runner runs it, without blocking this process, which serves Git at the same time. */
function checkOut(
  env: Record<string, string> = {},
  { folder = temporaryFolder(), commands = {} as Record<string, string> } = {},
): Promise<Result> {
  const bin = temporaryFolder();
  Object.entries(commands).forEach(([name, text]) => fs.writeFileSync(path.join(bin, name), text, { mode: 0o755 }));
  const file = path.join(temporaryFolder(), 'script.sh');
  fs.writeFileSync(file, SCRIPT);
  const run = spawn('/bin/bash', ['--noprofile', '--norc', '-e', '-o', 'pipefail', file], {
    cwd: folder,
    env: {
      PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`,
      HOME: temporaryFolder(),
      REPOSITORY_URL: `${server.url}/hello.git`,
      REF: commits[2],
      TOKEN,
      HISTORY: 'one',
      TAGS: 'no',
      SUBMODULES: 'no',
      LFS: 'no',
      ...env,
    },
  });
  let [stdout, stderr] = ['', ''];
  run.stdout.on('data', (text) => {
    stdout += text;
  });
  run.stderr.on('data', (text) => {
    stderr += text;
  });
  return new Promise((resolve) => {
    run.on('close', (status) => resolve({ status, stdout, stderr, folder }));
  });
}

const read = ({ folder }: Result, name = 'file.txt') => fs.readFileSync(path.join(folder, name), 'utf8');

/** Every file that is left, the repository's own among them. */
function leftBehind(folder: string): string {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => fs.readFileSync(path.join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}

test('gets one commit, whichever it is', async () => {
  for (const [ref, text] of [
    [commits[2], 'three\n'],
    [commits[1], 'two\n'],
    ['main', 'three\n'],
    ['v1.0.0', 'one\n'],
    ['refs/heads/main', 'three\n'],
  ]) {
    const run = await checkOut({ REF: ref });
    expect([run.status, run.stderr]).toEqual([0, '']);
    expect(read(run)).toBe(text);
    expect(git(run.folder, 'rev-list', '--count', 'HEAD')).toBe('1');
    expect(git(run.folder, 'tag')).toBe('');
  }
});

test('gets the whole history with tags, so that commits can be counted and described', async () => {
  const run = await checkOut({ HISTORY: 'full', TAGS: 'yes' });
  expect(run.status).toBe(0);
  expect(git(run.folder, 'describe', '--tags')).toMatch(/^v1\.0\.0-2-g/);
  expect(git(run.folder, 'branch', '-r')).toContain('origin/main');
});

test('empties a workspace that an earlier job used, whatever that job left there', async () => {
  const first = await checkOut({ REF: 'with-submodule', SUBMODULES: 'yes' });
  fs.writeFileSync(path.join(first.folder, 'left-over'), 'x');
  fs.writeFileSync(path.join(first.folder, 'file.txt'), 'changed');
  fs.writeFileSync(path.join(first.folder, 'inner/inner.txt'), 'changed');
  git(first.folder, 'remote', 'set-url', 'origin', 'http://127.0.0.1:1/elsewhere.git');
  const second = await checkOut({ HISTORY: 'full', TAGS: 'yes' }, { folder: first.folder });
  expect([second.status, second.stderr]).toEqual([0, '']);
  expect(git(second.folder, 'rev-list', '--count', 'HEAD')).toBe('3');
  expect([read(second), fs.existsSync(path.join(second.folder, 'left-over'))]).toEqual(['three\n', false]);
});

test('gets tags without history if it is told so', async () => {
  const run = await checkOut({ TAGS: 'yes' });
  expect([git(run.folder, 'tag'), git(run.folder, 'rev-list', '--count', 'HEAD')]).toEqual(['v1.0.0', '1']);
});

test.each(['one', 'full'])('gets submodules of the same forge with the same token (history: %s)', async (history) => {
  const run = await checkOut({ REF: 'with-submodule', SUBMODULES: 'yes', HISTORY: history });
  expect([run.status, run.stderr]).toEqual([0, '']);
  expect(read(run, 'inner/inner.txt')).toBe('inner\n');
  expect(read(run, 'inner/inmost/inmost.txt')).toBe('inmost\n');
  expect(leftBehind(run.folder)).not.toContain(ENCODED);
});

test('the token is in no file, no URL, no argument and no output but the mask', async () => {
  const notes = temporaryFolder();
  const spy = `#!/bin/bash\nprintf '%s\\n' "$@" >> '${notes}/arguments'\nprintf '%s' "\${TOKEN-}" >> '${notes}/environment'\nexec /usr/bin/git "$@"\n`;
  const run = await checkOut({ HISTORY: 'full', TAGS: 'yes' }, { commands: { git: spy } });
  expect(run.status).toBe(0);
  const everything = [
    leftBehind(run.folder),
    fs.readFileSync(path.join(notes, 'arguments'), 'utf8'),
    run.stdout.replace(`::add-mask::${ENCODED}\n`, ''),
    run.stderr,
  ].join('\n');
  expect(everything).not.toContain(TOKEN);
  expect(everything).not.toContain(ENCODED);
  expect(fs.readFileSync(path.join(notes, 'environment'), 'utf8')).toBe('');
  expect(git(run.folder, 'remote', 'get-url', 'origin')).toBe(`${server.url}/hello.git`);
  expect(server.headers).toContain(`Basic ${ENCODED}`);
});

test('later steps do not have the token, and a wrong one fails at once', async () => {
  const run = await checkOut();
  const later = spawn('git', ['ls-remote', 'origin'], {
    cwd: run.folder,
    stdio: 'ignore',
    env: { PATH: process.env.PATH, GIT_TERMINAL_PROMPT: '0' },
  });
  expect(
    await new Promise((resolve) => {
      later.on('close', resolve);
    }),
  ).not.toBe(0);
  const wrong = await checkOut({ TOKEN: 'wrong' });
  expect(wrong.status).not.toBe(0);
  expect(wrong.stderr).toMatch(/Authentication failed|could not read Username/);
});

test('the token goes to the forge only', async () => {
  const other = http.createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(404).end();
  });
  const seen: (string | undefined)[] = [];
  await new Promise<void>((resolve) => {
    other.listen(0, '127.0.0.1', resolve);
  });
  const run = await checkOut({ REF: 'with-submodule' });
  const elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}/inner.git`;
  git(run.folder, 'config', '-f', '.gitmodules', 'submodule.inner.url', elsewhere);
  const child = await new Promise<number | null>((resolve) => {
    const script = SCRIPT.replace(
      'git submodule --quiet sync',
      `git config -f .gitmodules submodule.inner.url '${elsewhere}'; git submodule --quiet sync`,
    );
    const again = spawn('/bin/bash', ['-e', '-o', 'pipefail', '-c', script], {
      cwd: run.folder,
      stdio: 'ignore',
      env: {
        PATH: process.env.PATH,
        HOME: temporaryFolder(),
        REPOSITORY_URL: `${server.url}/hello.git`,
        REF: 'with-submodule',
        TOKEN,
        HISTORY: 'one',
        TAGS: 'no',
        SUBMODULES: 'yes',
        LFS: 'no',
      },
    });
    again.on('close', resolve);
  });
  other.close();
  expect(child).not.toBe(0);
  expect(seen.length).toBeGreaterThan(0);
  expect(seen.filter(Boolean)).toEqual([]);
});

test('runs nothing that an earlier job left: no configuration, hook or environment of it reaches git', async () => {
  const [home, folder, loot] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
  const spy = `#!/bin/sh\nenv >> '${loot}/stolen'\n`;
  const hooks = path.join(home, 'hooks');
  git(folder, 'init', '-q');
  for (const at of [hooks, path.join(folder, '.git/hooks')]) {
    fs.mkdirSync(at, { recursive: true });
    for (const hook of ['reference-transaction', 'post-checkout', 'post-index-change', 'fsmonitor']) {
      fs.writeFileSync(path.join(at, hook), spy, { mode: 0o755 });
    }
  }
  const config = `[core]\n\thooksPath = ${hooks}\n\tfsmonitor = ${hooks}/fsmonitor\n[credential]\n\thelper = !${hooks}/fsmonitor\n`;
  fs.writeFileSync(path.join(home, '.gitconfig'), config);
  fs.writeFileSync(path.join(home, 'other'), config);
  fs.appendFileSync(path.join(folder, '.git/config'), config);
  const stolen = () => fs.existsSync(path.join(loot, 'stolen'));
  git(folder, 'status');
  expect(stolen()).toBe(true);
  fs.rmSync(path.join(loot, 'stolen'));
  const run = await checkOut(
    {
      HOME: home,
      XDG_CONFIG_HOME: home,
      GIT_CONFIG_GLOBAL: path.join(home, 'other'),
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'core.hooksPath',
      GIT_CONFIG_VALUE_0: hooks,
      GIT_TEMPLATE_DIR: path.join(folder, '.git'),
      GIT_PROXY_COMMAND: `${hooks}/fsmonitor`,
    },
    { folder },
  );
  expect([run.status, run.stderr, read(run)]).toEqual([0, '', 'three\n']);
  expect(stolen()).toBe(false);
});

test('keeps the private CA of the runner, and empties no home', async () => {
  const notes = temporaryFolder();
  const spy = `#!/bin/bash\nprintf '%s\\n' "\${GIT_SSL_CAINFO-}" >> '${notes}/ca'\nexec /usr/bin/git "$@"\n`;
  expect((await checkOut({ GIT_SSL_CAINFO: '/etc/ca.crt' }, { commands: { git: spy } })).status).toBe(0);
  expect(new Set(fs.readFileSync(path.join(notes, 'ca'), 'utf8').trim().split('\n'))).toEqual(new Set(['/etc/ca.crt']));
  const home = temporaryFolder();
  fs.writeFileSync(path.join(home, 'precious'), 'x');
  const run = await checkOut({ HOME: home }, { folder: home });
  expect([run.status, fs.readdirSync(home)]).toEqual([1, ['precious']]);
});

test('fetches LFS files with git-lfs, and says so when there is none', async () => {
  const notes = temporaryFolder();
  const lfs = `#!/bin/bash\nprintf '%s\\n' "$*" >> '${notes}/calls'\n`;
  expect((await checkOut({ LFS: 'yes' }, { commands: { 'git-lfs': lfs } })).status).toBe(0);
  expect(fs.readFileSync(path.join(notes, 'calls'), 'utf8')).toBe('version\ninstall --local --skip-repo\npull\n');
  const without = await checkOut({ LFS: 'yes' }, { commands: { 'git-lfs': '#!/bin/bash\nexit 1\n' } });
  expect([without.status, without.stderr]).toEqual([
    1,
    'git-lfs is not on PATH: this step needs an image with Git LFS\n',
  ]);
});

// Names that Git allows, with the characters that a shell or a refspec would read as something else.
const ODD_NAMES = [
  'fix#1',
  'fix-ü',
  'a=b',
  '#x',
  '=x',
  '!x',
  '@',
  'a,b',
  'a%b',
  '日本',
  "it's",
  'a"b',
  'a;>pwned',
  'a&b|c',
  '(x)',
  '{a,b}',
  'a<b>c',
  '+x',
  'x\u00a0y',
];

test('gets branches and tags with every character that Git allows', async () => {
  const hello = path.join(server.root, 'hello.git');
  const refs = ODD_NAMES.flatMap((name, i) => (i < 3 ? [Ref.branch(name), Ref.tag(name)] : [Ref.branch(name)]));
  refs.forEach((ref) => git(hello, 'update-ref', ref, commits[ref.startsWith('refs/tags/') ? 0 : 1]));
  for (const REF of refs) {
    const run = await checkOut({ REF, HISTORY: REF.endsWith('#1') ? 'full' : 'one' });
    expect([REF, run.status, run.stderr]).toEqual([REF, 0, '']);
    expect([REF, read(run)]).toEqual([REF, REF.startsWith('refs/tags/') ? 'one\n' : 'two\n']);
    expect(fs.readdirSync(run.folder)).not.toContain('pwned');
  }
  refs.forEach((ref) => git(hello, 'update-ref', '-d', ref));
});

test.each([
  ['tag', 'one', 'no'],
  ['tag', 'one', 'yes'],
  ['tag', 'full', 'yes'],
  ['other', 'one', 'no'],
])('gets the branch of an expression, also one whose name is a word of git fetch: %s', async (REF, HISTORY, TAGS) => {
  const hello = path.join(server.root, 'hello.git');
  git(hello, 'update-ref', `refs/heads/${REF}`, commits[0]);
  const run = await checkOut({ REF, HISTORY, TAGS });
  expect([run.status, run.stderr, read(run)]).toEqual([0, '', 'one\n']);
  git(hello, 'update-ref', '-d', `refs/heads/${REF}`);
});

function isAllowedByGit(ref: string): boolean {
  return spawnSync('git', ['check-ref-format', ref]).status === 0;
}

test('a name is accepted if and only if Git allows it, apart from "$" and "`"', () => {
  const characters = fc.constantFrom(...'aZ0._/-@{}+~^:?*[\\#=!ü \t$`', '.lock', '..', '@{', '//');
  fc.assert(
    fc.property(fc.array(characters, { maxLength: 6 }), (parts) => {
      const name = parts.join('');
      const isAllowed = isAllowedByGit(`refs/heads/${name}`) && !/^-|[$`]|^refs\//.test(name);
      expect([name, 'value' in outcomeOf(() => Ref.branch(name))]).toEqual([name, isAllowed]);
    }),
    { numRuns: 200 },
  );
});

test.each(['--upload-pack=touch pwned', '$(touch pwned)', 'a b', '', '+main', '^main', 'main:x', 'refs/heads/*', '-d'])(
  'a ref that is none gets nothing: %p',
  async (ref) => {
    const run = await checkOut({ REF: ref });
    expect([run.status, run.stderr]).toEqual([1, `REF is no commit, branch or tag: ${ref}\n`]);
    expect(fs.readdirSync(run.folder)).toEqual([]);
  },
);

describe('over SSH', () => {
  const HOST_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f';
  const agent = (notes: string) => ({
    'ssh-agent': `#!/bin/bash\nif [ "$1" = -k ]; then touch '${notes}/killed'; else printf 'SSH_AUTH_SOCK=%s; export SSH_AUTH_SOCK; SSH_AGENT_PID=1; export SSH_AGENT_PID;\\n' '${notes}/socket'; fi\n`,
    'ssh-add': `#!/bin/bash\nprintf '%s\\n' "$*" > '${notes}/add-arguments'\ncat > '${notes}/key'\n`,
    ssh: `#!/bin/bash\nprintf '%s\\n' "$@" > '${notes}/ssh-arguments'\nfor a in "$@"; do case $a in UserKnownHostsFile=*) cp "\${a#*=}" '${notes}/known_hosts'; dirname "\${a#*=}" > '${notes}/folder';; esac; done\nexec git-upload-pack '${server.root}/hello.git'\n`,
  });

  test('the key goes to an agent only, the host key must be the one that is known, and nothing stays', async () => {
    const notes = temporaryFolder();
    const key = 'not-a-real-key-line-1\nline-2';
    const run = await checkOut(
      {
        REPOSITORY_URL: 'ssh://git@git.example.com:22/platform/hello.git',
        SSH_KEY: key,
        KNOWN_HOSTS: 'git.example.com ssh-ed25519 AAAA\n',
      },
      { commands: agent(notes) },
    );
    expect([run.status, run.stderr]).toEqual([0, '']);
    expect(read(run)).toBe('three\n');
    const note = (name: string) => fs.readFileSync(path.join(notes, name), 'utf8');
    expect([note('key'), note('add-arguments'), note('known_hosts')]).toEqual([
      `${key}\n`,
      '-q -\n',
      'git.example.com ssh-ed25519 AAAA\n',
    ]);
    expect(note('ssh-arguments')).toContain('StrictHostKeyChecking=yes');
    expect(note('ssh-arguments')).not.toContain('not-a-real-key');
    expect([fs.existsSync(note('folder').trim()), fs.existsSync(path.join(notes, 'killed'))]).toEqual([false, true]);
    expect(leftBehind(run.folder)).not.toContain('not-a-real-key');
  });

  test('the step takes URL and host keys from the forge', () => {
    const forge = Forge.gitea({
      version: '1.26',
      url: 'https://git.example.com',
      ssh: SshEndpoint.of('git.example.com', 2222, { hostKeys: [HOST_KEY] }),
    });
    const env = environmentOf(Checkout.git({ sshKey: Expression.secret('DEPLOY_KEY') }), forge);
    expect(env).toMatchObject({
      REPOSITORY_URL: 'ssh://git@git.example.com:2222/platform/hello.git',
      SSH_KEY: '${{ secrets.DEPLOY_KEY }}',
      KNOWN_HOSTS: `[git.example.com]:2222 ${HOST_KEY}\n`,
    });
    expect(env).not.toHaveProperty('TOKEN');
  });
});

function environmentOf(step: Step, forge: Forge) {
  return step.bind({ id: 'build', repository: forge.repository('platform/hello') })[0]._content.env;
}

test('every setting of the step reaches the script, and the repository is that of the workflow', () => {
  const forge = Forge.gitea({ version: '1.26', url: 'https://git.example.com', internalUrl: 'http://gitea:3000' });
  expect(environmentOf(Checkout.git(), forge)).toEqual({
    REPOSITORY_URL: 'http://gitea:3000/platform/hello.git',
    TOKEN: '${{ github.token }}',
    REF: '${{ github.sha }}',
    HISTORY: 'one',
    TAGS: 'no',
    SUBMODULES: 'no',
    LFS: 'no',
  });
  const all = Checkout.git({
    ref: Ref.branch('main'),
    fullHistory: true,
    submodules: true,
    lfs: true,
    repository: forge.repository('platform/other'),
    token: Expression.secret('TOKEN'),
  });
  expect(environmentOf(all, forge)).toEqual({
    REPOSITORY_URL: 'http://gitea:3000/platform/other.git',
    REF: 'refs/heads/main',
    HISTORY: 'full',
    TAGS: 'yes',
    SUBMODULES: 'yes',
    LFS: 'yes',
    TOKEN: '${{ secrets.TOKEN }}',
  });
  expect(environmentOf(Checkout.git({ fullHistory: true, tags: false }), forge)).toMatchObject({
    HISTORY: 'full',
    TAGS: 'no',
  });
});

test('the step takes the options of a step', () => {
  const workflow = newWorkflow();
  const deep = Trigger.dispatch({ inputs: [Input.boolean('deep')] });
  workflow.addTrigger(deep);
  const checkout = Checkout.git({
    name: 'Get sources',
    if: Condition.isTrue(deep.inputs[0].value),
    timeout: Duration.minutes(5),
    continueOnError: true,
    env: { GIT_TRACE: '1' },
  });
  const job = workflow.addJob('build', {
    runsOn: RunsOn.existing('runner'),
    steps: [
      checkout,
      Step.run({ name: 'Show', script: 'printf "%s" "$COMMIT"', env: { COMMIT: checkout.output('commit') } }),
    ],
  });
  expect(job._stepList.map(({ name }) => name)).toEqual(['Get sources', 'Show']);
  expect(textOf(workflow)).toContain(
    [
      '      - name: Get sources',
      '        id: get-sources',
      "        if: format('{0}', inputs.deep) == 'true'",
      '        continue-on-error: true',
      '        timeout-minutes: 5',
    ].join('\n'),
  );
  expect(textOf(workflow)).toContain('COMMIT: ${{ steps.get-sources.outputs.commit }}');
});

test.each([
  ['v1', false],
  ['main', false],
  ['abc1234', false],
  ['refs/heads/../x', false],
  [Ref.tag('v1'), true],
  [Ref.branch('release/1.x'), true],
  ['0123456789abcdef0123456789abcdef01234567', true],
  [Expression.HEAD_REF, true],
])('ref %p says which commit, branch or tag is meant: %p', (ref, accepted) => {
  expect(outcomeOf(() => Checkout.git({ ref }))).toEqual(
    accepted ? { value: expect.any(Step) } : { problems: [expect.objectContaining({ code: 'FORGE-RECIPE-004' })] },
  );
});

test.each([
  '',
  'a b',
  '-x',
  'a..b',
  'a//b',
  'refs/heads/main',
  'x.lock',
  '$(id)',
  'a/',
  '.a',
  'a/.b',
  'a.lock/b',
  'a.',
  'a@{b',
  'a\u007f',
  'a\tb',
])('%p is not the name of a branch or tag', (name) => {
  expect(codesOf(() => Ref.branch(name))).toEqual(['FORGE-RECIPE-004']);
  expect(codesOf(() => Ref.tag(name))).toEqual(['FORGE-RECIPE-004']);
  expect(() =>
    ['a', 'a.b', 'a/b', 'heads/main', 'x.locked', 'x-y', 'a{b', 'a\u00a0b', '@a', '+a'].map((good) => [
      Ref.branch(good),
      Ref.tag(good),
    ]),
  ).not.toThrow();
});
