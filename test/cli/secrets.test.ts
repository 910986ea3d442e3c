import * as fs from 'node:fs';
import { parse } from 'yaml';
import { Forges } from '../../lib/cli/forge/forges';
import { PlannedSecret, PlanFile } from '../../lib/cli/plan';
import { Kubectl } from '../../lib/cli/run/kubectl';
import { fieldsOf } from '../../lib/cli/secret/fields';
import { TokenMints } from '../../lib/cli/secret/mint';
import { Secrets } from '../../lib/cli/secret/secrets';
import { readSops } from '../../lib/cli/secret/sops-file';
import { EncryptedTarget, pushSecretOf } from '../../lib/cli/secret/targets';
import { ValueSources } from '../../lib/cli/secret/values';
import { wantedSecrets } from '../../lib/cli/secret/wanted';
import { runCli } from '../support/cli';
import { ForgeServer, GotRequest, PlayedAnswer } from '../support/played-forge';
import { codesOfAsync } from '../support/problems';
import { temporaryFolder, writeTree } from '../support/workspace';

const VALUE = 'value-of-a-secret-0123456789';

/** Plays kubectl with one file a Secret, and records the arguments of each call. */
const KUBECTL = `
echo "$*" >> "$HOME/calls"
case "$1 $2" in
'get --ignore-not-found') file="$HOME/secrets/\${8:-none}_$6.json"; [ ! -f "$file" ] || cat "$file"; [ ! -f "$HOME/\${5%%,*}.json" ] || cat "$HOME/\${5%%,*}.json" ;;
'apply --server-side') mkdir -p "$HOME/secrets"; cat > "$HOME/new"; node -e '
  const fs = require("fs"), home = process.env.HOME, o = JSON.parse(fs.readFileSync(home + "/new", "utf8"));
  if (fs.existsSync(home + "/refuse")) { console.error("error: refused " + Buffer.from(Object.values(o.data)[0], "base64")); process.exit(1); }
  fs.writeFileSync(home + "/secrets/" + o.metadata.namespace + "_" + o.metadata.name + ".json", JSON.stringify(o));' ;;
esac`;

const secret = (namespace: string, name: string, keys: string[], more: Partial<PlannedSecret> = {}): PlannedSecret => ({
  cluster: 'home',
  namespace,
  name,
  type: 'Opaque',
  keys,
  home: 'kubernetes',
  origin: 'created by hand',
  purpose: 'for a test',
  ...more,
});
const login = (namespace: string, more: Partial<PlannedSecret> = {}) =>
  secret(namespace, 'registry-credentials', ['.dockerconfigjson'], {
    type: 'kubernetes.io/dockerconfigjson',
    hosts: ['git.example.com'],
    tokenScope: 'read:package',
    ...more,
  });
const action = (name: string, more: Partial<PlannedSecret> = {}) =>
  secret('platform', name, [name], { cluster: undefined, home: 'actions', type: 'Actions secret', ...more });

function played(
  secrets: PlannedSecret[],
  { forges = [] as PlanFile['forges'], variables = {} as NodeJS.ProcessEnv } = {},
) {
  const home = temporaryFolder();
  writeTree(home, { 'bin/kubectl': `#!/bin/bash${KUBECTL}` });
  fs.chmodSync(`${home}/bin/kubectl`, 0o755);
  const environment = { PATH: `${home}/bin:${process.env.PATH}`, HOME: home };
  const clusters = [{ name: 'home' }] as PlanFile['clusters'];
  const plan: PlanFile = {
    clusters,
    forges,
    secrets,
    repositories: [],
    checks: [],
    symptoms: [],
    acknowledgements: [],
    warnings: [],
    images: [],
  };
  const forge = new Forges(plan, { ...environment, ...variables }, 1);
  const work = new Secrets({ plan, forges: forge, environment, kubectl: new Kubectl(environment) });
  const wanted = (only?: string[]) => wantedSecrets(plan, { only });
  const stored = (place: string) => {
    const { data, type } = JSON.parse(fs.readFileSync(`${home}/secrets/${place}.json`, 'utf8'));
    const texts = Object.entries(data as Record<string, string>).map(([k, v]) => [
      k,
      Buffer.from(v, 'base64').toString(),
    ]);
    return { type, data: Object.fromEntries(texts) as Record<string, string> };
  };
  const command = (...args: string[]) => {
    writeTree(home, { 'dist/.cdk8s-forge.json': JSON.stringify({ version: 1, ...plan }) });
    return runCli([...args, '--output', `${home}/dist`], { ...environment, ...variables });
  };
  return { home, environment, plan, work, wanted, stored, command, forge };
}

