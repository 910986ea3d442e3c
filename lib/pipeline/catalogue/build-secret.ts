import { ActionsSecret, ActionsSecretProps } from '../../forge';
import { Expression } from '../../workflow';

/** A set of options that describes a secret of a build. */
export interface BuildSecretOptions {
  /**
   * Id of the mount in the Dockerfile: `RUN --mount=type=secret,id=npm`.
   *
   * @default - the name of the Actions secret
   */
  readonly id?: string;

  /**
   * Purpose of the secret, as a short phrase for the runbook.
   *
   * @default 'secret of an image build'
   */
  readonly purpose?: string;
}

/**
 * A secret that a Dockerfile reads during the build, and that no layer contains.
 *
 * The Dockerfile reads the file `/run/secrets/<id>`: `RUN --mount=type=secret,id=NPM_TOKEN …`. Builds of pull requests do
 * not have the file.
 *
 * @see https://docs.docker.com/build/building/secrets/
 *
 * @example
 *
 * const secrets = [BuildSecret.actions('NPM_TOKEN')];
 */
export class BuildSecret {
  /**
   * Creates a build secret whose value is an Actions secret of the repository.
   *
   * @param name name of the Actions secret
   * @throws FORGE-WF-001 for a name that the forge does not accept
   */
  static actions(name: string, options: BuildSecretOptions = {}): BuildSecret {
    return new BuildSecret(name, options.id ?? name, { purpose: options.purpose ?? 'secret of an image build' });
  }

  private constructor(
    private readonly name: string,
    /** Id of the mount in the Dockerfile. */
    readonly id: string,
    private readonly props: ActionsSecretProps,
  ) {
    Expression.secret(name);
  }

  /**
   * The Actions secret.
   *
   * @internal
   */
  get _secret(): ActionsSecret {
    return ActionsSecret.of(this.name, this.props);
  }

  /**
   * The value, as an expression of the forge.
   *
   * @internal
   */
  get _value(): string {
    return Expression.secret(this.name);
  }
}
