import { BuildCache, BuildctlScript, buildScriptOf, IBuilder } from '../buildkit';
import { Registry } from '../registry';
import { ScriptSpec } from '../support';
import { Expression, JobTool, ReadyStepOptions, Step } from '../workflow';
import { tagEnvironment } from './image-tags';
import { scriptOf } from './scripts';

/** A build that creates an image and pushes it to a registry. */
export interface BuildctlBuildProps extends ReadyStepOptions {
  /** The registry. The image is pushed to the push endpoint of the registry. */
  readonly registry: Registry;

  /** Name of the image in the registry, without host and owner. */
  readonly image: string;

  /** The build context, a directory of the repository. */
  readonly context: string;

  /** Path of the Dockerfile, relative to the context. */
  readonly dockerfile: string;

  /**
   * The builder of the image. If the builder is for clients only, the runner of the job must be a client.
   *
   * @default - the one that the runner names in its environment
   */
  readonly builder?: IBuilder;

  /**
   * The build cache.
   *
   * @default BuildCache.registry()
   */
  readonly cache?: BuildCache;

  /**
   * Tags to push, separated by spaces, for example `tags.output('tags')` of an `ImageTags` step.
   *
   * @default - one tag in the form `<branch>-<commit>-<unix time>`
   */
  readonly tags?: string;

  /**
   * The branch that is deployed, for the default tag.
   *
   * @default 'main'
   */
  readonly branch?: string;
}

/**
 * A build step that builds and pushes an image with `buildctl`.
 *
 * @example
 *
 * BuildctlBuild.step({ registry, image: 'hello-app', context: '.', dockerfile: 'Dockerfile' });
 */
export class BuildctlBuild {
  /**
   * Creates the build step. The job of the step needs the Actions secrets REGISTRY_USER and REGISTRY_TOKEN. Outputs:
   * `digest`, and `reference` (the name with the digest).
   */
  static step(props: BuildctlBuildProps): Step {
    const { registry, image, context, dockerfile, builder, cache, tags, branch = 'main', ...options } = props;
    const build = {
      registry,
      image,
      context,
      dockerfile,
      cache,
      tags,
      commit: Expression.SHA,
      username: Expression.secret('REGISTRY_USER'),
      token: Expression.secret('REGISTRY_TOKEN'),
    };
    const spec = builder ? buildScriptOf(builder, build) : BuildctlScript.of(build);
    return tags === undefined ? withTags(spec, branch, options) : stepOf(spec, options);
  }

  private constructor() {}
}

/**
 * Returns the step of a script.
 *
 * @jsii ignore
 */
export function stepOf({ name, script, env, outputs, tools = [] }: ScriptSpec, options: ReadyStepOptions): Step {
  return Step._ready({ name, script, env, outputs, tools: tools.map((tool) => JobTool.of(tool)) }, options);
}

/** Returns the step of a script that computes its tags first. */
function withTags(spec: ScriptSpec, branch: string, options: ReadyStepOptions): Step {
  const script = `${scriptOf('image-tags')}\n${spec.script}`;
  const outputs = ['tags', 'tag', 'version', ...(spec.outputs ?? [])];
  return stepOf({ ...spec, script, outputs, env: { ...tagEnvironment({ branch }), ...spec.env } }, options);
}
