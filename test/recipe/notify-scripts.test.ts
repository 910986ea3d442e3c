import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as http from 'node:http';
import { AddressInfo } from 'node:net';
import * as path from 'node:path';
import * as fc from 'fast-check';
import { temporaryFolder } from '../support/workspace';

const SCRIPTS = path.join(__dirname, '../../lib/recipe/scripts');
const script = (kind: string) =>
  ['json.sh', 'notify-common.sh', `notify-${kind}.sh`]
    .map((name) => fs.readFileSync(path.join(SCRIPTS, name), 'utf8'))
    .join('\n');

interface Received {
  readonly method?: string;
  readonly url?: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** A server that writes down what it gets and answers with these statuses, the last for ever. */
async function serve<T>(statuses: number[], use: (url: string, received: Received[]) => Promise<T>): Promise<T> {
  const received: Received[] = [];
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (data) => (body += data));
    request.on('end', () => {
      received.push({ method: request.method, url: request.url, headers: request.headers, body });
      response.statusCode = statuses[Math.min(received.length, statuses.length) - 1];
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, received);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const DEFAULTS = {
  TOKEN: '',
  STATUS: 'success',
  TITLE: 'platform/hello',
  MESSAGE: 'built',
  LINK: '',
  PRIORITY: '3',
  TAGS: '',
  ROOM: '!abc:example.com',
  RUN: '17-1',
};

function notify(kind: string, env: Record<string, string>): Promise<{ status: number | null; log: string }> {
  const folder = temporaryFolder();
  fs.writeFileSync(path.join(folder, 'script.sh'), script(kind));
  const child = spawn('/bin/bash', ['--noprofile', '--norc', '-e', '-o', 'pipefail', 'script.sh'], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...DEFAULTS, ...env },
  });
  let log = '';
  child.stdout.on('data', (data) => (log += data));
  child.stderr.on('data', (data) => (log += data));
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, log })));
}

const KINDS = ['ntfy', 'webhook', 'slack', 'discord', 'matrix'] as const;
const urlOf = (kind: string, server: string) => (kind === 'ntfy' ? `${server}/gitea-ci` : server);

/** The text that a person reads at the other end. */
function textIn(kind: string, body: string): string {
  const value = JSON.parse(body);
  switch (kind) {
    case 'ntfy':
    case 'webhook':
      return `${value.title}\n${value.message}`;
    case 'slack':
      return value.text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
    case 'discord':
      return value.content;
    default:
      return value.body;
  }
}

const HOSTILE = [
  '@/etc/hostname',
  'a\r\nX-Injected: yes',
  '"}, "priority": 5, {"',
  '\\',
  '\\"',
  '$(touch pwned) `touch pwned` ${HOME}',
  '%s %d %n',
  '<!channel> <@U123> @everyone',
  '&amp; & &lt;',
  'ünï 漢字 🎉',
  "it's",
  '-H X-Injected: yes',
];

test.each(KINDS)('%s receives exactly what was said, whatever that is', async (kind) => {
  await serve([200], async (server, received) => {
    for (const text of HOSTILE) {
      const run = await notify(kind, { URL: urlOf(kind, server), TITLE: text, MESSAGE: `m ${text}` });
      expect(run).toEqual({ status: 0, log: 'notified\n' });
      const { body, headers } = received[received.length - 1];
      expect(textIn(kind, body)).toBe(`${text}\nm ${text}`);
      expect(headers['x-injected']).toBeUndefined();
      expect(headers['content-type']).toBe('application/json');
    }
    expect(received.length).toBe(HOSTILE.length);
  });
});

test('any text is a JSON string; control characters are blanks', async () => {
  await serve([200], async (server, received) => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 60 }), async (text) => {
        const clean = text.replace(/\0/g, '').replace(/\p{Surrogate}/gu, '');
        await notify('webhook', { URL: server, MESSAGE: clean });
        const expected = clean.replace(/[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]/g, ' ');
        expect(JSON.parse(received[received.length - 1].body).message).toBe(expected);
      }),
      { numRuns: 60 },
    );
  });
});

test('the token is a header, and in no argument and no log', async () => {
  await serve([200], async (server, received) => {
    const token = 'tk_"quoted\\';
    const run = await notify('ntfy', { URL: `${server}/gitea-ci`, TOKEN: token });
    expect(run.log).toBe('notified\n');
    expect(received[0].headers.authorization).toBe(`Bearer ${token}`);
    expect(received[0].body).not.toContain('tk_');
    const split = await notify('ntfy', { URL: `${server}/gitea-ci`, TOKEN: 'a\r\nX-Injected: yes' });
    expect([split.status, split.log]).toEqual([0, '::warning::not notified: the token has more than one line\n']);
  });
});

test('ntfy gets topic, priority, tags and link', async () => {
  await serve([200], async (server, received) => {
    await notify('ntfy', {
      URL: `${server}/sub/gitea-ci`,
      PRIORITY: '5',
      TAGS: 'x\nskull',
      LINK: 'https://git.example.com/r/17',
    });
    expect([received[0].url, JSON.parse(received[0].body)]).toEqual([
      '/sub',
      {
        topic: 'gitea-ci',
        title: 'platform/hello',
        message: 'built',
        priority: 5,
        tags: ['x', 'skull'],
        click: 'https://git.example.com/r/17',
      },
    ]);
  });
});

test('matrix gets the room in the path, and one transaction a run', async () => {
  await serve([200], async (server, received) => {
    await notify('matrix', { URL: `${server}/`, RUN: '17/1', ROOM: '!a/b+c:example.com' });
    expect([received[0].method, received[0].url]).toEqual([
      'PUT',
      '/_matrix/client/v3/rooms/%21a%2Fb%2Bc%3Aexample.com/send/m.room.message/17-1',
    ]);
  });
});

test('discord never takes more than it can, and nobody is mentioned', async () => {
  await serve([204], async (server, received) => {
    await notify('discord', { URL: server, MESSAGE: '@everyone '.repeat(1000), LINK: 'https://git.example.com/r/17' });
    const { content, allowed_mentions } = JSON.parse(received[0].body);
    expect([content.length <= 2000, content.endsWith('https://git.example.com/r/17'), allowed_mentions]).toEqual([
      true,
      true,
      { parse: [] },
    ]);
  });
});

test('a busy server is asked again, and one that stays so is a warning', async () => {
  await serve([503, 200], async (server, received) => {
    expect((await notify('webhook', { URL: server })).log).toBe('notified\n');
    expect(received.length).toBe(2);
  });
  await serve([403], async (server) => {
    expect(await notify('webhook', { URL: server })).toEqual({
      status: 0,
      log: '::warning::not notified: the server answered 403\n',
    });
  });
});

test.each([
  ['nobody listens', 'http://127.0.0.1:9', 'the server did not answer'],
  ['no URL', '', 'the URL is not set'],
  ['a URL with an option', 'http://x" --upload-file "/etc/passwd', 'the URL is not set, or is not a URL'],
  ['another scheme', 'file:///etc/passwd', 'the URL is not set, or is not a URL'],
])('fails no job where %s', async (_, url, warning) => {
  const { status, log } = await notify('webhook', { URL: url });
  expect([status, log.includes(`::warning::not notified: ${warning}`)]).toEqual([0, true]);
});
