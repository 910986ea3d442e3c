import { execFileSync } from 'node:child_process';
import { installLibrary } from '../../bench/install';
import * as sources from '../../lib';
import { temporaryFolder } from '../support/workspace';

const MODULES = Object.keys(sources) as (keyof typeof sources)[];
let folder: string;

beforeAll(() => {
  folder = temporaryFolder();
  installLibrary(folder);
});

/** Runs code in a project that has the package, and returns what the code prints as JSON. */
function run<T>(code: string, ...options: string[]): T {
  return JSON.parse(execFileSync(process.execPath, [...options, '-e', code], { cwd: folder, encoding: 'utf8' })) as T;
}

/** Returns the files of the library and of its bundled packages that code loads. */
function loadedBy(code: string): string[] {
  const files = run<string[]>(`${code}; console.log(JSON.stringify(Object.keys(require.cache)))`);
  return files.flatMap(
    (file) =>
      /(?:cdk8s-forge\/build\/lib\/|(?<!\/cdk8s)\/node_modules\/(?=yaml\/|smol-toml\/|commander\/))(.*)$/.exec(
        file,
      )?.[1] ?? [],
  );
}

/** Returns the exports of a module that have a value, classes with their name. */
function namesOf(exported: object): string[] {
  const present = Object.entries(exported).filter(([, value]) => value !== undefined);
  return present.map(([key, value]) => `${key} ${/^[A-Z]/.test(key) ? value.name : ''}`).sort();
}

describe('the package that users get', () => {
  test('loads nothing for its root until a module is used', () => {
    expect(loadedBy("require('cdk8s-forge')")).toEqual(['index.js']);
    expect(loadedBy("require('cdk8s-forge').kube")).toEqual(['index.js', 'kube/index.js', 'support/index.js']);
  });

  test('loads one file per module, of the modules behind its arrow, and no bundled package', () => {
    const forge = ['kube', 'secret', 'support', 'trust', 'forge'].map((name) => `${name}/index.js`);
    const [late, own] = [/^lazy\//, /^\w+\/index\.js$/];
    const files = loadedBy("require('cdk8s-forge/forge')");
    expect(files.filter((file) => !late.test(file)).sort()).toEqual([...forge].sort());
    const all = loadedBy(MODULES.map((name) => `require('cdk8s-forge/${name}')`).join(';'));
    expect(all.filter((file) => !late.test(file) && !own.test(file))).toEqual([]);
    expect(all.filter((file) => own.test(file))).toHaveLength(MODULES.length + 1); // the rules have no path of their own
  });

  test("loads no second copy of cdk8s' own yaml, unless its version is another one", () => {
    const use = "require('./node_modules/cdk8s-forge/build/lib/lazy/yaml.js').parse('a: 1')";
    const other = "require('./node_modules/cdk8s/node_modules/yaml/package.json').version = '2.0.0'";
    expect(loadedBy(use).filter((file) => file.endsWith('.js'))).toEqual(['lazy/yaml.js']);
    expect(loadedBy(`${other}; ${use}`)).toContain('yaml/dist/index.js');
  });

  test('has the exports as values, which need no call', () => {
    const code = `
      const ofModule = (name) => Object.values(Object.getOwnPropertyDescriptors(require('cdk8s-forge/' + name)));
      const all = ${JSON.stringify(MODULES)}.flatMap(ofModule);
      console.log(JSON.stringify([all.length > 300, all.filter(({ get }) => get).length]));`;
    expect(run(code)).toEqual([true, 0]);
  });

  test('has the exports and class names of the sources, once', () => {
    const code = `
      const library = require('cdk8s-forge');
      const namesOf = ${namesOf};
      const modules = ${JSON.stringify(MODULES)};
      const isOnce = modules.every((name) => require('cdk8s-forge/' + name) === library[name]);
      console.log(JSON.stringify({ isOnce, names: modules.map((name) => namesOf(library[name])) }));`;
    expect(run(code)).toEqual({ isOnce: true, names: MODULES.map((name) => namesOf(sources[name])) });
  });

  test('has its exports for ES modules', () => {
    const code = `
      import { app, host } from 'cdk8s-forge';
      import { GitOpsApp } from 'cdk8s-forge/app';
      console.log(JSON.stringify([app.GitOpsApp === GitOpsApp, typeof host.HostRunner]));`;
    expect(run(code, '--input-type=module')).toEqual([true, 'function']);
  });
});
