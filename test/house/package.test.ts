import * as fs from 'node:fs';
import * as path from 'node:path';

const ROOT = path.join(__dirname, '../..');
const { exports, typesVersions, peerDependenciesMeta } = JSON.parse(
  fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'),
);
const modules = fs
  .readFileSync(path.join(ROOT, 'lib/index.ts'), 'utf8')
  .split('\n')
  .flatMap((line) => /from '\.\/(\w+)'/.exec(line)?.[1] ?? []);

test('each module is an export of the package', () => {
  const paths = Object.keys(exports).filter((name) => !['.', './.jsii', './package.json'].includes(name));
  expect(paths.sort()).toEqual(modules.map((name) => `./${name}`).sort());
});

test('a compiler that reads no exports finds the same types', () => {
  const types = Object.fromEntries(modules.map((name) => [name, [exports[`./${name}`].types.slice(2)]]));
  expect(typesVersions).toEqual({ '*': types });
});

test('cdk8s-plus-28 may be absent, since the library never imports it', () => {
  expect(peerDependenciesMeta).toEqual({ 'cdk8s-plus-28': { optional: true } });
  const sources = fs.readdirSync(path.join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' });
  const importing = sources
    .filter((file) => file.endsWith('.ts'))
    .filter((file) => /^import .*cdk8s-plus/m.test(fs.readFileSync(path.join(ROOT, 'lib', file), 'utf8')));
  expect(importing).toEqual([]);
});
