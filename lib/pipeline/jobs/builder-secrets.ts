import { ActionsSecret } from '../../forge';
import { BuildJob } from './build-jobs';

/**
 * Returns the secrets that builds read beside the known ones: those of the builder, such as the certificate of a client, and
 * those of build arguments.
 *
 * @jsii ignore
 */
export function builderSecrets(builds: readonly BuildJob[], known: readonly ActionsSecret[]): ActionsSecret[] {
  return [...new Set(builds.flatMap(({ secrets }) => secrets))]
    .filter((name) => !known.some((secret) => secret.name === name))
    .map((name) =>
      ActionsSecret.of(name, { purpose: 'secret that the builder or the build arguments of a pipeline read' }),
    );
}
