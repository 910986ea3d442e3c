import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse } from 'yaml';
import { Builder } from '../../lib/buildkit';
import { Forge, RunsOn } from '../../lib/forge';
import { PodGroup } from '../../lib/kube';
import { ImageSize, SkipFlag, Tags } from '../../lib/pipeline';
import { Notify, NotifyOn, Versioning } from '../../lib/recipe';
import { Registry } from '../../lib/registry';
import { Executor, Registration, Runner, RunnerLabel, RunnerScope, Scaling } from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { Input } from '../../lib/workflow';
import { runBash } from '../support/bash';
import { accepts, codesOf } from '../support/problems';
import { temporaryFolder } from '../support/workspace';
import { gitea, IMAGE, stepOf, workflowOf, world } from './world';

describe('a forge that ignores the key concurrency', () => {
  const everything = {
    pullRequests: true,
    dispatch: {},
    schedule: { crons: ['0 3 * * 1'] },
    size: ImageSize.HUGE,
    tags: Tags.semver(Versioning.fromCommits()),
    notify: Notify.ntfy('https://ntfy.example.com/builds'),
  };

  test.each([
    ['Gitea', '1.23', undefined],
    ['Gitea', '1.25', undefined],
    ['Gitea', '1.26', 'app ${{ github.ref }}'],
    ['Forgejo', '11.0', undefined],
    ['Forgejo', '15.0', 'app ${{ github.ref }}'],
  ])('gets a workflow without the key, and no error: %s %s', (product, version, group) => {
    const forge = (product === 'Gitea' ? Forge.gitea : Forge.forgejo)({ version, url: 'https://git.example.com' });
    const { pipeline, synth } = world();
    pipeline({
      ...everything,
      repository: forge.repository('platform/app'),
      registry: Registry.gitea(forge, { owner: 'platform' }),
      runner: RunsOn.existing('ubuntu-latest'),
      builder: Builder.buildx(),
    });
    const file = Object.entries(synth()).find(([name]) => name.endsWith('workflows/app.yml'))!;
    expect(parse(file[1]).concurrency?.group).toEqual(group);
  });
});

describe('a runner that runs already', () => {
  const runner = RunsOn.existing('ubuntu-latest');

  test('is given by its labels, with a builder that its jobs have', () => {
    const { builder, pipeline, synth } = world();
    builder.admit(PodGroup.of({ app: 'runner' }, 'runners'));
    pipeline({ runner, builder: Builder.buildx() });
    pipeline({ runner, builder, pullRequests: true, pullRequestRunner: RunsOn.existing('pulls') }, 'other');
    const files = synth();
    const jobs = (name: string) => parse(files[`dist/repositories/platform/app/.gitea/workflows/${name}.yml`]).jobs;
    expect(jobs('app').build['runs-on']).toBe('ubuntu-latest');
    expect(jobs('other').check['runs-on']).toBe('pulls');
    expect(files['dist/RUNBOOK.md']).toContain('`ubuntu-latest`');
  });

  test('has no builder of its own', () => {
    expect(() => world().pipeline({ runner })).toThrow(/FORGE-PIPE-002[^]*Builder\.buildx\(\)/);
    accepts(() => world().pipeline({ runner, builder: Builder.buildx() }));
  });

  test('can be a label of a runner of the app, whose builder is given', () => {
    const { ci, builder, pipeline, synth } = world();
    const two = new Runner(ci, 'two', {
      forge: gitea,
      scope: RunnerScope.instance(),
      registration: Registration.token(SecretSource.existing('runner-token')),
      executor: Executor.host({ builder }),
      labels: [RunnerLabel.host('first'), RunnerLabel.host('second')],
    });
    pipeline({ runner: two.withLabels('second'), builder });
    const { jobs } = parse(synth()['dist/repositories/platform/app/.gitea/workflows/app.yml']);
    expect(jobs.build['runs-on']).toBe('second');
  });
});