const from = (environment: NodeJS.ProcessEnv, more: Partial<ValueSources> = {}): ValueSources => ({
  environment,
  ...more,
});

async function withForge<T>(
  answer: (request: GotRequest) => PlayedAnswer,
  task: (server: ForgeServer) => Promise<T>,
): Promise<T> {
  const server = await ForgeServer.start(answer);
  try {
    return await task(server);
  } finally {
    await server.end();
  }
}

test('a list says what is missing, incomplete or of the wrong type, and never a value', async () => {
  const { work, wanted, command, home } = played([
    secret('ci', 'there', ['token']),
    secret('ci', 'half', ['username', 'password']),
    secret('ci', 'absent', ['token']),
    login('apps'),
    secret('ci', 'by-operator', ['token'], { origin: 'ExternalSecret from SecretStore vault' }),
  ]);
  const data = { token: Buffer.from(VALUE).toString('base64') };
  const config = (hosts: object) => ({
    '.dockerconfigjson': Buffer.from(JSON.stringify({ auths: hosts })).toString('base64'),
  });
  writeTree(home, {
    'secrets/ci_there.json': JSON.stringify({ type: 'Opaque', data }),
    'secrets/ci_half.json': JSON.stringify({ type: 'Opaque', data: { username: 'Ym90' } }),
    'secrets/apps_registry-credentials.json': JSON.stringify({
      type: 'kubernetes.io/dockerconfigjson',
      data: config({ 'other.example.com': {} }),
    }),
  });
  const states = (await work.status(wanted())).map(({ secret: { place }, state, reason }) => [place, state, reason]);
  expect(states).toEqual([
    ['apps/registry-credentials', 'incomplete', expect.stringContaining('no entry for git.example.com')],
    ['ci/absent', 'missing', undefined],
    ['ci/by-operator', 'missing', undefined],
    ['ci/half', 'incomplete', 'no key password'],
    ['ci/there', 'present', undefined],
  ]);
  const { status, stdout, stderr } = await command('secrets');
  expect([status, stderr]).toEqual([1, '']);
  expect(stdout).toContain('SECRET_CI_ABSENT_TOKEN');
  expect(stdout + fs.readFileSync(`${home}/calls`, 'utf8')).not.toContain(VALUE);
  const list = JSON.parse((await command('secrets', '--json')).stdout) as { place: string; state: string }[];
  expect(list.map(({ state }) => state)).toEqual(states.map(([, state]) => state));
  fs.rmSync(`${home}/secrets`, { recursive: true });
  writeTree(home, { 'secrets/apps_registry-credentials.json': JSON.stringify({ type: 'Opaque', data: {} }) });
  const [wrong] = await work.status(wanted(['apps/registry-credentials']));
  expect(wrong.reason).toContain('its type is Opaque');
});

test('one login for several namespaces is one value, and values of different purposes are not', async () => {
  const other = { purpose: 'another', tokenScope: undefined };
  const { work, wanted, stored } = played([
    login('apps'),
    login('web'),
    secret('a', 'token', ['token']),
    secret('b', 'token', ['token'], other),
  ]);
  const values = {
    SECRET_REGISTRY_CREDENTIALS_USERNAME: 'bot',
    SECRET_REGISTRY_CREDENTIALS_PASSWORD: VALUE,
    SECRET_A_TOKEN_TOKEN: 'of-a',
    SECRET_B_TOKEN_TOKEN: 'of-b',
  };
  const changes = await work.create(wanted(), from(values), {});
  expect(changes.map(({ state }) => state)).toEqual(['created', 'created', 'created', 'created']);
  for (const namespace of ['apps', 'web']) {
    const { type, data } = stored(`${namespace}_registry-credentials`);
    expect(type).toBe('kubernetes.io/dockerconfigjson');
    const { auth } = JSON.parse(data['.dockerconfigjson']).auths['git.example.com'];
    expect(Buffer.from(auth, 'base64').toString()).toBe(`bot:${VALUE}`);
  }
  expect([stored('a_token').data.token, stored('b_token').data.token]).toEqual(['of-a', 'of-b']);
  const shared = { ...values, SECRET_B_TOKEN_TOKEN: undefined, SECRET_TOKEN_TOKEN: 'ambiguous' };
  expect(await codesOfAsync(() => work.create(wanted(), from(shared), {}))).toEqual(['FORGE-CLI-011']);
});

