import * as fs from 'node:fs';
import * as path from 'node:path';
import { build, BuildOptions, Plugin } from 'esbuild';

// `bundle.ts <directory>` writes the JavaScript of the library there: one file per module, since most of the time of an import goes
// into the number of files, and the scripts that the modules read. docs/ARCHITECTURE.md says why.

const ROOT = path.join(__dirname, '..');
const LIB = path.join(ROOT, 'lib');
const TARGET = path.resolve(process.argv[2]);

/** The packages that are loaded when the first of their functions is used. */
const LAZY = ['yaml', 'smol-toml'];

/** What jsii writes about a type of the public API, into `.jsii`. */
interface JsiiType {
  readonly kind: string;
  readonly fqn: string;
  readonly symbolId: string;
}

const posix = (file: string) => file.split(path.sep).join('/');

/** Returns what jsii adds to its JavaScript of the public classes, by source file and class. */
function jsiiClasses(): Map<string, string> {
  const file = path.join(ROOT, '.jsii');
  if (!fs.existsSync(file)) {
    return new Map(); // for the benchmark, which needs no build
  }
  const { types, version } = JSON.parse(fs.readFileSync(file, 'utf8')) as {
    types: Record<string, JsiiType>;
    version: string;
  };
  const classes = Object.values(types).filter(({ kind }) => kind === 'class');
  return new Map(classes.map(({ symbolId, fqn }) => [symbolId, JSON.stringify({ fqn, version })]));
}

/** Keeps what a bundle changes: the names of the classes, the information of jsii, and the directory of a file. */
function sources(directory: string): Plugin {
  const infos = jsiiClasses();
  const CLASS = /^(?:export )?(?:abstract )?class (\w+)\s*(?:<|\{|extends|implements)/gm;
  return {
    name: 'sources',
    setup: ({ onLoad }) =>
      onLoad({ filter: /\.ts$/ }, ({ path: file }) => {
        const text = fs.readFileSync(file, 'utf8');
        const source = posix(path.relative(ROOT, file)).replace(/\.ts$/, '');
        const classes = [...text.matchAll(CLASS)].map(([, name]) => {
          const info = infos.get(`${source}:${name}`);
          const jsii = info ? `, [Symbol.for('jsii.rtti')]: { value: ${info} }` : '';
          return `Object.defineProperties(${name}, { name: { value: '${name}', configurable: true }${jsii} });\n`;
        });
        const inside = JSON.stringify(`/${posix(path.relative(directory, path.dirname(file)))}`);
        const contents = text.replace(/\b__dirname\b/g, `(__dirname + ${inside})`);
        return { contents: `${contents}\n${classes.join('')}`, loader: 'ts' };
      }),
  };
}

/** Leaves out what is in other files: other modules, and the packages that are loaded late. */
function elsewhere(directory: string): Plugin {
  const external = (file: string) => {
    const name = posix(path.relative(directory, path.join(LIB, file)));
    return { path: name.startsWith('.') ? name : `./${name}`, external: true };
  };
  return {
    name: 'elsewhere',
    setup: ({ onResolve }) => {
      onResolve({ filter: /^\.\.?(\/|$)/ }, ({ path: name, resolveDir }) => {
        const file = path.resolve(resolveDir, name);
        const [module, ...rest] = path.relative(LIB, file).split(path.sep);
        if (file === directory || file.startsWith(directory + path.sep)) {
          return undefined;
        }
        return module === '..' || rest.length > 0
          ? { errors: [{ text: `${name} is not a module of lib/: only its types can be imported` }] }
          : external(`${module}/index.js`);
      });
      const lazy = new RegExp(`^(${LAZY.join('|')})$`);
      onResolve({ filter: lazy }, ({ path: name }) => external(`lazy/${name}.js`));
    },
  };
}

/** Bundles the file of a module that others import, into the place of its JavaScript. */
async function bundle(entry: string): Promise<void> {
  const directory = path.join(LIB, path.dirname(entry));
  const options: BuildOptions = {
    absWorkingDir: ROOT,
    entryPoints: [path.join(LIB, `${entry}.ts`)],
    outfile: path.join(TARGET, `${entry}.js`),
    plugins: [elsewhere(directory), sources(directory)],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    footer: { js: AS_VALUES },
    logLevel: 'warning',
  };
  await build(options);
}

/** Writes an object whose members are computed at their first use, as the exports of a file, after code that they call. */
function writeLate(file: string, members: Record<string, string>, before = ''): void {
  const late = Object.entries(members).map(([name, code]) => `late('${name}', () => ${code});\n`);
  const names = Object.keys(members).map((name) => `  ${name},\n`);
  fs.mkdirSync(path.dirname(path.join(TARGET, file)), { recursive: true });
  fs.writeFileSync(path.join(TARGET, file), `${LATE}${before}${late.join('')}${HINT(names.join(''))}`);
}

/** esbuild exports getters of getters, for modules that import each other in a circle. These do not, and values are faster. */
const AS_VALUES = `module.exports = Object.defineProperty({ ...module.exports }, '__esModule', { value: true });`;

const LATE = `'use strict';
Object.defineProperty(exports, '__esModule', { value: true });
const late = (name, load) =>
  Object.defineProperty(exports, name, {
    enumerable: true,
    configurable: true,
    get() {
      const value = load();
      Object.defineProperty(exports, name, { enumerable: true, value });
      return value;
    },
  });
`;

/** cdk8s has a copy of `yaml`, which every program loads. If it is the same version, no second copy is loaded. */
const SHARED = `let shared;
const sharedWithCdk8s = () => {
  const ofCdk8s = require('node:module').createRequire(require.resolve('cdk8s'));
  const version = (find) => {
    try {
      return find('yaml/package.json').version;
    } catch {
      return undefined;
    }
  };
  return version(ofCdk8s) === version(require) ? ofCdk8s('yaml') : require('yaml');
};
const yaml = () => (shared ??= sharedWithCdk8s());
`;

/** ES modules take the names of the exports from this text. */
const HINT = (names: string) => `0 && (module.exports = {\n${names}});\n`;

/** Copies the files that the modules read at run time, and nothing else. */
function copyScripts(): void {
  for (const file of fs.readdirSync(LIB, { recursive: true, encoding: 'utf8' })) {
    if (path.basename(path.dirname(file)) === 'scripts') {
      fs.cpSync(path.join(LIB, file), path.join(TARGET, file));
    }
  }
}

async function main(): Promise<void> {
  fs.mkdirSync(TARGET, { recursive: true });
  for (const file of fs.readdirSync(TARGET, { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.js')) {
      fs.rmSync(path.join(TARGET, file));
    }
  }
  const entries = fs.readdirSync(LIB, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const modules = entries.map(({ name }) => name).filter((name) => name !== 'cli');
  await Promise.all([...modules.map((name) => `${name}/index`), 'cli/main'].map(bundle));
  const index = fs.readFileSync(path.join(LIB, 'index.ts'), 'utf8');
  const exported = [...index.matchAll(/^export \* as (\w+) from '(.*)';$/gm)];
  writeLate('index.js', Object.fromEntries(exported.map(([, name, file]) => [name, `require('${file}/index.js')`])));
  for (const name of LAZY) {
    const all = Object.keys((await import(name)) as object);
    const members = all.filter((each) => /^\w+$/.test(each) && each !== 'default');
    const [load, before] = name === 'yaml' ? ['yaml()', SHARED] : [`require('${name}')`, ''];
    writeLate(`lazy/${name}.js`, Object.fromEntries(members.map((each) => [each, `${load}.${each}`])), before);
  }
  copyScripts();
}

void main();
