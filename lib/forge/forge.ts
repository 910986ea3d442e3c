import { Trust } from '../trust';
import { ForgeError, quoted } from '../support';
import { ActionsSource } from './actions-source';
import { GiteaForgeProps, GitHubForgeProps, SelfHostedForgeProps } from './forge-props';
import {
  defaultDetection,
  ForgeProduct,
  knowsDetection,
  ProductFacts,
  PRODUCT_FACTS,
  PublicUrlDetection,
  runnerImage,
} from './product-facts';
import { isAtLeast, VersionNumbers, versionNumbers } from './product-version';
import { Repository } from './repository';
import { SshEndpoint } from './ssh-endpoint';

/**
 * Where repositories, Actions and packages live.
 *
 * @example
 *
 * Forge.gitea({ version: '1.26', url: 'https://git.example.com', internalUrl: 'http://gitea-http.gitea.svc.cluster.local:3000' });
 */
export class Forge {
  /**
   * A self-hosted Gitea.
   *
   * @throws FORGE-FRG-001 for a version that is not a number, FORGE-FRG-002 for a URL that is not one, FORGE-FRG-004 for a detection
   * mode that the version does not know, FORGE-FRG-007 if trust and URL contradict each other
   */
  static gitea(props: GiteaForgeProps): Forge {
    return new Forge(ForgeProduct.GITEA, props);
  }

  /**
   * A self-hosted Forgejo.
   *
   * @throws FORGE-FRG-001 for a version that is not a number, FORGE-FRG-002 for a URL that is not one, FORGE-FRG-007 if trust and URL
   * contradict each other
   */
  static forgejo(props: SelfHostedForgeProps): Forge {
    return new Forge(ForgeProduct.FORGEJO, props);
  }

  /**
   * GitHub.
   *
   * @throws FORGE-FRG-001 for a version that is not a number, FORGE-FRG-002 for a URL that is not one
   */
  static github(props: GitHubForgeProps = {}): Forge {
    return new Forge(ForgeProduct.GITHUB, { url: props.url ?? 'https://github.com', version: props.version });
  }

  /** The version of the software; undefined for github.com, which is always the newest. */
  readonly version?: string;

  /** Where people and nodes reach it, without a trailing slash. */
  readonly url: string;

  /** Where pods reach it, without a trailing slash. */
  readonly internalUrl: string;

  /** Where it takes Git over SSH; undefined if it doesn't. */
  readonly ssh?: SshEndpoint;

  /** The port at which every node answers for it; undefined if there is none. */
  readonly nodePort?: number;

  /** Why clients trust `url`. */
  readonly trust: Trust;

  /** Why clients trust `internalUrl`. */
  readonly internalTrust: Trust;

  /** Where it fetches actions that workflows name without a host; undefined for what its product does by itself. */
  readonly actionsSource?: ActionsSource;

  /** Where the server sends registry clients for a token. */
  readonly publicUrlDetection: PublicUrlDetection;

  private readonly numbers?: VersionNumbers;

  private constructor(
    /** The software. */
    readonly product: ForgeProduct,
    props: Partial<GiteaForgeProps> & { readonly url: string },
  ) {
    this.numbers = props.version === undefined ? undefined : versionNumbers(props.version, this._facts.title);
    this.version = props.version;
    this.url = checkedUrl(props.url);
    this.internalUrl = checkedUrl(props.internalUrl ?? props.url);
    this.ssh = props.ssh;
    this.nodePort = props.nodePort;
    this.trust = trustOf(this.url, props.trust);
    this.internalTrust = trustOf(
      this.internalUrl,
      props.trust?.isPlainHttp || this.internalUrl.startsWith('http:') ? undefined : props.trust,
    );
    this.publicUrlDetection = this.detection(props.publicUrlDetection);
    this.actionsSource = this.checkedSource(props.actionsSource);
  }

  /** Folders in which it looks for workflow files; the first that exists is taken, the others are passed over. */
  get workflowDirectories(): string[] {
    return [...this._facts.workflowDirectories];
  }

  /** The folder in which workflow files are written for this forge. */
  get workflowDirectory(): string {
    return this._facts.workflowDirectories[0];
  }

  /**
   * Whether the token that every job gets may push container images. On Gitea it may not, whatever its permissions say
   * (go-gitea#23642); use a token with the scope `write:package`.
   */
  get jobTokenMayPush(): boolean {
    return this._facts.jobTokenMayPush;
  }

  /**
   * A repository of this forge.
   *
   * @param fullName `owner/name`
   * @throws FORGE-FRG-003 if it is not of that form
   */
  repository(fullName: string): Repository {
    return Repository.of(this, fullName);
  }