test('nothing is created if one value is missing, and no value is in arguments or messages', async () => {
  const { work, wanted, home, environment } = played([
    secret('ci', 'a', ['token']),
    secret('ci', 'b', ['username', 'password']),
  ]);
  const values = { SECRET_CI_A_TOKEN: VALUE, SECRET_B_USERNAME: 'bot' };
  await expect(work.create(wanted(), from(values), {})).rejects.toThrow(/password of ci\/b/);
  expect(fs.existsSync(`${home}/secrets`)).toBe(false);
  fs.writeFileSync(`${home}/refuse`, '');
  const all = await work.create(wanted(['ci/a']), from(values), {});
  expect(all).toEqual([{ place: 'ci/a', state: 'failed', text: 'error: refused ***' }]);
  expect(fs.readFileSync(`${environment.HOME}/calls`, 'utf8')).not.toContain(VALUE);
});

test('values come from files and from SOPS, and must fit', async () => {
  const key = '-----BEGIN KEY-----\nabc\n-----END KEY-----\n';
  const { work, wanted, stored, home, environment } = played([
    secret('ci', 'tls', ['tls.key']),
    secret('ci', 'token', ['token']),
    login('apps'),
  ]);
  writeTree(home, { 'values/ci/tls/tls.key': key, 'values/token/token': `${VALUE}\n`, 'bin/sops': SOPS });
  fs.chmodSync(`${home}/bin/sops`, 0o755);
  const config = '{"auths":{"git.example.com":{"auth":"eA=="}}}';
  const document = `apiVersion: v1\nkind: Secret\nmetadata:\n  name: registry-credentials\nstringData:\n  .dockerconfigjson: '${config}'\n`;
  fs.writeFileSync(`${home}/all.yaml`, document);
  const sops = await readSops(`${home}/all.yaml`, environment);
  const files = `${home}/values`;
  await work.create(wanted(), from({}, { files, sops }), {});
  expect(stored('ci_tls').data['tls.key']).toBe(key);
  expect(stored('ci_token').data.token).toBe(VALUE);
  expect(stored('apps_registry-credentials').data['.dockerconfigjson']).toBe(config);
  const wrong = (value: string) =>
    codesOfAsync(() => work.create(wanted(['ci/token']), from({ SECRET_TOKEN_TOKEN: value }), {}));
  expect([await wrong('two\nlines'), await wrong('one line')]).toEqual([['FORGE-CLI-012'], []]);
  fs.writeFileSync(`${files}/registry-credentials`, 'no config');
  expect(await codesOfAsync(() => work.create(wanted(['apps/registry-credentials']), from({}, { files }), {}))).toEqual(
    ['FORGE-CLI-012'],
  );
  expect(await codesOfAsync(() => readSops(`${home}/none.yaml`, environment))).toEqual(['FORGE-CLI-013']);
});

const SOPS = `#!/bin/bash
if [ "$1" = decrypt ]; then cat "\${@: -1}"; exit; fi
cat /dev/stdin > "$HOME/clear"; [ -z "$LEAK" ] || cat "$HOME/clear"; printf 'sops: encrypted\\n'`;

test('a file for SOPS or kubeseal never holds the clear text', async () => {
  const { work, wanted, home, environment } = played([secret('ci', 'token', ['token'])]);
  writeTree(home, { 'bin/sops': SOPS });
  fs.chmodSync(`${home}/bin/sops`, 0o755);
  const values = from({ SECRET_TOKEN_TOKEN: VALUE });
  const target = EncryptedTarget.sops(`${home}/out`, environment);
  const [written] = await work.create(wanted(), values, { target });
  expect(written.state).toBe('created');
  expect(fs.readFileSync(`${home}/out/ci-token.sops.yaml`, 'utf8')).toBe('sops: encrypted\n');
  const given = parse(fs.readFileSync(`${home}/clear`, 'utf8'));
  expect(given).toMatchObject({ kind: 'Secret', metadata: { name: 'token', namespace: 'ci' }, type: 'Opaque' });
  const leaking = EncryptedTarget.sops(`${home}/leak`, { ...environment, LEAK: 'yes' });
  const [refused] = await work.create(wanted(), values, { target: leaking });
  expect([refused.state, refused.text]).toEqual(['failed', expect.stringContaining('contains the clear text')]);
  expect(fs.existsSync(`${home}/leak`)).toBe(false);
  const [absent] = await work.create(wanted(), values, { target: EncryptedTarget.sealed(`${home}/out`, environment) });
  expect(absent.text).toContain('kubeseal cannot encrypt');
});

