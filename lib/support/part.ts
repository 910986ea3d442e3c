import { IConstruct } from 'constructs';

/**
 * What a part of the program is; it decides the shape in the picture.
 *
 * @jsii ignore
 */
export type PartKind = 'repository' | 'workflow' | 'runner' | 'builder' | 'registry' | 'flux' | 'pods';

/**
 * A part of the program, as the runbook's picture shows it. Two with the same kind and name are one.
 *
 * @jsii ignore
 */
export interface Part {
  readonly kind: PartKind;
  /** What tells it from others of its kind: a path, a URL. */
  readonly name: string;
  /** Lines to show. */
  readonly label: readonly string[];
  /** The construct that it is, if it is in a cluster. */
  readonly at?: IConstruct;
}

/**
 * What leads from one part to another.
 *
 * @jsii ignore
 */
export interface Link {
  readonly from: Part;
  readonly to: Part;
  /** What goes along it. */
  readonly label?: string;
}
