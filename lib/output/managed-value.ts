/**
 * The parts of an image that Flux manages, with the names that Flux's own markers use.
 *
 * @jsii ignore
 */
export type ManagedPart = 'reference' | 'tag' | 'name' | 'digest';

/**
 * A value that Flux owns and that is not known yet. The object contains the image, as the path of the construct that
 * declares the image, and the part of the image.
 *
 * The value is represented in the model as a placeholder string, because every field that accepts an image accepts a
 * string. The placeholder names the image and never the value. For this reason, everything computed from the model
 * (hashes, generated names) stays the same when Flux moves a tag. The emitter knows the cluster in which the
 * placeholder is used. It replaces the placeholder with the value and the marker of the policy of that cluster.
 *
 * @jsii ignore
 */
export class ManagedValue {
  /** The text that every string with a placeholder contains. Other strings are not searched for placeholders. */
  static readonly OPENING = '<image:';

  /** Returns the placeholder if `text` consists of exactly one placeholder. */
  static parse(text: string): ManagedValue | undefined {
    const match = WHOLE.exec(text);
    return match ? new ManagedValue(decodeURIComponent(match[1]), match[2] as ManagedPart) : undefined;
  }

  /** Returns all placeholders in a text, whether a placeholder is the complete text or embedded. */
  static within(text: string): ManagedValue[] {
    return [...text.matchAll(EMBEDDED)].map(
      (match) => new ManagedValue(decodeURIComponent(match[1]), match[2] as ManagedPart),
    );
  }

  /**
   * Returns a text in which each placeholder names the policy of its image. The result depends neither on the version
   * nor on the place of the image in the construct tree.
   */
  static renamed(text: string, policyOf: (image: string) => string): string {
    return text.replace(
      EMBEDDED,
      (_, image: string, part: string) => `${ManagedValue.OPENING}${policyOf(decodeURIComponent(image))}:${part}>`,
    );
  }

  constructor(
    /** The path of the construct that declares the image. */
    readonly image: string,
    /** The part of the image. */
    readonly part: ManagedPart,
  ) {}

  toString(): string {
    return `${ManagedValue.OPENING}${this.image.replace(/[^A-Za-z0-9/._-]/gu, escaped)}:${this.part}>`;
  }
}

/**
 * Returns the setter text inside a Flux marker.
 *
 * @param policy the ImagePolicy, in the format `namespace:name`
 * @jsii ignore
 */
export function setterOf(policy: string, part: ManagedPart): string {
  return part === 'reference' ? policy : `${policy}:${part}`;
}

const PLACEHOLDER = '<image:((?:[A-Za-z0-9/._-]|%[0-9A-F]{2})+):(reference|tag|name|digest)>';
const WHOLE = new RegExp(`^${PLACEHOLDER}$`);
const EMBEDDED = new RegExp(PLACEHOLDER, 'g');

function escaped(character: string): string {
  const encoded = encodeURIComponent(character);
  return encoded === character ? `%${character.charCodeAt(0).toString(16).toUpperCase()}` : encoded;
}
