import { Forge } from '../forge';
import { SecretSource } from '../secret';
import { ForgeError, quoted } from '../support';
import { Endpoint } from './endpoint';

/**
 * The container registry inside a Gitea server.
 */
export interface GiteaRegistryProps {
  /** The user or organization that owns the packages; lower case, as it stands in image names. */
  readonly owner: string;

  /**
   * Where jobs push to.
   *
   * @default - the forge's internal URL
   */
  readonly push?: Endpoint;

  /**
   * Where nodes pull from; what stands in manifests.
   *
   * @default - the forge's URL
   */
  readonly pull?: Endpoint;

  /**
   * A Secret of type `kubernetes.io/dockerconfigjson` with an entry for every endpoint that needs one: the nodes and Flux pull with it.
   *
   * @default - the registry is pulled from without credentials
   */
  readonly credentials?: SecretSource;
}

/**
 * One OCI registry, declared once: where to push, where to pull, with which credentials.
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
   * The registry of a Gitea server.
   *
   * @throws FORGE-REG-002 if the owner cannot stand in an image name
   */
  static gitea(forge: Forge, props: GiteaRegistryProps): Registry {
    return new Registry(forge, props);
  }

  /** Where jobs push to. */
  readonly push: Endpoint;
  /** Where nodes pull from. */
  readonly pull: Endpoint;
  /** The first part of every image's path. */
  readonly owner: string;
  /** Where the pull credentials live; undefined if none are needed. */
  readonly credentials?: SecretSource;

  private constructor(
    /** The forge that the registry belongs to. */
    readonly forge: Forge,
    props: GiteaRegistryProps,
  ) {
    this.push = props.push ?? Endpoint.ofUrl(forge.internalUrl);
    this.pull = props.pull ?? Endpoint.ofUrl(forge.url);
    this.owner = checkedPath(props.owner, 'owner');
    this.credentials = props.credentials;
  }

  /** Every endpoint once. */
  get endpoints(): Endpoint[] {
    return this.push.host === this.pull.host ? [this.push] : [this.push, this.pull];
  }

  /**
   * The name of an image where jobs push it: `host/owner/name`.
   *
   * @throws FORGE-REG-002 if the name is not allowed
   */
  pushName(image: string): string {
    return `${this.push.host}/${this.owner}/${checkedPath(image, 'image name')}`;
  }

  /**
   * The name of an image where nodes pull it: `host/owner/name`.
   *
   * @throws FORGE-REG-002 if the name is not allowed
   */
  pullName(image: string): string {
    return `${this.pull.host}/${this.owner}/${checkedPath(image, 'image name')}`;
  }
}

function checkedPath(path: string, what: string): string {
  if (!/^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/.test(path)) {
    throw ForgeError.of({
      code: 'FORGE-REG-002',
      message: `${quoted(path)} is not an ${what} of a registry`,
      allowed: 'a-z and 0-9, parts joined by ".", "_", "-" or "/"; no host, no tag, no upper case',
      fix: /[A-Z]/.test(path) ? `write ${quoted(path.toLowerCase())}: registries know lower case only` : 'give the bare name; the registry adds host and owner',
    });
  }
  return path;
}
