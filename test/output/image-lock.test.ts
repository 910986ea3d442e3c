import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as fc from 'fast-check';
import { ImageLock, ManagedImage } from '../../lib/output';
import { accepts, codesOf, problemsOf } from '../support/problems';
import { temporaryFolder, writeTree } from '../support/workspace';

const HELLO: ManagedImage = {
  policy: 'flux-system:hello',
  name: 'git.example.com/a/hello',
  initialTag: '0.0.0',
  reflectsDigest: false,
  output: 'dist/clusters/home',
};
const WORLD: ManagedImage = {
  policy: 'flux-system:world',
  name: 'git.example.com/a/world',
  initialTag: '0.0.0',
  reflectsDigest: true,
  output: 'dist/clusters/away',
};
const DIGEST = `sha256:${'ab'.repeat(32)}`;

const LOCK = `# The version of every image that Flux manages. Flux edits the marked values, \`cdk8s synth\` reads them back.
# Format 2, read by cdk8s-forge 0.2.0 and later.
version: 2
images:
  flux-system:hello:
    tag: "1.2.3" # {"$imagepolicy": "flux-system:hello:tag"}
    output: dist/clusters/home
  flux-system:world:
    tag: "2.0.0" # {"$imagepolicy": "flux-system:world:tag"}
    digest: "${DIGEST}" # {"$imagepolicy": "flux-system:world:digest"}
    output: dist/clusters/away
`;

test('a lock that was read and is written again is the same, byte for byte', () => {
  expect(ImageLock.parse(LOCK, 'images.yaml').mergedWith([HELLO, WORLD]).render()).toBe(LOCK);
});

test('the order of the images in the program does not show in the lock', () => {
  expect(ImageLock.parse(LOCK, 'images.yaml').mergedWith([WORLD, HELLO]).render()).toBe(LOCK);
});

test('a new image enters with its initial tag and a place for its digest, a vanished one leaves', () => {
  const lock = ImageLock.parse(LOCK, 'images.yaml').mergedWith([{ ...WORLD, policy: 'flux-system:new' }]);
  expect(lock.render()).toContain(
    'flux-system:new:\n    tag: "0.0.0" # {"$imagepolicy": "flux-system:new:tag"}\n    digest: ""',
  );
  expect(lock.get('flux-system:hello')).toBeUndefined();
});

test('an image whose policy stops to reflect digests loses its digest and keeps its tag', () => {
  const lock = ImageLock.parse(LOCK, 'images.yaml').mergedWith([{ ...WORLD, reflectsDigest: false }]);
  expect(lock.get('flux-system:world')).toEqual({ tag: '2.0.0', output: 'dist/clusters/away' });
});

test('an empty model gives an empty lock that can be read again', () => {
  const text = ImageLock.empty().mergedWith([]).render();
  expect(ImageLock.parse(text, 'images.yaml').render()).toBe(text);
});

