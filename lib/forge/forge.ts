import { Trust } from '../trust';
import { ForgeError, frozen, hasOnlyDecodableLabels, quoted } from '../support';
import { ActionsSource } from './actions-source';
import { GiteaForgeProps, GitHubForgeProps, SelfHostedForgeProps } from './forge-props';
import { ForgeScope } from './forge-scope';
import { IForge } from './i-forge';
import { ForgeFeature } from './product/feature';
import { ForgeProduct } from './product/product';
import { detectionFeature, PublicUrlDetection } from './product/public-url-detection';
import { PRODUCTS } from './product/table';
import { versionNumbers } from './product/version';
import { Repository } from './repository';
import { checkedScopedDirectories } from './scoped-workflows';
import { SshEndpoint } from './ssh-endpoint';

/**
 * A server that hosts repositories, Actions and packages.
 *
 * @example
 *
 * Forge.gitea({ version: '1.26', url: 'https://git.example.com', internalUrl: 'http://gitea-http.gitea.svc.cluster.local:3000' });
 */
export class Forge implements IForge {
  /**
   * Creates a self-hosted Gitea forge.
   *
   * @throws FORGE-FRG-001 for a version that is not a number, FORGE-FRG-002 for a URL that is not one, FORGE-FRG-004 for a detection
   * mode or scoped workflows that the version does not know, FORGE-FRG-007 if trust and URL contradict each other
   */
  static gitea(props: GiteaForgeProps): Forge {
    return new Forge(PRODUCTS.gitea, props);
  }

  /**
   * Creates a self-hosted Forgejo forge.
   *
   * @throws FORGE-FRG-001 for a version that is not a number, FORGE-FRG-002 for a URL that is not one, FORGE-FRG-007 if trust and URL
   * contradict each other
   */
  static forgejo(props: SelfHostedForgeProps): Forge {
    return new Forge(PRODUCTS.forgejo, props);
  }

  /**
   * Facts about GitHub.
   *
   * @throws FORGE-FRG-001 for a version that is not a number, FORGE-FRG-002 for a URL that is not one
   */
  static github(props: GitHubForgeProps = {}): Forge {
    return new Forge(PRODUCTS.github, { url: props.url ?? 'https://github.com', version: props.version });
  }

  /**
   * Creates a forge with a software of your own.
   *
   * @param product software of the forge, with all facts about it
   * @throws FORGE-FRG-001 for a version that is not a number, FORGE-FRG-002 for a URL that is not one, FORGE-FRG-007 if trust and URL
   * contradict each other
   */
  static of(product: ForgeProduct, props: SelfHostedForgeProps): Forge {
    return new Forge(product, props);
  }

  /** Version of the software; undefined for github.com, which is always the newest version. */
  readonly version?: string;

  /** URL for people and nodes, without a trailing slash. */
  readonly url: string;

  /** URL for pods, without a trailing slash. */
  readonly internalUrl: string;

  /** Endpoint for Git over SSH; undefined if the forge does not support SSH. */
  readonly ssh?: SshEndpoint;

  /** Port on which every node serves the forge; undefined if there is no such port. */
  readonly nodePort?: number;

  /** Trust settings for `url`. */
  readonly trust: Trust;

  /** Trust settings for `internalUrl`. */
  readonly internalTrust: Trust;

  /** Source of actions that workflows name without a host; undefined for the product's default. */
  readonly actionsSource?: ActionsSource;

  /** Method by which the server determines the address that it sends to registry clients for a token. */
  readonly publicUrlDetection: PublicUrlDetection;

  /** Directories with scoped workflows; undefined for the product's default. */
  readonly scopedWorkflowDirectories?: string[];

  private constructor(
    /** Software of the forge, with all facts about it. */
    readonly product: ForgeProduct,
    props: Partial<GiteaForgeProps> & { readonly url: string },
  ) {
    if (props.version !== undefined) {
      versionNumbers(props.version, product.title);
    }
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
    const scoped = checkedScopedDirectories(props.scopedWorkflowDirectories, this);
    this.scopedWorkflowDirectories = scoped && frozen(scoped);
  }

