import { App, Chart } from 'cdk8s';
import { Construct } from 'constructs';
import * as modules from '../../lib';
import { GitOpsApp } from '../../lib/app';
import { Cluster } from '../../lib/flux';
import { Forge } from '../../lib/forge';
import { ForgeError } from '../../lib/support';
import { temporaryFolder } from '../support/workspace';

type AnyClass = (new (...args: unknown[]) => unknown) & Record<string, (...args: unknown[]) => unknown>;

const HOSTILE: [string, unknown][] = [
  ['undefined', undefined],
  ['null', null],
  ["''", ''],
  ['{}', {}],
  ['[]', []],
  ['NaN', NaN],
  ['-1', -1],
  ['a long text', 'x'.repeat(100_000)],
  ['a function', () => 1],
  ['true', true],
  ['a Date', new Date(0)],
  ['an App', new App()],
  ['[undefined]', [undefined]],
];

/** Classes some of whose calls end in an error of another kind. The list may only get shorter. */
const KNOWN: string[] = [];

/** Classes that no program constructs: their constructor is private, they are abstract, or a piece of other constructs. */
const NOT_CONSTRUCTED = ['DeployedImage', 'RunnerDesign', 'WorkflowBase'];

const isConstruct = (type: object) =>
  type === Construct || Construct.prototype.isPrototypeOf((type as AnyClass).prototype);

const isClass = (value: unknown): value is AnyClass =>
  typeof value === 'function' && /^class\s/.test(Function.prototype.toString.call(value));

function newChart(): { app: GitOpsApp; chart: Chart } {
  const folder = temporaryFolder();
  const app = new GitOpsApp({ outdir: `${folder}/dist`, imageLock: `${folder}/images.yaml` });
  const source = Forge.gitea({ version: '1.26', url: 'https://git.example.com' }).repository('a/b');
  return { app, chart: new Chart(new Cluster(app, 'home', { source }), 'c', { namespace: 'n' }) };
}

const SHARED = newChart();

/** Returns the error of a call and of the synthesis that follows, unless the error is a ForgeError. */
function faultOf(call: (chart: Chart, app: GitOpsApp) => unknown, withSynth: boolean): string | undefined {
  const { app, chart } = call.length > 0 ? newChart() : SHARED;
  try {
    call(chart, app);
    if (withSynth) {
      app.synthYaml();
    }
  } catch (e) {
    return e instanceof ForgeError ? undefined : String(e).split('\n')[0].slice(0, 160);
  }
  return undefined;
}

/** The hostile calls of one class: its factories, and its constructor if it is a construct. */
function callsOf(type: AnyClass): [string, (chart: Chart, app: GitOpsApp) => unknown, boolean][] {
  const factories = Object.getOwnPropertyNames(type)
    .filter((name) => !['length', 'name', 'prototype'].includes(name) && !name.startsWith('_'))
    .filter((name) => typeof Object.getOwnPropertyDescriptor(type, name)!.value === 'function');
  const made = factories.flatMap((name) =>
    HOSTILE.flatMap(([label, value]): [string, () => unknown, boolean][] => [
      [`.${name}(${label})`, () => type[name](value), false],
      [`.${name}(${label}, ${label}, ${label})`, () => type[name](value, value, value), false],
      [`.${name}('x', ${label})`, () => type[name]('x', value), false],
      [`.${name}({ x: ${label} })`, () => type[name]({ x: value }), false],
    ]),
  );
  if (NOT_CONSTRUCTED.includes(type.name)) {
    return made;
  }
  if (!isConstruct(type)) {
    return [
      ...made,
      ...HOSTILE.map(([label, value]): [string, () => unknown, boolean] => [
        `(${label})`,
        () => new type(value),
        false,
      ]),
    ].filter(([name]) => factories.length === 0 || name.startsWith('.'));
  }
  const constructed = HOSTILE.flatMap(
    ([label, value]): [string, (chart: Chart, app: GitOpsApp) => unknown, boolean][] =>
      type === (GitOpsApp as unknown)
        ? [[`(${label})`, () => new type(value), false]]
        : [
            [`(chart, 'x', ${label})`, (chart) => new type(chart, 'x', value), true],
            [`(app, 'x', ${label})`, (_, app) => new type(app, 'x', value), true],
            [`(chart, ${label}, {})`, (chart) => new type(chart, value, {}), true],
            [`(${label}, 'x', {})`, () => new type(value, 'x', {}), false],
          ],
  );
  return [...made, ...constructed];
}

const classes = Object.entries(modules).flatMap(([module, exported]) =>
  Object.entries(exported as Record<string, unknown>)
    .filter((entry): entry is [string, AnyClass] => isClass(entry[1]))
    .filter(([name]) => name !== 'ForgeError' && name !== 'Problems')
    .map(([name, type]) => ({ module, name, type })),
);

test('there are as many classes and calls as the library has', () => {
  expect(classes.length).toBeGreaterThan(90);
  expect(classes.flatMap(({ type }) => callsOf(type)).length).toBeGreaterThan(8000);
});

const faultsOf = (module: string, type: AnyClass) =>
  callsOf(type).flatMap(([label, call, withSynth]) => {
    const fault = faultOf(call, withSynth);
    return fault === undefined ? [] : [`${module}.${type.name}${label}: ${fault}`];
  });

test.each([...new Set(classes.map(({ module }) => module))])(
  'whatever %s is called with, it works or throws a ForgeError',
  (module) => {
    const checked = classes.filter((each) => each.module === module && !KNOWN.includes(`${module}.${each.name}`));
    expect(checked.flatMap(({ type }) => faultsOf(module, type))).toEqual([]);
  },
);

test('the list of known faults names no class that has none', () => {
  const known = classes.filter(({ module, name }) => KNOWN.includes(`${module}.${name}`));
  expect(known.filter(({ module, type }) => faultsOf(module, type).length === 0).map(({ name }) => name)).toEqual([]);
});
