import { canonicalDocument } from './canonical-yaml';
import { LockReader } from './lock-reader';
import { LockedImage } from './locked-image';
import { ManagedPart, setterOf } from './managed-value';

/**
 * An image of the model that is described for the image lock.
 *
 * @jsii ignore
 */
export interface ManagedImage {
  /** The ImagePolicy of the image, in the format `namespace:name`. */
  readonly policy: string;
  /** The repository that Flux scans, in the format `host/path`. */
  readonly name: string;
  /** The initial tag of the image in the image lock. */
  readonly initialTag: string;
  /** Reports whether the policy reflects digests. */
  readonly reflectsDigest: boolean;
  /** The directory of the repository that contains the cluster's manifests. @default - unknown */
  readonly output?: string;
}

/**
 * A set of facts for merging an image lock with the images of a cdk8s app.
 *
 * @jsii ignore
 */
export interface LockMerge {
  /** The versions that are deployed already, although the image lock does not contain them. @default - none */
  readonly deployed?: ReadonlyMap<string, LockedImage>;
  /** The output directories of this cdk8s app, relative to the image lock. Other entries are kept. @default - all */
  readonly outputs?: readonly string[];
}

/** The version of the format. A reader of format 1 rejects the file because of the unknown key. */
const FORMAT = 2;

const HEADER = [
  'The version of every image that Flux manages. Flux edits the marked values, `cdk8s synth` reads them back.',
  'Format 2, read by cdk8s-forge 0.2.0 and later.',
];

/**
 * An image lock (`images.yaml`) that stores the versions selected by Flux. The image lock is the only place that keeps
 * these versions between two runs of `cdk8s synth`.
 *
 * @jsii ignore
 */
export class ImageLock {
  /** Creates an empty image lock. */
  static empty(): ImageLock {
    return new ImageLock(new Map());
  }

  /**
   * Parses an image lock strictly. Format 1 is read too, and rendered as format 2.
   *
   * @param text the file's content
   * @param file its name, for messages
   * @throws FORGE-LOCK-001 … 007, with line and column
   */
  static parse(text: string, file: string): ImageLock {
    return new ImageLock(new LockReader(text, file).read());
  }

  private constructor(private readonly images: ReadonlyMap<string, LockedImage>) {}

  /** Returns the locked version for a policy in the format `namespace:name`. */
  get(policy: string): LockedImage | undefined {
    return this.images.get(policy);
  }

  /**
   * Returns the image lock for the given images. Known images keep their version. New images get their initial tag.
   * Entries of another cdk8s app stay. All other entries are removed.
   *
   * @param images the images of the model
   */
  mergedWith(images: readonly ManagedImage[], { deployed, outputs }: LockMerge = {}): ImageLock {
    const isForeign = ({ output }: LockedImage) =>
      output !== undefined && outputs !== undefined && !isOutputOf(output, outputs);
    const kept = [...this.images].filter(([, locked]) => isForeign(locked));
    const entries = images.map((image): [string, LockedImage] => {
      const known = this.images.get(image.policy) ?? deployed?.get(image.policy);
      const { policy, output } = image;
      const version = { tag: known?.tag ?? image.initialTag, ...(output === undefined ? {} : { output }) };
      return [policy, image.reflectsDigest ? { ...version, digest: known?.digest ?? '' } : version];
    });
    return new ImageLock(new Map([...kept, ...entries]));
  }

  /**
   * Renders the image lock as a file. The file has one block per image in sorted order, so that branches that moved
   * or added different images merge without a conflict.
   */
  render(): string {
    const images: Record<string, Record<string, string>> = {};
    for (const policy of [...this.images.keys()].sort()) {
      const { output, digest } = this.images.get(policy)!;
      // What Flux changes has a line after it that stays: Git merges the change with an image that is added behind it.
      images[policy] = {
        tag: marked(policy, 'tag'),
        ...(digest === undefined ? {} : { digest: marked(policy, 'digest') }),
        ...(output === undefined ? {} : { output }),
      };
    }
    return canonicalDocument(
      { version: FORMAT, images },
      {
        header: HEADER,
        resolve: (text) => (text.startsWith(MARK) ? this.resolve(text.slice(MARK.length)) : undefined),
      },
    );
  }

  private resolve(setter: string) {
    const at = setter.lastIndexOf(':');
    const [policy, part] = [setter.slice(0, at), setter.slice(at + 1)];
    const locked = this.images.get(policy)!;
    return { value: (part === 'digest' ? locked.digest : locked.tag) ?? '', setter };
  }
}

/** The beginning of a value that is replaced by a version. The paths of the image lock never begin with a NUL. */
const MARK = '\0';

function marked(policy: string, part: ManagedPart): string {
  return MARK + setterOf(policy, part);
}

/**
 * Returns whether an output directory is one of an app's, or below one.
 *
 * @jsii ignore
 */
export function isOutputOf(output: string, outputs: readonly string[]): boolean {
  return outputs.some((own) => output === own || output.startsWith(`${own}/`));
}
