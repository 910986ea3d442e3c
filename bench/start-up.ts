import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { leastOf, ProcessTime, wholeProcess } from './beside/whole-process';
import { asUser } from './compiled';
import { Add, importTime } from './measure';

const ROOT = path.join(__dirname, '..');

/** A program that has nothing of this library. */
const BARE = `import { App, Chart } from 'cdk8s';
import { ConfigMap } from 'cdk8s-plus-28';
const app = new App();
new ConfigMap(new Chart(app, 'bare'), 'config');
app.synth();
`;

/** The TypeScript settings of a small project. */
const TYPES = JSON.stringify({
  compilerOptions: { target: 'es2022', module: 'nodenext', strict: true, skipLibCheck: true, types: ['node'] },
});

/** The names of the package's modules. */
function modules(): string[] {
  const { exports } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { exports: object };
  return Object.keys(exports).flatMap((name) => /^\.\/([a-z]+)$/.exec(name)?.[1] ?? []);
}

/**
 * Lets the declarations of the installed library be those of its sources: nobody has built it here. Not by `paths` of a
 * tsconfig.json, because tsx reads them too, and would run the sources.
 */
function declare(folder: string): void {
  for (const name of modules()) {
    const text = `export * from ${JSON.stringify(path.join(ROOT, 'lib', name, 'index'))};\n`;
    fs.writeFileSync(path.join(folder, 'node_modules/cdk8s-forge/build/lib', name, 'index.d.ts'), text);
  }
}

/**
 * The CPU time of importing the library, and each module, against that of what every program imports. The root loads a module when
 * it is used, so that a program which uses all of them is measured too.
 */
export function imports(folder: string, quick: boolean, add: Add): void {
  const bare = importTime(folder, ['cdk8s', 'constructs']);
  const against = (names: string[], after?: string) =>
    importTime(folder, ['cdk8s', 'constructs', ...names], after) / bare;
  add('CPU time of importing cdk8s and constructs', bare, 's');
  for (const name of quick ? [] : modules()) {
    add(`importing ${name} with them, against them`, against([path.posix.join('cdk8s-forge', name)]), 'x');
  }
  add('importing the root with them, against them', against(['cdk8s-forge']), 'x', { atMost: 1.5 });
  add('the same, and all modules used', against(['cdk8s-forge'], "Object.values(require('cdk8s-forge'))"), 'x');
}

/**
 * `cdk8s synth` of main.ts against an app that only imports cdk8s and cdk8s-plus-28; both by the CLI, in turn. And this
 * library's own command, which checks the types beside the program; nothing has changed since the last check.
 */
function synthTimes(folder: string, runs: number): Record<'ours' | 'bare' | 'checked', ProcessTime> {
  const main = asUser(fs.readFileSync(path.join(ROOT, 'main.ts'), 'utf8'));
  const projects = { ours: path.join(folder, 'ours'), bare: path.join(folder, 'bare') };
  for (const [project, program] of [
    [projects.ours, main],
    [projects.bare, BARE],
  ]) {
    fs.mkdirSync(project);
    fs.writeFileSync(path.join(project, 'cdk8s.yaml'), 'language: typescript\napp: node --import tsx main.ts\n');
    fs.writeFileSync(path.join(project, 'main.ts'), program);
  }
  fs.copyFileSync(path.join(ROOT, 'images.yaml'), path.join(projects.ours, 'images.yaml'));
  declare(folder);
  fs.writeFileSync(path.join(projects.ours, 'tsconfig.json'), TYPES);
  const cdk8s = [process.execPath, path.join(ROOT, 'node_modules/cdk8s-cli/bin/cdk8s'), 'synth', '--no-check-upgrade'];
  const forge = [process.execPath, path.join(folder, 'node_modules/cdk8s-forge/build/lib/cli/main.js'), 'synth'];
  const subjects = [
    ['ours', projects.ours, cdk8s],
    ['bare', projects.bare, cdk8s],
    ['checked', projects.ours, forge],
  ] as const;
  wholeProcess(forge, os.devNull, projects.ours);
  const times = { ours: [] as ProcessTime[], bare: [] as ProcessTime[], checked: [] as ProcessTime[] };
  for (let run = 0; run < runs; run++) {
    subjects.forEach(([name, project, command]) => times[name].push(wholeProcess(command, os.devNull, project)));
  }
  return { ours: leastOf(times.ours), bare: leastOf(times.bare), checked: leastOf(times.checked) };
}

/** The time of synths of a small program. */
export function startUp(folder: string, runs: number, add: Add): void {
  const { ours, bare, checked } = synthTimes(folder, runs);
  add('CPU time of cdk8s synth of a bare app', bare.cpuSeconds, 's');
  add('cdk8s synth of main.ts against it', ours.cpuSeconds / bare.cpuSeconds, 'x', { atMost: 1.2 });
  add('the same, elapsed time', ours.seconds / bare.seconds, 'x');
  add('cdk8s-forge synth, with types, against it', checked.cpuSeconds / bare.cpuSeconds, 'x', { atMost: 1.2 });
  add('the same, elapsed time', checked.seconds / bare.seconds, 'x');
}
