import * as fs from 'node:fs';
import * as path from 'node:path';
import { spawnSync } from 'node:child_process';
import { temporaryFolder } from '../../support/workspace';
import { localServer, LocalServer } from '../local-server';

const SCRIPT = path.resolve('lib/runner/registration/scripts/mint-token.sh');
const TOKEN = 'mintedmintedmintedmintedmintedmintedmint';
const PATCH = 'PATCH /api/v1/namespaces/ci/secrets/token?fieldManager=cdk8s-forge-registration-token';
const ok: [number, string] = [200, JSON.stringify({ token: TOKEN })];

/** curl as it is, except that it writes down its arguments: what every process on the machine could read. */
const WATCHED_CURL = '#!/bin/sh\nprintf "%s\\n" "$@" >>"$WORK_DIR/arguments"\nexec /usr/bin/curl "$@"\n';

/** Runs the script with a shell against servers that answer as Gitea and Kubernetes do. */
function mint(
  env: Record<string, string>,
  {
    kubernetes,
    shell = 'sh',
    commands = {},
  }: { kubernetes?: LocalServer; shell?: string; commands?: Record<string, string> } = {},
) {
  const folder = temporaryFolder();
  const work = temporaryFolder();
  const bin = temporaryFolder();
  for (const [name, text] of Object.entries({ curl: WATCHED_CURL, ...commands })) {
    fs.writeFileSync(path.join(bin, name), text, { mode: 0o755 });
  }
  fs.writeFileSync(path.join(folder, 'token'), 'the-account-token\n');
  fs.writeFileSync(path.join(folder, 'ca.crt'), '');
  fs.writeFileSync(path.join(folder, 'api'), 'the-api-token\n');
  const run = spawnSync(shell, [SCRIPT], {
    encoding: 'utf8',
    timeout: 60_000,
    env: {
      PATH: `${bin}:/usr/bin:/bin`,
      TARGET_NAMESPACE: 'ci',
      TARGET_SECRET: 'token',
      WORK_DIR: work,
      SERVICE_ACCOUNT_DIR: folder,
      KUBERNETES_URL: kubernetes?.url ?? 'http://127.0.0.1:1',
      API_TOKEN_FILE: path.join(folder, 'api'),
      API_TOKEN_SCOPE: 'write:admin',
      ...env,
    },
  });
  const args = fs.existsSync(path.join(work, 'arguments')) ? fs.readFileSync(path.join(work, 'arguments'), 'utf8') : '';
  return { status: run.status, output: run.stdout + run.stderr, args };
}

const asked = (forge: LocalServer, apiPath = 'admin') => ({
  MINT_BY: 'api',
  FORGE_URL: forge.url,
  FORGE_API_PATH: apiPath,
});

test.each(['sh', 'bash', 'dash'])('the token goes from the forge into the Secret (%s)', (shell) => {
  const forge = localServer({ 'POST /api/v1/orgs/platform/actions/runners/registration-token': ok });
  const kubernetes = localServer({ [PATCH]: [200, '{}'] });
  const { status, output, args } = mint(asked(forge, 'orgs/platform'), { kubernetes, shell });
  expect(output).toBe('secret ci/token holds the registration token\n');
  expect(status).toBe(0);
  expect(forge.requests()).toEqual([
    {
      method: 'POST',
      url: '/api/v1/orgs/platform/actions/runners/registration-token',
      authorization: 'token the-api-token',
      body: '',
    },
  ]);
  expect(kubernetes.requests()).toEqual([
    {
      method: 'PATCH',
      url: PATCH.slice(6),
      authorization: 'Bearer the-account-token',
      contentType: 'application/merge-patch+json',
      body: JSON.stringify({ stringData: { token: TOKEN } }),
    },
  ]);
  for (const secret of [TOKEN, 'the-api-token', 'the-account-token']) {
    expect(args).not.toContain(secret);
  }
});

test('running it twice asks for the same twice, and changes nothing', () => {
  const forge = localServer({ 'POST /api/v1/admin/actions/runners/registration-token': ok });
  const kubernetes = localServer({ [PATCH]: [200, '{}'] });
  mint(asked(forge), { kubernetes });
  mint(asked(forge), { kubernetes });
  const [first, second] = kubernetes.requests();
  expect(second).toEqual(first);
});

