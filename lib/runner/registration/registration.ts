import { SecretSource } from '../../secret';
import { ForgeError, hasControlCharacter, quoted } from '../../support';
import { GitHubAppProps } from './github-app-props';
import { GitHubCredential } from './github-credential';
import { TokenMint } from './token-mint';

/** The kinds of registration, as part of `Registration`. */
export enum RegistrationKind {
  /** A registration token in a Secret. */
  TOKEN = 'token',
  /** A registration token that a Job fetches, or a runner that a Job creates. */
  MINTED = 'minted',
  /** A runner that exists at the forge. */
  CONNECTION = 'connection',
  /** A personal access token of GitHub. */
  GITHUB_TOKEN = 'github-token',
  /** A GitHub App. */
  GITHUB_APP = 'github-app',
}

/** Settings of a registration with a token. */
export interface RegistrationTokenProps {
  /**
   * A key that registers every replica again as a new runner when it changes. Change the key if the forge no longer
   * knows the runners. Examples: the forge's database was recreated, or the runner's log says that the runner is no
   * longer registered. The old runner records stay in the forge until you delete them there.
   *
   * @default - the runner registers again when the forge's URL, the scope, the labels or the token change
   */
  readonly key?: string;
}

/**
 * A way in which a runner registers with its forge. Gitea: `token`, `minted`. Forgejo: `connection`, `minted`, `token`.
 * GitHub: `gitHubApp`, `gitHubToken`.
 *
 * @example
 *
 * Registration.token(SecretSource.existing('runner-token'));
 */
export class Registration {
  /**
   * Creates a registration with a registration token of Gitea, which must have the runner's scope. Forgejo's runner accepts
   * such a token as well, although Forgejo calls this way deprecated: prefer `connection` or `minted`.
   *
   * @param token the token, under the key `token`
   * @throws FORGE-RUN-020 for a key that is not one line
   */
  static token(token: SecretSource, props: RegistrationTokenProps = {}): Registration {
    return new Registration(RegistrationKind.TOKEN, { secret: token, key: checkedKey(props.key) });
  }

  /**
   * Creates a registration with a registration token that a Job in the runner's namespace fetches from Gitea. Several
   * runners can share one `RegistrationTokenJob` instead. With Forgejo 15.0 or newer, the Job creates the runner at the forge.
   *
   * @param mint the method that requests the token
   * @throws FORGE-RUN-020 for a key that is not one line
   */
  static minted(mint: TokenMint, props: RegistrationTokenProps = {}): Registration {
    return new Registration(RegistrationKind.MINTED, { mint, key: checkedKey(props.key) });
  }

  /**
   * Creates a registration of a runner that already exists at Forgejo. The runner has a UUID, which is not secret, and
   * a token. Each supports one runner.
   *
   * @param uuid as the forge shows it when the runner is created
   * @param token the token of that runner, under the key `token`
   * @throws FORGE-RUN-024 if it is not a UUID
   */
  static connection(uuid: string, token: SecretSource): Registration {
    return new Registration(RegistrationKind.CONNECTION, { uuid: checkedUuid(uuid), secret: token });
  }

  /**
   * Creates a registration with a fine-grained personal access token of GitHub, preferably of a machine account.
   *
   * To register runners for an organization, the token needs the organization permission "Self-hosted runners" (read
   * and write). To register runners for a repository, the token needs the repository permission "Administration" (read
   * and write).
   *
   * @param token the token, under the key `token`
   */
  static gitHubToken(token: SecretSource): Registration {
    return new Registration(RegistrationKind.GITHUB_TOKEN, { credential: GitHubCredential.token(token) });
  }

  /**
   * Creates a registration with a GitHub App that has the permissions that a token would need. The App does not belong
   * to a person. The runner gets a token from the App that is valid for one hour and only for registration.
   *
   * @throws FORGE-RUN-035 for an ID that is not a number
   */
  static gitHubApp(props: GitHubAppProps): Registration {
    return new Registration(RegistrationKind.GITHUB_APP, { credential: GitHubCredential.app(props) });
  }

  /** The runner's UUID at Forgejo; undefined for other kinds. */
  readonly uuid?: string;

  /** The key that registers the runner again when it changes; undefined if not set. */
  readonly key?: string;

  /** @internal */
  readonly _secret?: SecretSource;

  /** @internal */
  readonly _mint?: TokenMint;

  /** @internal */
  readonly _credential?: GitHubCredential;

  /**
   * Returns the registration with the Secret that a Job fills: UUID and token of a runner that it creates.
   *
   * @internal
   */
  _created(secret: SecretSource): Registration {
    return new Registration(RegistrationKind.MINTED, { secret, key: this.key });
  }

  private constructor(
    /** The kind, as an enum member. */
    readonly kind: RegistrationKind,
    parts: {
      secret?: SecretSource;
      mint?: TokenMint;
      credential?: GitHubCredential;
      uuid?: string;
      key?: string;
    },
  ) {
    this.uuid = parts.uuid;
    this.key = parts.key;
    this._secret = parts.secret;
    this._mint = parts.mint;
    this._credential = parts.credential;
  }
}

function checkedKey(key: string | undefined): string | undefined {
  if (key === undefined || (key !== '' && key.length <= 100 && !hasControlCharacter(key))) {
    return key;
  }
  throw ForgeError.of({
    code: 'FORGE-RUN-020',
    message: `key ${quoted(key)} is not a key of a registration`,
    allowed: 'one line of at most 100 characters, such as a date',
    fix: "set key to such a text: Registration.token(secret, { key: '2026-11-20' })",
  });
}

function checkedUuid(uuid: string): string {
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(uuid)) {
    return uuid;
  }
  throw ForgeError.of({
    code: 'FORGE-RUN-024',
    message: `${quoted(uuid)} is not the UUID of a runner`,
    allowed: '8, 4, 4, 4 and 12 hexadecimal digits in lower case',
    fix: 'create the runner on the page Settings, Actions, Runners of the forge; it shows UUID and token',
  });
}
