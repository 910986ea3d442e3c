import { execFileSync, spawnSync } from 'node:child_process';
import * as os from 'node:os';
import * as path from 'node:path';
import { OutputDirectory, PlannedFile } from '../../lib/output';
import { temporaryFolder } from '../support/workspace';

const volume = { root: '' };

/** Node's file functions on a played volume that keeps the case of names and ignores it, as APFS and NTFS do by default. */
jest.mock('node:fs', () => {
  const fs = jest.requireActual<typeof import('node:fs')>('node:fs');
  const actual = (file: unknown): unknown => {
    if (volume.root === '' || typeof file !== 'string' || !file.startsWith(`${volume.root}/`)) {
      return file;
    }
    return file
      .slice(volume.root.length + 1)
      .split('/')
      .reduce((folder, part) => {
        const names = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
        return `${folder}/${names.find((name) => name.toLowerCase() === part.toLowerCase()) ?? part}`;
      }, volume.root);
  };
  type Call = (...args: unknown[]) => unknown;
  const played = (name: string, call: Call): Call => {
    if (name === 'chmodSync' && volume.root !== '') {
      return () => undefined;
    }
    return (first, ...rest) => {
      const result = call(actual(first), ...(name === 'renameSync' ? [actual(rest[0])] : rest));
      // The volume keeps no modes: everything is executable.
      return name === 'statSync' && result && volume.root !== ''
        ? Object.assign(result, { mode: (result as { mode: number }).mode | 0o111 })
        : result;
    };
  };
  return Object.fromEntries(
    Object.entries(fs).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === 'function' && name.endsWith('Sync')
        ? (...args: unknown[]) => played(name, value as Call)(...args)
        : value,
    ]),
  );
});

const real = jest.requireActual<typeof import('node:fs')>('node:fs');

/** Mounts a small NTFS volume that ignores case; undefined without the tools or the right to mount. */
function mountedVolume(): string | undefined {
  const image = path.join(temporaryFolder(), 'volume.img');
  const folder = real.mkdtempSync(path.join(os.tmpdir(), 'cdk8s-forge-volume-'));
  real.writeFileSync(image, '');
  real.truncateSync(image, 8 << 20);
  cleanups.push(() => real.rmdirSync(folder));
  const isMade = spawnSync('mkntfs', ['-q', '-F', '-f', image], { timeout: 20_000 }).status === 0;
  const mount = ['-o', 'ignore_case', image, folder];
  if (!isMade || spawnSync('lowntfs-3g', mount, { timeout: 20_000 }).status !== 0) {
    return undefined;
  }
  cleanups.unshift(() => execFileSync('umount', [folder]));
  return folder;
}

const cleanups: (() => void)[] = [];
const mounted = mountedVolume();
afterAll(() => cleanups.forEach((cleanup) => cleanup()));

const file = (name: string, text = 'x\n'): PlannedFile => ({ path: name, text, origin: name });

/** Every file of ours, with its text. */
const filesIn = (folder: string) =>
  Object.fromEntries(
    real
      .readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => real.statSync(path.join(folder, name)).isFile() && !name.endsWith('.cdk8s-forge.json'))
      .map((name) => [name, real.readFileSync(path.join(folder, name), 'utf8')]),
  );

/** What a second plan does to the files of a first one, and to files of others. */
function after(folder: string, plans: { first?: PlannedFile[]; theirs?: string; next: PlannedFile[] }) {
  const directory = new OutputDirectory(folder);
  directory.write(plans.first ?? [file('other')]);
  if (plans.theirs) {
    real.mkdirSync(path.join(folder, path.dirname(plans.theirs)), { recursive: true });
    real.writeFileSync(path.join(folder, plans.theirs), 'by hand\n');
  }
  const codes = directory.foreignFilesIn(plans.next).all.map(({ code }) => code);
  if (codes.length > 0) {
    return codes;
  }
  directory.write(plans.next);
  expect(directory.write(plans.next).written).toEqual([]);
  return filesIn(folder);
}

const VOLUMES: [string, () => string | undefined][] = [
  ['played', () => (volume.root = temporaryFolder())],
  ['mounted', () => mounted],
];

describe.each(VOLUMES)('on a %s volume that ignores case', (kind, rootOf) => {
  const isThere = kind === 'played' || mounted !== undefined;
  const check = isThere ? test : test.skip;
  let made = 0;
  const folder = () => {
    const root = path.join(rootOf()!, `dist-${++made}`);
    real.mkdirSync(root);
    return root;
  };
  afterEach(() => {
    volume.root = '';
  });

  check('(skipped without mkntfs, lowntfs-3g and the right to mount) the volume does ignore case', () => {
    const root = folder();
    new OutputDirectory(root).write([file('Name')]);
    expect(jest.requireMock<typeof real>('node:fs').existsSync(path.join(root, 'nAME'))).toBe(true);
  });

  check('a file is renamed in case, with other content, alone and in a directory', () => {
    expect(after(folder(), { first: [file('Name')], next: [file('name')] })).toEqual({ name: 'x\n' });
    expect(after(folder(), { first: [file('Name')], next: [file('name', 'y\n')] })).toEqual({ name: 'y\n' });
    const moved = after(folder(), {
      first: [file('Dir/a'), file('Dir/b')],
      next: [file('dir/a', 'y\n'), file('dir/b')],
    });
    expect(moved).toEqual({ 'dir/a': 'y\n', 'dir/b': 'x\n' });
  });

  check('a file becomes a directory, and a directory a file, of another case', () => {
    expect(after(folder(), { first: [file('A')], next: [file('a/x')] })).toEqual({ 'a/x': 'x\n' });
    expect(after(folder(), { first: [file('A/x')], next: [file('a')] })).toEqual({ a: 'x\n' });
  });

  check('a file of others is not overwritten under another case, and one of a different name is no obstacle', () => {
    expect(after(folder(), { theirs: 'theirs', next: [file('THEIRS')] })).toEqual(['FORGE-OUT-003']);
    expect(after(folder(), { theirs: 'dir/theirs', next: [file('Dir')] })).toEqual(['FORGE-OUT-007']);
    expect(after(folder(), { theirs: 'theirs', next: [file('mine')] })).toEqual({
      mine: 'x\n',
      theirs: 'by hand\n',
    });
  });
});

test('on a volume that respects case, names that differ in case are different files', () => {
  const root = path.join(temporaryFolder(), 'dist');
  real.mkdirSync(root);
  expect(after(root, { theirs: 'theirs', next: [file('Theirs')] })).toEqual({
    Theirs: 'x\n',
    theirs: 'by hand\n',
  });
});