test('a lock of format 1 is read, and written again as format 2 with the same versions', () => {
  const old = LOCK.replace(/^# Format.*\nversion: 2\n/m, '').replace(/^ {4}output:.*\n/gm, '');
  expect(old).not.toMatch(/version:|output:/);
  expect(ImageLock.parse(old, 'images.yaml').mergedWith([HELLO, WORLD]).render()).toBe(LOCK);
  expect(ImageLock.parse(`version: 1\n${old}`, 'images.yaml').get(HELLO.policy)?.tag).toBe('1.2.3');
});

test('a format of the future names the version of the library that reads it', () => {
  const [{ fix, message }] = problemsOf(() =>
    ImageLock.parse('# Format 3, read by cdk8s-forge 1.4.0 and later.\nversion: 3\nimages: {}\n', 'images.yaml'),
  );
  expect([message, fix].join()).toMatch(/format "3".*1\.4\.0 or newer/);
  accepts(() => ImageLock.parse('# Format 2, read by cdk8s-forge 1.4.0 and later.\nversion: 2\nimages: {}\n', 'a'));
});

test('an entry of another app stays as it is, and an entry of this app that nothing uses leaves', () => {
  const merged = (outputs: string[]) => ImageLock.parse(LOCK, 'images.yaml').mergedWith([HELLO], { outputs }).render();
  expect(merged(['dist/clusters/home'])).toBe(LOCK);
  expect(merged(['dist-two'])).toBe(LOCK);
  expect(merged(['dist'])).not.toContain('flux-system:world');
  expect(merged(['dist/clusters/away'])).not.toContain('flux-system:world');
  expect(merged(['dist/clusters/aw'])).toBe(LOCK);
});

/** Returns what Git merges from a branch with Flux's commit and one with a synth. */
function merged(ofFlux: string, ofSynth: string): string {
  const folder = temporaryFolder();
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
      cwd: folder,
      stdio: 'pipe',
    });
  const commit = (text: string) => {
    writeTree(folder, { 'images.yaml': text });
    git('add', '.');
    git('commit', '--quiet', '--message', 'x');
  };
  git('init', '--quiet', '--initial-branch', 'main');
  commit(LOCK);
  git('checkout', '--quiet', '-b', 'other');
  commit(ofSynth);
  git('checkout', '--quiet', 'main');
  commit(ofFlux);
  git('merge', '--quiet', 'other');
  return fs.readFileSync(path.join(folder, 'images.yaml'), 'utf8');
}

/** All tags and digests of the lock, as Flux moves them in one commit. */
const MOVED = LOCK.replace('1.2.3', '1.2.4')
  .replace('2.0.0', '2.0.1')
  .replace(DIGEST, `sha256:${'cd'.repeat(32)}`);

test('branches that moved neighbouring images merge without a conflict', () => {
  const text = merged(LOCK.replace('2.0.0', '2.0.1'), LOCK.replace('1.2.3', '1.2.4'));
  expect(ImageLock.parse(text, 'images.yaml').get(HELLO.policy)?.tag).toBe('1.2.4');
  expect(ImageLock.parse(text, 'images.yaml').get(WORLD.policy)?.tag).toBe('2.0.1');
});

test.each(['a-first', 'in-between', 'z-last'])(
  'an image that is added, %s, merges with a commit of Flux that moves all others',
  (name) => {
    const added = { ...WORLD, policy: `flux-system:${name}` };
    const lock = (text: string, images: ManagedImage[]) => ImageLock.parse(text, 'images.yaml').mergedWith(images);
    const text = merged(MOVED, lock(LOCK, [HELLO, WORLD, added]).render());
    expect(text).toBe(lock(MOVED, [HELLO, WORLD, added]).render());
  },
);

test('an image that is removed merges with a commit of Flux that moves its neighbour', () => {
  const removed = (text: string) => ImageLock.parse(text, 'images.yaml').mergedWith([WORLD]).render();
  const moved = LOCK.replace('2.0.0', '2.0.1');
  expect(merged(moved, removed(LOCK))).toBe(removed(moved));
});

test('a tag that YAML could take for a number is read as it stands', () => {
  const lock = ImageLock.parse('images:\n  a:b:\n    tag: 1.10\n', 'images.yaml');
  expect(lock.get('a:b')).toEqual({ tag: '1.10' });
});

