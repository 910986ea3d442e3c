import { BuildCache, Buildkitd } from '../buildkit';
import { DockerConfigJson, Registry } from '../registry';
import { Expression, JobTool, Step } from '../workflow';
import { scriptText } from '../support';

/** A build that creates an image and pushes it to a registry. */
export interface BuildctlBuildProps {
  /** The registry. The image is pushed to the push endpoint of the registry. */
  readonly registry: Registry;

  /** Name of the image in the registry, without host and owner. */
  readonly image: string;

  /** The build context, a directory of the repository. */
  readonly context: string;

  /** Path of the Dockerfile, relative to the context. */
  readonly dockerfile: string;

  /**
   * The buildkitd that builds the image. The runner of the job must be a client of this buildkitd.
   *
   * @default - the one that the runner names in its environment
   */
  readonly builder?: Buildkitd;

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
    const { cache = BuildCache.registry(), builder } = props;
    const image = props.registry.pushName(props.image);
    return Step.run({
      name: `Build ${props.image}`,
      script: script(),
      tools: [JobTool.BUILDCTL],
      env: {
        ...builder?.connection.environment,
        IMAGE: image,
        CACHE_FROM: cache.imports(image).join('\n'),
        CACHE_TO: cache.exports(image).join('\n'),
        CONTEXT: props.context,
        DOCKERFILE: props.dockerfile,
        BRANCH: Expression.REF_NAME,
        COMMIT: Expression.SHA,
        REGISTRY_HOSTS: DockerConfigJson.ofHosts([props.registry.push.host]).hosts.join(' '),
        REGISTRY_USER: Expression.secret('REGISTRY_USER'),
        REGISTRY_TOKEN: Expression.secret('REGISTRY_TOKEN'),
      },
    });
  }

  private constructor() {}
}

/** Returns a script that checks its input, writes the credentials, and builds. */
function script(): string {
  return [
    scriptText(__dirname, 'buildctl-check.sh'),
    DockerConfigJson.script,
    scriptText(__dirname, 'buildctl-build.sh'),
  ].join('\n');
}
