import { ApiObject } from 'cdk8s';
import { ImageRepository } from '../flux';
import { Manifest, Manifests, Model } from '../model';
import { Registry } from '../registry';
import { addUnlessAcknowledged, Problems, quoted } from '../support';

/**
 * Reports objects of kind ImageRepository that no construct of this library wrote, and that scan a registry with credentials
 * without them. The construct brings the credentials by itself.
 *
 * @jsii ignore
 */
export function checkImageRepositories(model: Model, manifests: Manifests, problems: Problems): void {
  const registries = model.imageRepositories
    .map(({ _registry: registry }) => registry)
    .filter(({ credentials }) => credentials !== undefined);
  const objects = [...model.charts.values()].flatMap((chart) => chart.objects).filter(isHandMade);
  for (const object of objects) {
    const { image, isOpen } = scanOf(manifests.tryOf(object));
    if (isOpen && registries.some((registry) => isIn(registry, image))) {
      addUnlessAcknowledged(
        object,
        {
          code: 'FORGE-RULE-007',
          message: `ImageRepository ${quoted(object.name)} scans ${quoted(image)} without credentials, and the registry has credentials`,
          fix: 'use the construct ImageRepository, or set spec.secretRef to the Secret of the registry',
          symptom: 'UNAUTHORIZED: authentication required; no policy ever has a tag',
        },
        problems,
      );
    }
  }
}

function isHandMade(object: ApiObject): boolean {
  const { apiVersion, kind, node } = object;
  return (
    kind === 'ImageRepository' &&
    apiVersion.startsWith('image.toolkit.fluxcd.io/') &&
    !ImageRepository.isImageRepository(node.scope)
  );
}

function scanOf(manifest: Manifest | undefined): { readonly image: string; readonly isOpen: boolean } {
  const {
    image,
    secretRef,
    serviceAccountName,
    provider = 'generic',
  } = ((manifest as { spec?: unknown } | undefined)?.spec ?? {}) as Record<string, unknown>;
  return {
    image: typeof image === 'string' ? image : '',
    isOpen: secretRef === undefined && serviceAccountName === undefined && provider === 'generic',
  };
}

function isIn({ scan, pull, push, owner }: Registry, image: string): boolean {
  return [scan, pull, push].some(({ host }) =>
    image.toLowerCase().startsWith(`${host}/${owner === undefined ? '' : `${owner}/`}`.toLowerCase()),
  );
}
