import * as fs from 'node:fs';
import * as path from 'node:path';
import { Duration } from 'cdk8s';
import { parse } from 'yaml';
import { Checkout, Notify, Release, TellFlux, Versioning } from '../../lib/recipe';
import { Condition, Expression, IStepSource } from '../../lib/workflow';
import { runBash } from '../support/bash';
import { codesOf } from '../support/problems';
import { temporaryFolder } from '../support/workspace';
import { rendered } from '../workflow/render';

/** The steps as they stand in a workflow file. */
const stepsOf = (...steps: IStepSource[]) => parse(rendered({ steps })).jobs.build.steps;

/** Runs a rendered step with its own environment, expressions replaced by these values. */
function run(step: { run: string; env: Record<string, string> }, env: Record<string, string>) {
  const output = path.join(temporaryFolder(), 'output');
  fs.writeFileSync(output, '');
  const { status, stderr } = runBash(step.run, { env: { ...step.env, ...env, GITHUB_OUTPUT: output } });
  return { status, stderr, output: fs.readFileSync(output, 'utf8') };
}

test('a version reaches later steps by typed outputs, and the prefix is stated once', () => {
  const version = Versioning.fromCommits({ tagPrefix: 'web/v', paths: ['web'] }).compute();
  const steps = stepsOf(Checkout.git({ fullHistory: true }), version, Release.tag({ tag: version.output('tag') }));
  expect(steps[1].env).toEqual({
    TAG_PREFIX: 'web/v',
    INITIAL: '0.1.0',
    MAJOR: 'major:',
    MINOR: 'minor:\nfeat:\nfeature:',
    CONVENTIONAL: 'no',
    PATHS: 'web',
  });
  expect(steps[2].env.TAG).toBe('${{ steps.compute-the-version.outputs.tag }}');
  expect(steps[2].env.MESSAGE).toBe('Release ${{ steps.compute-the-version.outputs.tag }}');
});

test('no script of a release or a notification contains an expression', () => {
  const given = Versioning.fromTag();
  const url = Expression.secret('HOOK');
  const steps = stepsOf(
    given.compute(),
    Versioning.calver().claim(),
    Release.tag({ tag: given.compute().output('tag').replace(/.*/, 'v1.0.0') }),
    Notify.ntfy('http://ntfy.example.com/builds'),
    Notify.webhook(url),
    Notify.slack(url),
    Notify.discord(url),
    Notify.matrix('https://matrix.example.com', { room: '!a:example.com', token: url }),
    TellFlux.step({ url, token: url }),
  );
  expect(steps.filter((step: { run: string }) => step.run.includes('${{'))).toEqual([]);
});

test('a notification runs whatever happened before, unless the program says otherwise', () => {
  const [usual, own] = stepsOf(
    Notify.ntfy('http://ntfy.example.com/builds'),
    Notify.ntfy('http://ntfy.example.com/builds', {
      if: Condition.FAILURE,
      name: 'Alert',
      timeout: Duration.minutes(1),
    }),
  );
  expect([usual.if, usual.name]).toEqual(['always()', 'Notify']);
  expect([own.if, own.name, own['timeout-minutes']]).toEqual(['failure()', 'Alert', 1]);
});

test.each([
  ['v1.2.3', 0, 'version=1.2.3\ntag=v1.2.3\n'],
  ['v1.2.3-rc.1', 1, ''],
  ['v01.2.3', 1, ''],
  ['1.2.3', 1, ''],
  ['v1.2.3\nx=y', 1, ''],
  ['v1.2.3; touch x', 1, ''],
  ['v$(id)', 1, ''],
  ['v1.2', 1, ''],
])('the tag %j gives a version, or stops the run', (tag, status, output) => {
  const [step] = stepsOf(Versioning.fromTag().compute());
  const ran = run(step, { GIVEN: tag, REF: `refs/tags/${tag}` });
  expect([ran.status, ran.output.startsWith(output), ran.output === '']).toEqual([status, true, output === '']);
});

