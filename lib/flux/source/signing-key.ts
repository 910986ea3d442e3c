import { IConstruct } from 'constructs';
import { SecretSource } from '../../secret';

/**
 * The key that Flux signs its commits with.
 *
 * @example
 *
 * SigningKey.ssh(SecretSource.existing('flux-signing'));
 */
export class SigningKey {
  /** An OpenPGP key: the Secret holds `git.asc`, and `passphrase` if the key has one. */
  static gpg(secret: SecretSource): SigningKey {
    return new SigningKey('gpg', 'git.asc', secret);
  }

  /** An SSH key in OpenSSH's format: the Secret holds `identity`, and `password` if the key has one. Needs Flux 2.9. */
  static ssh(secret: SecretSource): SigningKey {
    return new SigningKey('ssh', 'identity', secret);
  }

  private constructor(
    private readonly type: string,
    private readonly key: string,
    private readonly secret: SecretSource,
  ) {}

  /**
   * As it stands in the spec of an automation.
   *
   * @internal
   */
  _render(construct: IConstruct): object {
    const name = this.secret.provide(construct, {
      purpose: `Flux signs its commits (${this.type})`,
      type: 'Opaque',
      keys: [this.key],
    });
    return { type: this.type, secretRef: { name } };
  }
}
