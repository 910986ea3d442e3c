import { Construct } from 'constructs';
import { constructed, ConstructKind, ForgeError, handedOver, needsEngine, quoted, register } from '../../support';
import { DeployedImage } from '../image/deployed-image';

const ADOPTED = Symbol.for('cdk8s-forge.AdoptedManifest');

/**
 * The kind under which the model finds every AdoptedManifest.
 *
 * @jsii ignore
 */
export const ADOPTED_MANIFESTS = new ConstructKind<AdoptedManifest>('AdoptedManifest');

/** A manually maintained manifest that contains an image to update. */
export interface AdoptedManifestProps {
  /**
   * The path of the manifest file, relative to the repository root, for example `k8s/api/deployment.yml`. The file must
   * already exist and remains under its owner's control.
   */
  readonly file: string;

  /** The image to mark in the file. */
  readonly image: DeployedImage;
}

/**
 * A manually maintained manifest that has an image updated by Flux.
 *
 * Synthesis adds the Flux image policy marker next to the image and keeps the value in sync with `images.yaml`.
 * Synthesis changes nothing else in the file. If an image is not yet in the image lock, its initial tag is the tag in
 * the file.
 *
 * @example
 *
 * new AdoptedManifest(chart, 'api', { file: 'k8s/api/deployment.yml', image: policy.image });
 */
export class AdoptedManifest extends Construct {
  /** Returns whether `x` is an AdoptedManifest, including an instance from another copy of this library. */
  static isAdoptedManifest(x: unknown): x is AdoptedManifest {
    return x !== null && typeof x === 'object' && ADOPTED in x;
  }

  /** The path of the file, relative to the repository root. */
  readonly file: string;

  /** The image to mark in the file. */
  readonly image: DeployedImage;

  /**
   * @throws FORGE-FLUX-030 for a path that leaves the repository, or that Flux would not look at
   */
  constructor(scope: Construct, id: string, props: AdoptedManifestProps) {
    const made = constructed(AdoptedManifest, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    this.file = props.file;
    this.image = props.image;
    const parts = this.file.split('/');
    if (
      !/(\.ya?ml|(^|\/)Kustomization)$/.test(this.file) ||
      this.file.includes('\\') ||
      parts.some((part) => part === '' || part === '.' || part === '..' || part === '.git')
    ) {
      throw ForgeError.at(this, {
        code: 'FORGE-FLUX-030',
        message: `file ${quoted(this.file)} is not a manifest that Flux updates`,
        allowed:
          "a path relative to the repository root, with '/', that ends in .yaml or .yml, or a file named Kustomization",
        fix: "set file to a path such as 'k8s/api/deployment.yml'",
      });
    }
    Object.defineProperty(this, ADOPTED, { value: true });
    register(this, ADOPTED_MANIFESTS);
    needsEngine(this, 'an AdoptedManifest');
  }
}
