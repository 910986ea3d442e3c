import * as fs from 'node:fs';
import * as path from 'node:path';
import * as fc from 'fast-check';
import { TagPolicy } from '../../lib/flux';
import { Tag, Tags } from '../../lib/pipeline';
import { branchInTags, ExtraTag, ImageTags, tagEnvironment, TagForm, Versioning } from '../../lib/recipe';
import { runBash } from '../support/bash';
import { codesOf } from '../support/problems';
import { seedOf } from '../support/seed';
import { temporaryFolder } from '../support/workspace';
import { stepOf, workflowOf, world } from './world';

const SCRIPT = fs.readFileSync(path.join(__dirname, '../../lib/recipe/scripts/image-tags.sh'), 'utf8');
const COMMIT = '0123abc456789012345678901234567890123456';

/** Runs the script of the tags, and returns the tags and the version. */
function run(env: Record<string, string>) {
  const output = path.join(temporaryFolder(), 'output');
  const result = runBash(SCRIPT, {
    env: {
      FORM: 'timestamp',
      DEPLOYED: 'main',
      REF: 'refs/heads/main',
      COMMIT,
      TAG_PREFIX: 'v',
      GITHUB_OUTPUT: output,
      ...env,
    },
    // The time stands still.
    commands: { date: '#!/bin/bash\necho 1763600000\n' },
  });
  const text = fs.existsSync(output) ? fs.readFileSync(output, 'utf8') : '';
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1];
  return { ...result, tags: value('tags')?.split(' ') ?? [], tag: value('tag'), version: value('version') };
}

const ALL = 'latest branch branch-sha version minor major';

describe('the script', () => {
  test('pushes what Flux sorts first, and the extra tags of a branch', () => {
    expect(run({ ALSO: ALL })).toMatchObject({
      status: 0,
      tags: ['main-0123abc-1763600000', 'latest', 'main', 'main-0123abc'],
      tag: 'main-0123abc-1763600000',
      version: 'main-0123abc-1763600000',
    });
  });

  test('pushes the versions of a Git tag, and no tag of a branch', () => {
    const given = (tag: string) => run({ ALSO: ALL, REF: `refs/tags/${tag}` });
    expect(given('v1.2.3')).toMatchObject({ tags: ['1.2.3', '1.2', '1'], version: '1.2.3' });
    expect(given('v0.2.3').tags).toEqual(['0.2.3', '0.2']);
    expect(given('v1.2.3-rc.1').tags).toEqual(['1.2.3-rc.1']);
    expect(given('nightly')).toMatchObject({ status: 1, tags: [] });
    expect(given('nightly').stderr).toContain('there is no tag for refs/tags/nightly');
  });

  test('numbers the runs, and a run that is started again', () => {
    const number = (env: Record<string, string>) => run({ FORM: 'build-number', RUN_NUMBER: '12', ...env }).tag;
    expect(number({ RUN_ATTEMPT: '1' })).toBe('main-build.12');
    expect(number({ RUN_ATTEMPT: '2' })).toBe('main-build.12.02');
    expect(number({ RUN_ATTEMPT: '' })).toBe('main-build.12');
    expect(run({ FORM: 'build-number', RUN_NUMBER: 'a[$(id)]' })).toMatchObject({ status: 1, tags: [] });
  });

  test('pushes a version that was computed, and needs one', () => {
    expect(run({ FORM: 'version', VERSION: '1.4.0', ALSO: 'minor latest' }).tags).toEqual(['1.4.0', '1.4', 'latest']);
    expect(run({ FORM: 'version' })).toMatchObject({ status: 1, stderr: 'there is no version for refs/heads/main\n' });
  });

  test.each([
    ['release/1.x', 'release-1.x'],
    ['Feature/ABC', 'feature-abc'],
    ['-.odd', 'odd'],
    ['größe', 'gr----e'],
    ['x'.repeat(200), 'x'.repeat(80)],
  ])('maps branch %p to text that a tag can have', (branch, name) => {
    expect(run({ DEPLOYED: branch, REF: `refs/heads/${branch}` }).tag).toBe(`${name}-0123abc-1763600000`);
    expect(branchInTags(branch)).toBe(name);
  });

  test('a branch that is mapped to the deployed branch is an error, and the deployed branch itself is none', () => {
    expect(run({ DEPLOYED: 'release-1.x', REF: 'refs/heads/release/1.x' })).toMatchObject({ status: 1, tags: [] });
    expect(run({ DEPLOYED: 'release/1.x', REF: 'refs/heads/release/1.x' }).status).toBe(0);
    expect(run({ DEPLOYED: 'main', REF: 'refs/heads/feature/x' }).tag).toBe('feature-x-0123abc-1763600000');
  });

  test('an extra tag that Flux would deploy is an error', () => {
    const sorted = Tags.semver(Versioning.fromCommits())._sorted('main');
    const release = { FORM: 'version', VERSION: '1.0.0', SORTED: sorted, ALSO: 'branch version' };
    expect(run({ ...release, REF: 'refs/heads/2.0.0' })).toMatchObject({ status: 1, tags: [] });
    expect(run(release).tags).toEqual(['1.0.0', 'main']);
  });

  test.each([
    ['a pull request', { REF: 'refs/pull/3/head' }],
    ['a commit that is none', { COMMIT: 'x" y' }],
    ['an unknown form', { FORM: 'x' }],
    ['an unknown extra', { ALSO: 'x' }],
  ])('fails for %s', (_, env) => {
    expect(run(env)).toMatchObject({ status: 1, tags: [] });
  });
});