  /**
   * Directories in which the forge looks for workflow files. The forge uses the first directory that exists and ignores
   * the others.
   */
  get workflowDirectories(): string[] {
    return [...this.product.workflowDirectories];
  }

  /** Directory in which workflow files are written for the forge. */
  get workflowDirectory(): string {
    return this.product.workflowDirectories[0];
  }

  /**
   * Reports whether the token that every job gets may push container images. On Gitea, the token may not push,
   * regardless of its permissions (go-gitea#23642). Use a token with the scope `write:package`.
   */
  get jobTokenMayPush(): boolean {
    return this.supports(ForgeFeature.JOB_TOKEN_PUSHES);
  }

  /**
   * Returns a repository of the forge.
   *
   * @param fullName `owner/name`
   * @throws FORGE-FRG-003 if it is not of that form
   */
  repository(fullName: string): Repository {
    return Repository.of(this, fullName);
  }

  /**
   * Returns the whole server as a scope of runners.
   */
  instance(): ForgeScope {
    return ForgeScope.instance(this);
  }

  /**
   * Returns an organization as a scope of runners.
   *
   * @param name name of the organization
   * @throws FORGE-FRG-014 if the name is not one
   */
  organization(name: string): ForgeScope {
    return ForgeScope.organization(this, name);
  }

  /**
   * Returns a user as a scope of runners.
   *
   * @param name name of the user
   * @throws FORGE-FRG-014 if the name is not one
   */
  user(name: string): ForgeScope {
    return ForgeScope.user(this, name);
  }

  /** Display name of product and version, for example `Gitea 1.26`. */
  get title(): string {
    return this.version === undefined ? this.product.title : `${this.product.title} ${this.version}`;
  }

  /**
   * Returns whether the server has a feature.
   *
   * @param feature the feature
   */
  supports(feature: ForgeFeature): boolean {
    return this.product.supports(feature, this.version);
  }

  /**
   * Returns whether the server has the given version or a newer version. Versions of different products are not
   * comparable. To ask for a feature, use `supports`.
   *
   * @param version `major.minor` or `major.minor.patch`
   * @throws FORGE-FRG-001 if it is neither
   */
  isAtLeast(version: string): boolean {
    versionNumbers(version, this.product.title);
    return this.product.isAtLeast(version, this.version);
  }

  /**
   * Returns whether another object describes the same forge: the same product, version and URLs.
   *
   * @param other the other forge
   */
  isSameAs(other: IForge): boolean {
    return (
      this.product.name === other.product.name &&
      this.version === other.version &&
      this.url === other.url &&
      this.internalUrl === other.internalUrl
    );
  }

  /**
   * Returns the problem with the name of an Actions secret or variable; undefined if the name is valid.
   *
   * @param name the name
   */
  secretNameProblem(name: string): string | undefined {
    return this.product.secretNameProblem(name);
  }

  private checkedSource(source: ActionsSource | undefined): ActionsSource | undefined {
    if (source?.kind !== 'url' || this.supports(ForgeFeature.ACTIONS_FROM_ANY_URL)) {
      return source;
    }
    throw ForgeError.of({
      code: 'FORGE-FRG-004',
      message: `${this.product.title} fetches no actions from ${quoted(source._urlAt(this.url))}: it would read that as github.com`,
      allowed: 'ActionsSource.github() or .self()',
      fix: 'mirror the actions into the forge and say ActionsSource.self(), or name them with Action.url(…)',
    });
  }

  private detection(declared: PublicUrlDetection | undefined): PublicUrlDetection {
    const fallback = this.supports(ForgeFeature.PUBLIC_URL_AUTO_BY_DEFAULT)
      ? PublicUrlDetection.AUTO
      : PublicUrlDetection.LEGACY;
    if (declared === undefined || declared === fallback || this.supports(detectionFeature(declared))) {
      return declared ?? fallback;
    }
    throw ForgeError.of({
      code: 'FORGE-FRG-004',
      message: `${this.title} does not know PUBLIC_URL_DETECTION = ${declared}`,
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
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !hasOnlyDecodableLabels(parsed.hostname)) {
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
