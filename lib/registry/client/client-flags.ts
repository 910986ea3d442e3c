import { Endpoint } from '../endpoint';
import { Registry } from '../registry';

/**
 * A set of command line flags for tools that read no configuration file for registries. An endpoint with a public
 * certificate needs no flags.
 *
 * @example
 *
 * ClientFlags.cosign(registry.push, '/etc/ssl/private-ca');
 */
export class ClientFlags {
  /**
   * Returns the flags of cosign. Its `--registry-cacert` replaces the system's CAs for the call.
   *
   * @param endpoint the endpoint that it talks to
   * @param caFolder the folder below which CA bundles are mounted
   * @see https://github.com/sigstore/cosign/blob/main/doc/cosign_sign.md
   */
  static cosign(endpoint: Endpoint, caFolder: string): string[] {
    if (endpoint.isPlainHttp) {
      return ['--allow-http-registry'];
    }
    const { caBundle } = endpoint.trust;
    return caBundle ? ['--registry-cacert', caBundle._path(caFolder)] : [];
  }

  /**
   * Returns the flags of Trivy 0.68 or newer.
   *
   * @param endpoint the endpoint that it talks to
   * @param caFolder the folder below which CA bundles are mounted
   * @see https://trivy.dev/latest/docs/references/configuration/cli/trivy_image/
   */
  static trivy(endpoint: Endpoint, caFolder: string): string[] {
    if (endpoint.isPlainHttp) {
      return ['--insecure'];
    }
    const { caBundle } = endpoint.trust;
    return caBundle ? ['--cacert', caBundle._path(caFolder)] : [];
  }

  /**
   * Returns the flags of `buildctl build`. The client, not buildkitd, fetches the token. The client must therefore
   * trust the address of the token server.
   *
   * @param registry the registry that is pushed to
   * @param caFolder the folder below which CA bundles are mounted, where the client runs
   * @see https://github.com/moby/buildkit/blob/v0.32.2/README.md
   */
  static buildctl(registry: Registry, caFolder: string): string[] {
    const { caBundle } = registry._tokenRealm(registry.push).trust;
    return caBundle ? ['--registry-auth-tlscontext', `host=${registry.push.host},ca=${caBundle._path(caFolder)}`] : [];
  }

  private constructor() {}
}
