import { FORGEJO_FACTS, GITEA_FACTS, GITHUB_FACTS, KeySupport, ProductFacts } from './dialect-facts';
import type { Forge } from './forge';

const FACTS: Record<string, ProductFacts> = { gitea: GITEA_FACTS, forgejo: FORGEJO_FACTS, github: GITHUB_FACTS };
const NAMES: Record<string, string> = { gitea: 'Gitea', forgejo: 'Forgejo', github: 'GitHub' };

/**
 * What the Actions of one forge understand: its product and version against tables of facts.
 *
 * @jsii ignore
 */
export class Dialect {
  /** The dialect of a forge. */
  static of(forge: Forge): Dialect {
    return new Dialect(forge.product, forge.version);
  }

  /** What is known of the product. */
  readonly facts: ProductFacts;

  constructor(private readonly product: string, private readonly version: string) {
    this.facts = FACTS[product];
  }

  /** For people: `Gitea 1.26`, `GitHub`. */
  get name(): string {
    return this.isGitHub ? NAMES[this.product] : `${NAMES[this.product]} ${this.version}`;
  }

  /** Whether it is GitHub, which has keys that its followers have not. */
  get isGitHub(): boolean {
    return this.product === 'github';
  }

  /** Whether it is Forgejo. */
  get isForgejo(): boolean {
    return this.product === 'forgejo';
  }

  /** Where a new workflow goes: the folder that hides the others. */
  get workflowDirectory(): string {
    return this.facts.workflowDirectories[0];
  }

  /** Whether an event starts workflows. */
  startsOn(event: string): boolean {
    return this.facts.events?.includes(event) ?? true;
  }

  /** If the forge ignores a key: since when it does not, and where that was read. */
  ignores(key: string): KeySupport | undefined {
    const entry = this.facts.keys.find((support) => support.key === key);
    if (!entry || (entry.since !== undefined && this.isAtLeast(entry.since))) { return undefined; }
    return entry;
  }

  /** Whether the server is of this version or newer. */
  isAtLeast(version: string): boolean {
    const [mine, wanted] = [this.version, version].map((v) => v.split('.').map(Number));
    const at = wanted.findIndex((part, i) => part !== (mine[i] ?? 0));
    return at === -1 || (mine[at] ?? 0) > wanted[at];
  }
}
