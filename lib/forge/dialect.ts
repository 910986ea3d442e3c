import { ActionsFacts, FORGEJO_FACTS, GITEA_FACTS, GITHUB_FACTS, KeySupport } from './dialect-facts';
import type { Forge } from './forge';
import { ForgeProduct } from './product-facts';

const FACTS: Record<ForgeProduct, ActionsFacts> = {
  [ForgeProduct.GITEA]: GITEA_FACTS,
  [ForgeProduct.FORGEJO]: FORGEJO_FACTS,
  [ForgeProduct.GITHUB]: GITHUB_FACTS,
};

/**
 * A lookup that compares the product and version of a forge with tables of Actions facts.
 *
 * @jsii ignore
 */
export class Dialect {
  /** Returns the dialect of a forge. */
  static of(forge: Forge): Dialect {
    return new Dialect(forge);
  }

  private constructor(private readonly forge: Forge) {}

  /** Known facts about the product. */
  get facts(): ActionsFacts {
    return FACTS[this.forge.product];
  }

  /** Display name, for example `Gitea 1.26` or `GitHub`. */
  get name(): string {
    return [this.forge._facts.title, this.forge.version].filter(Boolean).join(' ');
  }

  /** Reports whether the product is GitHub. GitHub has keys that Gitea and Forgejo do not support. */
  get isGitHub(): boolean {
    return this.forge.product === ForgeProduct.GITHUB;
  }

  /** Reports whether the product is Forgejo. */
  get isForgejo(): boolean {
    return this.forge.product === ForgeProduct.FORGEJO;
  }

  /** Directories with workflows. The first directory that exists hides the others. */
  get workflowDirectories(): string[] {
    return this.forge.workflowDirectories;
  }

  /** URL prefix before `owner/name` of an action without a host. */
  get defaultActionsUrl(): string {
    return this.forge.actionsSource?._urlAt(this.forge.url) ?? this.facts.defaultActionsUrl;
  }

  /** Returns whether an event starts workflows. */
  startsOn(event: string): boolean {
    return this.facts.events?.includes(event) ?? true;
  }

  /** Returns the problem with the name of an Actions secret; undefined if the name is valid. */
  secretNameProblem(name: string): string | undefined {
    return /^(GITHUB|GITEA|FORGEJO)_TOKEN$/.test(name) ? undefined : this.forge.secretNameProblem(name);
  }

  /**
   * Returns the support record of a key that the forge ignores; undefined if the forge supports the key. The record
   * contains the first version that supports the key, and the source of the fact.
   */
  ignores(key: string): KeySupport | undefined {
    const entry = this.facts.keys.find((support) => support.key === key);
    return entry && (entry.since === undefined || !this.forge.atLeast(entry.since)) ? entry : undefined;
  }
}
