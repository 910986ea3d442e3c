import { isMap, isScalar, LineCounter, Pair, parseDocument, Scalar, YAMLMap } from 'yaml';
import { Problems, quoted } from '../support';
import { canonicalDocument } from './canonical-yaml';
import { ManagedValue } from './managed-value';
import { ManagedScalar } from './marker';

/**
 * A locked version that the image lock (`images.yaml`) contains for an image.
 *
 * @jsii ignore
 */
export interface LockedImage {
  /** The tag in use. */
  readonly tag: string;
  /**
   * The digest in use. The digest is empty until Flux writes a value, and undefined if the policy does not reflect
   * digests.
   */
  readonly digest?: string;
}

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
}

/** The pattern of the tags that an OCI registry accepts. */
export const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const DIGEST = /^sha256:[a-f0-9]{64}$/;
const POLICY = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?:[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

const HEADER = [
  'The version of every image that Flux manages. Flux edits the marked values, `cdk8s synth` reads them back.',
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
   * Parses an image lock strictly.
   *
   * @param text the file's content
   * @param file its name, for messages
   * @throws FORGE-LOCK-001 … 005, with line and column
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
   * Returns the image lock for the given images. Known images keep their version. New images get their initial tag. All
   * other images are removed.
   *
   * @param images the images of the model
   * @param deployed versions that are deployed already without the lock knowing; a new image enters with that
   */
  mergedWith(images: readonly ManagedImage[], deployed: ReadonlyMap<string, LockedImage> = new Map()): ImageLock {
    const entries = images.map((image): [string, LockedImage] => {
      const known = this.images.get(image.policy) ?? deployed.get(image.policy);
      const tag = known?.tag ?? image.initialTag;
      return [image.policy, image.reflectsDigest ? { tag, digest: known?.digest ?? '' } : { tag }];
    });
    return new ImageLock(new Map(entries));
  }

  /**
   * Renders the image lock as a file. The file has one block per image in sorted order, so that two branches that moved
   * different images merge without a conflict.
   */
  render(): string {
    const images: Record<string, Record<string, string>> = {};
    for (const policy of [...this.images.keys()].sort()) {
      images[policy] = { tag: new ManagedValue(policy, 'tag').toString() };
      if (this.images.get(policy)!.digest !== undefined) {
        images[policy].digest = new ManagedValue(policy, 'digest').toString();
      }
    }
    return canonicalDocument({ images }, { header: HEADER, resolve: (text) => this.resolve(text) });
  }

  private resolve(text: string): ManagedScalar | undefined {
    const managed = text.startsWith(ManagedValue.OPENING) ? ManagedValue.parse(text) : undefined;
    const locked = managed && this.images.get(managed.policy);
    return locked && { value: (managed.part === 'digest' ? locked.digest : locked.tag) ?? '', setter: managed.setter };
  }
}

/** A reader that parses the text of an image lock and records all errors. */
class LockReader {
  private readonly lines = new LineCounter();
  private readonly problems = new Problems();

  constructor(
    private readonly text: string,
    private readonly file: string,
  ) {}

  read(): Map<string, LockedImage> {
    const document = parseDocument(this.text, {
      lineCounter: this.lines,
      prettyErrors: false,
      uniqueKeys: true,
      version: '1.2',
    });
    for (const error of [...document.errors, ...document.warnings]) {
      this.note('FORGE-LOCK-001', error.pos[0], `not readable as YAML: ${error.message.split('\n')[0]}`);
    }
    this.problems.throwIfAny();
    const images = this.imagesOf(document.contents);
    const entries = new Map<string, LockedImage>();
    for (const pair of images?.items ?? []) {
      const image = this.image(pair as Pair<Scalar, unknown>);
      if (image) {
        entries.set(image[0], image[1]);
      }
    }
    this.problems.throwIfAny();
    return entries;
  }

  private imagesOf(root: unknown): YAMLMap | undefined {
    if (!isMap(root)) {
      this.note('FORGE-LOCK-002', 0, 'the file is not a mapping with the one key `images`');
      return undefined;
    }
    this.onlyKeys(root, ['images']);
    const images = root.get('images', true);
    if (isMap(images)) {
      return images;
    }
    this.note('FORGE-LOCK-002', offset(root), '`images` is missing or not a mapping');
    return undefined;
  }

  private image(pair: Pair<Scalar, unknown>): [string, LockedImage] | undefined {
    const policy = String(pair.key.value);
    if (!POLICY.test(policy)) {
      this.note(
        'FORGE-LOCK-003',
        offset(pair.key),
        `${quoted(policy)} is not the \`namespace:name\` of an ImagePolicy`,
      );
      return undefined;
    }
    if (!isMap(pair.value)) {
      this.note('FORGE-LOCK-002', offset(pair.key), `the entry of ${quoted(policy)} is not a mapping`);
      return undefined;
    }
    this.onlyKeys(pair.value, ['tag', 'digest']);
    const tag = this.field(pair, 'tag', TAG);
    const digest = pair.value.has('digest') ? this.field(pair, 'digest', DIGEST) : undefined;
    return tag === undefined ? undefined : [policy, digest === undefined ? { tag } : { tag, digest }];
  }

  private field(pair: Pair<Scalar, unknown>, key: string, allowed: RegExp): string | undefined {
    const scalar = (pair.value as YAMLMap).get(key, true);
    if (!isScalar(scalar)) {
      this.note(
        'FORGE-LOCK-002',
        offset(pair.key),
        `\`${key}\` of ${quoted(pair.key.value)} is missing or not a single value`,
      );
      return undefined;
    }
    // The source text, not the value: an unquoted 1.10 would come out as the number 1.1.
    const text = typeof scalar.value === 'string' ? scalar.value : String(scalar.source);
    if (allowed.test(text) || (key === 'digest' && text === '')) {
      return text;
    }
    this.note('FORGE-LOCK-004', offset(scalar), `${quoted(text)} is not a valid OCI ${key}`);
    return undefined;
  }

  private onlyKeys(map: YAMLMap, allowed: string[]): void {
    for (const { key } of map.items) {
      const name = isScalar(key) ? String(key.value) : '(not a name)';
      if (!allowed.includes(name)) {
        this.note(
          'FORGE-LOCK-005',
          offset(key) ?? offset(map),
          `unknown key ${quoted(name)}; known here: ${allowed.join(', ')}`,
        );
      }
    }
  }

  private note(code: string, at: number | undefined, message: string): void {
    const { line, col } = this.lines.linePos(at ?? 0);
    this.problems.add({
      code,
      message: `${this.file}:${line}:${col}: ${message}`,
      fix: 'restore the file from Git; to change a version by hand, change the value of `tag` only',
    });
  }
}

function offset(node: unknown): number | undefined {
  return (node as { range?: [number, number, number] | null }).range?.[0];
}
