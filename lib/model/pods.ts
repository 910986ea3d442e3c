import { Manifest } from './manifests';

/**
 * A pod specification found in a manifest, whatever kind contains it.
 *
 * @jsii ignore
 */
export interface PodSpec {
  /** The values of the `image` fields of all containers. */
  readonly images: readonly string[];
  /** The name of the ServiceAccount that the pods run as. */
  readonly serviceAccount: string;
  /** The names of the Secrets that the specification itself pulls with. */
  readonly pullSecrets: readonly string[];
}

type Mapping = Record<string, unknown>;

const CONTAINERS = ['containers', 'initContainers', 'ephemeralContainers'];

/**
 * Returns all pod specifications in a manifest. A mapping with a list of `containers` is a pod specification, also in
 * a custom resource of a kind that this library does not know.
 *
 * @jsii ignore
 */
export function podSpecsIn(manifest: Manifest): PodSpec[] {
  const found: PodSpec[] = [];
  const rest: unknown[] = [manifest];
  while (rest.length > 0) {
    const value = rest.pop();
    if (typeof value !== 'object' || value === null) {
      continue;
    }
    if (!Array.isArray(value) && Array.isArray((value as Mapping).containers)) {
      found.push(podSpecOf(value as Mapping));
    }
    rest.push(...Object.values(value));
  }
  return found;
}

function podSpecOf(spec: Mapping): PodSpec {
  const containers = CONTAINERS.flatMap((key) => (Array.isArray(spec[key]) ? spec[key] : []));
  const secrets = Array.isArray(spec.imagePullSecrets) ? spec.imagePullSecrets : [];
  return {
    images: textsIn(containers, 'image'),
    serviceAccount: String(spec.serviceAccountName ?? spec.serviceAccount ?? 'default'),
    pullSecrets: textsIn(secrets, 'name'),
  };
}

function textsIn(list: readonly unknown[], key: string): string[] {
  return list.map((item) => (item as Mapping | null)?.[key]).filter((text) => typeof text === 'string');
}
