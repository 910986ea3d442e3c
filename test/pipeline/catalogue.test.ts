import { Size } from 'cdk8s';
import { Deployment } from 'cdk8s-plus-28';
import {
  BuildCache,
  BuilderConnection,
  Buildkitd,
  CacheKind,
  IBuilder,
  Platform,
  Provenance,
} from '../../lib/buildkit';
import { EVERY_CAPABILITY } from '../../lib/forge';
import { Storage } from '../../lib/kube';
import { BuildSecret, CatalogueImage, ImageCatalogue, ImagePipelineProps, ImageSize, Stage } from '../../lib/pipeline';
import { IRunner, RunnerLabel } from '../../lib/runner';
import { Step } from '../../lib/workflow';
import { accepts, codesOf } from '../support/problems';
import { IMAGE, registry, stepOf, workflowOf, world } from './world';

const GPUS = ['nvidia', 'rdna2', 'intel'];
const WORKERS = GPUS.map((gpu) => ({
  name: `ray-worker-${gpu}`,
  dockerfile: `dockerfiles/Dockerfile.ray-worker-${gpu}`,
}));

describe('images that differ in values only share a job with a matrix', () => {
  test('values that contain the name of the image need no value of their own', () => {
    const { jobs } = workflowOf({ images: WORKERS });
    expect(Object.keys(jobs)).toEqual(['build']);
    expect(jobs.build.strategy).toEqual({ 'fail-fast': false, matrix: { name: WORKERS.map(({ name }) => name) } });
    expect(jobs.build.outputs).toBeUndefined();
    expect(stepOf(jobs.build, 'build').env).toMatchObject({
      IMAGE: IMAGE('${{ matrix.name }}'),
      DOCKERFILE: 'dockerfiles/Dockerfile.${{ matrix.name }}',
      CACHE_FROM: `type=registry,ref=${IMAGE('${{ matrix.name }}-cache:buildcache')}`,
    });
  });

  test('other values are in the rows of the matrix', () => {
    const { jobs } = workflowOf({
      images: [
        { name: 'a', context: 'one', buildArgs: { HEAP: '1' } },
        { name: 'b', context: 'two', buildArgs: { HEAP: '2' } },
      ],
    });
    expect(jobs.build.strategy!.matrix).toEqual({
      name: ['a', 'b'],
      include: [
        { name: 'a', context: 'one', build_args: 'HEAP=1' },
        { name: 'b', context: 'two', build_args: 'HEAP=2' },
      ],
    });
    expect(stepOf(jobs.build, 'build').env).toMatchObject({
      CONTEXT: '${{ matrix.context }}',
      BUILD_ARGS: '${{ matrix.build_args }}',
    });
  });

  test.each([
    ['secrets', { secrets: [BuildSecret.actions('NPM_TOKEN')] }],
    ['platforms', { platforms: [Platform.LINUX_ARM64] }],
    ['a size', { size: ImageSize.HUGE }],
    ['a stage', { target: 'runtime' }],
    ['a build argument of the run', { buildArgs: { A: '${{ github.run_id }}' } }],
  ])('an image that differs in %s has a job of its own', (_, options) => {
    const { jobs } = workflowOf({ images: [{ name: 'a' }, { name: 'b' }, { name: 'c', ...options }] });
    expect(Object.keys(jobs)).toEqual(['build', 'build-c']);
  });
});

test('a base image is built first, and its fresh reference is a build argument', () => {
  const { jobs } = workflowOf({
    pullRequests: true,
    images: [
      { name: 'web', context: 'web', baseImages: { BASE: 'base' } },
      { name: 'base', context: 'base' },
    ],
  });
  expect(Object.keys(jobs)).toEqual(['build-base', 'build-web', 'check']);
  expect(jobs['build-base'].outputs!.reference).toBe('${{ steps.build.outputs.reference }}');
  expect(jobs['build-web'].needs).toEqual(['build-base']);
  expect(stepOf(jobs['build-web'], 'build').env.BUILD_ARGS).toBe('BASE=${{ needs.build-base.outputs.reference }}');
  // A pull request pushes no base image, so it does not build what is built from it.
  expect(stepOf(jobs.check, 'build').env.IMAGE).toBe(IMAGE('base'));
});

