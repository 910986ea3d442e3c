import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { program, Process, sourceOf, waitFor } from './programs';

/** A Gitea that runs in a directory of its own, with an administrator. */
export class Gitea {
  static readonly USER = 'operator';

  /** Starts a server at a port of 127.0.0.1, with a database of its own. */
  static async start(folder: string, port: number, settings = ''): Promise<Gitea> {
    const gitea = new Gitea(folder, port);
    fs.mkdirSync(path.join(folder, 'static'), { recursive: true });
    for (const name of ['templates', 'options', 'public']) {
      fs.symlinkSync(path.join(sourceOf('gitea'), name), path.join(folder, 'static', name));
    }
    fs.writeFileSync(gitea.ini, iniOf(folder, port, settings), { mode: 0o600 });
    gitea.command('migrate');
    const account = ['--username', Gitea.USER, '--password', gitea.password, '--email', 'operator@example.com'];
    gitea.command('admin', 'user', 'create', ...account, '--admin', '--must-change-password=false');
    gitea.process = Process.start('gitea', program('gitea'), ['--config', gitea.ini, 'web'], { folder });
    await waitFor('Gitea', async () => (await fetch(`${gitea.url}/api/v1/version`)).ok);
    return gitea;
  }

  readonly password = randomBytes(16).toString('hex');
  readonly url: string;
  private readonly ini: string;
  private process!: Process;

  private constructor(
    private readonly folder: string,
    port: number,
  ) {
    this.url = `http://${ownAddress()}:${port}`;
    this.ini = path.join(folder, 'app.ini');
  }

  /** Asks as the administrator, and returns the answer's status and content. */
  async api(method: string, route: string, body?: unknown): Promise<{ status: number; data: any }> {
    const response = await fetch(`${this.url}/api/v1/${route}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${Gitea.USER}:${this.password}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, data: text === '' ? undefined : JSON.parse(text) };
  }

  /** Like `api`, for what must succeed. */
  async must(method: string, route: string, body?: unknown): Promise<any> {
    const { status, data } = await this.api(method, route, body);
    if (status >= 300) {
      throw new Error(`${method} ${route}: ${status} ${JSON.stringify(data)}`);
    }
    return data;
  }

  /** Returns a token of the administrator with scopes. */
  token(scopes = 'all', user = Gitea.USER): string {
    const name = `t${randomBytes(6).toString('hex')}`;
    const options = ['--username', user, '--token-name', name, '--scopes', scopes, '--raw'];
    return this.command("admin", "user", "generate-access-token", ...options).trim().split("\n").pop()!;
  }

  /** Runs a command of the server, and returns what it prints. */
  command(...args: string[]): string {
    const { status, stdout, stderr } = spawnSync(program('gitea'), ['--config', this.ini, ...args], {
      env: { PATH: process.env.PATH, HOME: this.folder },
      encoding: 'utf8',
    });
    if (status !== 0) {
      throw new Error(`gitea ${args[0]}: ${stderr.slice(-2000)}`);
    }
    return stdout;
  }

  async end(): Promise<void> {
    await this.process.end();
  }
}

/** Returns an address of this machine that pods could reach: a program with an address of localhost is rejected. */
function ownAddress(): string {
  const all = Object.values(os.networkInterfaces()).flatMap((each) => each ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1';
}

function iniOf(folder: string, port: number, settings: string): string {
  return `RUN_USER = root
RUN_MODE = prod
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true
WORK_PATH = ${folder}

[server]
ROOT_URL = http://${ownAddress()}:${port}/
HTTP_ADDR = ${ownAddress()}
HTTP_PORT = ${port}
DISABLE_SSH = true
OFFLINE_MODE = true
STATIC_ROOT_PATH = ${folder}/static
APP_DATA_PATH = ${folder}/data

[database]
DB_TYPE = sqlite3
PATH = ${folder}/data/gitea.db

[repository]
ROOT = ${folder}/repositories

[security]
INSTALL_LOCK = true
PASSWORD_HASH_ALGO = pbkdf2_v1

[service]
DISABLE_REGISTRATION = true

[log]
LEVEL = Warn
ROOT_PATH = ${folder}/log
${settings}`;
}
