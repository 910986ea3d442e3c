import { IConstruct } from 'constructs';

const FILE = 'cdk8s-forge:pass-through';

/**
 * A manifest that goes to the output byte for byte, in a file of its own: whoever wrote it signed it.
 *
 * @jsii ignore
 */
export interface PassThroughManifest {
  /** Name of the file, without its folder and without an ending. */
  readonly fileName: string;

  /** Its text. */
  readonly text: string;

  /** Namespace of the Secret in it. */
  readonly namespace: string;

  /** Name of the Secret in it. */
  readonly secretName: string;
}

/**
 * Notes at a construct that a manifest must go to the output as it is, beside the chart that the construct is in.
 *
 * @jsii ignore
 */
export function notePassThrough(construct: IConstruct, manifest: PassThroughManifest): void {
  construct.node.addMetadata(FILE, manifest);
}

/**
 * The manifests that were noted at a construct. Who writes the output puts each into the layer of the construct's chart, and gives
 * that layer's Kustomization its `decryption`.
 *
 * @jsii ignore
 */
export function passThroughAt(construct: IConstruct): PassThroughManifest[] {
  return construct.node.metadata
    .filter((entry) => entry.type === FILE)
    .map((entry) => entry.data as PassThroughManifest);
}