test('a huge image has a limit, waits for others of its kind, and a cache that is compressed well', () => {
  const { jobs } = workflowOf({ images: WORKERS, size: ImageSize.HUGE });
  expect(jobs.build['timeout-minutes']).toBe(180);
  expect(jobs.build.strategy!['max-parallel']).toBe(1);
  expect(stepOf(jobs.build, 'build').env.CACHE_TO).toContain('compression=zstd');
});

test.each([
  [50, true],
  [100, false],
])('a huge image with a volume of %d GiB: a warning is %p', (gibibytes, isWarned) => {
  const { pipeline, synth, builder } = world(gibibytes);
  pipeline({ size: ImageSize.HUGE, cache: BuildCache.none() });
  expect(builder.stateSize!.toGibibytes()).toBe(gibibytes);
  expect(synth()['dist/RUNBOOK.md'].includes('is huge, and builder')).toBe(isWarned);
});

test('a volume that is not whole GiB is named as it is', () => {
  const { pipeline, synth } = world(Size.mebibytes(51_300));
  pipeline({ size: ImageSize.HUGE, cache: BuildCache.none() });
  expect(synth()['dist/RUNBOOK.md']).toContain('has a volume of 51300Mi: a build can end');
});

test('each image has its Flux objects, and workloads use it by its name', () => {
  const { apps, pipeline, synth } = world();
  const workers = pipeline({ images: [{ name: 'team/web' }, { name: 'api', policyName: 'api-2' }] });
  new Deployment(apps, 'web', { containers: [{ image: workers.images.get('team/web').reference }] });
  expect(workers.images.names).toEqual(['team/web', 'api']);
  expect(workers.images.all.map(({ policy }) => policy)).toEqual(['flux-system:team-web', 'flux-system:api-2']);
  const files = synth();
  expect(files['dist/clusters/home/apps/apps.k8s.yaml']).toContain('# {"$imagepolicy": "flux-system:team-web"}');
  expect(files['images.yaml']).toMatch(/flux-system:api-2:[^]*flux-system:team-web:/);
});

test('one file per image', () => {
  const { pipeline, synth } = world();
  const all = pipeline({
    filePerImage: true,
    images: [{ name: 'moltbook-api', context: 'api' }, { name: 'moltbook-web' }],
  });
  const files = Object.keys(synth()).filter((file) => file.endsWith('.yml'));
  expect(files).toEqual([
    'dist/repositories/platform/app/.gitea/workflows/app-moltbook-api.yml',
    'dist/repositories/platform/app/.gitea/workflows/app-moltbook-web.yml',
  ]);
  expect(all.workflows.map(({ name }) => name)).toEqual(['app: moltbook-api', 'app: moltbook-web']);
  expect(codesOf(() => all.workflow)).toEqual(['FORGE-PIPE-007']);
});

describe('the pieces are public', () => {
  test('of one image: image, workflow, job and its outputs', () => {
    const one = world().pipeline();
    expect(one.image.policy).toBe('flux-system:app');
    expect(one.workflow.fileName).toBe('app.yml');
    expect(one.job.output('digest')).toContain('outputs.digest');
    expect(one.jobOf('app')).toBe(one.job);
  });

  test('of several images: each by its name, and none as the only one', () => {
    const several = world().pipeline({ images: [{ name: 'a' }, { name: 'b', target: 'x' }] });
    expect(several.jobs.map(({ id }) => id)).toEqual(['build-a', 'build-b']);
    expect(several.jobOf('b').id).toBe('build-b');
    ['image', 'job'].forEach((piece) =>
      expect(codesOf(() => several[piece as 'image' | 'job'])).toEqual(['FORGE-PIPE-007']),
    );
    expect(codesOf(() => several.images.get('c'))).toEqual(['FORGE-PIPE-007']);
    expect(codesOf(() => several.jobOf('c'))).toEqual(['FORGE-PIPE-007']);
  });

  test('steps of your own stand where they are put, in the order in which they are added', () => {
    const { pipeline, synth } = world();
    const app = pipeline({ pullRequests: true });
    const step = (name: string) => Step.run({ name, script: 'true' });
    app.addStep(step('Scan'), { after: Stage.BUILD });
    app.addStep(step('Sign'), { after: Stage.BUILD });
    app.addStep(step('Lint'), { before: Stage.BUILD, inPullRequests: true });
    app.addStep(step('Last'));
    const names = (job: string) =>
      [
        ...(
          new RegExp(`^  ${job}:\\n([^]*?)(?=^  \\w|$(?![^]))`, 'm').exec(
            synth()['dist/repositories/platform/app/.gitea/workflows/app.yml'],
          )?.[1] ?? ''
        ).matchAll(/- name: (.*)/g),
      ].map(([, name]) => name);
    expect(names('build')).toEqual(['Check out', 'Compute the tags', 'Lint', 'Build app', 'Scan', 'Sign', 'Last']);
    expect(names('check')).toEqual(['Check out', 'Lint', 'Build app']);
    const both = { before: Stage.BUILD, after: Stage.TAGS };
    expect(codesOf(() => app.addStep(step('Nowhere'), both))).toEqual(['FORGE-PIPE-008']);
  });
});

