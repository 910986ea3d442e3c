import * as fs from 'node:fs';
import * as path from 'node:path';
import { OutputDirectory, PlannedFile } from '../../lib/output';
import { codesOf } from '../support/problems';
import { readTree, temporaryFolder, writeTree } from '../support/workspace';

const file = (name: string, text = 'x\n', origin = name): PlannedFile => ({ path: name, text, origin });

function ours(folder: string): Record<string, string> {
  return Object.fromEntries(Object.entries(readTree(folder)).filter(([file]) => file !== '.cdk8s-forge.json'));
}

test('writes what changed, leaves what did not, removes what it no longer produces', () => {
  const folder = temporaryFolder();
  const directory = new OutputDirectory(folder);
  directory.write([file('a/one', '1'), file('a/two', '2'), file('b/three', '3')]);
  const before = fs.statSync(path.join(folder, 'a/one')).mtimeMs;
  const report = directory.write([file('a/one', '1'), file('a/two', 'two')]);
  expect(report).toEqual({ written: ['a/two'], unchanged: ['a/one'], removed: ['b/three'] });
  expect(fs.statSync(path.join(folder, 'a/one')).mtimeMs).toBe(before);
  expect(ours(folder)).toEqual({ 'a/one': '1', 'a/two': 'two' });
  expect(fs.existsSync(path.join(folder, 'b'))).toBe(false);
});

test('never touches the files of others, not even in a folder that it empties', () => {
  const folder = temporaryFolder();
  writeTree(folder, { 'b/theirs': 'theirs' });
  const directory = new OutputDirectory(folder);
  directory.write([file('b/ours')]);
  directory.write([]);
  expect(ours(folder)).toEqual({ 'b/theirs': 'theirs' });
});

test('refuses to overwrite a file that it did not write', () => {
  const folder = temporaryFolder();
  writeTree(folder, { 'a/one': 'by hand' });
  expect(new OutputDirectory(folder).foreignFilesIn([file('a/one')]).all.map((p) => p.code)).toEqual(['FORGE-OUT-003']);
});

test('adopts a file of the same content: a clone without the list of owned files can still be synthesized', () => {
  const folder = temporaryFolder();
  writeTree(folder, { 'a/one': 'x\n' });
  const directory = new OutputDirectory(folder);
  expect(directory.foreignFilesIn([file('a/one')]).all).toEqual([]);
  directory.write([file('a/one')]);
  expect(directory.write([]).removed).toEqual(['a/one']);
});

test('refuses two constructs with one file, also when the names differ in case only, and a file below a file', () => {
  const problems = (...files: PlannedFile[]) => OutputDirectory.collisionsIn(files).all.map((p) => p.code);
  expect(problems(file('a', 'x', 'one'), file('a', 'x', 'two'))).toEqual(['FORGE-OUT-002']);
  expect(problems(file('a/b'), file('A/B'))).toEqual(['FORGE-OUT-002']);
  expect(problems(file('a'), file('a/b'))).toEqual(['FORGE-OUT-002']);
  expect(problems(file('a/b'), file('a/c'))).toEqual([]);
});

test('refuses a name that the file system does not take, and no shorter one', () => {
  const problems = (name: string) => OutputDirectory.collisionsIn([file(`a/${name}`)]).all.map((p) => p.code);
  const names = ['x'.repeat(255), 'x'.repeat(256), 'é'.repeat(127), 'é'.repeat(128)];
  const taken = names.map((name) => {
    try {
      fs.writeFileSync(path.join(temporaryFolder(), name), '');
      return true;
    } catch {
      return false;
    }
  });
  expect(taken).toEqual([true, false, true, false]);
  expect(names.map(problems)).toEqual([[], ['FORGE-OUT-013'], [], ['FORGE-OUT-013']]);
  expect(problems(`${'x'.repeat(256)}/y`)).toEqual(['FORGE-OUT-013']);
});

test('a list of owned files that points outside the directory removes nothing there', () => {
  const parent = temporaryFolder();
  const folder = path.join(parent, 'dist');
  writeTree(parent, {
    precious: 'x',
    'dist/.cdk8s-forge.json': JSON.stringify({
      files: ['../precious', path.join(parent, 'precious'), 'a/../../precious', 7],
    }),
  });
  new OutputDirectory(folder).write([]);
  expect(fs.existsSync(path.join(parent, 'precious'))).toBe(true);
});

