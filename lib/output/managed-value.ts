/**
 * The parts of an image that Flux manages; the words of Flux's own markers.
 *
 * @jsii ignore
 */
export type ManagedPart = 'reference' | 'tag' | 'name' | 'digest';

/**
 * A value that Flux owns, before it has one: which policy decides it, and which part of the image it is.
 *
 * It travels through the model as a placeholder string, because every field that takes an image takes a string. The placeholder
 * names the policy and never holds the value, so whatever is computed from the model (hashes, generated names) stays the same
 * when Flux moves a tag. The emitter puts the value and its marker in place.
 *
 * @jsii ignore
 */
export class ManagedValue {
  /** What a string must contain for a placeholder to be looked for. */
  static readonly OPENING = '<image:';

  /** The placeholder, if `text` is one and nothing else. */
  static parse(text: string): ManagedValue | undefined {
    const match = WHOLE.exec(text);
    return match ? new ManagedValue(match[1], match[2] as ManagedPart) : undefined;
  }

  /** Every placeholder inside a text, whole or embedded. */
  static within(text: string): ManagedValue[] {
    return [...text.matchAll(EMBEDDED)].map((match) => new ManagedValue(match[1], match[2] as ManagedPart));
  }

  constructor(
    /** `namespace:name` of the ImagePolicy. */
    readonly policy: string,
    /** Which part of the image. */
    readonly part: ManagedPart,
  ) {}

  /** What stands in a Flux marker. */
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
