import { spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { runBash } from '../support/bash';
import { temporaryFolder } from '../support/workspace';

const SCRIPTS = path.join(__dirname, '../../lib/recipe/scripts');

const text = (...names: string[]) => names.map((name) => fs.readFileSync(path.join(SCRIPTS, name), 'utf8')).join('\n');

const SCRIPT = text('fail.sh', 'version-common.sh', 'version-from-commits.sh', 'version-compute.sh');

const DEFAULTS = {
  TAG_PREFIX: 'v',
  INITIAL: '0.1.0',
  MAJOR: 'major:',
  MINOR: 'minor:\nfeat:\nfeature:',
  CONVENTIONAL: 'no',
  PATHS: '',
};

/** Runs git, with nothing of the machine's configuration that could change a commit. */
function git(cwd: string, args: string[], input?: string): string {
  const settings = ['user.name=t', 'user.email=t@example.com', 'commit.gpgSign=false', 'maintenance.auto=false'];
  const run = spawnSync('git', [...settings.flatMap((setting) => ['-c', setting]), ...args], {
    cwd,
    input,
    encoding: 'utf8',
  });
  if (run.status !== 0) {
    throw new Error(run.stderr);
  }
  return run.stdout.trim();
}

/** A git repository that a test fills with commits and tags. */
class Sources {
  /** Returns a copy of a repository with one commit, which has a tag. */
  static tagged(tag: string): Sources {
    const template = (this.templates[tag] ??= new Sources().commit('begin').tag(tag).folder);
    return new Sources(template);
  }

  private static readonly templates: Record<string, string> = {};

  readonly folder = temporaryFolder();

  constructor(template?: string) {
    if (template === undefined) {
      this.git('init', '--quiet', '--template=', '--initial-branch', 'main');
    } else {
      fs.cpSync(template, this.folder, { recursive: true });
    }
  }

  git(...args: string[]): string {
    return git(this.folder, args);
  }

  /** Commits a message, with a change of a file where the test is about files. */
  commit(message: string, file?: string): this {
    if (file !== undefined) {
      fs.mkdirSync(path.dirname(path.join(this.folder, file)), { recursive: true });
      fs.appendFileSync(path.join(this.folder, file), 'x');
      this.git('add', '--all');
    }
    const empty = ['--allow-empty', '--allow-empty-message', '--cleanup=verbatim'];
    git(this.folder, ['commit', '--quiet', ...empty, '--file', '-'], message);
    return this;
  }

  tag(...names: string[]): this {
    git(this.folder, ['update-ref', '--stdin'], names.map((name) => `create refs/tags/${name} HEAD\n`).join(''));
    return this;
  }

  /** Makes a branch for each message, with one commit after HEAD. */
  branches(messages: readonly string[]): this {
    const from = this.git('rev-parse', 'HEAD');
    const stream = messages.map((message, i) => {
      const size = Buffer.byteLength(message);
      return `commit refs/heads/${i}\ncommitter t <t@example.com> 1700000000 +0000\ndata ${size}\n${message}\nfrom ${from}\n`;
    });
    git(this.folder, ['fast-import', '--quiet'], stream.join(''));
    return this;
  }
}

function versionOf(sources: Sources, env: Record<string, string> = {}) {
  const output = path.join(temporaryFolder(), 'output');
  fs.writeFileSync(output, '');
  const run = runBash(SCRIPT, { env: { ...DEFAULTS, ...env, GITHUB_OUTPUT: output }, cwd: sources.folder });
  const lines = fs.readFileSync(output, 'utf8').trim().split('\n').filter(Boolean);
  return { ...run, outputs: Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2))), lines };
}

const after = (tag: string, ...messages: string[]) => {
  const sources = Sources.tagged(tag);
  messages.forEach((message) => sources.commit(message));
  return sources;
};

