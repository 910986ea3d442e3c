import { ActionsSecret } from '../../forge';
import { CatalogueImage } from '../catalogue/image-options';
import { BuildContext, pushScript, secretsIn } from './build-steps';

/**
 * Returns the secrets that builds read beside the known ones: those of the builder, such as the certificate of a client, and
 * those of build arguments.
 *
 * @jsii ignore
 */
export function builderSecrets(
  context: BuildContext,
  images: readonly CatalogueImage[],
  known: readonly ActionsSecret[],
): ActionsSecret[] {
  const values = { tags: '', version: '', created: '0' };
  const names = images.flatMap((image) => {
    const bases = new Map(Object.values(image.baseImages ?? {}).map((base) => [base, base]));
    return secretsIn(pushScript(context, image, { ...values, bases }));
  });
  return [...new Set(names)]
    .filter((name) => !known.some((secret) => secret.name === name))
    .map((name) =>
      ActionsSecret.of(name, { purpose: 'secret that the builder or the build arguments of a pipeline read' }),
    );
}
