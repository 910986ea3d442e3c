import { createPublicKey, createVerify, generateKeyPairSync } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { spawnSync } from 'node:child_process';
import { Registration, RegistrationKind } from '../../../lib/runner';
import { temporaryFolder } from '../../support/workspace';
import { env } from '../fixture';
import { app, gitHubRunner, renderGitHub, runnerToken } from './fixture';
import { Answer, localServer, LocalServer } from '../local-server';

const SCRIPT = path.resolve('lib/runner/program/scripts/github-jit-config.sh');
const JIT = 'POST /orgs/example/actions/runners/generate-jitconfig';
const TOKENS = 'POST /app/installations/42/access_tokens';
const CONFIG = Buffer.from(JSON.stringify({ '.runner': 'e30=' })).toString('base64');
const TOKEN = 'github_pat_not-a-real-one';
const key = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs1', format: 'pem' })
  .toString();

/** As GitHub answers, which is in one line; and as a proxy might lay it out. */
const created: Answer = [
  201,
  JSON.stringify({
    runner: { id: 23, name: 'pool-x', labels: [{ id: 0, name: 'big', type: 'custom' }] },
    encoded_jit_config: CONFIG,
  }),
];
const laidOut: Answer = [201, JSON.stringify(JSON.parse(created[1]), undefined, 2)];

/** curl as it is, except that it writes down its arguments, which every process on the machine could read, and does not wait. */
const WATCHED_CURL = '#!/bin/sh\nprintf "%s\\n" "$@" >>"$SEEN"\nexec /usr/bin/curl --retry-delay 1 "$@"\n';

function ask(
  github: LocalServer | { url: string },
  {
    env = {},
    shell = 'sh',
    credential = { token: `${TOKEN}\n` },
    commands = {},
  }: {
    env?: Record<string, string>;
    shell?: string;
    credential?: { token?: string; key?: string };
    commands?: Record<string, string>;
  } = {},
) {
  const [secrets, work, jit, bin, log] = Array.from({ length: 5 }, () => temporaryFolder());
  for (const [name, text] of Object.entries({ curl: WATCHED_CURL, ...commands })) {
    fs.writeFileSync(path.join(bin, name), text, { mode: 0o755 });
  }
  const file = (name: string, text: string) => {
    fs.writeFileSync(path.join(secrets, name), text);
    return path.join(secrets, name);
  };
  const own: Record<string, string> =
    credential.key === undefined
      ? { CREDENTIAL: 'token', TOKEN_FILE: file('token', credential.token ?? '') }
      : {
          CREDENTIAL: 'app',
          APP_ID: '7',
          INSTALLATION_ID: '42',
          APP_KEY_FILE: file('private-key', credential.key),
          INSTALLATION_REQUEST: '{"permissions":{"organization_self_hosted_runners":"write"}}',
        };
  const run = spawnSync(shell, [SCRIPT], {
    encoding: 'utf8',
    timeout: 60_000,
    env: {
      PATH: `${bin}:/usr/bin:/bin`,
      SEEN: path.join(log, 'arguments'),
      API_URL: github.url,
      API_PATH: 'orgs/example',
      CREDENTIAL_NEEDS: 'organization permission "Self-hosted runners": write',
      RUNNER_NAME: 'pool-x',
      RUNNER_LABELS: '["big","gpu"]',
      RUNNER_GROUP_ID: '1',
      JIT_CONFIG_FILE: path.join(jit, 'config'),
      WORK_DIR: work,
      RETRIES: '0',
      ...own,
      ...env,
    },
  });
  const read = (name: string) => (fs.existsSync(name) ? fs.readFileSync(name, 'utf8') : undefined);
  return {
    status: run.status,
    output: run.stdout + run.stderr,
    config: read(path.join(jit, 'config')),
    left: fs.readdirSync(jit),
    mode: () => fs.statSync(path.join(jit, 'config')).mode & 0o777,
    args: read(path.join(log, 'arguments')) ?? '',
  };
}

