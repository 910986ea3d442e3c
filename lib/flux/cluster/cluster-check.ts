import { IConstruct } from 'constructs';
import { DNS_LABEL, ForgeError, quoted } from '../../support';
import { CLUSTER } from '../base/flux-object';
import { assertShards } from '../base/shard';
import { MOST_EXPECTED, MOST_PARTS } from './size';

/** The properties that decide how a cluster is divided. */
interface Size {
  readonly parts?: number;
  readonly expected?: number;
  readonly shard?: string;
  readonly imageShards?: readonly string[];
}

/**
 * Rejects a name that cannot name a cluster, and numbers and shards that cannot divide it.
 *
 * @throws FORGE-FLUX-003, FORGE-FLUX-028, FORGE-FLUX-054, FORGE-FLUX-056
 */
export function assertCluster(cluster: IConstruct, { parts, expected, ...shards }: Size): void {
  const { id } = cluster.node;
  assertNotNested(cluster);
  assertShards(cluster, shards);
  if (!DNS_LABEL.test(id)) {
    throw ForgeError.at(cluster, {
      code: 'FORGE-FLUX-003',
      message: `${quoted(id)} cannot name a cluster`,
      allowed: 'a DNS label: a-z, 0-9 and "-", first and last a letter or digit, at most 63 characters',
      fix: "use a name such as 'home'",
    });
  }
  if (parts !== undefined && !isWithin(parts, MOST_PARTS)) {
    throw ForgeError.at(cluster, {
      code: 'FORGE-FLUX-028',
      message: `a layer cannot be divided into ${String(parts)} parts`,
      allowed: `a whole number from 1 to ${MOST_PARTS}`,
      fix: 'give one part some hundred objects: parts: 4',
    });
  }
  if (expected !== undefined && !isWithin(expected, MOST_EXPECTED)) {
    throw ForgeError.at(cluster, {
      code: 'FORGE-FLUX-028',
      message: `a cluster cannot be divided for ${String(expected)} images`,
      allowed: `a whole number from 1 to ${MOST_EXPECTED}`,
      fix: 'state how many images the cluster is to have in some years: expected: 2000',
    });
  }
}

function isWithin(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= most;
}

/** Rejects a cluster in a cluster: its charts would be in the directory of the outer cluster. */
function assertNotNested(cluster: IConstruct): void {
  const outer = cluster.node.scopes.slice(0, -1).find((scope) => CLUSTER in scope);
  if (outer) {
    throw ForgeError.at(cluster, {
      code: 'FORGE-FLUX-054',
      message: `cluster ${quoted(cluster.node.id)} is inside cluster ${quoted(outer.node.id)}`,
      allowed: 'a scope outside of all clusters: the app, or a construct in the app',
      fix: `create it beside the other cluster: new Cluster(app, ${quoted(cluster.node.id)}, …)`,
      symptom: 'kustomization path not found',
    });
  }
}
