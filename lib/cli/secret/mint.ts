import { ForgeApi, ForgeFailure } from '../forge/forge-api';
import { Forges } from '../forge/forges';
import { Field } from './fields';
import { WantedSecret } from './wanted';

/** The start of the names of tokens that this command creates. */
const PREFIX = 'cdk8s-forge ';

/** A token of a user, as the API of Gitea and Forgejo lists it. */
interface AccessToken {
  readonly id: number;
  readonly name: string;
}

/** Creates values at the forge: registration tokens of runners, and access tokens with only the scopes that are needed. */
export class TokenMints {
  constructor(
    private readonly forges: Forges,
    private readonly user: { readonly name?: string; readonly password?: string },
    /** A text that differs each time, for the name of a token. */
    private readonly stamp: () => string = () => new Date().toISOString(),
  ) {}

  /** Returns the function that creates a value; undefined if the forge does not create it. */
  of(secret: WantedSecret, field: Field): (() => Promise<string>) | undefined {
    const { mint } = secret;
    const api = this.forges.find(secret.forge);
    if (mint !== undefined && mint.key === field.key) {
      return api?.hasToken ? () => registrationToken(api, mint.url) : undefined;
    }
    const { name } = this.user;
    if (api === undefined || api.isGitHub || name === undefined) {
      return undefined;
    }
    if (field.kind === 'user') {
      return async () => name;
    }
    const canCreate = field.kind === 'token' && secret.scopes.length > 0 && this.user.password !== undefined;
    return canCreate ? () => this.accessToken(api, name, secret) : undefined;
  }

  /** Deletes all tokens for a secret that this command created, except for the newest one, and returns their names. */
  async revokeOld(secret: WantedSecret): Promise<string[]> {
    const api = this.forges.of(secret.forge);
    const path = `users/${encodeURIComponent(this.user.name ?? '')}/tokens`;
    const answer = await api.send('GET', `${path}?limit=50`, { asUser: true });
    if (answer.status !== 200) {
      throw needsPassword(api, answer.status) ?? api.failureOf(answer, 'tokens');
    }
    const own = api
      .contentOf<AccessToken[]>(answer, path)
      .filter(({ name }) => name.startsWith(`${nameOf(secret)} `))
      .sort((a, b) => b.id - a.id);
    for (const { id } of own.slice(1)) {
      const deleted = await api.send('DELETE', `${path}/${id}`, { asUser: true });
      if (deleted.status >= 300 && deleted.status !== 404) {
        throw api.failureOf(deleted, 'delete a token');
      }
    }
    return own.slice(1).map(({ name }) => name);
  }

  private async accessToken(api: ForgeApi, user: string, secret: WantedSecret): Promise<string> {
    const path = `users/${encodeURIComponent(user)}/tokens`;
    const body = { name: `${nameOf(secret)} ${this.stamp()}`, scopes: secret.scopes };
    const answer = await api.send('POST', path, { body, asUser: true });
    if (answer.status !== 201) {
      throw needsPassword(api, answer.status) ?? api.failureOf(answer, `create a token for ${secret.place}`);
    }
    return tokenIn(api.contentOf<{ sha1?: unknown }>(answer, path)?.sha1, api);
  }
}

function nameOf({ name }: WantedSecret): string {
  return `${PREFIX}${name}`;
}

async function registrationToken(api: ForgeApi, url: string): Promise<string> {
  return tokenIn((await api.ask<{ token?: unknown }>('POST', url))?.token, api);
}

function tokenIn(value: unknown, { forge }: ForgeApi): string {
  if (typeof value === 'string' && value !== '') {
    return value;
  }
  throw new ForgeFailure(undefined, `the answer of ${forge.url} contains no token`);
}

function needsPassword({ forge }: ForgeApi, status: number): ForgeFailure | undefined {
  return status === 401 || status === 403
    ? new ForgeFailure(
        status,
        `${forge.url} does not create a token for this user: check FORGE_USER and FORGE_PASSWORD. A user with a second factor creates tokens at ${forge.tokenPage}`,
      )
    : undefined;
}