describe('a malformed lock is refused with line and column', () => {
  const cases: [string, string, string, string, string][] = [
    [
      'a merge conflict',
      'images:\n<<<<<<< HEAD\n  a:b:\n    tag: "1"\n',
      'FORGE-LOCK-006',
      ':2:',
      'images:\n# <<<<<<< HEAD\n  a:b:\n    tag: "1"\n',
    ],
    [
      'the middle of a merge conflict',
      'images:\n  a:b:\n    tag: "1"\n=======\n',
      'FORGE-LOCK-006',
      ':4:',
      'images:\n  a:b:\n    tag: "1"\n#=======\n',
    ],
    ['a format of the future', 'version: 3\nclusters: {}\n', 'FORGE-LOCK-007', ':1:10', 'version: 2\nimages: {}\n'],
    ['a format that is a list', 'version: []\nimages: {}\n', 'FORGE-LOCK-007', ':1:10', 'version: 1\nimages: {}\n'],
    [
      'an output outside the repository',
      'images:\n  a:b:\n    output: ../x/\n    tag: "1"\n',
      'FORGE-LOCK-004',
      ':3:13',
      'images:\n  a:b:\n    output: ..x/y\n    tag: "1"\n',
    ],
    ['an unclosed quote', 'images:\n  a:b:\n    tag: "1\n', 'FORGE-LOCK-001', ':', 'images:\n  a:b:\n    tag: "1"\n'],
    [
      'a duplicate image',
      'images:\n  a:b:\n    tag: "1"\n  a:b:\n    tag: "2"\n',
      'FORGE-LOCK-001',
      ':4:3',
      'images:\n  a:b:\n    tag: "1"\n  a:c:\n    tag: "2"\n',
    ],
    [
      'a duplicate tag',
      'images:\n  a:b:\n    tag: "1"\n    tag: "2"\n',
      'FORGE-LOCK-001',
      ':4:5',
      'images:\n  a:b:\n    tag: "1"\n    digest: ""\n',
    ],
    ['an empty file', '', 'FORGE-LOCK-002', ':1:1', 'images: {}\n'],
    ['a list', '- a\n', 'FORGE-LOCK-002', ':1:1', 'images: {}\n'],
    ['two documents', 'images: {}\n---\nimages: {}\n', 'FORGE-LOCK-001', ':2:1', '---\nimages: {}\n'],
    ['no images', 'other: {}\n', 'FORGE-LOCK-005', ':1:1', 'images: {}\n'],
    ['images that are a list', 'images: []\n', 'FORGE-LOCK-002', ':1:1', 'images: {}\n'],
    [
      'a policy without namespace',
      'images:\n  hello:\n    tag: "1"\n',
      'FORGE-LOCK-003',
      ':2:3',
      'images:\n  h:h:\n    tag: "1"\n',
    ],
    ['an image without a tag', 'images:\n  a:b: {}\n', 'FORGE-LOCK-002', ':2:3', 'images:\n  a:b: { tag: "1" }\n'],
    ['an image that is a string', 'images:\n  a:b: "1"\n', 'FORGE-LOCK-002', ':2:3', 'images:\n  a:b: { tag: x }\n'],
    [
      'an unknown key in an image',
      'images:\n  a:b:\n    tag: "1"\n    tagg: "1"\n',
      'FORGE-LOCK-005',
      ':4:5',
      'images:\n  a:b:\n    tag: "1"\n    output: "1"\n',
    ],
    ['an unknown key at the root', 'images: {}\nnote: 1\n', 'FORGE-LOCK-005', ':2:1', 'images: {}\nversion: 1\n'],
    [
      'a tag with a slash',
      'images:\n  a:b:\n    tag: "a/b"\n',
      'FORGE-LOCK-004',
      ':3:10',
      'images:\n  a:b:\n    tag: "a.b-c_D"\n',
    ],
    ['an empty tag', 'images:\n  a:b:\n    tag: ""\n', 'FORGE-LOCK-004', ':3:10', 'images:\n  a:b:\n    tag: "_"\n'],
    [
      'a tag that is too long',
      `images:\n  a:b:\n    tag: ${'a'.repeat(129)}\n`,
      'FORGE-LOCK-004',
      ':3:10',
      `images:\n  a:b:\n    tag: ${'a'.repeat(128)}\n`,
    ],
    [
      'a digest that is none',
      'images:\n  a:b:\n    tag: "1"\n    digest: "sha256:12"\n',
      'FORGE-LOCK-004',
      ':4:13',
      'images:\n  a:b:\n    tag: "1"\n    digest: ""\n',
    ],
    [
      'a tag that is a map',
      'images:\n  a:b:\n    tag: {}\n',
      'FORGE-LOCK-002',
      ':2:3',
      'images:\n  a:b:\n    tag: "1"\n',
    ],
    [
      'a tag that YAML does not know',
      'images:\n  a:b:\n    tag: !x "1"\n',
      'FORGE-LOCK-001',
      ':3:10',
      'images:\n  a:b:\n    tag: !!str 1\n',
    ],
    [
      'an alias',
      'images:\n  a:b: &x\n    tag: "1"\n  a:c: *x\n',
      'FORGE-LOCK-002',
      ':4:3',
      'images:\n  a:b: &x\n    tag: "1"\n  a:c:\n    tag: "1"\n',
    ],
  ];
  test.each(cases)('%s, and not its neighbour', (_, text, code, position, neighbour) => {
    accepts(() => ImageLock.parse(neighbour, 'images.yaml'));
    const problems = problemsOf(() => ImageLock.parse(text, 'images.yaml'));
    expect(problems.map((p) => p.code)).toContain(code);
    expect(problems.find((p) => p.code === code)!.message).toContain(`images.yaml${position}`);
    expect(problems.map(({ message }) => message)).toMatchSnapshot();
  });
});

