import { Size } from 'cdk8s';
import { IConstruct } from 'constructs';
import { Forge, ForgeFeature, ForgeProduct, PublicUrlDetection, TokenAccess, TokenResource } from '../forge';
import { SecretSource } from '../secret';
import { ForgeError, quoted } from '../support';
import { Endpoint, endpointOf } from './endpoint';
import { GhcrRegistryProps, GiteaRegistryProps, OciRegistryProps, RegistryProps } from './registry-props';
import { distinct } from './client/host-settings';
import { imagePath } from './name/image-name';
import { accessProblems, RegistryRole, tokenRealm } from './access/token-realm';
import { isLoopback, Zone } from './access/zone';

/** The kinds of registry that `Registry` supports. */
export enum RegistryKind {
  /** The registry of a Gitea or Forgejo server. */
  GITEA = 'gitea',
  /** GitHub's registry at ghcr.io. */
  GHCR = 'ghcr',
  /** Any other OCI registry, for example Harbor, zot or distribution. */
  OCI = 'oci',
}

/**
 * An OCI registry that is declared once, with its push endpoint, pull endpoint and credentials.
 *
 * @example
 *
 * Registry.gitea(gitea, {
 *   owner: 'platform',
 *   uploadLimit: Size.mebibytes(100),
 *   credentials: SecretSource.existing('registry-credentials'),
 * });
 */
export class Registry {
  /**
   * Creates the registry of a Gitea or Forgejo server. Jobs push to the forge's internal URL, and nodes pull from its
   * public URL, unless `push` and `pull` say otherwise.
   *
   * @throws FORGE-REG-002 if the owner cannot stand in an image name, FORGE-REG-005 if one host is declared in two ways, FORGE-REG-007
   * if jobs would push through an endpoint with an upload limit, FORGE-REG-012 for GitHub, whose registry is `Registry.ghcr`,
   * FORGE-REG-019 if both `pull` and `uploadLimit` are given
   */
  static gitea(forge: Forge, props: GiteaRegistryProps): Registry {
    if (!forge.supports(ForgeFeature.REGISTRY)) {
      throw ForgeError.of({
        code: 'FORGE-REG-012',
        message: 'GitHub keeps its images at ghcr.io, not in the forge itself',
        fix: 'write Registry.ghcr({ owner })',
      });
    }
    if (props.pull !== undefined && props.uploadLimit !== undefined) {
      throw ForgeError.of({
        code: 'FORGE-REG-019',
        message: `uploadLimit is of the forge's URL ${quoted(forge.url)}, and pull is another endpoint, ${quoted(props.pull.host)}`,
        fix: "set the limit at the endpoint: pull: Endpoint.https('git.example.com', { uploadLimit }), or remove pull",
      });
    }
    const pull = props.pull ?? publicEndpoint(forge, props.uploadLimit);
    const push = props.push ?? Endpoint.ofUrl(forge.internalUrl, forge.internalTrust);
    return new Registry(RegistryKind.GITEA, { ...props, push, pull }, { forge, product: forge.product });
  }

  /**
   * Creates GitHub's registry, `ghcr.io`.
   *
   * @throws FORGE-REG-002 if the owner cannot stand in an image name
   */
  static ghcr(props: GhcrRegistryProps): Registry {
    return new Registry(
      RegistryKind.GHCR,
      { ...props, pull: Endpoint.https('ghcr.io') },
      { product: Forge.github().product },
    );
  }

  /**
   * Creates any other OCI registry.
   *
   * @throws FORGE-REG-002 if the owner cannot stand in an image name, FORGE-REG-005 if one host is declared in two ways, FORGE-REG-007
   * if jobs would push through an endpoint with an upload limit
   */
  static oci(props: OciRegistryProps): Registry {
    return new Registry(RegistryKind.OCI, props, { tokenServer: props.tokenServer });
  }

