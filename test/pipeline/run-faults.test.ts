import { Builder, BuildxDriver } from '../../lib/buildkit';
import { Forge } from '../../lib/forge';
import { BuildSecret, ImagePipeline, ImagePipelineProps, SkipFlag, Tag, Tags } from '../../lib/pipeline';
import { Versioning } from '../../lib/recipe';
import { Registry } from '../../lib/registry';
import { HostedRunner } from '../../lib/runner';
import { Input } from '../../lib/workflow';
import { runBash } from '../support/bash';
import { accepts, codesOf, problemsOf } from '../support/problems';
import { RenderedJob, stepOf, workflowOf, world } from './world';

const COMPUTED = Tags.semver(Versioning.fromCommits());
const named = (job: RenderedJob, name: string) => job.steps.find((step) => step.name === name)!;
const refused = (props: Partial<ImagePipelineProps>) => codesOf(() => workflowOf(props));

describe('a version is released from the deployed branch only', () => {
  const version = Input.text('version', { required: true });
  const given = Tags.semver(Versioning.fromInput(version.value));

  test.each([
    ['a computed version', COMPUTED],
    ['a calendar version', Tags.calver()],
    ['a version that a person gives', given],
  ])('of %s, before the number is reserved', (_, tags) => {
    const { jobs } = workflowOf({ tags, dispatch: { inputs: [version] }, branch: 'stable' });
    expect(jobs.plan.steps[0].name).toBe('Check the branch');
    const { run, env } = jobs.plan.steps[0];
    expect(env).toEqual({ REF: '${{ github.ref }}', DEPLOYED: 'stable', TAG_PREFIX: 'v' });
    const status = (ref: string): number | null => runBash(run, { env: { ...env, REF: ref } }).status;
    expect(['refs/heads/stable', 'refs/tags/v1.2.3'].map(status)).toEqual([0, 0]);
    const others = [
      'refs/heads/main',
      'refs/heads/x/stable',
      'refs/heads/v1.2.3',
      'refs/tags/stable',
      'refs/tags/v1.2.3-evil',
      'refs/tags/v01.2.3',
      'refs/tags/1.2.3',
      'refs/pull/1/head',
    ];
    expect(others.map(status)).toEqual(others.map(() => 1));
  });

  test('and one from a Git tag not from a branch with the name of a version', () => {
    const { jobs } = workflowOf({ tags: Tags.semver(Versioning.fromTag()), dispatch: {} });
    expect(named(jobs.plan, 'Check the branch')).toBeUndefined();
    const { run, env } = stepOf(jobs.plan, 'version');
    const status = (ref: string): number | null =>
      runBash(run, { env: { ...env, GIVEN: 'v1.2.3', REF: ref, GITHUB_OUTPUT: '/dev/null' } }).status;
    expect([status('refs/tags/v1.2.3'), status('refs/heads/v1.2.3')]).toEqual([0, 1]);
  });
});

describe('a secret in a build of a pull request', () => {
  test.each([
    ['with a dot', '${{ secrets.FOO }}'],
    ['with brackets', "${{ secrets['FOO'] }}"],
    ['in another case', '${{ Secrets.FOO }}'],
    ['inside of a function', "${{ format('{0}', secrets.FOO) }}"],
    ['as the token of the job', '${{ github.token }}'],
  ])('is an error, written %s', (_, value) => {
    expect(refused({ pullRequests: true, buildArgs: { A: value } })).toEqual(['FORGE-PIPE-014']);
    accepts(
      () => workflowOf({ buildArgs: { A: value } }),
      () => workflowOf({ pullRequests: true, buildArgs: { A: '${{ vars.FOO }}', B: 'secrets.FOO' } }),
    );
  });

  test('is none as text, or as the name of something else', () => {
    workflowOf({ pullRequests: true, buildArgs: { A: 'secrets.FOO', B: '${{ github.ref_name }}' } });
  });
});

describe('a build argument that is known only in the run', () => {
  const { jobs } = workflowOf({ buildArgs: { A: 'x', NOTE: '${{ github.event.head_commit.message }}', B: 'y=z' } });
  const { run, env } = stepOf(jobs.build, 'build');
  const output = (note: string): string => {
    const args = env.BUILD_ARGS.replace(/\$\{\{.*\}\}/, () => note);
    return runBash(run, {
      env: { ...env, COMMIT: 'abcdef0', CREATED: '1', TAGS: 'x', BUILD_ARGS: args, PATH: '/usr/bin:/bin' },
    }).stderr;
  };

  test.each(['fix: x\nBASE=evil', 'x\nB=evil', 'x\n', '\nA=x\nNOTE='])('has no second argument inside: %j', (note) => {
    expect(output(note)).toContain('a build argument has a value of several lines');
  });

  test.each(['fix: x', '', 'a=b c', '$(touch x)'])('may have the value %j', (note) => {
    expect(output(note)).not.toContain('build argument');
  });

  test('is not checked where all values are fixed', () => {
    expect(stepOf(workflowOf({ buildArgs: { A: 'x' } }).jobs.build, 'build').env).not.toHaveProperty('BUILD_ARG_NAMES');
  });
});

