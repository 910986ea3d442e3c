import { IRunsOn } from '../../forge';
import { ScriptSpec } from '../../support';
import { Condition, Expression, Job, Step, Workflow } from '../../workflow';
import { wordOf } from '../catalogue/catalogue';
import { CatalogueImage } from '../catalogue/image-options';
import { sizeSettings } from '../catalogue/image-size';
import { Tags } from '../tags/tags';
import {
  buildStep,
  BuildContext,
  checkoutStep,
  pullRequestScript,
  pushScript,
  secretsIn,
  tagsStep,
} from './build-steps';
import { cacheAccess, cacheAccessStep } from './cache-access';
import { RunPlan } from './plan';
import { supplyPermissions, SupplySettings, supplySteps, tellFluxStep } from './supply-chain';
import { PlacedStep, Stage } from './stage';
import { joined } from './values';

/**
 * An image with its tags.
 *
 * @jsii ignore
 */
export interface TaggedImage extends CatalogueImage {
  readonly tags: Tags;
}

/**
 * A job that builds one image, or several by a matrix.
 *
 * @jsii ignore
 */
export class BuildJob {
  private readonly last = new Map<Stage, Step>();

  constructor(
    readonly job: Job,
    readonly images: readonly TaggedImage[],
    private readonly steps: {
      readonly stages: ReadonlyMap<Stage, Step>;
      readonly end?: Step;
      readonly specs?: readonly ScriptSpec[];
    },
  ) {}

  /** Names of the secrets of the forge that the builds read. */
  get secrets(): string[] {
    return (this.steps.specs ?? []).flatMap(secretsIn);
  }

  /** Adds a step of the user at its position. */
  add({ step, before, after }: PlacedStep): void {
    const stage = before ?? after;
    const anchor = stage && this.steps.stages.get(stage);
    if (anchor === undefined) {
      if (this.steps.end) {
        this.job._insert(step, this.steps.end, 'before');
      } else {
        this.job.addStep(step);
      }
      return;
    }
    if (before !== undefined) {
      this.job._insert(step, anchor, 'before');
      return;
    }
    // Several steps after a stage keep their order.
    const added = this.job._insert(step, this.last.get(stage!) ?? anchor, 'after');
    this.last.set(stage!, added[added.length - 1] ?? anchor);
  }
}

/**
 * The settings of all build jobs of a workflow.
 *
 * @jsii ignore
 */
export interface BuildSettings extends SupplySettings {
  readonly runner: IRunsOn;
  readonly plan: RunPlan;
  /** Reports whether pull requests start the workflow too. */
  readonly pullRequests: boolean;
  /** Reports whether Git tags start the workflow, although not all images have tags for them. */
  readonly startsForTags: boolean;
}

/**
 * Creates the jobs that build and push images, each after the jobs of its base images. Images that differ in values only share
 * a job with a matrix.
 *
 * @jsii ignore
 */
export function addBuildJobs(workflow: Workflow, images: readonly TaggedImage[], settings: BuildSettings): BuildJob[] {
  const groups = groupsOf(images, settings.context);
  const made: BuildJob[] = [];
  groups.forEach((group) =>
    made.push(
      group.length > 1
        ? matrixJob(workflow, idFor('build', group, groups), { group, settings })
        : singleJob(workflow, idFor('build', group, groups), { image: group[0], settings, made }),
    ),
  );
  return made;
}

/**
 * Creates the jobs that build images of pull requests. An image that is built from another image of the catalogue has no such
 * job, because its base image is not pushed.
 *
 * @jsii ignore
 */
export function addPullRequestJobs(
  workflow: Workflow,
  images: readonly TaggedImage[],
  { context, runner }: { context: BuildContext; runner: IRunsOn },
): BuildJob[] {
  const own = images.filter(({ baseImages }) => Object.keys(baseImages ?? {}).length === 0);
  return own.map((image) => {
    const access = cacheAccessStep([image]);
    const [checkout, build] = [checkoutStep(), buildStep(pullRequestScript(context, image, cacheAccess(access)))];
    const job = workflow.addJob(
      idFor(
        'check',
        [image],
        own.map((one) => [one]),
      ),
      {
        name: `Check ${image.name}`,
        if: Condition.event('pull_request'),
        runsOn: runner,
        timeout: sizeSettings(image.size).timeout,
        steps: [checkout, ...(access ? [access] : []), build],
      },
    );
    const stages = new Map([
      [Stage.CHECKOUT, checkout],
      [Stage.BUILD, build],
    ]);
    return new BuildJob(job, [image], { stages });
  });
}

/** Returns the condition of jobs that push, before anything else is known. */
export function notForPullRequests(pullRequests: boolean): Condition | undefined {
  return pullRequests ? Condition.notEqual('${{ github.event_name }}', 'pull_request') : undefined;
}

function singleJob(
  workflow: Workflow,
  id: string,
  { image, settings, made }: { image: TaggedImage; settings: BuildSettings; made: readonly BuildJob[] },
): BuildJob {
  const { context, plan } = settings;
  const [checkout, tags] = [checkoutStep(), tagsStep(image.tags, context.branch, { version: plan.versionOutput })];
  const bases = Object.values(image.baseImages ?? {}).map((name): [string, string] => [
    name,
    made.find(({ images }) => images.some((one) => one.name === name))!.job.output('reference'),
  ]);
  const access = cacheAccessStep([image]);
  const spec = pushScript(context, image, { ...referencesTo(checkout, tags, access), bases: new Map(bases) });
  const build = buildStep(spec);
  const end = tellFluxStep(settings);
  const outputs = (spec.outputs ?? []).map((name) => [name, build.output(name)]);
  const job = workflow.addJob(id, {
    ...jobProps(settings, [image]),
    name: id === 'build' ? undefined : `Build ${image.name}`,
    steps: [
      checkout,
      tags,
      ...(access ? [access] : []),
      build,
      ...supplySteps(settings, { build, mirrors: image.mirrors, image: image.name }),
      ...(end ? [end] : []),
    ],
    outputs: { tag: tags.output('tag'), ...Object.fromEntries(outputs) },
  });
  return new BuildJob(job, [image], { stages: stagesOf(checkout, tags, build), end, specs: [spec] });
}

