import * as fs from 'node:fs';
import * as path from 'node:path';
import { OutputDirectory, PlannedFile } from '../../lib/output';
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

test('a broken list of owned files is no reason to fail: nothing is owned then', () => {
  const folder = temporaryFolder();
  writeTree(folder, { '.cdk8s-forge.json': '{', theirs: 'x' });
  new OutputDirectory(folder).write([file('a')]);
  expect(ours(folder)).toEqual({ a: 'x\n', theirs: 'x' });
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

test('an executable file is executable, and a change of that alone is written', () => {
  const folder = temporaryFolder();
  const directory = new OutputDirectory(folder);
  directory.write([{ ...file('run.sh'), executable: true }]);
  expect(fs.statSync(path.join(folder, 'run.sh')).mode & 0o111).toBe(0o111);
  expect(directory.write([file('run.sh')]).written).toEqual(['run.sh']);
  expect(fs.statSync(path.join(folder, 'run.sh')).mode & 0o111).toBe(0);
});
