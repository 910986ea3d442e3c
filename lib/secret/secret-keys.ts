import { ForgeError, quoted } from '../support';

/** A set of options that describes an existing Secret. */
export interface ExistingSecretProps {
  /**
   * Keys of the Secret by the names under which constructs need the values, for example `{ token: 'cache-secret' }`.
   *
   * @default - the names under which constructs need the values
   */
  readonly keys?: Record<string, string>;
}

/** The keys of a Secret that has names of its own for them. */
export class SecretKeys {
  /**
   * Checks the names of the keys.
   *
   * @throws FORGE-SEC-010 for a name that Kubernetes does not allow
   */
  static of(keys: Record<string, string> = {}): SecretKeys {
    for (const [needed, key] of Object.entries(keys)) {
      if (typeof key !== 'string' || !/^[A-Za-z0-9._-]{1,253}$/.test(key) || key === '.' || key === '..') {
        throw ForgeError.of({
          code: 'FORGE-SEC-010',
          message: `keys.${needed} ${quoted(key)} is not the key of a Secret`,
          allowed: 'letters, digits, "-", "_" and ".", at most 253 characters',
          fix: `set keys.${needed} to the key under which the Secret has the value`,
        });
      }
    }
    return new SecretKeys({ ...keys });
  }

  private constructor(private readonly names: Record<string, string>) {}

  /** Returns the key of the Secret for the name under which a construct needs the value. */
  keyOf(needed: string): string {
    return Object.hasOwn(this.names, needed) ? this.names[needed] : needed;
  }
}