test.each([
  ['fix: a', '1.2.4', 'patch'],
  ['anything at all', '1.2.4', 'patch'],
  ['minor: a', '1.3.0', 'minor'],
  ['feat: a', '1.3.0', 'minor'],
  ['Feature: a', '1.3.0', 'minor'],
  ['major: a', '2.0.0', 'major'],
  ['fix: a\n\nBREAKING CHANGE: b', '2.0.0', 'major'],
  ['fix: a\n\nBREAKING-CHANGE: b', '2.0.0', 'major'],
  ['fix: a\n\nThis is no BREAKING CHANGE', '1.2.4', 'patch'],
  ['fix: a feat: b', '1.2.4', 'patch'],
  ['feature-flag cleanup', '1.2.4', 'patch'],
  ['feat(api): a', '1.2.4', 'patch'],
  ['feat!: a', '1.2.4', 'patch'],
  ["Merge pull request 'feat: a' (#3) from fork/x into main", '1.3.0', 'minor'],
  ['Merge pull request #3 from fork/x\n\nmajor: a', '2.0.0', 'major'],
  ["Merge pull request 'no feat: a' (#3) from feat:x", '1.2.4', 'patch'],
])('after v1.2.3, %j makes %s', (message, version, bump) => {
  const { outputs, status } = versionOf(after('v1.2.3', message));
  expect({ status, ...outputs }).toEqual({
    status: 0,
    version,
    tag: `v${version}`,
    previous: '1.2.3',
    bump,
    changed: 'true',
  });
});

test.each([
  ['feat(api): a', '1.3.0'],
  ['FEAT(api)!: a', '2.0.0'],
  ['fix!: a', '2.0.0'],
  ['feat: a', '1.3.0'],
  ['feat (api): a', '1.2.4'],
  ['see feat!: in the manual', '1.2.4'],
])('with conventional commits, %j makes %s', (message, version) => {
  expect(versionOf(after('v1.2.3', message), { CONVENTIONAL: 'yes' }).outputs.version).toBe(version);
});

test('all commits since the tag count, not the last alone', () => {
  expect(versionOf(after('v1.2.3', 'feat: a', 'fix: b', 'docs: c')).outputs.version).toBe('1.3.0');
  expect(versionOf(after('v1.2.3', 'major: a', 'feat: b', 'fix: c')).outputs.version).toBe('2.0.0');
});

test('a branch that was merged counts with its commits', () => {
  const sources = after('v1.2.3');
  sources.git('checkout', '--quiet', '-b', 'work');
  sources.commit('feat: on a branch');
  sources.git('checkout', '--quiet', 'main');
  sources.commit('fix: on main');
  sources.git('merge', '--quiet', '--no-ff', '--message', 'Merge branch work', 'work');
  expect(versionOf(sources).outputs.version).toBe('1.3.0');
});

test('tags are compared by number, and only those of the right form', () => {
  const sources = new Sources()
    .commit('begin')
    .tag('v1.9.0', 'v1.10.0', 'v1.10.1-rc.1', 'v2', 'v3.0', 'v04.0.0', '9.0.0', 'nightly-7', 'web/v8.0.0', 'v1.10.0.1');
  sources.commit('fix: a');
  expect(versionOf(sources).outputs.version).toBe('1.10.1');
});

test('each image of a repository has versions of its own: prefix and paths', () => {
  const sources = new Sources().commit('begin', 'web/a').tag('v9.0.0', 'web/v1.0.0', 'api/v3.0.0');
  sources.commit('feat: of the other', 'api/a').commit('fix: of this', 'web/b');
  expect(versionOf(sources, { TAG_PREFIX: 'web/v', PATHS: 'web' }).outputs).toMatchObject({
    version: '1.0.1',
    tag: 'web/v1.0.1',
  });
  expect(versionOf(sources, { TAG_PREFIX: 'api/v', PATHS: 'api' }).outputs.version).toBe('3.1.0');
  expect(versionOf(sources, { TAG_PREFIX: 'docs/v', PATHS: 'docs' }).outputs).toMatchObject({
    version: '0.1.0',
    changed: 'false',
  });
  expect(versionOf(sources, { TAG_PREFIX: 'web/v', PATHS: 'lib' }).outputs).toMatchObject({
    version: '1.0.0',
    changed: 'false',
  });
});

test('paths are paths, no patterns', () => {
  const sources = new Sources().commit('begin', '[a]*/x').tag('v1.0.0').commit('feat: a', 'ab/x');
  expect(versionOf(sources, { PATHS: '[a]*' }).outputs.changed).toBe('false');
  sources.commit('feat: a', '[a]*/y');
  expect(versionOf(sources, { PATHS: '[a]*' }).outputs.version).toBe('1.1.0');
});

