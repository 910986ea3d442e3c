import { ForgejoProduct } from './forgejo';
import { GiteaProduct } from './gitea';
import { GitHubProduct } from './github';

/**
 * The products that the library knows. A new product is a file next to this one and a line here.
 *
 * @jsii ignore
 */
export const PRODUCTS = {
  gitea: new GiteaProduct(),
  forgejo: new ForgejoProduct(),
  github: new GitHubProduct(),
} as const;
