import { IConstruct } from 'constructs';

/**
 * The kind of a diagram part of the cdk8s app, which decides the shape in the diagram.
 *
 * @jsii ignore
 */
export type PartKind = 'repository' | 'workflow' | 'runner' | 'builder' | 'registry' | 'flux' | 'pods';

/**
 * A part of the cdk8s app that appears in the runbook diagram. Two parts with the same kind and name are the same part.
 *
 * @jsii ignore
 */
export interface Part {
  readonly kind: PartKind;
  /** The unique name among parts of the same kind, for example a path or a URL. */
  readonly name: string;
  /** The lines to show in the diagram. */
  readonly label: readonly string[];
  /** The construct that the part represents, if the construct is in a cluster. */
  readonly at?: IConstruct;
}

/**
 * A link that connects two parts of the diagram.
 *
 * @jsii ignore
 */
export interface Link {
  readonly from: Part;
  readonly to: Part;
  /** The data or action that the link represents. */
  readonly label?: string;
}
