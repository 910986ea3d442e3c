import { BuildCache, BuildctlScript, IBuilder } from '../buildkit';
import { Registry } from '../registry';
import { Expression, JobTool, ReadyStepOptions, Step } from '../workflow';

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
}

/**
 * A build step that builds and pushes an image with `buildctl`.
 *
 * @example
 *
 * BuildctlBuild.step({ registry, image: 'hello-app', context: '.', dockerfile: 'Dockerfile' });
 */
export class BuildctlBuild {
  /** Creates the build step. The job of the step needs the Actions secrets REGISTRY_USER and REGISTRY_TOKEN. */
  static step(props: BuildctlBuildProps): Step {
    const { registry, image, context, dockerfile, builder, cache, ...options } = props;
    const build = {
      registry,
      image,
      context,
      dockerfile,
      cache,
      branch: Expression.REF_NAME,
      commit: Expression.SHA,
      username: Expression.secret('REGISTRY_USER'),
      token: Expression.secret('REGISTRY_TOKEN'),
    };
    const { name, script, env, outputs, tools = [] } = builder?.buildScript(build) ?? BuildctlScript.of(build);
    return Step._ready({ name, script, env, outputs, tools: tools.map((tool) => JobTool.of(tool)) }, options);
  }

  private constructor() {}
}
