import { Construct } from 'constructs';

/** The id of the Flux objects of a cluster, and the folder of their files. */
export const ENTRY = 'flux';

/** The scope of a cluster's own charts. The name of the class is in the error about another construct with this id. */
class FluxEntryPoint extends Construct {}

/**
 * Creates the scope for the charts of a cluster's own Flux objects.
 *
 * @jsii ignore
 */
export function entryPoint(cluster: Construct): Construct {
  return new FluxEntryPoint(cluster, ENTRY);
}
