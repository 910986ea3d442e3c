import * as fs from 'node:fs';
import * as path from 'node:path';
import { GitOpsApp } from '../../lib/app';
import { OutputFile, readIfPresent, reportingErrors, RootFile, writeAtomically } from '../../lib/output';
import { codesOf, problemsOf } from '../support/problems';
import { temporaryFolder } from '../support/workspace';

const modeOf = (file: string) => fs.statSync(file).mode & 0o777;

test('a file keeps its mode, unless a mode is set', () => {
  const file = path.join(temporaryFolder(), 'f');
  writeAtomically(file, '1');
  expect(modeOf(file)).toBe(0o644);
  fs.chmodSync(file, 0o444);
  writeAtomically(file, '2');
  expect([modeOf(file), fs.readFileSync(file, 'utf8')]).toEqual([0o444, '2']);
  writeAtomically(file, '3', 0o755);
  expect(modeOf(file)).toBe(0o755);
});

test('a link stays a link, also one that leads nowhere yet', () => {
  const folder = temporaryFolder();
  const [link, target] = ['link', 'target'].map((name) => path.join(folder, name));
  fs.symlinkSync('target', link);
  for (const text of ['1', '2']) {
    writeAtomically(link, text);
    expect([fs.readlinkSync(link), fs.readFileSync(target, 'utf8')]).toEqual(['target', text]);
  }
});

test('a directory at the place of the file is a ForgeError for reading and writing, and nothing is left behind', () => {
  const folder = temporaryFolder();
  fs.mkdirSync(path.join(folder, 'f'));
  expect(codesOf(() => writeAtomically(path.join(folder, 'f'), 'x'))).toEqual(['FORGE-OUT-009']);
  expect(codesOf(() => readIfPresent(path.join(folder, 'f')))).toEqual(['FORGE-OUT-009']);
  expect(fs.readdirSync(folder)).toEqual(['f']);
  expect(readIfPresent(path.join(folder, 'none'))).toBeUndefined();
});

test('an error of the operating system is a ForgeError with its reason; other errors pass', () => {
  const failing = (code?: string) => () =>
    reportingErrors('f', () => {
      throw Object.assign(new Error('boom'), { code });
    });
  expect(problemsOf(failing('ENOSPC'))[0]).toMatchObject({
    code: 'FORGE-OUT-009',
    message: expect.stringMatching(/space/),
  });
  expect(problemsOf(failing('EOTHER'))[0].message).toContain('EOTHER');
  expect(failing()).toThrow('boom');
});

test('the temporary file of a killed process is removed, and that of a running process stays', () => {
  const folder = temporaryFolder();
  fs.writeFileSync(path.join(folder, '.f.999999999-1.tmp'), 'x');
  fs.writeFileSync(path.join(folder, `.f.${process.ppid}-1.tmp`), 'x');
  writeAtomically(path.join(folder, 'f'), 'x');
  expect(fs.readdirSync(folder)).toEqual([`.f.${process.ppid}-1.tmp`, 'f']);
});

test.each(['file', 'root'])(
  'a %s whose path is longer than the file system takes is an error, and one that fits is written',
  (kind) => {
    const synth = (name: string) => {
      const folder = temporaryFolder();
      const app = new GitOpsApp({ outdir: `${folder}/dist`, imageLock: `${folder}/images.yaml` });
      const props = { path: `${name}.txt`, content: 'x\n' };
      const File = kind === 'root' ? RootFile : OutputFile;
      new File(app, 'f', props);
      app.synth();
    };
    // 4,096 bytes in all, on Linux. The names alone are checked before.
    const path = (parts: number) => Array<string>(parts).fill('x'.repeat(200)).join('/');
    expect(codesOf(() => synth(path(25)))).toEqual(['FORGE-OUT-009']);
    expect(() => synth(path(5))).not.toThrow();
  },
);