describe('a catalogue', () => {
  test('is in the order in which its images are built, and otherwise as given', () => {
    const images = [{ name: 'c', baseImages: { A: 'b' } }, { name: 'a' }, { name: 'b', baseImages: { A: 'a' } }];
    expect(ImageCatalogue.of(registry, images).names).toEqual(['a', 'b', 'c']);
    expect(ImageCatalogue.of(registry, images).image('b').baseImages).toEqual({ A: 'a' });
  });

  test.each<[string, CatalogueImage[], CatalogueImage[]]>([
    ['no image', [], [{ name: 'a' }]],
    ['two images with one name', [{ name: 'a' }, { name: 'a' }], [{ name: 'a' }, { name: 'aa' }]],
    [
      'names that differ in special characters only',
      [{ name: 'a/b' }, { name: 'a-b' }],
      [{ name: 'a/b' }, { name: 'ab' }],
    ],
    [
      'a base image that is unknown',
      [{ name: 'a', baseImages: { B: 'b' } }],
      [{ name: 'a', baseImages: { B: 'b' } }, { name: 'b' }],
    ],
    [
      'images that are built from each other',
      [
        { name: 'a', baseImages: { B: 'b' } },
        { name: 'b', baseImages: { A: 'a' } },
      ],
      [{ name: 'a', baseImages: { B: 'b', C: 'c' } }, { name: 'b', baseImages: { C: 'c' } }, { name: 'c' }],
    ],
    [
      'an image that is built from itself',
      [{ name: 'a', baseImages: { A: 'a' } }],
      [{ name: 'a', baseImages: { A: 'b' } }, { name: 'b' }],
    ],
  ])('fails for %s, and not for its neighbour', (_, images, neighbour) => {
    accepts(
      () => ImageCatalogue.of(registry, neighbour),
      () => world().pipeline({ images: neighbour }),
    );
    expect(codesOf(() => ImageCatalogue.of(registry, images))).toEqual(['FORGE-PIPE-007']);
    expect(codesOf(() => world().pipeline({ images }))).toEqual(['FORGE-PIPE-007']);
  });

  test('fails for a name that is none, and for an unknown name', () => {
    expect(codesOf(() => ImageCatalogue.of(registry, [{ name: 'A b' }]))).toEqual(['FORGE-REG-002']);
    expect(codesOf(() => ImageCatalogue.of(registry, [{ name: 'a' }]).image('b'))).toEqual(['FORGE-PIPE-007']);
    accepts(() => ImageCatalogue.of(registry, [{ name: 'a-b' }]).image('a-b'));
  });

  test.each(['..', '/abs', '-a', 'a*', '../x', 'a//b', '$(x)', ''])('fails for the context %p', (context) => {
    expect(codesOf(() => ImageCatalogue.of(registry, [{ name: 'a', context }]))).toEqual(['FORGE-PIPE-003']);
    accepts(
      ...['.', 'abs', 'a-b/c', '..x', 'a b', 'größe/x', './a'].map(
        (good) => () => ImageCatalogue.of(registry, [{ name: 'a', context: good }]),
      ),
    );
  });
});

