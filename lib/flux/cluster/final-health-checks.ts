import { ApiObject } from 'cdk8s';
import type * as l1 from '../../../imports/kustomize.toolkit.fluxcd.io';
import { Kustomization } from './kustomization';
import { identityOf } from './kustomization-checks';

/**
 * Returns the manifest of a Kustomization with the final identities of the objects in its health checks. All other
 * manifests are returned unchanged.
 *
 * @param object the object of the manifest
 * @param manifest the manifest
 * @param finalOf returns the final manifest of an object: a Job may be named after its content, and a JSON patch may change
 * the identity of any object
 * @jsii ignore
 */
export function withFinalHealthChecks(
  object: ApiObject,
  manifest: Record<string, unknown>,
  finalOf: (checked: ApiObject) => Record<string, unknown>,
): Record<string, unknown> {
  const owner = object.node.scope;
  const spec = manifest.spec as { healthChecks?: l1.KustomizationSpecHealthChecks[] } | undefined;
  if (!(owner instanceof Kustomization) || !Array.isArray(spec?.healthChecks)) {
    return manifest;
  }
  // By place: two objects may have one identity until their final names are known. A JSON patch may move an entry.
  const rest = owner._checked.map((checked) => ({ checked, identity: keyOf(identityOf(checked)) }));
  const healthChecks = spec.healthChecks.map((check) => {
    const at = rest.findIndex(({ identity }) => identity === keyOf(check));
    return at < 0 ? check : finalCheck(check, finalOf(rest.splice(at, 1)[0].checked));
  });
  return { ...manifest, spec: { ...spec, healthChecks } };
}

function keyOf({ apiVersion, kind, name, namespace }: Partial<l1.KustomizationSpecHealthChecks> = {}): string {
  return [apiVersion, kind, namespace, name].join('|');
}

function finalCheck(check: l1.KustomizationSpecHealthChecks, manifest: Record<string, unknown>): object {
  const { name, namespace } = (manifest.metadata ?? {}) as { name?: unknown; namespace?: unknown };
  const others = Object.entries(check).filter(([key]) => key !== 'namespace');
  const { apiVersion, kind } = manifest;
  return { ...Object.fromEntries(others), apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) };
}