  /**
   * Whether the server is of this version or a newer one. Versions of two products have nothing to do with each other: look at
   * `product` first.
   *
   * @param version `major.minor` or `major.minor.patch`
   * @throws FORGE-FRG-001 if it is neither
   */
  atLeast(version: string): boolean {
    const minimum = versionNumbers(version, this._facts.title);
    return this.numbers === undefined || isAtLeast(this.numbers, minimum);
  }

  /**
   * The image of this product's runner, without a tag: Gitea renamed it at version 1.0.0, and what lies under the old name is stale.
   *
   * @param runnerVersion `major.minor.patch` of the runner
   * @throws FORGE-FRG-001 if it is not a version
   */
  runnerImage(runnerVersion: string): string {
    return runnerImage(this.product, versionNumbers(runnerVersion, 'runner'));
  }

  /**
   * What is wrong with the name of an Actions secret or variable; undefined if nothing is.
   *
   * @param name the name
   */
  secretNameProblem(name: string): string | undefined {
    const upper = name.toUpperCase();
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      return 'it may hold letters, digits and "_" only, and not begin with a digit';
    }
    const prefix = this._facts.reservedSecretPrefixes.find((reserved) => upper.startsWith(reserved));
    if (prefix) {
      return `names that begin with ${prefix} are ${this._facts.title}'s own`;
    }
    return this._facts.reservedSecretNames.includes(upper)
      ? `the name ${upper} is ${this._facts.title}'s own`
      : undefined;
  }

  /**
   * What is true of the product in every version.
   *
   * @internal
   */
  get _facts(): ProductFacts {
    return PRODUCT_FACTS[this.product];
  }

  /**
   * Whether the server knows the setting PUBLIC_URL_DETECTION with the value it is declared with.
   *
   * @internal
   */
  get _knowsDetection(): boolean {
    return this.numbers !== undefined && knowsDetection(this.product, this.numbers, this.publicUrlDetection);
  }

  private checkedSource(source: ActionsSource | undefined): ActionsSource | undefined {
    if (source?.kind !== 'url' || this.product === ForgeProduct.FORGEJO) {
      return source;
    }
    throw ForgeError.of({
      code: 'FORGE-FRG-004',
      message: `${this._facts.title} fetches no actions from ${quoted(source._urlAt(this.url))}: it would read that as github.com`,
      allowed: 'ActionsSource.github() or .self()',
      fix: 'mirror the actions into the forge and say ActionsSource.self(), or name them with Action.url(…)',
    });
  }

  private detection(declared: PublicUrlDetection | undefined): PublicUrlDetection {
    if (this.numbers === undefined) {
      return PublicUrlDetection.AUTO;
    }
    const fallback = defaultDetection(this.product, this.numbers);
    if (declared === undefined || declared === fallback || knowsDetection(this.product, this.numbers, declared)) {
      return declared ?? fallback;
    }
    throw ForgeError.of({
      code: 'FORGE-FRG-004',
      message: `Gitea ${this.version} does not know PUBLIC_URL_DETECTION = ${declared}`,
      allowed: 'auto and legacy from 1.24 on, never from 1.26 on',
      fix: `leave it out: this version does what ${fallback} means; or upgrade the server`,
    });
  }
}

function trustOf(url: string, declared: Trust | undefined): Trust {
  const isPlain = url.startsWith('http:');
  const trust = declared ?? (isPlain ? Trust.plainHttp() : Trust.publicCa());
  if (trust.isPlainHttp === isPlain) {
    return trust;
  }
  throw ForgeError.of({
    code: 'FORGE-FRG-007',
    message: `${quoted(url)} is declared with trust ${trust.kind}`,
    allowed: 'http:// with Trust.plainHttp(); https:// with Trust.publicCa() or Trust.privateCa(…)',
    fix: isPlain ? 'leave out the trust, or write https://' : 'write http://, or say whose certificate it is',
  });
}

function checkedUrl(url: string): string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw badUrl(url, 'it cannot be parsed');
  }
  if (parsed.protocol !== 'http:' && parsed.protocol !== 'https:') {
    throw badUrl(url, `its scheme is ${quoted(parsed.protocol)}`);
  }
  if (parsed.username || parsed.password) {
    throw badUrl(url, 'it holds credentials');
  }
  if (parsed.search || parsed.hash) {
    throw badUrl(url, 'it has a query or a fragment');
  }
  return (parsed.origin + parsed.pathname).replace(/\/+$/, '');
}

function badUrl(url: string, why: string): ForgeError {
  return ForgeError.of({
    code: 'FORGE-FRG-002',
    // What stands before an "@" may be a password.
    message: `${url.includes('@') ? '(not shown)' : quoted(url)} is not the URL of a forge: ${why}`,
    allowed: 'http:// or https://, a host, perhaps a port and a path',
    fix: 'give the address as a browser or a pod would use it, without credentials',
  });
}
