import { Size } from 'cdk8s';
import { SecretSource } from '../secret';
import { Endpoint } from './endpoint';

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

  /**
   * Maximum size of a request body at the forge's URL, as imposed by a proxy or tunnel in front of it. Set it only if
   * `pull` is the default.
   *
   * @default - no limit
   */
  readonly uploadLimit?: Size;
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
   *
   * @default - none: the name of the image follows the host
   */
  readonly owner?: string;

  /** Endpoint that nodes pull from. Manifests contain this endpoint. */
  readonly pull: Endpoint;

  /**
   * Endpoint that issues tokens to the registry's clients, for example `Endpoint.https('auth.example.com')`.
   *
   * @default - to the endpoint that they asked, or nowhere: basic authentication
   */
  readonly tokenServer?: Endpoint;
}
