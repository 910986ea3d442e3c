import { RunsOn } from '../../lib/forge';
import { Action, Actions, Condition, Input, Matrix, Step, Trigger } from '../../lib/workflow';
import { ForgeError } from '../../lib/support';
import { accepts, problemsOf } from '../support/problems';
import { newWorkflow } from './render';

const sha = '11bd71901bbe5b1630ceea73d27597364c9af683';
const action = (version: { ref?: string; sha?: string; path?: string }) =>
  Action.repository('actions', 'checkout', { ref: 'v4', ...version });

/** What makes something of a text, its error code, texts that fit, and texts that do not, though a part of them would. */
const CASES: Record<string, [make: (text: string) => unknown, code: string, good: string[], bad: string[]]> = {
  'the name of a workflow file': [
    (fileName) => newWorkflow({ fileName }),
    'FORGE-WF-035',
    ['a.yml', '0.yml', 'a.b_c-d.yml', 'yaml.yml'],
    ['', '.yml', '-a.yml', '.a.yml', 'a/b.yml', '../a.yml', 'a.yml.txt', 'a.yml\n', 'a.ymlx', 'a b.yml'],
  ],
  'an event': [
    (name) => Trigger.custom(name),
    'FORGE-WF-024',
    ['sub_issues', 'a'],
    ['Sub', '_a', 'a-b', 'a b', 'a\n', ' a', 'push', ''],
  ],
  'an input': [(name) => Input.text(name), 'FORGE-WF-028', ['a', '_a', 'A-1'], ['1a', '-a', 'a b', 'a\n', 'a.b', '']],
  'an owner': [
    (owner) => Action.repository(owner, 'x', { ref: 'v1' }),
    'FORGE-WF-030',
    ['a', '0.a_b-c'],
    ['-a', '.a', 'a/b', 'a b', 'a\n', ''],
  ],
  'an action': [
    (name) => Action.repository('a', name, { ref: 'v1' }),
    'FORGE-WF-030',
    ['a', '.a', '-a_b'],
    ['a/b', 'a b', 'a\n', ' a', ''],
  ],
  'a ref': [
    (ref) => action({ ref }),
    'FORGE-WF-030',
    ['v4', '4.2/x', '.a', '_a'],
    ['-v4', '/v4', 'v4 ', 'v4\n', 'a@b', ''],
  ],
  'a commit': [
    (commit) => action({ sha: commit }),
    'FORGE-WF-030',
    [sha],
    [`${sha}0`, sha.slice(1), `x${sha}`, sha.toUpperCase(), `${sha}\n`],
  ],
  'a path': [
    (path) => action({ path }),
    'FORGE-WF-030',
    ['a', 'a/b', '.a/b-c', 'a..b'],
    ['/a', 'a/', 'a//b', '../a', 'a/..', 'a b', 'a\n'],
  ],
};

test.each(Object.keys(CASES))('%s is taken whole: what begins or ends otherwise fails', (what) => {
  const [make, code, good, bad] = CASES[what];
  const codesFor = (texts: string[]) =>
    texts.map((text) => [text, ForgeError.problemsIn(() => make(text)).map((problem) => problem.code)]);
  expect(codesFor(good)).toEqual(good.map((text) => [text, []]));
  expect(codesFor(bad)).toEqual(bad.map((text) => [text, [code]]));
});

test('the id of a job', () => {
  const codesFor = (ids: string[]) =>
    ids.map((id) =>
      ForgeError.problemsIn(
        () =>
          void newWorkflow().addJob(id, {
            runsOn: RunsOn.existing('ubuntu-latest'),
            steps: [Step.run({ name: 'a', script: 'true' })],
          }),
      ).map(({ code }) => code),
    );
  expect(codesFor(['a', '_a', 'a-1', 'a'.repeat(100)]).flat()).toEqual([]);
  expect(codesFor(['1a', '-a', 'a b', 'a.b', '__a', 'a'.repeat(101)])).toEqual(Array(6).fill(['FORGE-WF-021']));
});

test('too many combinations of a matrix are counted, and the limit is named', () => {
  const axis = Array.from({ length: 300 }, (_, i) => String(i));
  accepts(() => Matrix.of({ a: axis.slice(0, 16), b: axis.slice(0, 8), c: axis.slice(0, 2) }));
  const [problem] = problemsOf(() => Matrix.of({ a: axis, b: axis, c: axis }));
  expect([problem.message, problem.fix]).toEqual([
    'this is no matrix: it has 27000000 combinations',
    expect.stringContaining('within 256 jobs'),
  ]);
});

test.each([
  ['github.ref == "a"', 'double quotes quote nothing', "github.ref == 'a'"],
  ["github.ref == 'a", 'a quote is not closed', "github.ref == 'a'"],
  ['a${{ b', 'it holds another "${{"', 'github.ref'],
  ['github.ref # a', '"#" means nothing there', 'github.ref'],
  ['github.ref $', '"$" means nothing there', 'github.ref'],
])('the error about the expression %j says what is wrong', (text, why, neighbour) => {
  expect(problemsOf(() => Condition.raw(text))).toMatchObject([
    { code: 'FORGE-WF-010', message: expect.stringContaining(why) },
  ]);
  accepts(() => Condition.raw(neighbour));
});

test.each([
  ['a[', 'is not closed', 'a[b]'],
  ['a[]', 'is empty', 'a[-]'],
  ['a[c-b]', 'runs backwards', 'a[b-c]'],
  ['+a', 'nothing before it', 'a+'],
])('the error about the pattern %j says what is wrong', (pattern, why, neighbour) => {
  expect(problemsOf(() => Trigger.push({ branches: [pattern] }))).toMatchObject([
    { code: 'FORGE-WF-025', message: expect.stringContaining(why) },
  ]);
  accepts(() => Trigger.push({ branches: [neighbour] }));
});

test.each([
  'x${{ secrets.A }}',
  '${{ secrets.A }}x',
  '${{ secrets.A }}${{ secrets.B }}',
  ' ${{ secrets.A }}',
  '${{secrets.A}}',
])('%j is no reference of a secret and nothing else', (password) => {
  const login = (text: string) => Actions.login({ name: 'a', registry: 'ghcr.io', username: 'a', password: text });
  accepts(() => login('${{ secrets.A }}'));
  expect(problemsOf(() => login(password)).map(({ code }) => code)).toEqual(['FORGE-WF-031']);
});

test.each(['push', 'load', 'noCache', 'pull', 'sbom'])('%s is fixed or decided by the run, not both', (input) => {
  const build = (props: object) => Actions.buildPush({ name: 'a', tags: ['a:1'], ...props });
  accepts(
    () => build({ [input]: false }),
    () => build({ [`${input}If`]: Condition.onBranch('a') }),
  );
  expect(problemsOf(() => build({ [input]: false, [`${input}If`]: Condition.onBranch('a') }))).toMatchObject([
    { code: 'FORGE-WF-031', message: expect.stringContaining(`${input} and ${input}If are given`) },
  ]);
});