test('a PushSecret names the keys and the store, and another store is refused', async () => {
  const { wanted, command } = played([secret('ci', 'token', ['token'])]);
  expect(pushSecretOf(wanted()[0], 'ClusterSecretStore/vault')).toMatchObject({
    kind: 'PushSecret',
    spec: {
      secretStoreRefs: [{ kind: 'ClusterSecretStore', name: 'vault' }],
      selector: { secret: { name: 'token' } },
      data: [{ match: { secretKey: 'token', remoteRef: { remoteKey: 'ci/token', property: 'token' } } }],
    },
  });
  expect(() => pushSecretOf(wanted()[0], 'Vault/x')).toThrow(/SecretStore\/<name>/);
  expect((await command('secrets', 'create', '--to', 'vault')).status).toBe(2);
});

test('a forge creates tokens with only the scopes that are needed, for its own user', async () => {
  await withForge(
    ({ path: at, authorization }) =>
      at.endsWith('registration-token')
        ? { status: 200, body: { token: 'registration' } }
        : authorization.startsWith('Basic ')
          ? { status: 201, body: { id: 1, sha1: VALUE } }
          : { status: 401, body: { message: 'basic auth is required' } },
    async (server) => {
      const forges = [server.planned()];
      const mint = { url: `${server.url}/api/v1/admin/actions/runners/registration-token`, key: 'token' };
      const { work, wanted, stored, forge } = played(
        [secret('ci', 'runner-token', ['token'], { mint, forge: server.url }), login('apps', { forge: server.url })],
        { forges, variables: { FORGE_TOKEN: 'api-token', FORGE_USER: 'bot', FORGE_PASSWORD: 'pass word' } },
      );
      const mints = new TokenMints(
        forge,
        { name: 'bot', password: 'pass word', context: 'platform/gitops home' },
        () => 'now',
      );
      await work.create(wanted(), from({}, { mint: (one, field) => mints.of(one, field) }), {});
      expect(stored('ci_runner-token').data.token).toBe('registration');
      const { auth } = JSON.parse(stored('apps_registry-credentials').data['.dockerconfigjson']).auths[
        'git.example.com'
      ];
      expect(Buffer.from(auth, 'base64').toString()).toBe(`bot:${VALUE}`);
      expect(server.requests.map(({ method, path: at, body }) => [method, at, body])).toEqual([
        [
          'POST',
          'users/bot/tokens',
          {
            name: expect.stringMatching(/^cdk8s-forge platform\/gitops home registry-credentials [0-9a-f]{8} now$/),
            scopes: ['read:package'],
          },
        ],
        ['POST', 'admin/actions/runners/registration-token', undefined],
      ]);
      const wrong = new TokenMints(forge, { name: 'bot' });
      expect(wrong.of(wanted()[0], fieldsOf(wanted()[0])[1])).toBeUndefined();
    },
  );
});

