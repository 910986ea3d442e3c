import { fingerprint } from '../../support';
import { ForgeApi, ForgeFailure } from '../forge/forge-api';
import { Forges } from '../forge/forges';
import { Field, fieldsOf } from './fields';
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
    private readonly user: {
      readonly name?: string;
      readonly password?: string;
      /** The program and cluster to which the tokens belong. The user may have tokens of other clusters. */
      readonly context?: string;
    },
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
    return canCreate ? () => this.accessToken(api, { name, secret, field }) : undefined;
  }

  /**
   * Deletes the tokens for a secret that this command created, except for the newest one for each value, and returns their
   * names. Tokens of other clusters and programs stay.
   */
  async revokeOld(secret: WantedSecret, isDry = false): Promise<string[]> {
    const api = this.forges.of(secret.forge);
    const path = `users/${encodeURIComponent(this.user.name ?? '')}/tokens`;
    const all = await this.tokens(api, path);
    const fields = fieldsOf(secret).filter(({ kind }) => kind === 'token');
    const old = fields.flatMap((field) => {
      const own = all.filter(({ name }) => name.startsWith(`${this.nameOf(secret, field)} `));
      return own.sort((a, b) => b.id - a.id).slice(1);
    });
    for (const { id } of isDry ? [] : old) {
      const deleted = await api.send('DELETE', `${path}/${id}`, { asUser: true });
      if (deleted.status >= 300 && deleted.status !== 404) {
        throw api.failureOf(deleted, 'delete a token');
      }
    }
    return old.map(({ name }) => name);
  }

  private async tokens(api: ForgeApi, path: string): Promise<AccessToken[]> {
    const all: AccessToken[] = [];
    for (let page = 1; ; page++) {
      const answer = await api.send('GET', `${path}?limit=50&page=${page}`, { asUser: true });
      if (answer.status !== 200) {
        throw needsPassword(api, answer.status) ?? api.failureOf(answer, 'tokens');
      }
      const some = api.contentOf<AccessToken[]>(answer, path);
      const isNew = some.some(({ id }) => all.every((one) => one.id !== id));
      all.push(...some);
      if (some.length < 50 || !isNew) {
        return all;
      }
    }
  }

  private async accessToken(
    api: ForgeApi,
    { name: user, secret, field }: { name: string; secret: WantedSecret; field: Field },
  ): Promise<string> {
    const path = `users/${encodeURIComponent(user)}/tokens`;
    const body = { name: `${this.nameOf(secret, field)} ${this.stamp()}`, scopes: secret.scopes };
    const answer = await api.send('POST', path, { body, asUser: true });
    if (answer.status !== 201) {
      throw needsPassword(api, answer.status) ?? api.failureOf(answer, `create a token for ${secret.place}`);
    }
    return tokenIn(api.contentOf<{ sha1?: unknown }>(answer, path)?.sha1, api);
  }

  /** Returns the start of the names of tokens for a value. A value that several secrets share has one name. */
  private nameOf({ name }: WantedSecret, { id }: Field): string {
    const { context } = this.user;
    return `${PREFIX}${context === undefined ? '' : `${context} `}${name} ${fingerprint(id).slice(0, 8)}`;
  }
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
