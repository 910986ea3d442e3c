import * as fs from 'node:fs';
import { runCli } from '../support/cli';
import { ForgeServer, GotRequest, PlayedAnswer } from '../support/played-forge';
import { temporaryFolder, writeTree } from '../support/workspace';

const ADDRESS = 'https://flux.example.com';
const PATHS = { home: `/hook/${'a'.repeat(64)}`, 'home-images': `/hook/${'b'.repeat(64)}` };

interface Hook {
  id: number;
  active: boolean;
  events: string[];
  config: { url: string; secret?: string; content_type?: string };
}

const servers: ForgeServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.end())));

const receiver = (name: string, path?: string) => ({
  metadata: { name, namespace: 'flux-system' },
  spec: { secretRef: { name: 'webhook-token' } },
  status: path === undefined ? {} : { webhookPath: path },
});

/** A forge with webhooks, and a cluster that kubectl answers for. */
async function played(hooks: Record<string, Hook[]> = {}, paths: Record<string, string | undefined> = PATHS) {
  const answer = ({ method, path, body }: GotRequest): PlayedAnswer => {
    const at = path.replace('/api/v1/', '').replace(/\?.*/, '');
    const place = at.replace(/\/hooks.*/, '');
    const list = (hooks[place] ??= []);
    if (at === 'user') return { status: 200, body: { login: 'Robot' } };
    if (at === 'orgs/homelab') return { status: 200, body: {} };
    if (!at.includes('/hooks')) return { status: 404 };
    if (method === 'GET') return { status: 200, body: list };
    const given = body as Omit<Hook, 'id'>;
    if (method === 'POST') {
      list.push({ ...given, id: list.length + 1 });
      return { status: 201, body: {} };
    }
    Object.assign(
      list.find(({ id }) => at.endsWith(`/${id}`))!,
      given,
    );
    return { status: 200, body: {} };
  };
  const server = await ForgeServer.start(answer);
  servers.push(server);
  const home = temporaryFolder();
  const write = (owner = 'homelab', webhooks?: object[]) => {
    const forge = server.url;
    const own = [
      { receiver: 'home', event: 'push', forge, repository: 'homelab/gitops' },
      { receiver: 'home-images', event: 'package', forge, owner },
    ];
    const cluster = { name: 'home', namespace: 'flux-system', webhooks: webhooks ?? own };
    const plan = {
      version: 1,
      clusters: [cluster],
      forges: [server.planned()],
      secrets: [],
      repositories: [],
      checks: [],
    };
    writeTree(home, { 'dist/.cdk8s-forge.json': JSON.stringify(plan) });
  };
  write();
  writeTree(home, {
    receivers: JSON.stringify({ items: Object.entries(paths).map(([name, path]) => receiver(name, path)) }),
    secret: JSON.stringify({ data: { token: Buffer.from('s3cret').toString('base64') } }),
    'bin/kubectl': `#!/bin/bash\ncase "$*" in *receivers*) cat "$HOME/receivers" ;; *'secret webhook-token --namespace flux-system'*) cat "$HOME/secret" ;; esac`,
  });
  fs.chmodSync(`${home}/bin/kubectl`, 0o755);
  const webhooks = (...args: string[]) =>
    runCli(['webhooks', '--output', `${home}/dist`, '--address', `${ADDRESS}/`, ...args], {
      PATH: `${home}/bin:${process.env.PATH}`,
      HOME: home,
      FORGE_TOKEN: 't0ken',
    });
  return { hooks, home, write, server, webhooks };
}

test('makes one webhook for pushes and one for packages, with the path and the token of the cluster; once', async () => {
  const { hooks, webhooks, server } = await played();
  expect(await webhooks()).toMatchObject({
    status: 0,
    stdout: 'created: push of homelab/gitops\ncreated: package of homelab\n',
  });
  expect(hooks['repos/homelab/gitops']).toEqual([
    {
      id: 1,
      type: 'gitea',
      active: true,
      events: ['push'],
      config: { url: `${ADDRESS}${PATHS.home}`, content_type: 'json', secret: 's3cret' },
    },
  ]);
  expect(hooks['orgs/homelab'][0]).toMatchObject({
    events: ['package'],
    config: { url: ADDRESS + PATHS['home-images'] },
  });
  const { length } = server.requests;
  expect((await webhooks()).stdout).toBe('unchanged: push of homelab/gitops\nunchanged: package of homelab\n');
  expect(server.requests.slice(length).every(({ method }) => method === 'GET')).toBe(true);
});