test('a list of owned files that cannot be read is an error, and nothing changes; without the list, equal files are ours', () => {
  for (const text of ['{', '<<<<<<< HEAD\n{"files": []}', '{}', 'null', '{"files": "a"}']) {
    const folder = temporaryFolder();
    writeTree(folder, { '.cdk8s-forge.json': text, theirs: 'x' });
    expect(codesOf(() => new OutputDirectory(folder).foreignFilesIn([file('a')]))).toEqual(['FORGE-OUT-008']);
    expect(codesOf(() => new OutputDirectory(folder).write([file('a')]))).toEqual(['FORGE-OUT-008']);
    expect(ours(folder)).toEqual({ theirs: 'x' });
  }
});

describe('what is in the way', () => {
  const codes = (folder: string, ...files: PlannedFile[]) =>
    new OutputDirectory(folder).foreignFilesIn(files).all.map((p) => p.code);

  test('a file where a directory must be, a directory where a file must be', () => {
    const folder = temporaryFolder();
    writeTree(folder, { parent: 'x', 'dir/theirs': 'x', 'free/theirs': 'x' });
    expect(codes(folder, file('parent/a'), file('dir'))).toEqual(['FORGE-OUT-007', 'FORGE-OUT-007']);
    expect(codes(folder, file('free/a'), file('other'))).toEqual([]);
    expect(codesOf(() => codes(path.join(folder, 'parent'), file('a')))).toEqual(['FORGE-OUT-009']);
  });

  test('a link that leads out of the directory, but not a link inside, and not the directory as a link', () => {
    const parent = temporaryFolder();
    writeTree(parent, { 'precious.txt': 'x', 'real/inside.txt': 'x\n', 'elsewhere/keep': 'x' });
    fs.symlinkSync('../precious.txt', path.join(parent, 'real/out'));
    fs.symlinkSync('../elsewhere', path.join(parent, 'real/folder'));
    fs.symlinkSync('inside.txt', path.join(parent, 'real/in'));
    fs.symlinkSync('real', path.join(parent, 'dist'));
    const folder = path.join(parent, 'dist');
    expect(codes(folder, file('out'))).toEqual(['FORGE-OUT-007']);
    expect(codes(folder, file('folder/a'))).toEqual(['FORGE-OUT-007']);
    expect(codes(folder, file('in'), file('new'))).toEqual([]);
    new OutputDirectory(folder).write([file('new')]);
    expect(fs.readFileSync(path.join(parent, 'real/new'), 'utf8')).toBe('x\n');
  });

  test('our own files are not: a file becomes a directory, a directory a file, and a name changes in case only', () => {
    const folder = temporaryFolder();
    const directory = new OutputDirectory(folder);
    directory.write([file('a'), file('b/one'), file('b/deep/two'), file('Name')]);
    const next = [file('a/x'), file('b'), file('name')];
    expect(directory.foreignFilesIn(next).all).toEqual([]);
    expect(directory.write(next).removed.sort()).toEqual(['Name', 'a', 'b/deep/two', 'b/one']);
    expect(ours(folder)).toEqual({ 'a/x': 'x\n', b: 'x\n', name: 'x\n' });
  });

  test('neither are empty directories, which Git does not have; a file or a link in one of them is', () => {
    const folder = temporaryFolder();
    const directory = new OutputDirectory(folder);
    directory.write([file('host/a/b'), file('kept')]);
    ['host/a/empty/deep', 'other/empty', 'linked'].forEach((name) =>
      fs.mkdirSync(path.join(folder, name), { recursive: true }),
    );
    const next = [file('host/a'), file('other')];
    expect(directory.foreignFilesIn(next).all).toEqual([]);
    expect(directory.write(next).written).toEqual(['host/a', 'other']);
    expect(ours(folder)).toEqual({ 'host/a': 'x\n', other: 'x\n' });
    fs.mkdirSync(path.join(folder, 'third/empty'), { recursive: true });
    fs.symlinkSync('../../linked', path.join(folder, 'third/empty/link'));
    fs.symlinkSync('linked', path.join(folder, 'link'));
    expect(codes(folder, file('third'), file('link'), file('linked'))).toEqual(['FORGE-OUT-007', 'FORGE-OUT-007']);
  });

  test('a directory of ours with a file of another owner in it is', () => {
    const folder = temporaryFolder();
    const directory = new OutputDirectory(folder);
    directory.write([file('b/one')]);
    writeTree(folder, { 'b/theirs': 'x' });
    expect(directory.foreignFilesIn([file('b')]).all.map((p) => p.code)).toEqual(['FORGE-OUT-007']);
  });
});

