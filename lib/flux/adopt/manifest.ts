import { Construct } from 'constructs';
import { ForgeError, quoted } from '../../support';
import { DeployedImage } from '../image/deployed-image';

const ADOPTED = Symbol.for('cdk8s-forge.AdoptedManifest');

/**
 * A hand-written manifest and the image in it.
 */
export interface AdoptedManifestProps {
  /** The file, from the root of the repository: `k8s/api/deployment.yml`. It is there already, and it stays its owner's. */
  readonly file: string;

  /** The image to mark in it. */
  readonly image: DeployedImage;
}

/**
 * A manifest that people write by hand, whose image Flux keeps up to date all the same.
 *
 * Synth puts Flux's marker beside the image, keeps its value in step with `images.yaml`, and touches nothing else in the file.
 * An image that is not in the lock yet enters it with the tag that the file has.
 *
 * @example
 *
 * new AdoptedManifest(chart, 'api', { file: 'k8s/api/deployment.yml', image: policy.image });
 */
export class AdoptedManifest extends Construct {
  /** Whether `x` is an AdoptedManifest, also of another copy of this library. */
  static isAdoptedManifest(x: unknown): x is AdoptedManifest {
    return x !== null && typeof x === 'object' && ADOPTED in x;
  }

  /** The file, from the root of the repository. */
  readonly file: string;

  /** The image that is marked in it. */
  readonly image: DeployedImage;

  /**
   * @throws FORGE-FLUX-030 for a path that leaves the repository, or that Flux would not look at
   */
  constructor(scope: Construct, id: string, props: AdoptedManifestProps) {
    super(scope, id);
    this.file = props.file;
    this.image = props.image;
    const parts = this.file.split('/');
    if (
      !/\.ya?ml$/.test(this.file) ||
      this.file.includes('\\') ||
      parts.some((part) => part === '' || part === '.' || part === '..' || part === '.git')
    ) {
      throw ForgeError.at(this, {
        code: 'FORGE-FLUX-030',
        message: `${quoted(this.file)} is no manifest of this repository`,
        allowed: "a path from its root, with '/', ending in .yaml or .yml: Flux looks at no others",
        fix: "write e.g. 'k8s/api/deployment.yml'",
      });
    }
    Object.defineProperty(this, ADOPTED, { value: true });
  }
}
