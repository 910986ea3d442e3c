import { ApiObject } from 'cdk8s';
import type * as l1 from '../../../imports/kustomize.toolkit.fluxcd.io';
import { Kustomization } from './kustomization';

/**
 * Returns the manifest of a Kustomization with the final names of the objects in its health checks. All other manifests
 * are returned unchanged.
 *
 * @param object the object of the manifest
 * @param manifest the manifest
 * @param finalName returns the name that an object has in the output
 * @jsii ignore
 */
export function withFinalHealthChecks(
  object: ApiObject,
  manifest: Record<string, unknown>,
  finalName: (checked: ApiObject) => string,
): Record<string, unknown> {
  const owner = object.node.scope;
  const spec = manifest.spec as { healthChecks?: l1.KustomizationSpecHealthChecks[] } | undefined;
  if (!(owner instanceof Kustomization) || !spec?.healthChecks) {
    return manifest;
  }
  const healthChecks = spec.healthChecks.map((check) => {
    const checked = owner._checked.find(({ kind, name }) => kind === check.kind && name === check.name);
    return checked ? { ...check, name: finalName(checked) } : check;
  });
  return { ...manifest, spec: { ...spec, healthChecks } };
}
