import { IConstruct } from 'constructs';
import { Forge, ForgeFeature, ForgeProduct, TokenAccess, TokenResource } from '../forge';
import { SecretSource } from '../secret';
import { ForgeError, quoted } from '../support';
import { Endpoint } from './endpoint';
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

/** A set of options that every registry accepts. */
export interface RegistryProps {
  /**
   * Endpoint that jobs push to.
   *
   * @default - the forge's internal URL; without a forge, the same as `pull`
   */
  readonly push?: Endpoint;

  /**
   * Endpoint that Flux scans for new tags.
   *
   * @default - the same as `pull`, because Flux writes the name it scans into manifests
   */
  readonly scan?: Endpoint;

  /**
   * Secret of type `kubernetes.io/dockerconfigjson` that nodes and Flux pull with. The Secret must have an entry for
   * every endpoint that needs credentials.
   *
   * @default - the registry is pulled from without credentials
   */
  readonly credentials?: SecretSource;
}

/** A set of options that describes the container registry of a Gitea or Forgejo server. */
export interface GiteaRegistryProps extends RegistryProps {
  /** The user or organization that owns the packages, in lowercase, as in image names. */
  readonly owner: string;

  /**
   * Endpoint that nodes pull from. Manifests contain this endpoint.
   *
   * @default - the forge's URL
   */
  readonly pull?: Endpoint;
}

/** A set of options that describes GitHub's container registry. */
export interface GhcrRegistryProps {
  /** The user or organization that owns the packages, in lowercase, as in image names. */
  readonly owner: string;

  /**
   * Secret of type `kubernetes.io/dockerconfigjson` for nodes and Flux. Public packages need no Secret.
   *
   * @default - none
   */
  readonly credentials?: SecretSource;
}

/** A set of options that describes any other OCI registry. */
export interface OciRegistryProps extends RegistryProps {
  /**
   * The first part of every image's path: a project of Harbor, or a directory of zot or distribution. For example,
   * `platform` or `team/ci`.
   */
  readonly owner: string;

  /** Endpoint that nodes pull from. Manifests contain this endpoint. */
  readonly pull: Endpoint;

  /**
   * Endpoint that issues tokens to the registry's clients, for example `Endpoint.https('auth.example.com')`.
   *
   * @default - to the endpoint that they asked, or nowhere: basic authentication
   */
  readonly tokenServer?: Endpoint;
}

/**
 * An OCI registry that is declared once, with its push endpoint, pull endpoint and credentials.
 *
 * @example
 *
 * Registry.gitea(gitea, {
 *   owner: 'platform',
 *   push: Endpoint.http('gitea-http.gitea.svc.cluster.local:3000'),
 *   pull: Endpoint.https('git.example.com', { uploadLimit: Size.mebibytes(100) }),
 *   credentials: SecretSource.existing('registry-credentials'),
 * });
 */
export class Registry {
  /**
   * Creates the registry of a Gitea or Forgejo server.
   *
   * @throws FORGE-REG-002 if the owner cannot stand in an image name, FORGE-REG-005 if one host is declared in two ways, FORGE-REG-007
   * if jobs would push through an endpoint with an upload limit, FORGE-REG-012 for GitHub, whose registry is `Registry.ghcr`
   */
  static gitea(forge: Forge, props: GiteaRegistryProps): Registry {
    if (!forge.supports(ForgeFeature.REGISTRY)) {
      throw ForgeError.of({
        code: 'FORGE-REG-012',
        message: 'GitHub keeps its images at ghcr.io, not in the forge itself',
        fix: 'write Registry.ghcr({ owner })',
      });
    }
    const pull = props.pull ?? publicEndpoint(forge);
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
  /** The first part of every image's path. */
  readonly owner: string;
  /** Source of the pull credentials; undefined if no credentials are needed. */
  readonly credentials?: SecretSource;
  /** The forge that the registry belongs to; undefined if the registry belongs to no forge. */
  readonly forge?: Forge;

  private readonly tokenServer?: Endpoint;

  private readonly product?: ForgeProduct;

  private constructor(
    /** The kind of registry. */
    readonly kind: RegistryKind,
    props: RegistryProps & { readonly owner: string; readonly pull: Endpoint },
    behind: { readonly forge?: Forge; readonly product?: ForgeProduct; readonly tokenServer?: Endpoint },
  ) {
    this.owner = imagePath(props.owner, 'owner');
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
   * Checks that a client can use the registry in a role. The client must reach the endpoint and its token server.
   *
   * @param construct the construct that the client belongs to
   * @param role what it does there
   * @param zone where it is
   * @throws FORGE-REG-006 if it does not reach the endpoint, FORGE-REG-008 if it does not reach what it gets its token from
   */
  checkAccess(construct: IConstruct, role: RegistryRole, zone: Zone): void {
    const problems = accessProblems(this, role, zone);
    if (problems.length > 0) {
      throw new ForgeError(problems.map((problem) => ({ ...problem, path: construct.node.path })));
    }
  }

  /**
   * Returns whether another object describes the same registry: the same kind, owner, endpoints and credentials.
   *
   * @param other the other registry
   */
  isSameAs(other: Registry): boolean {
    return this.identity === other.identity;
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

  private get identity(): string {
    const { forge, credentials, tokenServer } = this;
    const endpoints = [this.push, this.pull, this.scan].map(({ url, trust, zones }) => [
      url,
      trust.kind,
      trust.caBundle?.name,
      zones,
    ]);
    return JSON.stringify([
      this.kind,
      this.owner,
      endpoints,
      [forge?.product.name, forge?.version, forge?.url, forge?.internalUrl],
      credentials?.secretName,
      tokenServer?.url,
    ]);
  }

  private nameAt(endpoint: Endpoint, image: string): string {
    return `${endpoint.host}/${imagePath(`${this.owner}/${imagePath(image, 'image name')}`, 'image name')}`;
  }

  private checkDeclaration(): void {
    const forgeEndpoint = this.forge ? [publicEndpoint(this.forge)] : [];
    distinct([...forgeEndpoint, this.push, this.pull, this.scan]);
    const { uploadLimit } = this.push;
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
function publicEndpoint(forge: Forge): Endpoint {
  const endpoint = Endpoint.ofUrl(forge.url, forge.trust);
  const atNodes =
    forge.nodePort !== undefined && isLoopback(endpoint.host) && endpoint.host.endsWith(`:${forge.nodePort}`);
  return atNodes ? Endpoint.http(endpoint.host, { zones: [Zone.HOST, Zone.NODE] }) : endpoint;
}
