import { Construct } from 'constructs';

/** The id of the Flux objects of a cluster, and the folder of their files. */
export const ENTRY = 'flux';

/**
 * The charts of a cluster's own Flux objects. The name of the class is in the error about another construct of this id.
 *
 * @jsii ignore
 */
export class FluxEntryPoint extends Construct {}