test('without a tag the initial version is the first', () => {
  expect(versionOf(new Sources().commit('feat: a')).outputs).toEqual({
    version: '0.1.0',
    tag: 'v0.1.0',
    previous: '',
    bump: 'initial',
    changed: 'true',
  });
});

test('a commit that is released keeps its version, also when an old run is started again', () => {
  const sources = after('v1.0.0', 'feat: a').tag('v1.1.0');
  expect(versionOf(sources).outputs).toMatchObject({ version: '1.1.0', bump: 'none', changed: 'false' });
  sources.commit('fix: b').commit('fix: c').tag('v1.1.1').commit('feat: d').tag('v1.2.0');
  sources.git('checkout', '--quiet', 'HEAD~2');
  expect(versionOf(sources).outputs).toMatchObject({ version: '1.1.1', changed: 'false' });
});

test('a number that another branch has taken is passed over', () => {
  const sources = after('v1.0.0', 'fix: a');
  sources.git('checkout', '--quiet', '-b', 'other', 'v1.0.0');
  sources.commit('fix: b').tag('v1.0.1', 'v1.0.2');
  sources.git('checkout', '--quiet', 'main');
  expect(versionOf(sources).outputs.version).toBe('1.0.3');
});

test('a minor number that is taken is passed over by the next minor', () => {
  const sources = after('v1.0.0', 'feat: a');
  sources.git('checkout', '--quiet', '-b', 'other', 'v1.0.0');
  sources.commit('feat: b').tag('v1.1.0');
  sources.git('checkout', '--quiet', 'main');
  expect(versionOf(sources).outputs.version).toBe('1.2.0');
});

test('a shallow checkout is completed where that works, and is an error where not', () => {
  const sources = after('v1.2.3', 'feat: a', 'fix: b');
  const clone = temporaryFolder();
  spawnSync('git', ['clone', '--quiet', '--depth', '1', `file://${sources.folder}`, clone]);
  expect(versionOf({ folder: clone } as Sources).outputs.version).toBe('1.3.0');
  const cut = temporaryFolder();
  spawnSync('git', ['clone', '--quiet', '--depth', '1', `file://${sources.folder}`, cut]);
  spawnSync('git', ['remote', 'set-url', 'origin', 'file:///absent'], { cwd: cut });
  const run = versionOf({ folder: cut } as Sources);
  expect([run.status, run.stderr.includes('fullHistory: true'), run.lines]).toEqual([1, true, []]);
});