describe.each(['sh', 'bash', 'dash'])('in %s', (shell) => {
  test.each([
    ['one line', created],
    ['many lines', laidOut],
  ])('a token is exchanged for a configuration, answered in %s', (_how, answer) => {
    const github = localServer({ [JIT]: answer });
    const { status, output, config, args, mode, left } = ask(github, { shell });
    expect(output).toBe('runner pool-x is registered at orgs/example for one job, with labels ["big","gpu"]\n');
    expect([status, config, mode(), left]).toEqual([0, CONFIG, 0o600, ['config']]);
    expect(github.requests()).toEqual([
      {
        method: 'POST',
        url: JIT.slice(5),
        authorization: `Bearer ${TOKEN}`,
        contentType: 'application/json',
        body: '{"name":"pool-x","runner_group_id":1,"labels":["big","gpu"],"work_folder":"_work"}',
      },
    ]);
    for (const secret of [TOKEN, CONFIG]) {
      expect(args + output).not.toContain(secret);
    }
  });

  test('an App signs for itself, gets a token for what it needs, and that is exchanged', () => {
    const github = localServer({
      [TOKENS]: [
        201,
        JSON.stringify({
          token: 'ghs_installation',
          expires_at: '2026-11-21T12:00:00Z',
          repositories: [{ temp_clone_token: 'other' }],
        }),
      ],
      [JIT]: created,
    });
    const { status, config, args, output } = ask(github, { shell, credential: { key } });
    expect(output).toContain('is registered');
    expect([status, config]).toEqual([0, CONFIG]);
    const [first, second] = github.requests();
    expect(first.body).toBe('{"permissions":{"organization_self_hosted_runners":"write"}}');
    expect(second.authorization).toBe('Bearer ghs_installation');
    const [header, claims, signature] = first.authorization!.replace('Bearer ', '').split('.');
    const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());
    expect(decode(header)).toEqual({ alg: 'RS256', typ: 'JWT' });
    const { iat, exp, iss } = decode(claims);
    const now = Date.now() / 1000;
    expect(iss).toBe('7');
    expect(iat).toBeLessThan(now - 30);
    // GitHub refuses tokens that live for more than ten minutes.
    expect([exp - now > 300, exp - now < 600, exp - iat <= 600]).toEqual([true, true, true]);
    expect(
      createVerify('RSA-SHA256').update(`${header}.${claims}`).verify(createPublicKey(key), signature, 'base64url'),
    ).toBe(true);
    for (const secret of ['ghs_installation', signature, 'PRIVATE KEY']) {
      expect(args + output).not.toContain(secret);
    }
  });
});

test('a name that is taken gets a number, three times', () => {
  const taken: Answer = [409, '{"message":"Already exists - A runner with the name already exists"}'];
  const github = localServer({ [JIT]: [taken, taken, created] });
  expect(ask(github).output).toContain('runner pool-x-3 is registered');
  expect(github.requests().map(({ body }) => JSON.parse(body).name)).toEqual(['pool-x', 'pool-x-2', 'pool-x-3']);
  const full = ask(localServer({ [JIT]: taken }));
  expect(full.status).toBe(1);
  expect(full.output).toMatch(/pool-x-3 already \(409\).*GitHub says: Already exists/);
});

test('what passes by itself is tried again', () => {
  const github = localServer({ [JIT]: [[503, ''], [502, ''], created] });
  expect(ask(github, { env: { RETRIES: '3' } }).status).toBe(0);
  expect(github.requests()).toHaveLength(3);
});

test.each<[Answer, RegExp]>([
  [[401, '{"message":"Bad credentials"}'], /refused the credential \(401\).*expired; GitHub says: Bad credentials/],
  [
    [403, '{"message":"Resource not accessible by personal access token"}'],
    /forbids it \(403\).*"Self-hosted runners": write, and runner group 1/,
  ],
  [[404, '{"message":"Not Found"}'], /no orgs\/example or no runner group 1 \(404\)/],
  [
    [422, '{"message":"Invalid input"}'],
    /does not take the runner \(422\): labels \["big","gpu"\], group 1; GitHub says: Invalid input/,
  ],
  [[429, ''], /limits the rate of requests \(429\)/],
  [[500, ''], /answered 500/],
  [[201, '{}'], /holds no configuration/],
  [[201, '<html>'], /holds no configuration/],
  [[201, '{"encoded_jit_config":"$(id)"}'], /something else than a configuration/],
  [[301, ''], /answered 301/],
])('fails when GitHub answers %j, and says why', (answer, message) => {
  const { status, output, config } = ask(localServer({ [JIT]: answer }));
  expect([status, config]).toEqual([1, undefined]);
  expect(output).toMatch(message);
  expect(output).not.toContain(TOKEN);
});

