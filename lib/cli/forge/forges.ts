import { ForgeError, hostOfUrl, hostSuffix } from '../../support';
import { PlanFile, PlannedRepository } from '../plan';
import { HttpClient } from '../run/http';
import { ForgeApi, ForgeLogin } from './forge-api';

/**
 * The APIs of the forges of a plan. A token belongs to one forge: with several forges, `FORGE_TOKEN_<HOST>` names the
 * token of each, for example `FORGE_TOKEN_GIT_EXAMPLE_COM`.
 */
export class Forges {
  private http?: HttpClient;

  constructor(
    private readonly plan: PlanFile,
    private readonly environment: NodeJS.ProcessEnv,
    private readonly timeout?: number,
  ) {}

  /**
   * Returns the API of the forge with a URL. Without a URL, it is the only forge of the plan.
   *
   * @throws FORGE-CLI-008 if the plan has no such forge
   */
  of(url: string | undefined): ForgeApi {
    const forge = this.find(url);
    if (forge === undefined) {
      throw ForgeError.of({
        code: 'FORGE-CLI-008',
        message: `the plan does not say which forge ${url ?? 'the token'} belongs to`,
        allowed: this.plan.forges.map((each) => each.url).join(', ') || 'no forge',
        fix: 'run `npx cdk8s-forge synth`',
      });
    }
    return forge;
  }

  /** Returns the API of the forge with a URL; undefined if the plan has no such forge. */
  find(url: string | undefined): ForgeApi | undefined {
    const { forges } = this.plan;
    const forge = url === undefined ? (forges.length === 1 ? forges[0] : undefined) : forges.find((f) => f.url === url);
    this.http ??= new HttpClient(this.environment, this.timeout);
    return forge && new ForgeApi(forge, this.loginOf(forge.url), this.http);
  }

  /** Returns the token for the forge with a URL; undefined if none is set. */
  tokenOf(url: string): string | undefined {
    return this.loginOf(url).token;
  }

  /** Returns the token for the forge of a repository; undefined if none is set. */
  tokenFor({ forge, url }: PlannedRepository): string | undefined {
    const known = this.plan.forges.find((each) => isUnder(url, each.url))?.url;
    const at = forge ?? known;
    return at === undefined ? undefined : this.tokenOf(at);
  }

  private loginOf(url: string): ForgeLogin {
    const read = (name: string) => this.environment[`${name}${hostSuffix(hostOfUrl(url))}`] || this.common(name, url);
    const [token, name, password] = ['FORGE_TOKEN', 'FORGE_USER', 'FORGE_PASSWORD'].map(read);
    return {
      ...(token === undefined ? {} : { token }),
      ...(name !== undefined && password !== undefined ? { user: { name, password } } : {}),
    };
  }

  /** A variable without a host belongs to the only forge of the plan: a token must not go to another server. */
  private common(name: string, url: string): string | undefined {
    const { forges } = this.plan;
    return forges.length === 1 && forges[0].url === url ? this.environment[name] || undefined : undefined;
  }
}

function isUnder(url: string | undefined, forge: string): boolean {
  return url !== undefined && url.startsWith(`${forge.replace(/\/$/, '')}/`);
}

/** Returns an environment for other programs, without the secrets of this command. */
export function withoutSecrets(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => !/^(FORGE_(TOKEN|PASSWORD)|SECRET_)/.test(name)),
  );
}
