import { IConstruct } from 'constructs';

const FILE = 'cdk8s-forge:pass-through';

/**
 * A manifest that is copied to the output byte for byte, in its own file. The author of the manifest signed it.
 *
 * @jsii ignore
 */
export interface PassThroughManifest {
  /** Name of the file, without its directory and extension. */
  readonly fileName: string;

  /** Text of the manifest. */
  readonly text: string;

  /** Namespace of the Secret in the manifest. */
  readonly namespace: string;

  /** Name of the Secret in the manifest. */
  readonly secretName: string;
}

/**
 * Notes at a construct that a manifest must be copied to the output unchanged, next to the construct's chart.
 *
 * @jsii ignore
 */
export function notePassThrough(construct: IConstruct, manifest: PassThroughManifest): void {
  construct.node.addMetadata(FILE, manifest);
}

/**
 * Returns the manifests that were noted at a construct. The code that writes the output puts each manifest into the
 * deployment layer of the construct's chart, and sets `decryption` on that layer's Kustomization.
 *
 * @jsii ignore
 */
export function passThroughAt(construct: IConstruct): PassThroughManifest[] {
  return construct.node.metadata
    .filter((entry) => entry.type === FILE)
    .map((entry) => entry.data as PassThroughManifest);
}