test('the mapping of a branch is the same at synth and in bash, for any branch', () => {
  const branches = fc.sample(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }), {
    numRuns: 60,
    seed: seedOf(7),
  });
  const given = branches.filter((branch) => !/[\0\n\r]/.test(branch) && branch.trim() !== '');
  const script = `${/^mapped\(\) \{[^]*?^\}/m.exec(SCRIPT)![0]}
while IFS= read -r branch; do mapped "$branch"; echo; done <<<"$BRANCHES"`;
  const { stdout } = runBash(script, { env: { BRANCHES: given.join('\n') } });
  expect(stdout.trimEnd().split('\n')).toEqual(given.map(branchInTags));
  given.map(branchInTags).forEach((name) => expect(() => Tags.timestamped().policyFor(name)).not.toThrow());
});

describe('what a build pushes is what Flux sorts', () => {
  const kinds: [string, Tags, Record<string, string>, string, string][] = [
    ['timestamped', Tags.timestamped(), { FORM: 'timestamp' }, 'main-0123abc-1763599999', 'x-0123abc-1763600000'],
    ['buildNumber', Tags.buildNumber(), { FORM: 'build-number', RUN_NUMBER: '12' }, 'main-build.2', 'main-1234567'],
    ['semver', Tags.semver(Versioning.fromCommits()), { FORM: 'version', VERSION: '1.2.3' }, '1.1.9', 'main'],
    ['calver', Tags.calver(), { FORM: 'version', VERSION: '2026.11.3' }, '2026.9.4', '1.2.3'],
  ];

  test.each(kinds)('%s', (_, tags, env, older, foreign) => {
    const policy = tags.policyFor('main');
    const { tag } = run({ ...env, SORTED: tags._sorted('main'), ALSO: 'latest branch branch-sha' });
    expect([tag!, older, ...tags._examples('main')].every((one) => policy.canSort(one))).toBe(true);
    expect([foreign, 'latest', 'main', 'main-0123abc'].some((one) => policy.canSort(one))).toBe(false);
    expect(new RegExp(tags._sorted('main')).test(tag!)).toBe(true);
  });

  test('a branch with a slash is deployed too', () => {
    const policy = Tags.timestamped().policyFor('release/1.x');
    expect(policy.canSort(run({ DEPLOYED: 'release/1.x', REF: 'refs/heads/release/1.x' }).tag!)).toBe(true);
  });
});