/** What people and attackers write; each is one commit after v1.2.3, and none may do anything but count. */
const HOSTILE: [message: string, version: string][] = [
  ['$(touch pwned)', '1.2.4'],
  ['`touch pwned`', '1.2.4'],
  ['feat: $(touch pwned)', '1.3.0'],
  ['feat: `touch pwned`', '1.3.0'],
  ['feat: "; touch pwned; "', '1.3.0'],
  ["feat: '; touch pwned; '", '1.3.0'],
  ['feat: a\nversion=9.9.9', '1.3.0'],
  ['feat: a\n\nversion=9.9.9\nchanged=false', '1.3.0'],
  ['feat: a\r\nversion=9.9.9', '1.3.0'],
  ['version=9.9.9', '1.2.4'],
  ['::set-output name=version::9.9.9', '1.2.4'],
  ['::add-mask::1', '1.2.4'],
  ['feat: %0Aversion=9.9.9', '1.3.0'],
  ['feat: ${IFS}touch${IFS}pwned', '1.3.0'],
  ['feat: a[$(touch pwned)]', '1.3.0'],
  ['a[$(touch pwned)]: b', '1.2.4'],
  ['feat: * ? [a-z]', '1.3.0'],
  ['*', '1.2.4'],
  ['-n', '1.2.4'],
  ['-e feat: a', '1.2.4'],
  ['--help', '1.2.4'],
  ['-- feat: a', '1.2.4'],
  ['', '1.2.4'],
  [' ', '1.2.4'],
  ['\n', '1.2.4'],
  ['\nfeat: in the second line', '1.2.4'],
  ['  feat: indented', '1.2.4'],
  ['\tfeat: indented', '1.2.4'],
  ['fix: a\n\nfeat: in the body', '1.2.4'],
  ['feat:no blank', '1.3.0'],
  ['feat', '1.2.4'],
  ['feat :a', '1.2.4'],
  ['feat\u00a0: a', '1.2.4'],
  ['ｆｅａｔ: a', '1.2.4'],
  ['feat: ünïcödé 漢字 🎉', '1.3.0'],
  ['FEAT: SHOUTED', '1.3.0'],
  ['Major: a', '2.0.0'],
  ['majority: a', '1.2.4'],
  ['fix: a\n\nbreaking change: lower case', '1.2.4'],
  ['fix: a\n\n BREAKING CHANGE: indented', '1.2.4'],
  ['fix: a\n\nBREAKING CHANGE', '2.0.0'],
  ['fix: a\n\nBREAKING CHANGES: plural', '1.2.4'],
  ['BREAKING CHANGE: as subject', '2.0.0'],
  ['feat: \\', '1.3.0'],
  ['feat: a\\nmajor: b', '1.3.0'],
  ['feat: %s %d %n', '1.3.0'],
  ['%s%s%s%s', '1.2.4'],
  ['feat: !! !$ ^a^b', '1.3.0'],
  ['feat: ~root ~+', '1.3.0'],
  ['feat: \u001b[31mred\u001b[0m', '1.3.0'],
  ['feat: ' + 'x'.repeat(100_000), '1.3.0'],
  ['x\n'.repeat(20_000), '1.2.4'],
  ["Merge pull request 'feat: $(touch pwned)' (#3) from a/b", '1.3.0'],
  ["Merge pull request ''; touch pwned; '' (#3) from a/b", '1.2.4'],
  ["Merge pull request 'a' (#3) from 'feat: b' (#4)", '1.2.4'],
  ['Revert "feat: a"', '1.2.4'],
  ['feat: a # comment', '1.3.0'],
  ['# a comment', '1.2.4'],
  ['feat: EOF\nEOF\nversion=9.9.9', '1.3.0'],
];

describe('what people and attackers write into messages', () => {
  let sources: Sources;
  beforeAll(() => (sources = after('v1.2.3').branches(HOSTILE.map(([message]) => message))));

  test.each(HOSTILE.map(([message, version], i) => [message, version, i] as const))(
    'the message %j counts for %s and does nothing else',
    (message, version, i) => {
      sources.git('symbolic-ref', 'HEAD', `refs/heads/${i}`);
      expect(sources.git('cat-file', 'commit', 'HEAD').endsWith(message.trim())).toBe(true);
      const { status, lines, stderr } = versionOf(sources);
      expect([status, stderr, lines.length, lines[0]]).toEqual([0, '', 5, `version=${version}`]);
      expect(lines.every((line) => /^(version|tag|previous|bump|changed)=[a-z0-9.]*$/.test(line))).toBe(true);
      expect(fs.readdirSync(sources.folder)).toEqual(['.git']);
    },
  );
});

const CLAIM_PARTS = ['fail.sh', 'version-common.sh', 'isolated-git.sh', 'private-git.sh', 'version-from-commits.sh'];
const CLAIM = text(...CLAIM_PARTS, 'version-claim.sh');
const TAG = text('fail.sh', 'isolated-git.sh', 'private-git.sh', 'release-tag.sh');
const BOT = { AUTHOR_NAME: 'Release bot', AUTHOR_EMAIL: 'bot@example.com', TOKEN: 's3cret-token' };

/** A remote repository with the given commits. */
function remoteOf(sources: Sources): string {
  const folder = temporaryFolder();
  spawnSync('git', ['clone', '--quiet', '--bare', sources.folder, folder]);
  spawnSync('git', ['config', 'uploadpack.allowFilter', 'true'], { cwd: folder });
  spawnSync('git', ['config', 'uploadpack.allowAnySHA1InWant', 'true'], { cwd: folder });
  return folder;
}

const tagsOf = (remote: string) =>
  spawnSync('git', ['tag', '--list'], { cwd: remote, encoding: 'utf8' }).stdout.trim().split('\n');

