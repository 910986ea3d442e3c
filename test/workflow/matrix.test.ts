import { RunsOn } from '../../lib/forge';
import { Matrix, Step } from '../../lib/workflow';
import { accepts, codesOf } from '../support/problems';
import { FORGEJO, GITEA, GITHUB, newWorkflow, textOf } from './render';

test.each([
  ['all combinations', { a: ['1', '2'], b: ['x', 'y'] }, {}, 4],
  ['one row out', { a: ['1', '2'], b: ['x', 'y'] }, { exclude: [{ a: '1', b: 'x' }] }, 3],
  ['a whole value out', { a: ['1', '2'], b: ['x', 'y'] }, { exclude: [{ a: '1' }] }, 2],
  ['rows that overlap out', { a: ['1', '2'], b: ['x', 'y'] }, { exclude: [{ a: '1' }, { b: 'x' }] }, 1],
  ['a row that extends one', { a: ['1', '2'] }, { include: [{ a: '1', c: 'z' }] }, 2],
  ['a row that extends all', { a: ['1', '2'] }, { include: [{ c: 'z' }] }, 2],
  ['a row that is new', { a: ['1', '2'] }, { include: [{ a: '3' }] }, 3],
  ['a row that is back', { a: ['1', '2'] }, { exclude: [{ a: '1' }], include: [{ a: '1' }] }, 2],
  ['rows only', {}, { include: [{ a: '1' }, { a: '2' }] }, 2],
  [
    'a row that extends all of an axis with an inherited name',
    { constructor: ['a', 'b'] },
    { include: [{ z: '1' }] },
    2,
  ],
  ['a value of such an axis out', { valueOf: ['a', 'b'] }, { exclude: [{ valueOf: 'a' }] }, 1],
] as [string, Record<string, string[]>, object, number][])('%s: the jobs are counted', (_, axes, props, jobs) => {
  expect(Matrix.of(axes, props)._jobs).toBe(jobs);
});

test.each(['constructor', 'toString', 'hasOwnProperty'])('%s is no axis unless it is declared', (name) => {
  expect(codesOf(() => Matrix.of({ os: ['x'] }, { exclude: [{ [name]: 'x' }] }))).toEqual(['FORGE-WF-020']);
  expect(codesOf(() => Matrix.of({ os: ['x'] }).value(name))).toEqual(['FORGE-WF-020']);
  const matrix = Matrix.of({ os: ['x'], [name]: ['y', '${{ vars.Z }}'] }, { exclude: [{ [name]: 'y' }] });
  expect([matrix._freeNames, matrix.value(name)]).toEqual([[name], `\${{ matrix.${name} }}`]);
});

test('the limit counts the jobs that are left', () => {
  const axis = (length: number) => Array.from({ length }, (_, i) => `${i}`);
  expect(Matrix.of({ a: axis(257) }, { exclude: [{ a: '0' }] })._jobs).toBe(256);
  expect(codesOf(() => Matrix.of({ a: axis(257) }))).toEqual(['FORGE-WF-020']);
  expect(codesOf(() => Matrix.of({ a: axis(256) }, { include: [{ a: 'more' }] }))).toEqual(['FORGE-WF-020']);
  expect(codesOf(() => Matrix.of({ a: ['1'] }, { exclude: [{ a: '1' }] }))).toEqual(['FORGE-WF-020']);
  expect(codesOf(() => Matrix.of({ a: axis(300), b: axis(300), c: axis(300) }))).toEqual(['FORGE-WF-020']);
});

describe('a matrix that another job computes', () => {
  const computed = (forge: typeof GITEA, make: (json: string) => Matrix) => {
    const workflow = newWorkflow({ repository: forge.repository('a/b') });
    const job = { runsOn: RunsOn.existing('runner') };
    const list = Step.run({ name: 'List', script: 'ls', outputs: ['json'] });
    const first = workflow.addJob('first', { ...job, steps: [list], outputs: { json: list.output('json') } });
    const steps = [Step.run({ name: 'Build', script: 'make' })];
    workflow.addJob('second', { ...job, steps, matrix: make(first.output('json')) });
    return workflow;
  };

  test('is expanded too early by Gitea', () => {
    expect(codesOf(() => textOf(computed(GITEA, (json) => Matrix.computed({ item: json }))))).toEqual(['FORGE-WF-034']);
    expect(codesOf(() => textOf(computed(GITEA, (json) => Matrix.of({ item: ['a', json] }))))).toEqual([
      'FORGE-WF-034',
    ]);
    accepts(
      () => textOf(computed(GITEA, () => Matrix.of({ item: ['a', '${{ github.ref }}'] }))),
      () => textOf(computed(GITEA, () => Matrix.computed({ item: '${{ vars.LIST }}' }))),
    );
  });

  test('is a warning where nothing is known', () => {
    const workflow = computed(FORGEJO, (json) => Matrix.computed({ item: json }));
    textOf(workflow);
    expect(workflow.warnings).toEqual([expect.stringContaining('computes the matrix')]);
    expect(computed(FORGEJO, () => Matrix.of({ item: ['a'] })).warnings).toEqual([]);
  });

  test('is expanded in time by GitHub', () => {
    const workflow = computed(GITHUB, (json) => Matrix.computed({ item: json }));
    expect(workflow.warnings).toEqual([]);
    expect(textOf(workflow)).toContain('fromJSON(needs.first.outputs.json)');
  });
});
