import { MigrationFile } from '../../lib/output';
import { accepts, problemsOf } from '../support/problems';
import { temporaryFolder, writeTree } from '../support/workspace';

const read = (text: string) => {
  const folder = temporaryFolder();
  writeTree(folder, { [MigrationFile.NAME]: text });
  return MigrationFile.in(folder);
};
const entry = (text: string) => `version: 1\nkeep:\n- ${text}\n`;
const ONE = 'directory: dist/a\n  kind: Service\n  name: web';

test.each([
  ['no YAML', 'version: [', 'version: 1\nkeep: []\n', 'cannot be used: Flow sequence'],
  [
    'a key twice',
    'version: 1\nkeep: []\nkeep: []\n',
    'version: 1\nkeep: []\n',
    'cannot be used: Map keys must be unique',
  ],
  ['another version', 'version: 2\nkeep: []\n', 'version: 1\nkeep: []\n', 'version: 1'],
  ['no list', 'version: 1\nkeep: {}\n', 'version: 1\nkeep: []\n', 'a list'],
  ['a list', '- version: 1\n', 'version: 1\nkeep: []\n', 'version: 1'],
  ['a key of its own', 'version: 1\nkeep: []\nmore: 1\n', 'version: 1\nkeep: []\n# more\n', 'no others'],
  ['an entry that is text', entry('web'), entry(ONE), 'entry 1 of keep needs "a mapping"'],
  ['an entry without its directory', entry('kind: Service\n  name: web'), entry(ONE), 'needs "directory"'],
  ['an entry without its kind', entry('directory: dist/a\n  name: web'), entry(ONE), 'needs "kind"'],
  ['an entry without its name', entry('directory: dist/a\n  kind: Service'), entry(ONE), 'needs "name"'],
  ['a number', entry(`${ONE}\n  namespace: 1`), entry(`${ONE}\n  namespace: "1"`), 'needs "namespace" as text'],
  ['an unknown key', entry(`${ONE}\n  uid: a`), entry(`${ONE}\n  group: a`), 'needs "uid"'],
])('a file with %s is refused, and its neighbour is read', (_, text, neighbour, message) => {
  accepts(() => read(neighbour));
  const problems = problemsOf(() => read(text));
  expect(problems).toMatchObject([{ code: 'FORGE-OUT-011', message: expect.stringContaining(message) }]);
});

test('no file keeps nothing; a file is written as it is read, in one order', () => {
  expect(MigrationFile.in(temporaryFolder()).kept).toEqual([]);
  const web = { directory: 'dist/a', kind: 'Service', namespace: 'apps', name: 'web' };
  const app = { directory: 'dist/a', group: 'apps', kind: 'Deployment', namespace: 'apps', name: 'app' };
  const text = new MigrationFile([web, app]).render();
  expect(text).toBe(new MigrationFile([app, web]).render());
  expect(read(text).kept).toEqual([app, web]);
});

test('an object of the file is annotated in its directory, and no other object', () => {
  const kept = { directory: 'dist/a', group: 'apps', kind: 'Deployment', namespace: 'apps', name: 'app' };
  const file = new MigrationFile([kept]);
  const object = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'app', namespace: 'apps', annotations: { a: 'b' } },
  };
  expect(file.applied(object, 'dist/a')).toEqual({
    ...object,
    metadata: { ...object.metadata, annotations: { a: 'b', 'kustomize.toolkit.fluxcd.io/prune': 'disabled' } },
  });
  expect(file.applied(object, 'dist/b')).toBe(object);
  expect(file.applied(object)).toBe(object);
  expect(new MigrationFile([]).applied(object, 'dist/a')).toBe(object);
  const others = [
    { ...object, apiVersion: 'v1' },
    { ...object, kind: 'StatefulSet' },
    { ...object, metadata: { name: 'app' } },
    { ...object, metadata: { name: 'other', namespace: 'apps' } },
    { ...object, metadata: undefined },
  ];
  others.forEach((other) => expect(file.applied(other, 'dist/a')).toBe(other));
  const core = new MigrationFile([{ directory: 'dist/a', kind: 'Namespace', name: 'apps' }]);
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'apps' } };
  expect(core.applied(namespace, 'dist/a')).not.toBe(namespace);
  // The core group has no name, and is not the group "v1".
  const other = { ...namespace, apiVersion: 'v1/v1' };
  expect(core.applied(other, 'dist/a')).toBe(other);
});