test('a server that knows GET only is asked with GET', () => {
  const forge = localServer({
    'POST /api/v1/admin/actions/runners/registration-token': [405, ''],
    'GET /api/v1/admin/actions/runners/registration-token': ok,
  });
  const kubernetes = localServer({ [PATCH]: [200, '{}'] });
  expect(mint(asked(forge), { kubernetes }).status).toBe(0);
});

test.each<[number, string, RegExp]>([
  [401, '{"message":"invalid"}', /refused the API token \(401\): it needs the scope write:admin/],
  [403, '', /refused the API token \(403\)/],
  [404, '', /knows no .*registration-token \(404\)/],
  [200, '{}', /gave no token/],
  [200, '{"token":"a\\"b$(id)"}', /not a registration token/],
  [200, '<html>', /gave no token/],
])('fails when the forge answers %d %s, and leaves the Secret alone', (code, text, message) => {
  const forge = localServer({ 'POST /api/v1/admin/actions/runners/registration-token': [code, text] });
  const kubernetes = localServer({ [PATCH]: [200, '{}'] });
  const { status, output } = mint(asked(forge), { kubernetes });
  expect(status).not.toBe(0);
  expect(output).toMatch(message);
  expect(kubernetes.requests()).toEqual([]);
});

test.each<[number, RegExp]>([
  [403, /may not patch secret token/],
  [404, /no secret ci\/token/],
  [500, /kubernetes answered 500/],
])('fails when Kubernetes answers %d', (code, message) => {
  const forge = localServer({ 'POST /api/v1/admin/actions/runners/registration-token': ok });
  const kubernetes = localServer({ [PATCH]: [code, '{}'] });
  const { status, output } = mint(asked(forge), {
    kubernetes,
    commands: { curl: '#!/bin/sh\nexec /usr/bin/curl --retry-delay 0 --retry-max-time 1 "$@" --retry 0\n' },
  });
  expect(status).not.toBe(0);
  expect(output).toMatch(message);
  expect(output).not.toContain(TOKEN);
});

describe('with the command', () => {
  const gitea = `#!/bin/sh\necho "$@" >"$WORK_DIR/arguments"\ncat "$2" >/dev/null || exit 1\necho "2026/11/20 some log line" >&2\necho ${TOKEN}\n`;
  const config = () => {
    const file = path.join(temporaryFolder(), 'app.ini');
    fs.writeFileSync(file, '[security]\nINSTALL_LOCK = true\n', { mode: 0o400 });
    return file;
  };

  test.each([
    ['', /^--config \S+\/app\.ini actions generate-runner-token\n$/],
    ['platform/hello', /^--config \S+\/app\.ini actions generate-runner-token --scope platform\/hello\n$/],
  ])('the scope %j is asked for', (scope, called) => {
    const kubernetes = localServer({ [PATCH]: [200, '{}'] });
    const { status, args } = mint(
      { MINT_BY: 'command', GITEA_CONFIG: config(), FORGE_SCOPE: scope },
      { kubernetes, commands: { gitea, curl: '#!/bin/sh\nexec /usr/bin/curl "$@"\n' } },
    );
    expect(status).toBe(0);
    expect(args).toMatch(called);
    expect(kubernetes.requests()[0].body).toBe(JSON.stringify({ stringData: { token: TOKEN } }));
  });

  test('fails when the command fails', () => {
    expect(
      mint({ MINT_BY: 'command', GITEA_CONFIG: config() }, { commands: { gitea: '#!/bin/sh\nexit 1\n' } }).status,
    ).not.toBe(0);
  });
});

test('curl is told the authority of the forge, if there is one of its own, and that of Kubernetes always', () => {
  const authorities = (env: Record<string, string>) => {
    const forge = localServer({ 'POST /api/v1/admin/actions/runners/registration-token': ok });
    const kubernetes = localServer({ [PATCH]: [200, '{}'] });
    const { status, args } = mint({ ...asked(forge), ...env }, { kubernetes });
    expect(status).toBe(0);
    const words = args.trimEnd().split('\n');
    return words.flatMap((word, i) => (word === '--cacert' ? [path.basename(words[i + 1])] : []));
  };
  const own = path.join(temporaryFolder(), 'forge.crt');
  fs.writeFileSync(own, '');
  expect(authorities({ FORGE_CA_FILE: own })).toEqual(['forge.crt', 'ca.crt']);
  expect(authorities({})).toEqual(['ca.crt']);
});
