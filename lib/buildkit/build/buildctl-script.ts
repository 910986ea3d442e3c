import { ScriptSpec, scriptText } from '../../support';
import { BuilderConnection } from '../access/connection';
import { assembled } from './build-environment';
import { ImageBuild } from './image-build';

/**
 * A script that builds and pushes an image with `buildctl`.
 *
 * @example
 *
 * BuildctlScript.of({
 *   registry, image: 'hello-app', context: '.', dockerfile: 'Dockerfile', commit: Expression.SHA, tags: 'main-0123abc-1763600000',
 *   username: Expression.secret('REGISTRY_USER'), token: Expression.secret('REGISTRY_TOKEN'),
 * });
 */
export class BuildctlScript {
  /**
   * Creates the script for an image. Outputs: `digest`, and `reference` (the name with the digest).
   *
   * @param build the image
   * @param connection the connection to buildkitd; if omitted, the job's environment must have `BUILDKIT_HOST`
   * @throws FORGE-BK-019 for a context or Dockerfile that is a URL, a platform, build argument, secret or stage that buildctl cannot read, or a push without credentials, FORGE-REG-002 for a name that is none
   */
  static of(build: ImageBuild, connection?: BuilderConnection): ScriptSpec {
    return assembled(build, {
      tools: ['buildctl'],
      check: scriptText(__dirname, 'buildctl-check.sh'),
      build: scriptText(__dirname, 'buildctl-build.sh'),
      env: connection?.environment,
    });
  }

  private constructor() {}
}