/** Runs a script without waiting for its end. */
function start(script: string, env: Record<string, string>) {
  const folder = temporaryFolder();
  fs.writeFileSync(path.join(folder, 'script.sh'), script);
  fs.writeFileSync(path.join(folder, 'output'), '');
  const child = spawn('/bin/bash', ['--noprofile', '--norc', '-e', '-o', 'pipefail', 'script.sh'], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, GITHUB_OUTPUT: path.join(folder, 'output'), ...env },
  });
  let log = '';
  child.stdout.on('data', (data) => (log += data));
  child.stderr.on('data', (data) => (log += data));
  return new Promise<{ status: number | null; log: string; version?: string }>((resolve) =>
    child.on('close', (status) =>
      resolve({
        status,
        log,
        version: /^version=(.*)$/m.exec(fs.readFileSync(path.join(folder, 'output'), 'utf8'))?.[1],
      }),
    ),
  );
}

const claim = (remote: string, commit: string) =>
  start(CLAIM, { ...DEFAULTS, ...BOT, REPOSITORY_URL: `file://${remote}`, COMMIT: commit });

test('three runs at once, on three commits, get one version each', async () => {
  const sources = after('v1.0.0');
  const commits = ['fix: a', 'fix: b', 'fix: c'].map((message, i) => {
    sources.git('checkout', '--quiet', '-B', `work-${i}`, 'v1.0.0');
    return sources.commit(message).git('rev-parse', 'HEAD');
  });
  const remote = remoteOf(sources);
  const runs = await Promise.all(commits.map((commit) => claim(remote, commit)));
  expect(runs.map(({ status, log }) => (status === 0 ? '' : log))).toEqual(['', '', '']);
  expect(runs.map(({ version }) => version).sort()).toEqual(['1.0.1', '1.0.2', '1.0.3']);
  expect(tagsOf(remote)).toEqual(['v1.0.0', 'v1.0.1', 'v1.0.2', 'v1.0.3']);
});

const RESERVE = CLAIM_PARTS.concat('version-reserve.sh');
const reserve = (remote: string, commit: string) =>
  start(text(...RESERVE), { ...DEFAULTS, ...BOT, REPOSITORY_URL: `file://${remote}`, COMMIT: commit });
const reservedIn = (remote: string) =>
  spawnSync('git', ['for-each-ref', '--format=%(refname)', 'refs/versions'], { cwd: remote, encoding: 'utf8' })
    .stdout.split('\n')
    .filter(Boolean);

test('runs at once on one commit and its descendant reserve one number each, and none tags anything', async () => {
  const sources = after('v1.0.0', 'feat: a');
  const first = sources.git('rev-parse', 'HEAD');
  const second = sources.commit('feat: b').git('rev-parse', 'HEAD');
  const remote = remoteOf(sources);
  const runs = await Promise.all([reserve(remote, first), reserve(remote, first), reserve(remote, second)]);
  expect(runs.map(({ status, log }) => (status === 0 ? '' : log))).toEqual(['', '', '']);
  expect(runs[0].version).toBe(runs[1].version);
  expect([runs[0].version, runs[2].version].sort()).toEqual(['1.1.0', '1.2.0']);
  expect([reservedIn(remote), tagsOf(remote)]).toEqual([['refs/versions/v1.1.0', 'refs/versions/v1.2.0'], ['v1.0.0']]);
});

test('a reservation is kept when the run is started again, and the tag of the release replaces it', async () => {
  const sources = after('v1.0.0', 'fix: a');
  const remote = remoteOf(sources);
  const commit = sources.git('rev-parse', 'HEAD');
  expect((await reserve(remote, commit)).version).toBe('1.0.1');
  expect((await reserve(remote, commit)).version).toBe('1.0.1');
  const env = { ...BOT, REPOSITORY_URL: `file://${remote}`, COMMIT: commit, TAG: 'v1.0.1', MESSAGE: 'm' };
  expect((await start(TAG, env)).status).toBe(0);
  expect([reservedIn(remote), tagsOf(remote)]).toEqual([[], ['v1.0.0', 'v1.0.1']]);
  expect((await reserve(remote, commit)).version).toBe('1.0.1');
  expect(reservedIn(remote)).toEqual([]);
});

test('a claim that is started again finds its own version, and makes no second tag', async () => {
  const sources = after('v1.0.0', 'feat: a');
  const remote = remoteOf(sources);
  const commit = sources.git('rev-parse', 'HEAD');
  expect(await claim(remote, commit)).toMatchObject({ status: 0, version: '1.1.0' });
  expect(await claim(remote, commit)).toMatchObject({ status: 0, version: '1.1.0' });
  expect(tagsOf(remote)).toEqual(['v1.0.0', 'v1.1.0']);
});

