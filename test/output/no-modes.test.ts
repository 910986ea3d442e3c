import * as path from 'node:path';
import { RootFile } from '../../lib/output';
import { newApp } from '../flux/support';
import { codesOf } from '../support/problems';
import { temporaryFolder } from '../support/workspace';

const volume: { change?: () => void } = {};

/** Node's file functions on a played volume that keeps no modes, or refuses them, as FAT does. */
jest.mock('node:fs', () => {
  const fs = jest.requireActual<typeof import('node:fs')>('node:fs');
  return Object.fromEntries(
    Object.entries(fs).map(([name, value]: [string, unknown]) => [
      name,
      name === 'chmodSync' || name === 'fchmodSync'
        ? (...args: unknown[]) => (volume.change ? volume.change() : (value as (...all: unknown[]) => unknown)(...args))
        : value,
    ]),
  );
});

const fs = jest.requireActual<typeof import('node:fs')>('node:fs');

const refused = (code: string) => () => {
  throw Object.assign(new Error(code), { code });
};

function program(folder: string) {
  const { app } = newApp(folder);
  new RootFile(app, 'run', { path: 'run.sh', content: 'true\n', executable: true });
  return () => app.synth();
}

afterEach(() => {
  volume.change = undefined;
  jest.restoreAllMocks();
});

test.each<[string, () => void]>([
  ['ignores modes', () => undefined],
  ['refuses modes', refused('EPERM')],
  ['does not support modes', refused('ENOTSUP')],
])('on a volume that %s, a script is written once', (_, change) => {
  const folder = temporaryFolder();
  volume.change = change;
  program(folder)();
  const file = path.join(folder, 'run.sh');
  const { mode, ino } = fs.statSync(file);
  expect(mode & 0o111).toBe(0);
  expect(fs.readFileSync(file, 'utf8')).toContain('true');
  fs.utimesSync(file, 1, 1);
  program(folder)();
  expect([fs.statSync(file).mtimeMs, fs.statSync(file).ino]).toEqual([1000, ino]);
});

test('another error is reported, and so is the file of another user', () => {
  const folder = temporaryFolder();
  volume.change = refused('EROFS');
  expect(codesOf(program(folder))).toEqual(['FORGE-OUT-009']);
  volume.change = undefined;
  expect(program(folder)).not.toThrow();
  fs.chmodSync(path.join(folder, 'run.sh'), 0o644);
  volume.change = refused('EPERM');
  expect(program(folder)).not.toThrow();
  jest.spyOn(process, 'geteuid').mockReturnValue(fs.statSync(folder).uid + 1);
  expect(codesOf(program(folder))).toEqual(['FORGE-OUT-009']);
});