test('revocation deletes the older tokens of each value of one secret, and no others', async () => {
  let tokens: { id: number; name: string }[] = [];
  await withForge(
    ({ method, body, path: at }) => {
      if (method === 'POST') {
        tokens.push({ id: tokens.length + 1, name: (body as { name: string }).name });
        return { status: 201, body: { id: tokens.length, sha1: VALUE } };
      }
      const page = Number(/page=(\d+)/.exec(at)?.[1] ?? 1);
      return method === 'GET' ? { status: 200, body: tokens.slice(50 * (page - 1), 50 * page) } : { status: 204 };
    },
    async (server) => {
      const hosts = ['git.example.com', 'gitea.internal'];
      const { work, wanted, forge } = played(
        [login('apps', { forge: server.url, hosts }), login('web', { forge: server.url, hosts })],
        { forges: [server.planned()], variables: { FORGE_USER: 'bot', FORGE_PASSWORD: 'x' } },
      );
      let now = 0;
      const mintsIn = (context: string) =>
        new TokenMints(forge, { name: 'bot', password: 'x', context }, () => String(++now));
      const create = (context: string) =>
        work.create(wanted(), from({}, { mint: (one, field) => mintsIn(context).of(one, field) }), {});
      await create('platform/gitops staging');
      await create('platform/gitops home');
      await create('platform/gitops home');
      await create('platform/gitops home');
      tokens = [...tokens, ...Array.from({ length: 60 }, (_, i) => ({ id: 100 + i, name: `laptop ${i}` }))];
      // Two hosts are two tokens, which the namespaces share.
      expect(tokens.filter(({ name }) => name.startsWith('cdk8s-forge'))).toHaveLength(8);
      const mints = mintsIn('platform/gitops home');
      const planned = await work.revoke(wanted()[1], mints, true);
      expect(planned.map((name) => name.split(' ').pop()).sort()).toEqual(['3', '4', '5', '6']);
      expect(server.log.filter((line) => line.startsWith('DELETE'))).toEqual([]);
      expect(await work.revoke(wanted()[1], mints)).toEqual(planned);
      const deleted = server.log.filter((line) => line.startsWith('DELETE')).map((line) => line.split('/').pop());
      expect(deleted.sort()).toEqual(['3', '4', '5', '6']);
    },
  );
  const { work, wanted, forge } = played([secret('ci', 'token', ['token'])]);
  expect(await codesOfAsync(() => work.revoke(wanted()[0], new TokenMints(forge, {})))).toEqual(['FORGE-CLI-014']);
});

