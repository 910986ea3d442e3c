import { ActionsFacts, FORGEJO_FACTS, GITEA_FACTS, GITHUB_FACTS, KeySupport } from './dialect-facts';
import type { Forge } from './forge';
import { ForgeProduct } from './product-facts';

const FACTS: Record<ForgeProduct, ActionsFacts> = {
  [ForgeProduct.GITEA]: GITEA_FACTS,
  [ForgeProduct.FORGEJO]: FORGEJO_FACTS,
  [ForgeProduct.GITHUB]: GITHUB_FACTS,
};

/**
 * What the Actions of one forge understand: its product and version against tables of facts.
 *
 * @jsii ignore
 */
export class Dialect {
  /** The dialect of a forge. */
  static of(forge: Forge): Dialect {
    return new Dialect(forge);
  }

  private constructor(private readonly forge: Forge) {}

  /** What is known of the product. */
  get facts(): ActionsFacts {
    return FACTS[this.forge.product];
  }

  /** For people: `Gitea 1.26`, `GitHub`. */
  get name(): string {
    return [this.forge._facts.title, this.forge.version].filter(Boolean).join(' ');
  }

  /** Whether it is GitHub, which has keys that its followers have not. */
  get isGitHub(): boolean {
    return this.forge.product === ForgeProduct.GITHUB;
  }

  /** Whether it is Forgejo. */
  get isForgejo(): boolean {
    return this.forge.product === ForgeProduct.FORGEJO;
  }

  /** Folders with workflows: the first that exists hides the others. */
  get workflowDirectories(): string[] {
    return this.forge.workflowDirectories;
  }

  /** What stands before `owner/name` of an action without a host. */
  get defaultActionsUrl(): string {
    return this.forge.actionsSource?._urlAt(this.forge.url) ?? this.facts.defaultActionsUrl;
  }

  /** Whether an event starts workflows. */
  startsOn(event: string): boolean {
    return this.facts.events?.includes(event) ?? true;
  }

  /** What is wrong with the name of an Actions secret, if anything. */
  secretNameProblem(name: string): string | undefined {
    return /^(GITHUB|GITEA|FORGEJO)_TOKEN$/.test(name) ? undefined : this.forge.secretNameProblem(name);
  }

  /** If the forge ignores a key: since when it does not, and where that was read. */
  ignores(key: string): KeySupport | undefined {
    const entry = this.facts.keys.find((support) => support.key === key);
    return entry && (entry.since === undefined || !this.forge.atLeast(entry.since)) ? entry : undefined;
  }
}
