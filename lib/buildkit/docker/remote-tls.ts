import { ForgeError, quoted } from '../../support';

/** The certificate of a client, as values that the forge keeps. */
export interface RemoteTlsSecrets {
  /** The CA of buildkitd in PEM format: a secret of the forge, for example `Expression.secret('BUILDKIT_CA')`. */
  readonly ca: string;

  /** The certificate of the client in PEM format: a secret of the forge, for example `Expression.secret('BUILDKIT_CERT')`. */
  readonly cert: string;

  /** The key of the client in PEM format: a secret of the forge, for example `Expression.secret('BUILDKIT_KEY')`. */
  readonly key: string;
}

/**
 * The certificate with which jobs connect to a buildkitd that this cdk8s app does not describe.
 *
 * @example
 *
 * const tls = RemoteTls.folder('/etc/buildkit-client');
 */
export class RemoteTls {
  /**
   * Refers to files of the job: `ca.pem`, `cert.pem` and `key.pem` in a directory.
   *
   * @param path absolute path of the directory
   * @throws FORGE-BK-024 for a path that is not absolute
   */
  static folder(path: string): RemoteTls {
    if (!/^\/[A-Za-z0-9._/-]*$/.test(path)) {
      throw ForgeError.of({
        code: 'FORGE-BK-024',
        message: `the directory of a client certificate is ${quoted(path)}`,
        allowed: 'an absolute path: letters, digits, ".", "_", "-" and "/"',
        fix: "set a path such as '/etc/buildkit-client'",
        symptom: 'non-absolute path provided for cacert',
      });
    }
    return new RemoteTls(path, undefined);
  }

  /**
   * Refers to secrets of the forge. The script writes them into a directory of the step, and removes the directory.
   *
   * @throws FORGE-BK-024 for a value that is not a secret of the forge
   */
  static secrets(secrets: RemoteTlsSecrets): RemoteTls {
    const { ca, cert, key } = secrets;
    assertSecret('key', key);
    assertSecret('cert', cert);
    assertSecret('ca', ca);
    return new RemoteTls(undefined, { BUILDER_TLS_CA: ca, BUILDER_TLS_CERT: cert, BUILDER_TLS_KEY: key });
  }

  private constructor(
    /**
     * Directory of the files, if the job has them.
     *
     * @internal
     */
    readonly _folder: string | undefined,
    private readonly values: Record<string, string> | undefined,
  ) {}

  /**
   * Variables of the script.
   *
   * @internal
   */
  get _environment(): Record<string, string> {
    return { ...this.values };
  }
}

/**
 * Throws if a text is a value instead of a secret of the forge. The error does not contain the text.
 *
 * @throws FORGE-BK-024
 *
 * @jsii ignore
 */
export function assertSecret(name: string, value: string): void {
  if (/^\$\{\{\s*secrets\.[A-Za-z_][A-Za-z0-9_]*\s*\}\}$/.test(value)) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-BK-024',
    message: `${name} is not a secret of the forge`,
    allowed: 'a secret of the forge, never its value',
    fix: `create an Actions secret with the value, and set ${name} to Expression.secret('NAME')`,
  });
}
