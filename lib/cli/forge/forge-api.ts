import { PlannedForge } from '../plan';
import { masked } from '../run/process';
import { HttpAnswer, HttpClient, HttpRequest } from '../run/http';

/** The credentials for the API of a forge. */
export interface ForgeLogin {
  /** A token. @default - none */
  readonly token?: string;
  /** A user with a password, which some requests need instead of a token. @default - none */
  readonly user?: { readonly name: string; readonly password: string };
}

/** A request that a forge rejects, or does not answer. */
export class ForgeFailure extends Error {
  constructor(
    /** The status of the answer. @default - no answer */
    readonly status: number | undefined,
    message: string,
    /** The text of the server. */
    readonly detail = '',
  ) {
    super(message);
  }
}

/** The most pages of a list that are read. */
const PAGES = 200;

/** The API of a forge, for one user. */
export class ForgeApi {
  constructor(
    readonly forge: PlannedForge,
    private readonly login: ForgeLogin,
    private readonly http: HttpClient,
  ) {}

  get isGitHub(): boolean {
    return this.forge.product === 'github';
  }

  /** Returns whether a token is set. */
  get hasToken(): boolean {
    return this.login.token !== undefined;
  }

  /**
   * Returns the content of an answer.
   *
   * @throws a ForgeFailure for an answer that is an error, and without an answer
   */
  async ask<T>(method: HttpRequest['method'], path: string, body?: unknown): Promise<T> {
    const answer = await this.send(method, path, { body });
    if (answer.status >= 300) {
      throw this.failureOf(answer, `${method} ${path}`);
    }
    return this.contentOf<T>(answer, path);
  }

  /**
   * Returns the content of an answer, or undefined if there is no such thing.
   *
   * @throws a ForgeFailure for an answer that is another error, and without an answer
   */
  async find<T>(path: string): Promise<T | undefined> {
    const answer = await this.send('GET', path);
    if (answer.status === 404) {
      return undefined;
    }
    if (answer.status >= 300) {
      throw this.failureOf(answer, `GET ${path}`);
    }
    return this.contentOf<T>(answer, path);
  }

  /**
   * Returns all entries of a list, page by page.
   *
   * @param field the field of the answer with the entries; without it, the answer is the list
   */
  async list<T>(path: string, field?: string): Promise<T[]> {
    const all: T[] = [];
    const size = this.isGitHub ? 'per_page=100' : 'limit=50';
    for (let page = 1; page <= PAGES; page++) {
      const answer = await this.ask<unknown>('GET', `${path}${path.includes('?') ? '&' : '?'}${size}&page=${page}`);
      const entries = (field === undefined ? answer : (answer as Record<string, unknown> | undefined)?.[field]) ?? [];
      if (!Array.isArray(entries)) {
        throw new ForgeFailure(undefined, `${path}: the answer of ${this.forge.url} is not a list`);
      }
      all.push(...(entries as T[]));
      if (entries.length < 50 || (this.isGitHub && entries.length < 100)) {
        return all;
      }
    }
    return all;
  }

  /** Sends a request, with the password of the user if the request needs it, and returns the answer whatever its status. */
  async send(
    method: HttpRequest['method'],
    path: string,
    { body, asUser = false }: { body?: unknown; asUser?: boolean } = {},
  ): Promise<HttpAnswer> {
    const url = path.startsWith('http') ? path : `${this.forge.api}/${path}`;
    try {
      return await this.http.send({ method, url, body, headers: this.headers(url, asUser) });
    } catch (e) {
      const reason = e instanceof Error ? e.message || (e as NodeJS.ErrnoException).code : String(e);
      throw new ForgeFailure(undefined, `${this.forge.url} does not answer: ${reason}${remedyOf(reason ?? '')}`);
    }
  }

  /** Returns the failure that an answer is. */
  failureOf({ status, text }: HttpAnswer, what: string): ForgeFailure {
    const detail = masked(messageIn(text), this.secrets);
    const said = detail === '' ? '' : `: ${detail}`;
    return new ForgeFailure(status, `${what}: ${status}${said} (${this.remedy(status)})`, detail);
  }

  /** Returns the content of an answer as JSON. */
  contentOf<T>({ text }: HttpAnswer, path: string): T {
    try {
      return (text === '' ? undefined : JSON.parse(text)) as T;
    } catch {
      throw new ForgeFailure(
        undefined,
        `${path}: the answer of ${this.forge.url} is not JSON: is this a ${this.forge.product}?`,
      );
    }
  }

  private headers(url: string, asUser: boolean): Record<string, string> {
    const { token, user } = this.login;
    // A login goes to the forge itself only, whatever URL a request or an answer names.
    if (new URL(url).origin !== new URL(this.forge.api).origin) {
      return {};
    }
    if (asUser && user !== undefined) {
      return { authorization: `Basic ${Buffer.from(`${user.name}:${user.password}`).toString('base64')}` };
    }
    return token === undefined ? {} : { authorization: `${this.isGitHub ? 'Bearer' : 'token'} ${token}` };
  }

  private get secrets(): string[] {
    return [this.login.token, this.login.user?.password].filter((secret) => secret !== undefined);
  }

  private remedy(status: number): string {
    const page = this.forge.tokenPage;
    switch (true) {
      case status === 401:
        return this.hasToken
          ? `FORGE_TOKEN is not valid: create a token at ${page}`
          : `set FORGE_TOKEN to a token of ${page}`;
      case status === 403:
        return `the token lacks a scope, or its user lacks the right: check both at ${page}`;
      case status === 404:
        return 'it does not exist, or the token cannot see it';
      case status === 409 || status === 412:
        return 'somebody else changed it at the same time: run the command again';
      case status === 429:
        return 'too many requests: run the command again later, or with a smaller --parallel';
      case status >= 500:
        return 'the server failed: see its log, and run the command again';
      default:
        return 'the server rejects the request';
    }
  }
}

function messageIn(text: string): string {
  try {
    const { message, errors } = JSON.parse(text) as { message?: unknown; errors?: unknown };
    const more = Array.isArray(errors) ? errors.map((each) => (typeof each === 'string' ? each : each?.message)) : [];
    const all = [message, ...more].filter((each) => typeof each === 'string' && each !== '');
    return all.join('; ').split('\n')[0].slice(0, 300);
  } catch {
    return /^\s*</.test(text) ? '' : text.trim().split('\n')[0].slice(0, 300);
  }
}

function remedyOf(reason: string): string {
  return /certificate|self.signed|issuer/i.test(reason)
    ? ' (set CA to a file with the certificates of the authority)'
    : '';
}
