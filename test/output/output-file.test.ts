import { App } from 'cdk8s';
import { GitOpsApp } from '../../lib/app';
import { ManagedValue, OutputFile } from '../../lib/output';
import { lazily } from '../../lib/support';
import { accepts, codesOf } from '../support/problems';
import { temporaryFolder } from '../support/workspace';

test.each(['../x', '/etc/x', 'a//b', 'a/./b', '', 'a b', 'a\\b', 'a/..', '.', 'x.yaml', 'a/X.YAML'])(
  'fails for the path %p',
  (path) => {
    expect(codesOf(() => new OutputFile(new App(), 'f', { path, content: '' }))).toEqual(['FORGE-OUT-001']);
    expect(() =>
      ['x', '..x', 'a/b', 'a/.b', 'a/..b', 'a-b', 'x.yaml.txt', 'yaml', 'a/X.YML'].map(
        (good) => new OutputFile(new App(), 'f', { path: good, content: '' }),
      ),
    ).not.toThrow();
  },
);

test.each([
  '.cdk8s-forge.json',
  '.CDK8S-Forge.json',
  '..cdk8s-forge.json.1-1.tmp',
  'RUNBOOK.md',
  'construct-metadata.json',
])('fails for %p, which synth writes itself', (path) => {
  expect(codesOf(() => new OutputFile(new App(), 'f', { path, content: '' }))).toEqual(['FORGE-OUT-001']);
  accepts(
    () => new OutputFile(new App(), 'f', { path: `host/${path}`, content: '' }),
    () => new OutputFile(new App(), 'f', { path: `x${path}`, content: '' }),
  );
});

test.each([
  'runbook.md.txt',
  'runbook-md',
  'runbook.mdx',
  'construct-metadata.json5',
  '.construct-metadata.json',
  '.cdk8s-forge.json5',
  '...cdk8s-forge.json',
  'cdk8s-forge.json',
])('takes %p, which synth does not write', (path) => {
  accepts(() => new OutputFile(new App(), 'f', { path, content: '' }));
});

test('the files of a repository are found below its three directories, in the order of their paths', () => {
  const app = new App();
  const add = (path: string) => new OutputFile(app, path.replace(/\//g, '-'), { path, content: '' });
  ['repositories/a/b/z.yml', 'repositories/a/b/c/d.yml', 'repositories/a/b', 'repositories/a/bc/x.yml'].forEach(add);
  const below = (directory: string) => OutputFile._below(app, directory).map(({ path }) => path);
  expect(below('repositories/a/b')).toEqual(['repositories/a/b', 'repositories/a/b/c/d.yml', 'repositories/a/b/z.yml']);
  expect(below('repositories/a/c')).toEqual([]);
  expect(OutputFile._below(new App(), 'repositories/a/b')).toEqual([]);
});

test.each(['a', 'a/b.yml', '.gitea/workflows/x.yml', 'host/laptop/daemon.json'])('takes the path %p', (path) => {
  expect(new OutputFile(new App(), 'f', { path, content: 'x' }).path).toBe(path);
});

test('content may be lazy, and is produced when it is asked for', () => {
  let text = 'early';
  const file = new OutputFile(new App(), 'f', { path: 'a', content: lazily(() => text) });
  text = 'late';
  expect(file.content).toBe('late');
});

test('fails when the content holds a managed image value: Flux does not edit it, so it would be out of date after the first update', () => {
  const file = new OutputFile(new App(), 'f', {
    path: 'a',
    content: `image=${new ManagedValue('flux-system:hello', 'reference')}`,
  });
  expect(codesOf(() => file._checkedContent())).toEqual(['FORGE-OUT-004']);
  const plain = new OutputFile(new App(), 'f', { path: 'a', content: 'image=<image:flux-system:hello>\n' });
  expect(plain._checkedContent()).toBe('image=<image:flux-system:hello>\n');
});

test('an app that collects errors goes on after a file that cannot be created', () => {
  const app = new GitOpsApp({ outdir: temporaryFolder(), collectErrors: true });
  expect(new OutputFile(app, 'bad', { path: '../x', content: '' })).toBeInstanceOf(OutputFile);
  expect(codesOf(() => app.synthYaml())).toEqual(['FORGE-OUT-001']);
  const other = new GitOpsApp({ outdir: temporaryFolder(), collectErrors: true });
  new OutputFile(other, 'good', { path: '..x', content: '' });
  accepts(() => other.synthYaml());
});