  /** Endpoint that jobs push to. */
  readonly push: Endpoint;
  /** Endpoint that nodes pull from. */
  readonly pull: Endpoint;
  /** Endpoint that Flux scans for new tags. */
  readonly scan: Endpoint;
  /** The first part of every image's path; undefined if there is none. */
  readonly owner?: string;
  /** Source of the pull credentials; undefined if no credentials are needed. */
  readonly credentials?: SecretSource;
  /** The forge that the registry belongs to; undefined if the registry belongs to no forge. */
  readonly forge?: Forge;

  private readonly tokenServer?: Endpoint;

  private readonly product?: ForgeProduct;

  private constructor(
    /** The kind of registry. */
    readonly kind: RegistryKind,
    props: RegistryProps & { readonly owner?: string; readonly pull: Endpoint },
    behind: { readonly forge?: Forge; readonly product?: ForgeProduct; readonly tokenServer?: Endpoint },
  ) {
    this.owner = props.owner === undefined ? undefined : imagePath(props.owner, 'owner');
    this.pull = props.pull;
    this.push = props.push ?? props.pull;
    this.scan = props.scan ?? props.pull;
    this.credentials = props.credentials;
    this.forge = behind.forge;
    this.product = behind.product;
    this.tokenServer = behind.tokenServer;
    this.checkDeclaration();
  }

  /** All endpoints, without duplicates. */
  get endpoints(): Endpoint[] {
    const all = [this.push, this.pull, this.scan];
    return all.filter((endpoint, i) => all.findIndex((other) => other.host === endpoint.host) === i);
  }

  /**
   * Returns the image name that jobs push to: `host/owner/name`.
   *
   * @throws FORGE-REG-002 if the name is not allowed
   */
  pushName(image: string): string {
    return this.nameAt(this.push, image);
  }

  /**
   * Returns the image name that nodes pull: `host/owner/name`.
   *
   * @throws FORGE-REG-002 if the name is not allowed
   */
  pullName(image: string): string {
    return this.nameAt(this.pull, image);
  }

  /**
   * Returns the image name that Flux scans: `host/owner/name`.
   *
   * @throws FORGE-REG-002 if the name is not allowed
   */
  scanName(image: string): string {
    return this.nameAt(this.scan, image);
  }

  /**
   * Returns the URL of the web page of an image and its tags. Returns undefined for a registry whose web pages are not
   * known.
   *
   * @throws FORGE-REG-002 if the name is not allowed
   */
  packageUrl(image: string): string | undefined {
    const name = imagePath(image, 'image name');
    if (this.forge) {
      return `${this.forge.url}/${this.owner}/-/packages/container/${encodeURIComponent(name)}`;
    }
    return this.kind === RegistryKind.GHCR
      ? `https://github.com/${this.owner}?tab=packages&q=${encodeURIComponent(name)}`
      : undefined;
  }

  /**
   * Throws if a client cannot use the registry in a role. The client must reach the endpoint and its token server.
   *
   * @param construct the construct that the client belongs to
   * @param role what it does there
   * @param zone where it is
   * @throws FORGE-REG-006 if it does not reach the endpoint, FORGE-REG-008 if it does not reach what it gets its token from
   */
  assertAccess(construct: IConstruct, role: RegistryRole, zone: Zone): void {
    const problems = accessProblems(this, role, zone);
    if (problems.length > 0) {
      throw new ForgeError(problems.map((problem) => ({ ...problem, path: construct.node.path })));
    }
  }

  /**
   * Returns whether another registry says the same: kind, owner, endpoints, token server and Secret.
   *
   * @param other a registry, which may have been created separately
   */
  isSameAs(other: Registry): boolean {
    const endpoints = ({ push, pull, scan, _tokenEndpoints }: Registry) => [push, pull, scan, ..._tokenEndpoints];
    const [mine, theirs] = [endpoints(this), endpoints(other)];
    return (
      this.kind === other.kind &&
      this.owner === other.owner &&
      this.credentials?.secretName === other.credentials?.secretName &&
      mine.length === theirs.length &&
      mine.every((endpoint, i) => endpoint.isSameAs(theirs[i]))
    );
  }

