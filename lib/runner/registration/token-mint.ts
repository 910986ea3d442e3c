import { Construct } from 'constructs';
import { IForge } from '../../forge';
import { SecretSource } from '../../secret';
import { ForgeError, pinnedImage, PINS, quoted } from '../../support';
import { RunnerScope } from '../runner-scope';

/** The default image with curl for API requests. */
const CURL_IMAGE = pinnedImage(PINS.images.curl);

/**
 * A method that requests a registration token from Gitea.
 *
 * @example
 *
 * TokenMint.api(SecretSource.existing('gitea-admin-token'));
 */
export class TokenMint {
  /**
   * Creates a method that uses the API, with an API token of a user who may manage runners in the scope. The token must
   * belong to an administrator for the instance, to an owner for an organization or repository, or to the user for a
   * user scope.
   *
   * @param apiToken the API token, under the key `token`; its scope is `write:admin`, `write:organization`, `write:repository` or `write:user`
   * @param image an image with `curl` and `sh`, with a version as tag; `curlimages/curl` if left out
   * @throws FORGE-RUN-029 for an image without a version
   */
  static api(apiToken: SecretSource, image?: string): TokenMint {
    return new TokenMint('api', checkedImage(image ?? CURL_IMAGE), apiToken);
  }

  /**
   * Creates a method that uses `gitea actions generate-runner-token`, which connects to the server's internal API. No
   * user is involved.
   *
   * @param config an `app.ini` under the key `app.ini` with `[server] LOCAL_ROOT_URL`, `[security] INTERNAL_TOKEN` and `INSTALL_LOCK = true`,
   * as the server has them; nothing else in it is used
   * @param image the server's own image, with `curl` in it: `gitea/gitea:1.26.2-rootless`
   * @throws FORGE-RUN-029 for an image without a version
   */
  static command(config: SecretSource, image: string): TokenMint {
    return new TokenMint('command', checkedImage(image), config);
  }

  private constructor(
    /** The kind of method: `api` or `command`. */
    readonly kind: string,
    /** The image that requests the token. */
    readonly image: string,
    private readonly credentials: SecretSource,
  ) {}

  /** @internal */
  get _key(): string {
    return this.kind === 'api' ? 'token' : 'app.ini';
  }

  /** @internal */
  _provide(construct: Construct, scope: RunnerScope, forge: IForge): string {
    return this.credentials.provide(construct, {
      purpose: `fetches the registration token (scope: ${scope.description}) from the forge`,
      type: 'Opaque',
      keys: [this._key],
      ...(this.kind === 'api' ? { tokenScope: scope._tokenScope('write'), forgeUrl: forge.url } : {}),
    });
  }

  /** @internal */
  _env(file: string, scope: RunnerScope): { name: string; value: string }[] {
    if (this.kind === 'api') {
      return [
        { name: 'MINT_BY', value: 'api' },
        { name: 'API_TOKEN_FILE', value: file },
        { name: 'API_TOKEN_SCOPE', value: scope._tokenScope('write') },
      ];
    }
    return [
      { name: 'MINT_BY', value: 'command' },
      { name: 'GITEA_CONFIG', value: file },
      ...(scope.target === undefined ? [] : [{ name: 'FORGE_SCOPE', value: scope.target }]),
    ];
  }
}

function checkedImage(image: string): string {
  if (/^[a-z0-9][a-z0-9.-]*(:[0-9]+)?(\/[a-z0-9._-]+)*:[0-9][A-Za-z0-9._-]*(@sha256:[0-9a-f]{64})?$/.test(image)) {
    return image;
  }
  throw ForgeError.of({
    code: 'FORGE-RUN-029',
    message: `${quoted(image)} is not an image with a version as tag`,
    fix: `pin it, e.g. ${quoted(CURL_IMAGE)}`,
  });
}