test('an initial tag that exists is kept until Flux selects another', () => {
  expect(Tags.timestamped({ initialTag: '1.0.0' }).policyFor('main').initialTag).toBe('1.0.0');
  expect(Tags.buildNumber().policyFor('main').initialTag).toBe('main-build.0');
  expect(Tags.semver(Versioning.fromCommits(), { range: '2.x' }).policyFor('main').initialTag).toBe('2.0.0');
});

test('wrong values are reported where the tags are created', () => {
  expect(codesOf(() => Tags.semver(Versioning.fromCommits(), { range: 'x.y' }))).toEqual(['FORGE-FLUX-006']);
  expect(codesOf(() => Tags.timestamped({ initialTag: 'a b' }))).toEqual(['FORGE-FLUX-010']);
  expect(codesOf(() => ImageTags.step({ branch: ' ' }))).toEqual(['FORGE-RECIPE-012']);
  expect(tagEnvironment({ branch: 'main', form: TagForm.VERSION, also: [ExtraTag.MINOR, ExtraTag.MINOR] }).ALSO).toBe(
    'minor',
  );
});

describe('a pipeline', () => {
  test('pushes the tags that its policy sorts', () => {
    const tags = Tags.timestamped({ also: [Tag.LATEST_ON_DEFAULT_BRANCH, Tag.BRANCH_SHA] });
    const { jobs } = workflowOf({ tags, branch: 'release/1.x' });
    expect(stepOf(jobs.build, 'tags').env).toMatchObject({
      FORM: 'timestamp',
      ALSO: 'latest branch-sha',
      DEPLOYED: 'release/1.x',
      SORTED: '^release-1\\.x-[0-9a-f]{7,40}-[0-9]+$',
    });
    expect(stepOf(jobs.build, 'build').env.TAGS).toBe('${{ steps.tags.outputs.tags }}');
  });

  test('starts for Git tags if versions are among its tags', () => {
    const tags = Tags.timestamped({ also: [Tag.SEMVER, Tag.SEMVER_MAJOR] });
    expect(workflowOf({ tags }).on.push).toEqual({ branches: ['main'], tags: ['v*'] });
    expect(workflowOf({ tags: Tags.semver(Versioning.fromTag({ tagPrefix: 'web/v' })) }).on.push).toEqual({
      tags: ['web/v*'],
    });
    expect(workflowOf().on.push).toEqual({ branches: ['main'] });
  });

  test('computes a version before it builds, and tags it after all images are pushed', () => {
    const { jobs } = workflowOf({
      tags: Tags.semver(Versioning.fromCommits()),
      images: [{ name: 'a' }, { name: 'b' }],
    });
    expect(Object.keys(jobs)).toEqual(['plan', 'build', 'release']);
    expect(jobs.build.if).toBe("needs.plan.outputs.changed == 'true'");
    expect(stepOf(jobs.build, 'tags').env.VERSION).toBe('${{ needs.plan.outputs.version }}');
    expect(jobs.release).toMatchObject({
      needs: ['plan', 'build'],
      if: "!cancelled() && !failure() && (needs.plan.outputs.changed == 'true')",
      permissions: { contents: 'write' },
    });
  });

  test('does not tag a version that a Git tag gives', () => {
    expect(Object.keys(workflowOf({ tags: Tags.semver(Versioning.fromTag()) }).jobs)).toEqual(['plan', 'build']);
  });

  test('can deploy another tag than the newest', () => {
    const { pipeline, synth } = world();
    pipeline({ policy: TagPolicy.pinned('main-0123abc-1763600000') });
    expect(synth()['images.yaml']).toContain('tag: "main-0123abc-1763600000"');
  });
});