test.each([
  ['right', { status: 200, body: [{ name: 'REGISTRY_TOKEN' }] }, 'present', undefined],
  ['right, in lower case', { status: 200, body: [{ name: 'registry_token' }] }, 'present', undefined],
  ['right, but slow', { status: 200, body: [{ name: 'REGISTRY_TOKEN' }], delay: 300 }, 'present', undefined],
  ['empty', { status: 200, body: [] }, 'missing', undefined],
  ['wrong', { status: 200, body: { name: 'x' } }, 'unknown', /is not a list/],
  ['a page', { status: 200, body: '<html>' }, 'unknown', /is not JSON/],
  ['401', { status: 401, body: { message: 'token is required' } }, 'unknown', /FORGE_TOKEN is not valid/],
  [
    '403',
    { status: 403, body: { message: 'token does not have scope' } },
    'unknown',
    /does not have scope.*lacks a scope/,
  ],
  ['404', { status: 404, body: {} }, 'unknown', /does not exist, or the token cannot see it/],
  ['409', { status: 409, body: {} }, 'unknown', /at the same time/],
  ['422', { status: 422, body: { message: 'no' } }, 'unknown', /: no \(the server rejects the request/],
  ['500', { status: 500, body: { message: '' } }, 'unknown', /the server failed/],
  ['never', 'never', 'unknown', /no answer after 1 seconds/],
] as [string, PlayedAnswer, string, RegExp | undefined][])('an answer that is %s', async (_, answer, state, reason) => {
  await withForge(
    ({ path: at }) => (at === 'orgs/platform' ? { status: 200, body: {} } : answer),
    async (server) => {
      const { work, wanted } = played([action('REGISTRY_TOKEN', { forge: server.url })], {
        forges: [server.planned()],
        variables: { FORGE_TOKEN: VALUE },
      });
      const [status] = await work.status(wanted());
      expect(status.state).toBe(state);
      expect(status.reason ?? '').toMatch(reason ?? /^$/);
      expect(server.requests[0].authorization).toBe(`token ${VALUE}`);
    },
  );
});

test('an Actions secret of an organization, of a repository and of the user of the token is stored', async () => {
  await withForge(
    ({ method, path: at }) =>
      at === 'orgs/platform'
        ? { status: 200, body: {} }
        : at === 'user'
          ? { status: 200, body: { login: 'Me' } }
          : method === 'PUT'
            ? { status: 201 }
            : { status: 404, body: {} },
    async (server) => {
      const at = { forge: server.url };
      const { work, wanted } = played(
        [
          action('A', at),
          action('B', { ...at, namespace: 'platform/hello' }),
          action('C', { ...at, namespace: 'me' }),
          action('D', { ...at, namespace: 'strange' }),
        ],
        { forges: [server.planned()], variables: { FORGE_TOKEN: 'x' } },
      );
      const values = from({ SECRET_A: VALUE, SECRET_B: VALUE, SECRET_C: VALUE, SECRET_D: VALUE });
      const changes = await work.create(wanted(), values, {});
      expect(changes.map(({ place, state }) => `${place} ${state}`)).toEqual([
        'me/C created',
        'platform/A created',
        'platform/hello/B created',
        'strange/D failed',
      ]);
      expect(server.requests.filter(({ method }) => method === 'PUT').map(({ path: to, body }) => [to, body])).toEqual([
        ['user/actions/secrets/C', { data: VALUE }],
        ['orgs/platform/actions/secrets/A', { data: VALUE }],
        ['repos/platform/hello/actions/secrets/B', { data: VALUE }],
      ]);
    },
  );
});

test('at GitHub, the value goes to the standard input of gh, and to no argument', async () => {
  await withForge(
    () => ({ status: 200, body: { total_count: 0, secrets: [] } }),
    async (server) => {
      const { work, wanted, home } = played([action('REGISTRY_TOKEN', { forge: server.url })], {
        forges: [server.planned('github')],
        variables: { FORGE_TOKEN: 'x' },
      });
      writeTree(home, { 'bin/gh': '#!/bin/bash\necho "$* $GH_HOST" > "$HOME/gh"; cat > "$HOME/stdin"' });
      fs.chmodSync(`${home}/bin/gh`, 0o755);
      expect((await work.status(wanted()))[0].state).toBe('missing');
      expect(server.requests[0].authorization).toBe('Bearer x');
      await work.create(wanted(), from({ SECRET_REGISTRY_TOKEN: VALUE }), {});
      const host = server.url.replace('http://', '');
      expect(fs.readFileSync(`${home}/gh`, 'utf8')).toBe(
        `secret set REGISTRY_TOKEN --org platform --visibility all ${host}\n`,
      );
      expect(fs.readFileSync(`${home}/stdin`, 'utf8')).toBe(VALUE);
    },
  );
});

test('rotation stores one value everywhere, and restarts what reads it at its start', async () => {
  const { work, wanted, home } = played([login('apps'), login('web')]);
  const pod = (spec: object) => ({
    kind: 'Deployment',
    metadata: { name: Object.keys(spec)[0] },
    spec: { template: { spec } },
  });
  const items = [
    pod({ containers: [{ env: [{ valueFrom: { secretKeyRef: { name: 'registry-credentials' } } }] }] }),
    pod({ volumes: [{ secret: { secretName: 'registry-credentials' } }] }),
  ];
  fs.writeFileSync(`${home}/deployments.json`, JSON.stringify({ items }));
  const values = from({ SECRET_REGISTRY_CREDENTIALS_USERNAME: 'bot', SECRET_REGISTRY_CREDENTIALS_PASSWORD: VALUE });
  const said: string[] = [];
  const changes = await work.rotate(wanted(), values, (line) => said.push(line));
  expect(changes.map(({ state }) => state)).toEqual(['replaced', 'replaced']);
  expect(said).toEqual(['restarting deployment/containers in apps', 'restarting deployment/containers in web']);
  const calls = fs.readFileSync(`${home}/calls`, 'utf8').split('\n');
  const order = calls
    .filter((line) => /^(apply|rollout)/.test(line))
    .map((line) => line.split(' ').slice(0, 2).join(' '));
  expect(order).toEqual([
    'apply --server-side',
    'apply --server-side',
    'rollout restart',
    'rollout status',
    'rollout restart',
    'rollout status',
  ]);
});

test('a program with several clusters, a forge that the plan does not know, and other names are errors', async () => {
  const { plan, forge } = played([secret('ci', 'token', ['token'])]);
  const two = { ...plan, clusters: [{ name: 'home' }, { name: 'away' }] as PlanFile['clusters'] };
  expect(await codesOfAsync(() => wantedSecrets(two, {}))).toEqual(['FORGE-CLI-009']);
  expect(wantedSecrets(two, { cluster: 'away' })).toEqual([]);
  expect(wantedSecrets(two, { cluster: 'home' })).toHaveLength(1);
  expect(await codesOfAsync(() => wantedSecrets(plan, { only: ['ci/other'] }))).toEqual(['FORGE-CLI-010']);
  expect(await codesOfAsync(() => forge.of('https://git.example.com'))).toEqual(['FORGE-CLI-008']);
});

test('a token belongs to one forge, and reaches no other', async () => {
  await withForge(
    () => ({ status: 200, body: [] }),
    async (server) => {
      const forges = [server.planned(), { ...server.planned(), url: 'https://other.example.com' }];
      const common = played([], { forges, variables: { FORGE_TOKEN: 'x' } }).forge.of(server.url);
      expect(common.hasToken).toBe(false);
      const name = `FORGE_TOKEN_${server.url.replace('http://', '').replace(/[.:]/g, '_')}`;
      const own = played([], { forges, variables: { [name]: 'x' } }).forge.of(server.url);
      expect(own.hasToken).toBe(true);
      await own.send('GET', server.url.replace('127.0.0.1', 'localhost')).catch(() => undefined);
      expect(server.requests.map(({ authorization }) => authorization)).toEqual(['']);
    },
  );
});

test('Actions secrets of one name at two forges are two secrets, each with its value and the token of its forge', async () => {
  const servers = await Promise.all(
    [1, 2].map(() =>
      ForgeServer.start(({ method, path }) =>
        path.endsWith('/secrets?limit=50&page=1')
          ? { status: 200, body: [] }
          : { status: method === 'PUT' ? 201 : 200, body: {} },
      ),
    ),
  );
  const hosts = servers.map(({ url }) => new URL(url).host);
  const variable = (start: string, i: number, end = '') => `${start}_${hosts[i].replace(/\W/g, '_')}${end}`;
  const secrets = servers.map(({ url }) => action('REGISTRY_TOKEN', { forge: url }));
  const variables = { [variable('FORGE_TOKEN', 0)]: 'first', [variable('FORGE_TOKEN', 1)]: 'second' };
  const { wanted, work } = played(secrets, { forges: servers.map((server) => server.planned()), variables });
  try {
    const both = wanted();
    expect(both.map(({ place }) => place).sort()).toEqual(
      hosts.map((host) => `${host}/platform/REGISTRY_TOKEN`).sort(),
    );
    expect(wanted([`${hosts[0]}/platform/REGISTRY_TOKEN`])).toHaveLength(1);
    const environment = {
      [variable('SECRET', 0, '_PLATFORM_REGISTRY_TOKEN')]: 'value-a',
      [variable('SECRET', 1, '_PLATFORM_REGISTRY_TOKEN')]: 'value-b',
    };
    await work.create(both, { environment }, {});
    const stored = servers.map(({ requests }) =>
      requests.filter(({ method }) => method === 'PUT').map(({ authorization, body }) => [authorization, body]),
    );
    expect(stored).toEqual([[['token first', { data: 'value-a' }]], [['token second', { data: 'value-b' }]]]);
    const ambiguous = work.create(both, { environment: { SECRET_PLATFORM_REGISTRY_TOKEN: 'x' } }, {});
    await expect(ambiguous).rejects.toMatchObject({ problems: [{ code: 'FORGE-CLI-011' }, { code: 'FORGE-CLI-011' }] });
  } finally {
    await Promise.all(servers.map((server) => server.end()));
  }
});

test('kubectl that fails ends the command with its words', async () => {
  const { command, home } = played([secret('ci', 'token', ['token'])], { variables: { SECRET_TOKEN_TOKEN: VALUE } });
  fs.writeFileSync(`${home}/bin/kubectl`, '#!/bin/bash\necho "connection refused: $*" >&2; exit 1');
  const { status, stdout, stderr } = await command('secrets', 'create');
  expect(status).toBe(1);
  expect(stdout + stderr).toContain('connection refused');
  fs.writeFileSync(`${home}/bin/kubectl`, `#!/bin/bash${KUBECTL}`);
  const rotated = await command('secrets', 'rotate', 'ci/token');
  fs.writeFileSync(`${home}/bin/kubectl`, '#!/bin/bash\n[ "$1" != get ] || { echo forbidden >&2; exit 1; }');
  expect((await command('secrets', 'rotate', 'ci/token')).stderr).toContain('FORGE-CLI-015: forbidden');
  expect([rotated.status, rotated.stdout]).toEqual([0, expect.stringContaining('replaced: ci/token')]);
});