test('a file that is removed is no longer ours: a file that is written there by hand later stays', () => {
  const folder = temporaryFolder();
  const directory = new OutputDirectory(folder);
  directory.write([file('a'), file('b')]);
  directory.write([file('a')]);
  writeTree(folder, { b: 'by hand' });
  directory.write([file('a')]);
  expect(ours(folder)).toEqual({ a: 'x\n', b: 'by hand' });
});

test('the plan has one entry a line, sorted, and is written only if it changes', () => {
  const folder = temporaryFolder();
  const directory = new OutputDirectory(folder);
  const list = path.join(folder, '.cdk8s-forge.json');
  directory.write([file('b'), file('a')], { clusters: [{ name: 'two' }, { name: 'one' }], checks: [] });
  const text = fs.readFileSync(list, 'utf8');
  expect(text.split('\n').slice(2)).toEqual([
    '  "version": 1,',
    '  "files": [',
    '    "a",',
    '    "b"',
    '  ],',
    '  "clusters": [',
    '    {"name":"one"},',
    '    {"name":"two"}',
    '  ],',
    '  "checks": []',
    '}',
    '',
  ]);
  const { mtimeMs } = fs.statSync(list);
  directory.write([file('a'), file('b')], { clusters: [{ name: 'one' }, { name: 'two' }], checks: [] });
  expect(fs.statSync(list).mtimeMs).toBe(mtimeMs);
  directory.write([file('a'), file('b')], { clusters: [{ name: 'one' }], checks: [] });
  expect(JSON.parse(fs.readFileSync(list, 'utf8')).clusters).toEqual([{ name: 'one' }]);
});

test('a run that was killed before it finished knows its own files the next time', () => {
  const folder = temporaryFolder();
  const directory = new OutputDirectory(folder);
  directory.write([file('a', '1')]);
  writeTree(folder, { '.cdk8s-forge.json': JSON.stringify({ files: ['a', 'b'] }), b: 'half' });
  expect(directory.foreignFilesIn([file('b', 'whole')]).all).toEqual([]);
  directory.write([file('b', 'whole')]);
  expect(ours(folder)).toEqual({ b: 'whole' });
});

test('a run that fails on the way has claimed its files before, beside those of the last run', () => {
  const folder = temporaryFolder();
  const directory = new OutputDirectory(folder);
  directory.write([file('a'), file('old')]);
  writeTree(folder, { 'c/theirs': 'x' });
  expect(codesOf(() => directory.write([file('a', 'y\n'), file('b'), file('c')]))).toEqual(['FORGE-OUT-009']);
  // What was written is ours, and may be replaced or removed.
  expect(directory.foreignFilesIn([file('b', 'z\n')]).all).toEqual([]);
  expect(directory.write([file('b', 'z\n')]).removed).toEqual(['a']);
  expect(ours(folder)).toEqual({ b: 'z\n', 'c/theirs': 'x' });
});

test('an executable file is executable, and a change of that alone is written', () => {
  const folder = temporaryFolder();
  const directory = new OutputDirectory(folder);
  directory.write([{ ...file('run.sh'), executable: true }]);
  expect(fs.statSync(path.join(folder, 'run.sh')).mode & 0o111).toBe(0o111);
  expect(directory.write([file('run.sh')]).written).toEqual(['run.sh']);
  expect(fs.statSync(path.join(folder, 'run.sh')).mode & 0o111).toBe(0);
});

