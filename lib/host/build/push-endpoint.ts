import { Endpoint, Registry, Zone } from '../../registry';
import { ForgeError, quoted } from '../../support';

/** Returns the endpoint that a machine outside the cluster reaches. */
export function reachable({ push, pull }: Registry): Endpoint {
  return [push, pull].find((endpoint) => endpoint.isReachableFrom(Zone.HOST)) ?? push;
}

/**
 * Checks that a machine can push through an endpoint.
 *
 * @throws FORGE-HOST-010
 */
export function assertPushable(endpoint: Endpoint): void {
  const { host, uploadLimit } = endpoint;
  if (!endpoint.isReachableFrom(Zone.HOST)) {
    throw ForgeError.of({
      code: 'FORGE-HOST-010',
      message: `the machine reaches neither push nor pull of the registry: ${quoted(host)} is in the cluster only`,
      fix: 'set pull of the registry to an endpoint that the machine reaches: an ingress or a NodePort',
      symptom: `dial tcp: lookup ${host.replace(/:.*/, '')}: no such host`,
    });
  }
  if (uploadLimit !== undefined) {
    throw ForgeError.of({
      code: 'FORGE-HOST-010',
      message: `the machine would push through ${quoted(host)}, which limits uploads to ${uploadLimit.toMebibytes({ rounding: 1 })} MiB`,
      fix: 'set push of the registry to an endpoint that the machine reaches without the limit',
      symptom: 'unexpected status from PUT request: 413 Request Entity Too Large',
    });
  }
}