describe('versions of the images of a workflow', () => {
  const prefixed = (prefix: string) => Tags.semver(Versioning.fromCommits({ tagPrefix: prefix }));
  const two = (a?: Tags, b?: Tags): Partial<ImagePipelineProps> => ({
    images: [
      { name: 'a', context: 'a', tags: a },
      { name: 'b', context: 'b', tags: b },
    ],
  });

  test.each([
    ['differ', two(prefixed('a/v'), prefixed('b/v'))],
    ['are computed and from tags', two(COMPUTED, Tags.semver(Versioning.fromTag()))],
    ['are from tags, for a part of the images', two(Tags.semver(Versioning.fromTag()))],
    ['have one prefix in two files', { ...two(), tags: COMPUTED, filePerImage: true }],
  ])('are an error if they %s', (_, props) => {
    expect(refused(props)).toEqual(['FORGE-PIPE-015']);
    accepts(
      () => workflowOf(two(prefixed('a/v'), prefixed('a/v'))),
      () => workflowOf({ ...two(), tags: COMPUTED }),
    );
  });

  test('are fine if they are equal, computed beside other tags, or have a file each', () => {
    workflowOf(two(Tags.calver(), Tags.calver()));
    workflowOf({ ...two(prefixed('a/v'), prefixed('b/v')), filePerImage: true }, 'app-a.yml');
    workflowOf({ ...two(Tags.semver(Versioning.fromTag())), filePerImage: true }, 'app-a.yml');
  });

  test('leave images with other tags alone: a released commit is built for these again', () => {
    const { jobs } = workflowOf(two(COMPUTED));
    expect([jobs['build-a'].if, jobs['build-b'].if]).toEqual(["needs.plan.outputs.changed == 'true'", undefined]);
    expect(jobs.release.if).toBe("!cancelled() && !failure() && (needs.plan.outputs.changed == 'true')");
  });

  test('from Git tags beside timestamps start no build that has no tag for them', () => {
    const { jobs } = workflowOf(two(Tags.timestamped({ also: [Tag.SEMVER] })));
    expect([jobs['build-a'].if, jobs['build-b'].if]).toEqual([undefined, "github.ref_type != 'tag'"]);
  });
});

test('flags of a pipeline with a file for each image may name images of all files', () => {
  const skip = [SkipFlag.only('[a only]', ['a'])];
  const props = { filePerImage: true, images: [{ name: 'a' }, { name: 'b' }], skip };
  expect(stepOf(workflowOf(props, 'app-a.yml').jobs.plan, 'select').env.FLAGS).toBe('a|[a only]');
  expect(stepOf(workflowOf(props, 'app-b.yml').jobs.plan, 'select').env.FLAGS).toBe('|[a only]');
  expect(codesOf(() => SkipFlag.all('[skip ${{ github.token }}]'))).toEqual(['FORGE-PIPE-009']);
});

test.each([
  ['a build argument', { images: [{ name: 'base' }, { name: 'w', buildArgs: { B: 'x' }, baseImages: { B: 'base' } }] }],
  ['the id of a secret', { secrets: [BuildSecret.actions('A', { id: 'x' }), BuildSecret.actions('B', { id: 'x' })] }],
])('%s that is set twice is an error', (_, props) => {
  expect(refused(props)).toEqual(['FORGE-PIPE-008']);
  const images = [{ name: 'base' }, { name: 'w', buildArgs: { A: 'x' }, baseImages: { B: 'base' } }];
  accepts(
    () => workflowOf({ images }),
    () => workflowOf({ secrets: [BuildSecret.actions('A'), BuildSecret.actions('A', { id: 'x' })] }),
  );
});

test('a pattern is no branch of a pipeline', () => {
  ['release/*', 'v[12]', 'a?', '!main', 'a+'].forEach((branch) =>
    expect(refused({ branch })).toEqual(['FORGE-PIPE-016']),
  );
  accepts(() => workflowOf({ branch: 'release/1.x' }));
});

describe('pull', () => {
  const github = (builder = Builder.docker()) => {
    const { home, synth } = world();
    new ImagePipeline(home, 'app', {
      repository: Forge.github().repository('example/app'),
      registry: Registry.ghcr({ owner: 'example' }),
      runner: HostedRunner.UBUNTU_LATEST,
      builder,
      pull: true,
    });
    return synth()['dist/repositories/example/app/.github/workflows/app.yml'];
  };

  test('is an option of every builder, and off by default', () => {
    const { jobs } = workflowOf({ images: [{ name: 'a', pull: true }] });
    const { env, run } = stepOf(jobs.build, 'build');
    expect(env.PULL).toBe('yes');
    expect(run).toContain('if [[ ${PULL:-no} == yes ]]; then options+=(--opt image-resolve-mode=pull); fi');
    [github(), github(Builder.buildx({ driver: BuildxDriver.dockerContainer() }))].forEach((text) => {
      expect(text).toMatch(/PULL: '?yes/);
      expect(text).toContain('then options+=(--pull); fi');
    });
    expect(stepOf(workflowOf().jobs.build, 'build').env).not.toHaveProperty('PULL');
  });
});

test('errors about a builder name one that fits', () => {
  const problems = problemsOf(() => {
    const { pipeline } = world();
    pipeline({ builder: Builder.docker() });
  });
  expect(problems.length).toBeGreaterThan(0);
  problems.forEach(({ fix }) => expect(fix).toMatch(/Buildkitd|Executor\./));
  accepts(() => world().pipeline());
});