  /**
   * Returns the scope that a token for the packages needs; undefined for a registry whose scopes are not known.
   *
   * @internal
   */
  _tokenScope(access: TokenAccess): string | undefined {
    return this.product?.tokenScope(TokenResource.PACKAGES, access);
  }

  /**
   * Returns the endpoint to which the registry sends a client of the given endpoint for a token.
   *
   * @internal
   */
  _tokenRealm(endpoint: Endpoint): Endpoint {
    return this.tokenServer ?? tokenRealm(this, endpoint);
  }

  /**
   * Endpoints to which the registry sends clients for a token, over all endpoints.
   *
   * @internal
   */
  get _tokenEndpoints(): Endpoint[] {
    return this.endpoints.map((endpoint) => this._tokenRealm(endpoint));
  }

  private nameAt(endpoint: Endpoint, image: string): string {
    const name = imagePath(image, 'image name');
    return `${endpoint.host}/${this.owner === undefined ? name : imagePath(`${this.owner}/${name}`, 'image name')}`;
  }

  private checkDeclaration(): void {
    const ofForge = this.forge
      ? [publicEndpoint(this.forge), Endpoint.ofUrl(this.forge.internalUrl, this.forge.internalTrust)]
      : [];
    distinct([...ofForge, this.push, this.pull, this.scan]);
    [this.push, this.pull, this.scan].forEach(assertNoPath);
    // A proxy limits a host, whichever role the host is declared for.
    const limits = [this.push, this.pull, this.scan].filter(({ host }) => host === this.push.host);
    const { uploadLimit } = limits.find((endpoint) => endpoint.uploadLimit !== undefined) ?? this.push;
    if (uploadLimit === undefined) {
      return;
    }
    throw ForgeError.of({
      code: 'FORGE-REG-007',
      message: `jobs would push through ${quoted(this.push.host)}, which takes no more than ${uploadLimit.toMebibytes({ rounding: 1 })} MiB at once`,
      fix: "push to an address without the limit: push: Endpoint.http('gitea-http.gitea.svc.cluster.local:3000'); or leave out uploadLimit if no layer is larger",
      symptom: 'unexpected status from PUT request: 413 Request Entity Too Large',
    });
  }
}

/** Returns the forge's URL as an endpoint. A NodePort also responds at localhost of every node. */
function publicEndpoint(forge: Forge, uploadLimit?: Size): Endpoint {
  const endpoint = endpointOf(forge.url, { trust: forge.trust, uploadLimit });
  const { nodePort, publicUrlDetection } = forge;
  if (nodePort === undefined || !isLoopback(endpoint.host) || !endpoint.isPlainHttp) {
    return endpoint;
  }
  if (endpoint.host.endsWith(`:${nodePort}`)) {
    return Endpoint.http(endpoint.host, { zones: [Zone.HOST, Zone.NODE], uploadLimit });
  }
  // A port of the machine that leads to the NodePort. The server must send nodes for a token to where they asked.
  return publicUrlDetection === PublicUrlDetection.AUTO
    ? Endpoint.http(endpoint.host, {
        uploadLimit,
        mirrors: [Endpoint.http(`localhost:${nodePort}`, { zones: [Zone.NODE] })],
      })
    : endpoint;
}

/** Rejects a path of an endpoint that is not a mirror. */
function assertNoPath({ host, path }: Endpoint): void {
  if (path === undefined) {
    return;
  }
  throw ForgeError.of({
    code: 'FORGE-REG-020',
    message: `endpoint ${quoted(host)} has the path ${quoted(path)}, and is not a mirror`,
    fix: 'remove the path; set owner to the first part of the path of your images',
  });
}