test('a collision names both constructs, and both paths where they differ', () => {
  const messages = (...files: PlannedFile[]) => OutputDirectory.collisionsIn(files).all.map(({ message }) => message);
  expect([
    messages(file('a', 'x', 'one'), file('a', 'x', 'two')),
    messages(file('a/b', 'x', 'one'), file('A/B', 'x', 'two')),
    messages(file('a/b/c/d', 'x', 'one'), file('a/b', 'x', 'two')),
    messages(file('a', 'x', 'one'), file('a/b/c', 'x', 'two')),
  ]).toEqual([
    ['"a" is claimed by "one" and by "two"'],
    ['"A/B" of "two" collides with "a/b" of "one"'],
    ['"a/b/c/d" of "one" collides with "a/b" of "two"'],
    ['"a/b/c" of "two" collides with "a" of "one"'],
  ]);
  expect(messages(file('a/b/c'), file('a/bc'), file('b'), file('a/b.c'))).toEqual([]);
});

test('another app is one with other clusters and other files; a common file or cluster is enough to be the same', () => {
  const planned = (clusters: unknown) => {
    const folder = temporaryFolder();
    new OutputDirectory(folder).write([file('a/one'), ...shared], { clusters: clusters as object[] });
    return new OutputDirectory(folder);
  };
  const shared = [file('RUNBOOK.md'), file('runbook/no_cluster.md'), file('host/verify.sh')];
  const home = planned([{ name: 'home' }]);
  expect([
    home.isOfAnotherApp([file('b/two'), ...shared], ['lab']),
    home.isOfAnotherApp([file('b/two'), ...shared], []),
    home.isOfAnotherApp([file('b/two'), ...shared], ['lab', 'home']),
    home.isOfAnotherApp([file('a/one'), ...shared], ['lab']),
    home.isOfAnotherApp(shared, ['lab']),
    planned([]).isOfAnotherApp([file('b/two')], ['lab']),
    planned([{ name: 7 }, {}]).isOfAnotherApp([file('b/two')], ['lab']),
    new OutputDirectory(temporaryFolder()).isOfAnotherApp([file('b/two')], ['lab']),
  ]).toEqual([true, true, false, false, false, false, false, false]);
});

test('what a run would change is what it changes', () => {
  const folder = temporaryFolder();
  const directory = new OutputDirectory(folder);
  const script = { ...file('run.sh'), executable: true };
  directory.write([file('a/one', '1'), file('a/two', '2'), file('three'), script]);
  writeTree(folder, { theirs: 'x' });
  fs.rmSync(path.join(folder, 'three'));
  const next = [file('a/one', '1'), file('a/two', 'two'), file('four'), file('run.sh')];
  const plan = { file: '.cdk8s-forge.json', change: 'updated' };
  expect(directory.changesFor(next)).toEqual([
    { file: 'a/two', change: 'updated' },
    { file: 'four', change: 'created' },
    { file: 'run.sh', change: 'updated' },
    plan,
  ]);
  expect(directory.changesFor([])).toEqual([
    plan,
    ...['a/one', 'a/two', 'run.sh'].map((name) => ({ file: name, change: 'removed' })),
  ]);
  directory.write(next);
  expect(directory.changesFor(next)).toEqual([]);
});

test('the plan file says what it is', () => {
  const folder = temporaryFolder();
  new OutputDirectory(folder).write([file('a')]);
  expect(JSON.parse(fs.readFileSync(path.join(folder, '.cdk8s-forge.json'), 'utf8'))).toEqual({
    comment: 'Written by cdk8s-forge: the files in this directory that it owns, and its plan.',
    version: 1,
    files: ['a'],
  });
});

test('a file that was there gets the mode that is wanted, whatever it had', () => {
  const folder = temporaryFolder();
  const directory = new OutputDirectory(folder);
  const modeOf = () => fs.statSync(path.join(folder, 'run.sh')).mode & 0o777;
  directory.write([{ ...file('run.sh', '1'), executable: true }]);
  expect(modeOf()).toBe(0o755);
  directory.write([file('run.sh', '2')]);
  expect(modeOf()).toBe(0o644);
  directory.write([{ ...file('run.sh', '3'), executable: true }]);
  expect(modeOf()).toBe(0o755);
});
