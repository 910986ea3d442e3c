/**
 * The parts of an image that Flux manages, with the names that Flux's own markers use.
 *
 * @jsii ignore
 */
export type ManagedPart = 'reference' | 'tag' | 'name' | 'digest';

/**
 * A value that Flux owns and that is not known yet. The object contains the policy that decides the value, and the part
 * of the image.
 *
 * The value is represented in the model as a placeholder string, because every field that accepts an image accepts a
 * string. The placeholder contains the policy name and never the value. For this reason, everything computed from the
 * model (hashes, generated names) stays the same when Flux moves a tag. The emitter replaces the placeholder with the
 * value and its marker.
 *
 * @jsii ignore
 */
export class ManagedValue {
  /** The text that every string with a placeholder contains. Other strings are not searched for placeholders. */
  static readonly OPENING = '<image:';

  /** Returns the placeholder if `text` consists of exactly one placeholder. */
  static parse(text: string): ManagedValue | undefined {
    const match = WHOLE.exec(text);
    return match ? new ManagedValue(match[1], match[2] as ManagedPart) : undefined;
  }

  /** Returns all placeholders in a text, whether a placeholder is the complete text or embedded. */
  static within(text: string): ManagedValue[] {
    return [...text.matchAll(EMBEDDED)].map((match) => new ManagedValue(match[1], match[2] as ManagedPart));
  }

  constructor(
    /** The ImagePolicy, in the format `namespace:name`. */
    readonly policy: string,
    /** The part of the image. */
    readonly part: ManagedPart,
  ) {}

  /** The setter text inside a Flux marker. */
  get setter(): string {
    return this.part === 'reference' ? this.policy : `${this.policy}:${this.part}`;
  }

  toString(): string {
    return `${ManagedValue.OPENING}${this.policy}:${this.part}>`;
  }
}

const PLACEHOLDER = '<image:([a-z0-9-]+:[a-z0-9.-]+):(reference|tag|name|digest)>';
const WHOLE = new RegExp(`^${PLACEHOLDER}$`);
const EMBEDDED = new RegExp(PLACEHOLDER, 'g');