test('shows what it would do, without a change and without a secret', async () => {
  const { hooks, webhooks } = await played();
  const { stdout } = await webhooks('--dry-run');
  expect(stdout).toBe('to be created: push of homelab/gitops\nto be created: package of homelab\n');
  expect(Object.values(hooks).flat()).toEqual([]);
  expect(JSON.parse((await webhooks('--dry-run', '--json')).stdout)).toHaveLength(2);
});

test('changes a webhook of a former token, or one that is off, and leaves those of others alone', async () => {
  const hook = (id: number, url: string, more: Partial<Hook> = {}): Hook => ({
    id,
    active: true,
    events: ['push'],
    config: { url },
    ...more,
  });
  const { hooks, webhooks } = await played(
    {
      'repos/homelab/gitops': [
        hook(1, 'https://chat.example.com/hook/1'),
        hook(2, `${ADDRESS}/hook/${'c'.repeat(64)}`),
        hook(3, `${ADDRESS}/hook/${'0'.repeat(64)}`),
      ],
      'orgs/homelab': [hook(1, ADDRESS + PATHS['home-images'], { active: false })],
    },
    { ...PATHS, other: `/hook/${'c'.repeat(64)}` },
  );
  expect((await webhooks()).stdout).toBe('updated: push of homelab/gitops\nupdated: package of homelab\n');
  expect(hooks['repos/homelab/gitops'].map(({ config }) => config.url)).toEqual([
    'https://chat.example.com/hook/1',
    `${ADDRESS}/hook/${'c'.repeat(64)}`,
    ADDRESS + PATHS.home,
  ]);
  expect(hooks['orgs/homelab']).toMatchObject([{ active: true, events: ['package'] }]);
});

test('packages of a user need a token of that user', async () => {
  const { hooks, webhooks, write } = await played();
  write('robot');
  expect((await webhooks()).status).toBe(0);
  expect(hooks.user).toHaveLength(1);
  write('ann');
  const failed = await webhooks();
  expect([failed.status, failed.stdout]).toEqual([
    1,
    'unchanged: push of homelab/gitops\nfailed: package of ann: ann is a user: only a token of that user may set its webhooks\n',
  ]);
});

test('a Receiver without a path, and a Secret without a token, fail for their webhook only', async () => {
  const { webhooks, home } = await played({}, { ...PATHS, home: undefined });
  const { status, stdout } = await webhooks();
  expect([status, stdout.split('\n')]).toEqual([
    1,
    [
      expect.stringContaining('failed: push of homelab/gitops: Receiver home has no path yet'),
      'created: package of homelab',
      '',
    ],
  ]);
  const other = await played();
  writeTree(other.home, { secret: '{}' });
  expect((await other.webhooks()).stdout).toContain('Secret flux-system/webhook-token has no key token');
  expect(home).not.toBe(other.home);
});

test.each([
  ['an address without a scheme', ['--address', 'flux.example.com'], ['--address', 'http://flux.example.com:8080/a']],
  ['an address with a query', ['--address', 'https://a?b=c'], ['--address', 'https://a']],
])('FORGE-CLI-017 for %s, and accepts its neighbor', async (_, wrong, right) => {
  const { webhooks } = await played();
  expect((await webhooks(...wrong)).stderr).toContain('FORGE-CLI-017');
  expect((await webhooks(...right)).status).toBe(0);
});

test('FORGE-CLI-017 for a cluster without webhooks', async () => {
  const { webhooks, write } = await played();
  write('homelab', []);
  expect((await webhooks()).stderr).toContain('FORGE-CLI-017');
});
