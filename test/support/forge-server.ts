import { spawn, spawnSync } from 'node:child_process';
import * as http from 'node:http';
import { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { temporaryFolder } from './workspace';

/** What a client sent that is not Git. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** Status and text by method and path, or a function of what was asked; 404 for everything else. */
export type Answers = Record<string, [number, string] | ((asked: Asked) => [number, string])>;

/** A forge on this machine: bare repositories over HTTP for those who have the token, and answers to everything else. */
export class ForgeServer {
  static async start(token: string, answers: Answers = {}): Promise<ForgeServer> {
    const server = new ForgeServer(token, answers);
    await new Promise<void>((resolve) => server.http.listen(0, '127.0.0.1', resolve));
    return server;
  }

  readonly root = temporaryFolder();
  readonly asked: Asked[] = [];
  private readonly http = http.createServer((request, response) => this.answer(request, response));

  private constructor(
    private readonly token: string,
    readonly answers: Answers,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${(this.http.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.http.close();
    this.http.closeAllConnections();
  }

  /** Takes a repository as `<name>.git`, as a forge does: with partial clones, and any commit for the asking. */
  add(name: string, source: string): string {
    const folder = path.join(this.root, `${name}.git`);
    spawnSync('git', ['clone', '--quiet', '--mirror', source, folder]);
    for (const setting of ['uploadpack.allowFilter', 'uploadpack.allowAnySHA1InWant', 'http.receivepack']) {
      spawnSync('git', ['config', setting, 'true'], { cwd: folder });
    }
    return folder;
  }

  private answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const url = new URL(request.url!, this.url);
    if (/\.git\//.test(url.pathname)) {
      this.serveGit(request, response, url);
      return;
    }
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const asked = { method: request.method!, path: request.url!, headers: request.headers, body };
      this.asked.push(asked);
      const rule = this.answers[`${asked.method} ${asked.path}`] ?? [404, '{"message":"not found"}'];
      const [status, text] = typeof rule === 'function' ? rule(asked) : rule;
      response.writeHead(status, { 'content-type': 'application/json' }).end(text);
    });
  }

  private serveGit(request: http.IncomingMessage, response: http.ServerResponse, url: URL): void {
    const expected = `Basic ${Buffer.from(`x-access-token:${this.token}`).toString('base64')}`;
    if (request.headers.authorization !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic' }).end();
      return;
    }
    const backend = spawn('git', ['http-backend'], { env: cgi(this.root, request, url) });
    const chunks: Buffer[] = [];
    backend.stdout.on('data', (chunk) => chunks.push(chunk));
    backend.on('close', () => {
      const whole = Buffer.concat(chunks);
      const end = whole.indexOf('\r\n\r\n');
      const lines = whole.subarray(0, end).toString().split('\r\n');
      const { Status, ...rest } = Object.fromEntries(lines.map((line) => line.split(': ') as [string, string]));
      response.writeHead(Number(Status?.slice(0, 3) ?? 200), rest).end(whole.subarray(end + 4));
    });
    request.pipe(backend.stdin);
  }
}

function cgi(root: string, { method, headers }: http.IncomingMessage, url: URL): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    REMOTE_USER: 'runner',
    PATH_INFO: url.pathname,
    QUERY_STRING: url.search.slice(1),
    REQUEST_METHOD: method,
    CONTENT_TYPE: headers['content-type'] ?? '',
    HTTP_CONTENT_ENCODING: String(headers['content-encoding'] ?? ''),
    GIT_PROTOCOL: String(headers['git-protocol'] ?? ''),
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'safe.directory',
    GIT_CONFIG_VALUE_0: '*',
  };
}