test('a builder that needs Docker fits a runner whose jobs have it', () => {
  const docker = (runner: IRunner) => {
    const { pipeline, builder } = world();
    const inDocker: IBuilder = {
      path: 'docker',
      name: 'docker',
      cacheKinds: [CacheKind.INLINE],
      tools: ['docker'],
      isForClientsOnly: false,
      canUse: () => true,
      canAttest: false,
      connectFrom: () => BuilderConnection.none(),
      buildScript: (build) => builder.buildScript(build),
    };
    return (props: Partial<ImagePipelineProps> = {}) => pipeline({ builder: inDocker, runner, ...props });
  };
  expect(codesOf(docker(world().runner))).toEqual(['FORGE-PIPE-010']);
  const hosted = runnerWithDocker();
  accepts(docker(hosted), () => docker(hosted)({ cache: BuildCache.inline('main') }));
  expect(codesOf(() => docker(hosted)({ provenance: Provenance.MIN }))).toEqual(['FORGE-PIPE-011']);
  expect(codesOf(() => docker(hosted)({ cache: BuildCache.local('/cache') }))).toEqual(['FORGE-PIPE-011']);
});

/** A runner whose jobs have Docker, and no builder. */
function runnerWithDocker(): IRunner {
  return {
    labels: [RunnerLabel.host('docker')],
    jobLabels: ['docker'],
    description: 'a runner with Docker',
    capabilities: EVERY_CAPABILITY,
    builder: undefined,
    canRunJobsOf: () => true,
  };
}

describe('fails with options that do not go together', () => {
  test.each([
    ['image beside images', { image: 'a', images: [{ name: 'b' }] }],
    ['policyName beside images', { policyName: 'a', images: [{ name: 'b' }] }],
    ['a runner for pull requests that are not built', { pullRequestRunner: world().runner }],
    [
      'base images in files of their own',
      {
        filePerImage: true,
        images: [{ name: 'a' }, { name: 'b', baseImages: { A: 'a' } }],
      },
    ],
  ])('%s', (_, props) => {
    accepts(
      () => world().pipeline({ images: [{ name: 'b' }] }),
      () => world().pipeline({ image: 'a', policyName: 'a' }),
      () => world().pipeline({ filePerImage: true, images: [{ name: 'a' }, { name: 'b' }] }),
      () => world().pipeline({ images: [{ name: 'a' }, { name: 'b', baseImages: { A: 'a' } }] }),
    );
    expect(codesOf(() => world().pipeline(props))).toContain('FORGE-PIPE-008');
  });

  test('a platform or a cache that the builder does not have', () => {
    const { ci, pipeline } = world();
    const arm = new Buildkitd(ci, 'arm', {
      registries: [registry],
      storage: Storage.persistent(Size.gibibytes(50)),
      config: { platforms: ['linux/arm64'] },
    });
    expect(codesOf(() => pipeline({ builder: arm, platforms: [Platform.LINUX_AMD64] }))).toEqual([
      'FORGE-PIPE-002',
      'FORGE-PIPE-011',
    ]);
    expect(codesOf(() => pipeline({ builder: arm, platforms: [Platform.LINUX_ARM64] }, 'b'))).toEqual([
      'FORGE-PIPE-002',
    ]);
    expect(codesOf(() => Platform.of('arm64'))).toEqual(['FORGE-BK-019']);
    accepts(
      () => Platform.of('linux/arm64'),
      () => world().pipeline({ platforms: [Platform.LINUX_AMD64] }),
    );
  });
});

test('secrets of a build reach the builder by the environment only, and the runbook says what to create', () => {
  const { pipeline, synth } = world();
  pipeline({ secrets: [BuildSecret.actions('NPM_TOKEN', { id: 'npm', purpose: 'token of the npm registry' })] });
  const files = synth();
  expect(files['dist/repositories/platform/app/.gitea/workflows/app.yml']).toMatch(
    /SECRETS: id=npm,env=BUILD_SECRET_npm\n\s+BUILD_SECRET_npm: \$\{\{ secrets\.NPM_TOKEN \}\}/,
  );
  expect(files['dist/RUNBOOK.md']).toContain('token of the npm registry');
});