test('everything that is wrong with a lock is reported at once', () => {
  expect(
    codesOf(() =>
      ImageLock.parse('images:\n  hello:\n    tag: "1"\n  a:b:\n    tag: "a/b"\n    x: 1\nmore: 1\n', 'images.yaml'),
    ),
  ).toEqual(['FORGE-LOCK-005', 'FORGE-LOCK-003', 'FORGE-LOCK-005', 'FORGE-LOCK-004']);
  accepts(() => ImageLock.parse('images:\n  a:hello:\n    tag: "1"\n  a:b:\n    tag: "b"\n', 'images.yaml'));
});

test('any text is either a lock or a ForgeError, never another exception', () => {
  const fragment = fc.constantFrom(
    'images:',
    '\n',
    '  ',
    'a:b:',
    'tag: ',
    '"1"',
    '1.0',
    '{}',
    '[]',
    '- ',
    '&x',
    '*x',
    '!!binary',
    '#',
    '|',
    '>',
    '<<<<<<<',
    '---',
    '\t',
    '? ',
    ': ',
    '%YAML 1.2',
    '\u0000',
    '\ufeff',
  );
  const pieces = fc.array(fc.oneof(fragment, fc.string()), { maxLength: 12 }).map((parts) => parts.join(''));
  // A good lock with one place changed.
  const spoiled = fc
    .tuple(
      fc.nat(LOCK.length),
      fc.oneof(fragment, fc.constantFrom('a', '1', ''), fc.string({ maxLength: 3 })),
      fc.nat(4),
    )
    .map(([at, piece, cut]) => LOCK.slice(0, at) + piece + LOCK.slice(at + cut));
  let taken = 0;
  fc.assert(
    fc.property(fc.oneof(pieces, spoiled), (text) => {
      let lock: ImageLock;
      try {
        lock = ImageLock.parse(text, 'images.yaml');
      } catch (e) {
        expect((e as Error).name).toBe('ForgeError');
        return;
      }
      taken++;
      lock.mergedWith([]).render();
    }),
    { numRuns: 2000 },
  );
  expect(taken).toBeGreaterThan(200);
  expect(taken).toBeLessThan(1900);
});

test('a key that is no text is named so', () => {
  const [problem] = problemsOf(() =>
    ImageLock.parse('images:\n  a:b:\n    tag: "1"\n    ? [x]\n    : 1\n', 'images.yaml'),
  );
  expect([problem.code, problem.message]).toEqual(['FORGE-LOCK-005', expect.stringContaining('"(not a name)"')]);
  accepts(() => ImageLock.parse('images:\n  a:b:\n    tag: "1"\n    digest: ""\n', 'images.yaml'));
});
