import { IConstruct } from 'constructs';
import { SecretSource } from '../../secret';
import { assertFlux } from '../base/flux-object';

/**
 * A key that Flux signs its commits with.
 *
 * @example
 *
 * SigningKey.ssh(SecretSource.existing('flux-signing'));
 */
export class SigningKey {
  /** Returns an OpenPGP key. The Secret contains `git.asc`, and `passphrase` if the key has a passphrase. */
  static gpg(secret: SecretSource): SigningKey {
    return new SigningKey('gpg', 'git.asc', secret);
  }

  /**
   * Returns an SSH key in the OpenSSH format. The Secret contains `identity`, and `password` if the key has a password.
   * Requires Flux 2.9.
   */
  static ssh(secret: SecretSource): SigningKey {
    return new SigningKey('ssh', 'identity', secret);
  }

  private constructor(
    private readonly type: string,
    private readonly key: string,
    private readonly secret: SecretSource,
  ) {}

  /**
   * Returns the key in the format of an automation's spec.
   *
   * @internal
   */
  _render(construct: IConstruct): object {
    if (this.type === 'ssh') {
      assertFlux(construct, '2.9', 'a signing key of type ssh');
    }
    const name = this.secret.provide(construct, {
      purpose: `Flux signs its commits (${this.type})`,
      type: 'Opaque',
      keys: [this.key],
    });
    return { type: this.type, secretRef: { name } };
  }
}
