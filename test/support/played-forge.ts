import * as http from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that a played forge got. */
export interface GotRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string;
  readonly body: unknown;
}

/** The answer of a played forge: a status with a content, or no answer at all. */
export type PlayedAnswer =
  { readonly status: number; readonly body?: unknown; readonly delay?: number } | 'never' | 'reset';

/**
 * A forge that answers as it is told. The shapes are those of routers/api/v1 of go-gitea/gitea 1.26.0, of
 * codeberg.org/forgejo/forgejo 15, which has the same ones, and of GitHub's REST API of version 2022-11-28.
 */
export class ForgeServer {
  static async start(answer: (request: GotRequest) => PlayedAnswer): Promise<ForgeServer> {
    const server = new ForgeServer(answer);
    await new Promise<void>((resolve) => server.server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  readonly requests: GotRequest[] = [];
  private readonly server: http.Server;

  private constructor(private readonly answer: (request: GotRequest) => PlayedAnswer) {
    this.server = http.createServer((request, response) => {
      let text = '';
      request.on('data', (part: Buffer) => (text += part.toString()));
      request.on('end', () => this.reply(request, response, text));
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Returns the forge as a plan describes it. */
  planned(product = 'gitea'): { url: string; product: string; api: string; tokenPage: string } {
    const api = product === 'github' ? `${this.url}/api/v3` : `${this.url}/api/v1`;
    return { url: this.url, product, api, tokenPage: `${this.url}/user/settings/applications` };
  }

  /** Returns the requests as texts. */
  get log(): string[] {
    return this.requests.map(({ method, path }) => `${method} ${path}`);
  }

  async end(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private reply(request: http.IncomingMessage, response: http.ServerResponse, text: string): void {
    const got: GotRequest = {
      method: request.method ?? '',
      path: (request.url ?? '').replace(/^\/api\/v\d\//, ''),
      authorization: request.headers.authorization ?? '',
      body: text === '' ? undefined : JSON.parse(text),
    };
    this.requests.push(got);
    const answer = this.answer(got);
    if (answer === 'reset') {
      request.socket.destroy();
    } else if (answer !== 'never') {
      setTimeout(() => {
        response.writeHead(answer.status, { 'content-type': 'application/json' });
        response.end(
          answer.body === undefined ? '' : typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body),
        );
      }, answer.delay ?? 0);
    }
  }
}
