import { hostOfUrl, hostSuffix } from '../support';
import { PlanFile } from './plan';

const COMMON = 'FORGE_TOKEN';

/**
 * The tokens with which checks ask forges. Each token goes to its own forge only. `FORGE_TOKEN` belongs to the only forge of the
 * plan, and other tokens are in the variables of their hosts, as for the other commands.
 */
export class CheckTokens {
  private readonly only?: string;

  constructor(
    { forges, checks }: PlanFile,
    private readonly environment: NodeJS.ProcessEnv,
  ) {
    const pages = checks.flatMap(({ token }) => (token === undefined ? [] : [token.page]));
    const hosts = new Set((forges.length === 0 ? pages : forges.map(({ url }) => url)).map(hostOfUrl));
    this.only = hosts.size === 1 ? [...hosts][0] : undefined;
  }

  /** Returns the token of a user who creates it at a page; undefined if none is set. */
  of(page: string): string | undefined {
    return this.environment[ownVariable(page)] || this.environment[this.variableOf(page)] || undefined;
  }

  /** Returns the name of the variable for the token that a user creates at a page. */
  variableOf(page: string): string {
    return hostOfUrl(page) === this.only ? COMMON : ownVariable(page);
  }
}

function ownVariable(page: string): string {
  return `${COMMON}${hostSuffix(hostOfUrl(page))}`;
}