function matrixJob(
  workflow: Workflow,
  id: string,
  { group, settings }: { group: readonly TaggedImage[]; settings: BuildSettings },
): BuildJob {
  const { context, plan } = settings;
  const [{ tags: names, size }] = group;
  const condition = plan.conditionOfLeg('${{ matrix.name }}');
  const checkout = checkoutStep(condition);
  const tags = tagsStep(names, context.branch, {
    version: plan.versionOutput,
    ...(condition ? { if: condition } : {}),
  });
  const access = cacheAccessStep(group, condition);
  const references = { ...referencesTo(checkout, tags, access), bases: new Map() };
  const specs = group.map((image) => pushScript(context, image, references));
  const { matrix, env } = joined(environments(group, specs), { maxParallel: sizeSettings(size).maxParallel })!;
  const build = buildStep({ ...specs[0], name: 'Build and push', env }, condition);
  const end = tellFluxStep(settings, condition);
  const job = workflow.addJob(id, {
    ...jobProps(settings, group),
    name: 'Build ${{ matrix.name }}',
    matrix,
    steps: [
      checkout,
      tags,
      ...(access ? [access] : []),
      build,
      ...supplySteps(settings, { build, mirrors: group[0].mirrors, image: '${{ matrix.name }}', condition }),
      ...(end ? [end] : []),
    ],
  });
  return new BuildJob(job, group, { stages: stagesOf(checkout, tags, build), end, specs });
}

function jobProps(settings: BuildSettings, images: readonly TaggedImage[]) {
  const { runner, plan, pullRequests, startsForTags } = settings;
  const isForTags = !startsForTags || images[0].tags._readsGitTags;
  const branchOnly = isForTags ? undefined : Condition.notEqual(Expression.REF_TYPE, 'tag');
  const conditions = [
    notForPullRequests(pullRequests),
    branchOnly,
    ...plan.conditionsFor(images.map(({ name }) => name)),
  ].filter((condition): condition is Condition => condition !== undefined);
  const [first, ...others] = conditions;
  return {
    if: first && (others.length > 0 ? first.and(...others) : first),
    runsOn: runner,
    permissions: supplyPermissions(settings, images),
    timeout: sizeSettings(images[0].size).timeout,
  };
}

function referencesTo(checkout: Step, tags: Step, access: Step | undefined) {
  return {
    tags: tags.output('tags'),
    version: tags.output('version'),
    created: checkout.output('time'),
    cacheAccess: cacheAccess(access),
  };
}

function stagesOf(checkout: Step, tags: Step, build: Step): Map<Stage, Step> {
  return new Map([
    [Stage.CHECKOUT, checkout],
    [Stage.TAGS, tags],
    [Stage.BUILD, build],
  ]);
}

function environments(
  images: readonly TaggedImage[],
  specs: readonly ScriptSpec[],
): Map<string, Record<string, string>> {
  return new Map(images.map(({ name }, i) => [name, specs[i].env ?? {}]));
}

/** Returns the images in groups that share a job: the same script and tags, and environments that differ in values only. */
function groupsOf(images: readonly TaggedImage[], context: BuildContext): TaggedImage[][] {
  if (images.length === 1) {
    return [[...images]];
  }
  const bases = new Set(images.flatMap(({ baseImages }) => Object.values(baseImages ?? {})));
  const groups: { images: TaggedImage[]; specs: ScriptSpec[]; isClosed: boolean }[] = [];
  for (const image of images) {
    const isClosed = bases.has(image.name) || Object.keys(image.baseImages ?? {}).length > 0;
    const placeholders = {
      tags: 'TAGS',
      version: 'VERSION',
      created: '0',
      bases: new Map([...bases].map((b) => [b, b])),
    };
    const spec = pushScript(context, image, placeholders);
    const group = groups.find(
      (one) =>
        !isClosed &&
        !one.isClosed &&
        one.images[0].tags === image.tags &&
        one.images[0].size === image.size &&
        one.specs[0].script === spec.script &&
        joined(environments([...one.images, image], [...one.specs, spec])) !== undefined,
    );
    if (group) {
      group.images.push(image);
      group.specs.push(spec);
    } else {
      groups.push({ images: [image], specs: [spec], isClosed });
    }
  }
  return groups.map((group) => group.images);
}

/** Returns the id of a job: one word if it is the only one of its kind, or has a matrix; with the image's name otherwise. */
function idFor(kind: string, group: readonly CatalogueImage[], groups: readonly (readonly CatalogueImage[])[]): string {
  if (groups.length === 1) {
    return kind;
  }
  const matrices = groups.filter(({ length }) => length > 1);
  const number = matrices.indexOf(group as TaggedImage[]);
  return number === -1 ? `${kind}-${wordOf(group[0].name)}` : number === 0 ? kind : `${kind}-${number + 1}`;
}
