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
    private readonly plan: Pick<PlanFile, 'forges' | 'checks'>,
    private readonly environment: NodeJS.ProcessEnv,
  ) {
    const { forges, checks } = plan;
    const pages = checks.flatMap(({ token }) => (token === undefined ? [] : [token.page]));
    const hosts = new Set((forges.length === 0 ? pages : forges.map(({ url }) => url)).map(hostOfUrl));
    this.only = hosts.size === 1 ? [...hosts][0] : undefined;
  }

  /** Returns the token of a user who creates it at a page; undefined if none is set. */
  of(page: string): string | undefined {
    return this.environment[ownVariable(this.hostOf(page))] || this.environment[this.variableOf(page)] || undefined;
  }

  /** Returns the name of the variable for the token that a user creates at a page. */
  variableOf(page: string): string {
    const host = this.hostOf(page);
    return host === this.only ? COMMON : ownVariable(host);
  }

  /** Returns the host of the forge whose tokens are created at a page. The page of a forge may be at another host. */
  private hostOf(page: string): string {
    return hostOfUrl(this.plan.forges.find(({ tokenPage }) => tokenPage === page)?.url ?? page);
  }
}

function ownVariable(host: string): string {
  return `${COMMON}${hostSuffix(host)}`;
}
