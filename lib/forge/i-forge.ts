import { Trust } from '../trust';
import { ActionsSource } from './actions-source';
import { ForgeFeature } from './product/feature';
import { ForgeProduct } from './product/product';
import { PublicUrlDetection } from './product/public-url-detection';
import { SshEndpoint } from './ssh-endpoint';

/** A server that hosts repositories, Actions and packages, as its repositories and scopes see it. */
export interface IForge {
  /** Software of the forge, with all facts about it. */
  readonly product: ForgeProduct;

  /** Version of the software; undefined if the forge always has the newest version. */
  readonly version?: string;

  /** URL for people and nodes, without a trailing slash. */
  readonly url: string;

  /** URL for pods, without a trailing slash. */
  readonly internalUrl: string;

  /** Endpoint for Git over SSH; undefined if the forge does not support SSH. */
  readonly ssh?: SshEndpoint;

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

  /** Display name of product and version, for example `Gitea 1.26`. */
  readonly title: string;

  /**
   * Returns whether the server has a feature.
   *
   * @param feature the feature
   */
  supports(feature: ForgeFeature): boolean;

  /**
   * Returns whether the server has the given version or a newer version.
   *
   * @param version `major.minor` or `major.minor.patch`
   */
  isAtLeast(version: string): boolean;

  /**
   * Returns whether another object describes the same forge: the same product, version and URLs.
   *
   * @param other the other forge
   */
  isSameAs(other: IForge): boolean;
}