test('a claim that the server rejects fails after three attempts, and says what may be wrong', async () => {
  const sources = after('v1.0.0', 'feat: a');
  const remote = remoteOf(sources);
  fs.writeFileSync(path.join(remote, 'hooks/pre-receive'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  const run = await claim(remote, sources.git('rev-parse', 'HEAD'));
  expect([run.status, run.version]).toEqual([1, undefined]);
  expect(run.log).toContain('rejected for the third time');
  expect(run.log.replace(/::add-mask::.*/g, '')).not.toContain(
    Buffer.from('x-access-token:s3cret-token').toString('base64'),
  );
});

test('the credential reaches no hook, configuration or program that a job left behind', async () => {
  const sources = after('v1.0.0', 'feat: a');
  const remote = remoteOf(sources);
  const home = temporaryFolder();
  const trap = path.join(home, 'trapped');
  const hook = `#!/bin/sh\nenv >>${trap}\n`;
  fs.mkdirSync(path.join(home, 'hooks'));
  ['pre-push', 'reference-transaction', 'post-index-change'].forEach((name) =>
    fs.writeFileSync(path.join(home, 'hooks', name), hook, { mode: 0o755 }),
  );
  fs.writeFileSync(
    path.join(home, '.gitconfig'),
    `[core]\n\thooksPath = ${home}/hooks\n\tsshCommand = ${home}/hooks/pre-push\n[credential]\n\thelper = !env >>${trap}\n`,
  );
  const env = {
    HOME: home,
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'core.hooksPath',
    GIT_CONFIG_VALUE_0: `${home}/hooks`,
    GIT_TRACE: trap,
    GIT_TEMPLATE_DIR: home,
  };
  const commit = sources.git('rev-parse', 'HEAD');
  const shared = { ...DEFAULTS, ...BOT, REPOSITORY_URL: `file://${remote}`, COMMIT: commit, ...env };
  expect(await start(CLAIM, shared)).toMatchObject({ status: 0 });
  expect(await start(TAG, { ...shared, TAG: 'v7.0.0', MESSAGE: 'Release v7.0.0' })).toMatchObject({ status: 0 });
  expect(fs.existsSync(trap)).toBe(false);
});

test('a release tag is made once, annotated, by the bot, and never moved', async () => {
  const sources = after('v1.0.0', 'feat: a');
  const remote = remoteOf(sources);
  const commit = sources.git('rev-parse', 'HEAD');
  const tag = (of: string) =>
    start(TAG, {
      ...BOT,
      REPOSITORY_URL: `file://${remote}`,
      COMMIT: of,
      TAG: 'web/v1.1.0',
      MESSAGE: "Release $(touch x) `touch x`\n'",
    });
  expect(await tag(commit)).toMatchObject({ status: 0 });
  expect((await tag(commit)).log).toContain('is tagged as web/v1.1.0 already');
  const show = spawnSync(
    'git',
    [
      'for-each-ref',
      '--format=%(objecttype) %(taggername) %(taggeremail) %(*objectname)%0a%(contents)',
      'refs/tags/web/v1.1.0',
    ],
    { cwd: remote, encoding: 'utf8' },
  ).stdout;
  expect(show).toBe(`tag Release bot <bot@example.com> ${commit}\nRelease $(touch x) \`touch x\`\n'\n\n`);
  const other = await tag(sources.git('rev-parse', 'v1.0.0'));
  expect([other.status, other.log.includes('already: a later run took this version')]).toEqual([1, true]);
});

test.each(['v1..2', '-v1', 'v1 0', 'v1.lock', '', 'v1~', '$(x)'])(
  '%j is no tag, and nothing is pushed',
  async (name) => {
    const sources = after('v1.0.0');
    const remote = remoteOf(sources);
    const run = await start(TAG, {
      ...BOT,
      REPOSITORY_URL: `file://${remote}`,
      COMMIT: sources.git('rev-parse', 'HEAD'),
      TAG: name,
      MESSAGE: 'x',
    });
    expect(run.status).toBe(1);
    expect(tagsOf(remote)).toEqual(['v1.0.0']);
  },
);