test.each<[Answer, RegExp]>([
  [
    [401, '{"message":"A JSON web token could not be decoded"}'],
    /does not believe the App \(401\).*application 7, or this machine's clock/,
  ],
  [[403, ''], /installation 42 suspended/],
  [[404, ''], /no installation 42 of application 7 \(404\)/],
  [
    [422, '{"message":"The permissions requested are not granted to this installation."}'],
    /needs the organization permission.*not granted/,
  ],
  [[418, ''], /answered 418 for a token/],
  [[201, '{}'], /there is no token/],
])('fails when GitHub answers the App %j', (answer, message) => {
  const github = localServer({ [TOKENS]: answer, [JIT]: created });
  const { status, output } = ask(github, { credential: { key } });
  expect(status).toBe(1);
  expect(output).toMatch(message);
  expect(github.requests()).toHaveLength(1);
});

test.each<[string, Parameters<typeof ask>[1], RegExp]>([
  ['no token', { credential: { token: ' \n' } }, /there is no token: put it under the key token/],
  ['a token with a line feed in it', { credential: { token: 'a b"\r\nX: y' } }, /characters that tokens do not have/],
  ['a key that is none', { credential: { key: 'no key' } }, /private key of the GitHub App is not one/],
  ['an image without openssl', { credential: { key }, env: { PATH: '' } }, /holds no openssl/],
  ['a kind of credential that is none', { env: { CREDENTIAL: 'x' } }, /neither token nor app/],
])('fails with %s', (_what, options, message) => {
  const { status, output } = ask({ url: 'http://127.0.0.1:1' }, { ...options, shell: '/bin/sh' });
  expect(status).not.toBe(0);
  expect(output).toMatch(message);
});

test('fails when GitHub cannot be reached, and says what to look at', () => {
  const { status, output } = ask({ url: 'http://127.0.0.1:1' });
  expect(status).toBe(1);
  expect(output).toMatch(
    /cannot be reached at http:\/\/127.0.0.1:1: check network policies, proxy and certificate authorities/,
  );
});

test.each<[string, Registration]>([
  ['a token', runnerToken],
  ['an App', app],
])('with %s, the script in the ConfigMap reads just the variables that the init container has', (_how, credential) => {
  const { container, files } = renderGitHub(gitHubRunner({ registration: credential, labels: ['big', 'gpu'] }));
  const { command, volumeMounts = [] } = container('register');
  const github = localServer({
    'POST /app/installations/7654321/access_tokens': [201, '{"token":"ghs_installation"}'],
    [JIT]: created,
  });
  const folder = temporaryFolder();
  const script = path.join(folder, 'script.sh');
  fs.writeFileSync(script, files['github-jit-config.sh']);
  expect(command).toEqual(['sh', '/etc/cdk8s-forge/github-jit-config.sh']);
  // Each path of the container becomes a folder of its own, and the Secret has the key that was asked for.
  const local = (file: string) =>
    volumeMounts.reduce(
      (name, { mountPath }, i) =>
        name.startsWith(mountPath) ? path.join(folder, String(i), name.slice(mountPath.length)) : name,
      file,
    );
  volumeMounts.forEach(({ mountPath }) => fs.mkdirSync(local(mountPath), { recursive: true }));
  fs.writeFileSync(
    local(`/etc/cdk8s-forge-credential/${credential.kind === RegistrationKind.GITHUB_APP ? 'private-key' : 'token'}`),
    credential.kind === RegistrationKind.GITHUB_APP ? key : TOKEN,
  );
  const given = Object.fromEntries(
    Object.entries(env(container('register'))).map(([name, value]) => [
      name,
      value?.startsWith('/') ? local(value) : value,
    ]),
  );
  const run = spawnSync('sh', [script], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { PATH: '/usr/bin:/bin', ...given, API_URL: github.url, RUNNER_NAME: 'pool-x' } as NodeJS.ProcessEnv,
  });
  expect(run.stdout + run.stderr).toContain(
    'runner pool-x is registered at orgs/example for one job, with labels ["big","gpu"]',
  );
  expect(fs.readFileSync(local(env(container('runner')).JIT_CONFIG_FILE!), 'utf8')).toBe(CONFIG);
});
