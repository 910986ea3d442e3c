import * as fs from 'node:fs';
import * as path from 'node:path';
import { App } from 'cdk8s';
import { ignoredPart, OutputFile } from '../../lib/output';
import { accepts, codesOf } from '../support/problems';

const file = (path: string, content = '') => new OutputFile(new App(), 'f', { path, content });

test.each([
  'clusters/home/apps/kustomization.yml',
  'clusters/home/apps/Kustomization',
  'clusters/home/apps/KUSTOMIZATION',
  'Clusters/home/kustomization',
  'clusters/home/.sourceignore',
  'clusters/.sourceignore',
  '.sourceignore',
])('the name %s would change what Flux applies of the manifests beside it', (path) => {
  expect(codesOf(() => file(path))).toEqual(['FORGE-OUT-012']);
  accepts(
    () => file(`host/${path}`),
    () => file(path.replace(/(\.yml)?$/, '.txt')),
    () => file(path.replace(/([^/]*)$/, 'my-$1')),
  );
});

const IGNORED = JSON.parse(fs.readFileSync(path.join(__dirname, 'fixtures/ignored.json'), 'utf8')) as {
  readonly ignored: string[];
  readonly seen: string[];
};

test('what Flux leaves out is what its own package says of more than a thousand paths', () => {
  expect(IGNORED.ignored.filter((file) => ignoredPart(file) === undefined)).toEqual([]);
  expect(IGNORED.seen.filter((file) => ignoredPart(file) !== undefined)).toEqual([]);
});

test.each([
  'clusters/home/apps/appveyor.yml',
  'clusters/home/apps/.goreleaser.yml',
  'clusters/home/apps/codeship-steps.yml',
  'clusters/home/apps/logo.png',
  'clusters/home/apps/charts.tar.gz',
  'clusters/home/.github/x.yml',
  'clusters/home/files.zip/x.yml',
  'clusters/.gitignore',
])('Flux would leave out %s', (path) => {
  expect(codesOf(() => file(path))).toEqual(['FORGE-OUT-012']);
  accepts(
    () => file(`host/${path}`),
    () =>
      file(
        path
          .replace(/(\/[^/]*)$/, '/my$1')
          .replace(/(appveyor|steps|\.goreleaser)\.yml/, '$1-2.yml')
          .replace(/\.(png|tar\.gz|zip|github|gitignore)/, '-$1'),
      ),
  );
});

const OBJECT = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n';

test.each([
  ['values of a chart', 'replicas: 1\n'],
  ['a list', '- a\n'],
  ['text', 'just text\n'],
  ['an object without a name', 'apiVersion: v1\nkind: ConfigMap\n'],
  ['an object without a kind', 'apiVersion: v1\nmetadata:\n  name: a\n'],
  ['no YAML', 'a: [\n'],
  ['an object that is no YAML', `${OBJECT}data: [\n`],
  ['a second document', `${OBJECT}---\nreplicas: 1\n`],
])('a .yml file among manifests with %s would stop Flux', (_, content) => {
  expect(codesOf(() => file('clusters/home/apps/x.yml', content)._checkedContent())).toEqual(['FORGE-OUT-012']);
  accepts(
    () => file('files/x.yml', content)._checkedContent(),
    () => file('clusters/home/apps/x.txt', content)._checkedContent(),
  );
});

test.each([
  ['an object', OBJECT],
  ['two objects, and an empty document', `${OBJECT}---\n---\n${OBJECT.replace('name: a', 'name: b')}`],
  ['a list of objects', `apiVersion: v1\nkind: List\nitems:\n${OBJECT.replace(/^/gm, '  ').replace('  ', '- ')}`],
  ['nothing', ''],
])('a .yml file among manifests may hold %s', (_, content) => {
  accepts(() => file('clusters/home/apps/x.yml', content)._checkedContent());
});