test.each([
  ['1.2.3', 0],
  ['v1.2.3', 0],
  ['1.2.3-rc.1', 0],
  ['1.2.3-0a', 0],
  ['1.2.3-01', 1],
  ['1.2.3-', 1],
  ['1.2.3-rc..1', 1],
  ['latest', 1],
])('the input %j is accepted with prereleases: %i', (input, status) => {
  const [step] = stepsOf(Versioning.fromInput(Expression.ACTOR, { prereleases: true }).compute());
  expect(run(step, { GIVEN: input }).status).toBe(status);
});

test.each<[string, () => unknown, () => unknown]>([
  ['tagPrefix', () => Versioning.calver({ tagPrefix: '-v' }), () => Versioning.calver({ tagPrefix: 'web/v' })],
  ['tagPrefix with ..', () => Versioning.calver({ tagPrefix: 'a..b' }), () => Versioning.calver({ tagPrefix: '' })],
  ['a subject', () => Versioning.fromCommits({ minor: ['a\nb'] }), () => Versioning.fromCommits({ minor: [] })],
  [
    'initialVersion',
    () => Versioning.fromCommits({ initialVersion: 'v1.0.0' }),
    () => Versioning.fromCommits({ initialVersion: '1.0.0' }),
  ],
  ['paths', () => Versioning.fromCommits({ paths: ['../x'] }), () => Versioning.fromCommits({ paths: ['..x'] })],
  ['an empty input', () => Versioning.fromInput(' '), () => Versioning.fromInput('1.0.0')],
  ['a claim of a tag', () => Versioning.fromTag().claim(), () => Versioning.calver().claim()],
  ['an empty tag', () => Release.tag({ tag: '' }), () => Release.tag({ tag: 'v1.0.0' })],
])('fails with FORGE-RECIPE-010 for %s, and accepts its neighbor', (_, wrong, right) => {
  expect(codesOf(wrong)).toEqual(['FORGE-RECIPE-010']);
  expect(right).not.toThrow();
});

const HOOK = Expression.secret('HOOK');

test.each<[string, () => unknown, () => unknown]>([
  ['another scheme', () => Notify.webhook('ftp://x'), () => Notify.webhook('http://x')],
  ['a token in plain text', () => Notify.webhook(HOOK, { token: 'x' }), () => Notify.webhook(HOOK, { token: HOOK })],
  ['a secret address in plain text', () => Notify.slack('https://hooks.example.com/x'), () => Notify.slack(HOOK)],
  ['the same for Discord', () => Notify.discord('https://example.com/x'), () => Notify.discord(HOOK)],
  ['a priority', () => Notify.ntfy(HOOK, { priority: 6 }), () => Notify.ntfy(HOOK, { priority: 5 })],
  ['a tag of two lines', () => Notify.ntfy(HOOK, { tags: ['a\nb'] }), () => Notify.ntfy(HOOK, { tags: ['a b'] })],
  [
    'an alias for a room',
    () => Notify.matrix(HOOK, { room: '#builds:example.com', token: HOOK }),
    () => Notify.matrix(HOOK, { room: '!builds:example.com', token: HOOK }),
  ],
  [
    'a Receiver in plain text',
    () => TellFlux.step({ url: HOOK, token: 'x' }),
    () => TellFlux.step({ url: HOOK, token: HOOK }),
  ],
])('fails with FORGE-RECIPE-011 for %s, and accepts its neighbor', (_, wrong, right) => {
  expect(codesOf(wrong)).toEqual(['FORGE-RECIPE-011']);
  expect(right).not.toThrow();
});

test('fails with FORGE-RECIPE-002 for a token in plain text, and accepts a secret', () => {
  expect(codesOf(() => Release.tag({ tag: 'v1.0.0', token: 'x' }))).toEqual(['FORGE-RECIPE-002']);
  expect(() => Release.tag({ tag: 'v1.0.0', token: HOOK })).not.toThrow();
  expect(codesOf(() => Versioning.calver().claim({ token: 'x' }))).toEqual(['FORGE-RECIPE-002']);
});
