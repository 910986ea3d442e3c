import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { runBash } from '../support/bash';
import { temporaryFolder } from '../support/workspace';

const SCRIPTS = path.join(__dirname, '../../lib/recipe/scripts');
const SCRIPT = ['version-common.sh', 'version-from-commits.sh']
  .map((name) => fs.readFileSync(path.join(SCRIPTS, name), 'utf8'))
  .join('\n');

const DEFAULTS = {
  TAG_PREFIX: 'v',
  INITIAL: '0.1.0',
  MAJOR: 'major:',
  MINOR: 'minor:\nfeat:\nfeature:',
  CONVENTIONAL: 'no',
  PATHS: '',
};

/** A git repository that a test fills with commits and tags. */
class Sources {
  readonly folder = temporaryFolder();
  private files = 0;

  constructor() {
    this.git('init', '--quiet', '--initial-branch', 'main');
  }

  git(...args: string[]): string {
    const identity = ['-c', 'user.name=t', '-c', 'user.email=t@example.com', '-c', 'commit.gpgSign=false'];
    const run = spawnSync('git', [...identity, ...args], { cwd: this.folder, encoding: 'utf8' });
    if (run.status !== 0) {
      throw new Error(run.stderr);
    }
    return run.stdout.trim();
  }

  commit(message: string, file = `file-${this.files++}`): this {
    fs.mkdirSync(path.dirname(path.join(this.folder, file)), { recursive: true });
    fs.appendFileSync(path.join(this.folder, file), 'x');
    this.git('add', '--all');
    const text = path.join(temporaryFolder(), 'message');
    fs.writeFileSync(text, message);
    this.git('commit', '--quiet', '--cleanup=verbatim', '--allow-empty-message', '--file', text);
    return this;
  }

  tag(...names: string[]): this {
    names.forEach((name) => this.git('tag', name));
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
  const sources = new Sources().commit('begin').tag(tag);
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

test.each(HOSTILE)('the message %j counts for %s and does nothing else', (message, version) => {
  const sources = after('v1.2.3', message);
  const { status, lines, stderr } = versionOf(sources);
  expect([status, stderr, lines.length, lines[0]]).toEqual([0, '', 5, `version=${version}`]);
  expect(lines.every((line) => /^(version|tag|previous|bump|changed)=[a-z0-9.]*$/.test(line))).toBe(true);
  expect(fs.readdirSync(sources.folder).filter((name) => !/^(file-\d+|\.git)$/.test(name))).toEqual([]);
});
