import { IConstruct } from 'constructs';
import { DNS_LABEL, ForgeError, quoted } from '../../support';

/**
 * Rejects a name that cannot name a cluster, and a number of parts that is none.
 *
 * @throws FORGE-FLUX-003, FORGE-FLUX-028
 */
export function assertCluster(cluster: IConstruct, parts: number): void {
  const { id } = cluster.node;
  if (!DNS_LABEL.test(id)) {
    throw ForgeError.at(cluster, {
      code: 'FORGE-FLUX-003',
      message: `${quoted(id)} cannot name a cluster`,
      allowed: 'a DNS label: a-z, 0-9 and "-", first and last a letter or digit, at most 63 characters',
      fix: "use a name such as 'home'",
    });
  }
  if (Number.isInteger(parts) && parts >= 1 && parts <= 64) {
    return;
  }
  throw ForgeError.at(cluster, {
    code: 'FORGE-FLUX-028',
    message: `a layer cannot be divided into ${String(parts)} parts`,
    allowed: 'a whole number from 1 to 64',
    fix: 'give one part a thousand objects: parts: 4',
  });
}