describe('a pull request', () => {
  const { on, concurrency, jobs } = workflowOf({ pullRequests: true, branch: 'develop', context: 'web' });

  test('is built for the branch, and a newer commit cancels the run', () => {
    expect(on.pull_request).toEqual({ branches: ['develop'], paths: ['web/**', '.gitea/workflows/app.yml'] });
    expect(concurrency).toEqual({
      group: 'app ${{ github.ref }}',
      'cancel-in-progress': "${{ github.event_name == 'pull_request' }}",
    });
    expect(workflowOf().concurrency).toEqual({ group: 'app ${{ github.ref }}', 'cancel-in-progress': false });
  });

  test('pushes nothing, writes no cache, has no secret, and has cache mounts of its own', () => {
    expect(jobs.check.if).toBe("github.event_name == 'pull_request'");
    const { env, run } = stepOf(jobs.check, 'build');
    expect(env).toMatchObject({
      PUSH: 'no',
      CACHE_FROM: `type=registry,ref=${IMAGE('app-cache:buildcache')}`,
      CACHE_SCOPE: 'pull-request-${{ github.event.pull_request.number }}',
    });
    expect(Object.keys(env).filter((name) => /TOKEN|USER|SECRET|CACHE_TO|TAGS/.test(name))).toEqual([]);
    expect(JSON.stringify(jobs.check)).not.toContain('secrets.');
    expect(run).not.toContain('REGISTRY_TOKEN:?');
  });

  test('starts no job that pushes', () => {
    expect(jobs.build.if).toBe("github.event_name != 'pull_request'");
  });

  test('is an error on a runner whose jobs share a home, unless pull requests have a runner of their own', () => {
    const { pipeline, synth } = world(100, Scaling.fixed(1));
    pipeline({ pullRequests: true });
    expect(codesOf(synth)).toEqual(['FORGE-WF-052']);
    const other = world(100, Scaling.fixed(1));
    const { ci, builder } = other;
    const pullRequestRunner = new Runner(ci, 'pulls', {
      forge: gitea,
      scope: RunnerScope.instance(),
      registration: Registration.token(SecretSource.existing('runner-token')),
      executor: Executor.host({ builder }),
      scaling: Scaling.perJob({ max: 2, apiToken: SecretSource.existing('api-token') }),
      labels: [RunnerLabel.host('pulls')],
    });
    accepts(() => other.pipeline({ pullRequests: true, pullRequestRunner, skip: [SkipFlag.all('[skip images]')] }));
    const { jobs } = parse(other.synth()['dist/repositories/platform/app/.gitea/workflows/app.yml']);
    expect([jobs.build['runs-on'], jobs.check['runs-on']]).toEqual(['runner', 'pulls']);
  });
});

test('a manual start with inputs, and a schedule', () => {
  const level = Input.choice('level', { options: ['debug', 'release'] });
  const { on, jobs } = workflowOf({
    dispatch: { inputs: [level] },
    schedule: { crons: ['0 3 * * 1'] },
    buildArgs: { LEVEL: level.value },
  });
  expect(on.workflow_dispatch.inputs!.level.options).toEqual(['debug', 'release']);
  expect(on.schedule).toEqual([{ cron: '0 3 * * 1' }]);
  expect(stepOf(jobs.build, 'build').env.BUILD_ARGS).toBe('LEVEL=${{ inputs.level }}');
});

test('a version that a person gives starts no build by a push', () => {
  const version = Input.text('version', { required: true });
  const { on } = workflowOf({
    tags: Tags.semver(Versioning.fromInput(version.value)),
    dispatch: { inputs: [version] },
  });
  expect(Object.keys(on)).toEqual(['workflow_dispatch']);
});

describe('skip flags', () => {
  const DERIVED = [{ name: 'base' }, { name: 'web', baseImages: { BASE: 'base' } }];
  const IMAGES = [{ name: 'web' }, { name: 'web-api' }, { name: 'job', target: 'x' }];
  const FLAGS = [SkipFlag.all('[skip images]'), SkipFlag.only('[web only]', ['web'])];
  const SCRIPT = fs.readFileSync(path.join(__dirname, '../../lib/pipeline/jobs/scripts/select-images.sh'), 'utf8');

  const selected = (message: string) => {
    const output = path.join(temporaryFolder(), 'output');
    const { env } = stepOf(workflowOf({ images: IMAGES, skip: FLAGS }).jobs.plan, 'select');
    const folder = temporaryFolder();
    const run = runBash(SCRIPT, { env: { ...env, MESSAGE: message, GITHUB_OUTPUT: output }, cwd: folder });
    expect([run.status, fs.readdirSync(folder)]).toEqual([0, []]);
    return fs.readFileSync(output, 'utf8');
  };

  test.each([
    ['', '|web|web-api|job|'],
    ['Add a button', '|web|web-api|job|'],
    ['Fix typo [skip images]', '|'],
    ['Change the web\n\n[web only]', '|web|'],
    ['[web only] [skip images]', '|'],
    ['$(touch x) `touch x` "; touch x; [skip images', '|web|web-api|job|'],
    ['images=|evil|\n[web only]', '|web|'],
    ['skip images', '|web|web-api|job|'],
  ])('the message %j selects %s', (message, images) => {
    expect(selected(message)).toBe(`images=${images}\n`);
  });

  test('leave out jobs, and the steps of a matrix', () => {
    const { jobs } = workflowOf({ images: IMAGES, skip: FLAGS });
    expect(stepOf(jobs.plan, 'select').env.MESSAGE).toBe('${{ github.event.head_commit.message }}');
    expect(jobs['build-job'].if).toBe("contains(needs.plan.outputs.images, '|job|')");
    expect(jobs.build.if).toBe(
      "contains(needs.plan.outputs.images, '|web|') || contains(needs.plan.outputs.images, '|web-api|')",
    );
    expect(new Set(jobs.build.steps.map((step) => step.if))).toEqual(
      new Set(["contains(needs.plan.outputs.images, format('|{0}|', matrix.name))"]),
    );
    expect(workflowOf({ images: [{ name: 'a' }, { name: 'b' }], skip: [FLAGS[0]] }).jobs.build.if).toBe(
      "needs.plan.outputs.images != '|'",
    );
  });

  test.each([
    ['an empty text', () => SkipFlag.all(' ')],
    ['text of two lines', () => SkipFlag.only('[a\nb]', [])],
    ['an image that is not built', () => workflowOf({ skip: [SkipFlag.only('[x only]', ['x'])] })],
    [
      'an image without its base image',
      () => workflowOf({ images: DERIVED, skip: [SkipFlag.only('[web only]', ['web'])] }),
    ],
  ])('fail for %s', (_, make) => {
    expect(codesOf(make)).toEqual(['FORGE-PIPE-009']);
    const skip = [SkipFlag.only('[web only]', ['web', 'base']), SkipFlag.only('[base only]', ['base'])];
    accepts(() => workflowOf({ images: DERIVED, skip }));
  });
});

describe('a notification', () => {
  const { jobs } = workflowOf({ notify: Notify.ntfy('https://ntfy.example.com/builds'), pullRequests: true });
  const [result, notify] = jobs.notify.steps;

  test('comes after all jobs, whatever their result, and not for pull requests', () => {
    expect(jobs.notify).toMatchObject({
      needs: ['build'],
      if: "(github.event_name != 'pull_request') && !cancelled()",
    });
    expect(notify.if).toBe('always()');
  });

  test('that knows when a run recovered may read runs, and no other', () => {
    const recovered = Notify.webhook('https://hooks.example.com', { on: [NotifyOn.RECOVERED] });
    expect(workflowOf({ notify: recovered }).jobs.notify.permissions).toEqual({ contents: 'read', actions: 'read' });
    expect(jobs.notify.permissions).toBeUndefined();
  });

  test.each([
    ['success skipped', 0],
    ['success failure', 1],
    ['cancelled', 1],
    ['', 0],
  ])('reports the results %j', (results, status) => {
    expect(result.env.RESULTS).toBe('${{ needs.build.result }}');
    expect(runBash(result.run, { env: { RESULTS: results } }).status).toBe(status);
  });
});
