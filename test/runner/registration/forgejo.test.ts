import * as fs from 'node:fs';
import * as path from 'node:path';
import { spawnSync } from 'node:child_process';
import { Chart, Duration, Testing } from 'cdk8s';
import { Forge } from '../../../lib/forge';
import { Executor, Registration, RegistrationTokenJob, RunnerScope, Scaling, TokenMint } from '../../../lib/runner';
import { SecretSource } from '../../../lib/secret';
import { adviceAt } from '../../../lib/support';
import { foundCodes } from '../../support/problems';
import { temporaryFolder } from '../../support/workspace';
import { chart, forgejoRunner, gitea, render, runner, token } from '../fixture';
import { localServer, LocalServer } from '../local-server';

const forge = Forge.forgejo({ version: '15.0', url: 'https://git.example.com' });
const mint = TokenMint.api(SecretSource.existing('forgejo-admin'));
const created = Registration.minted(mint);
const UUID = 'd4637a60-7fea-4075-a81c-7e4ae01bdf0d';
const TOKEN = 'e1f3d26e034687a2b6856c4c6c3d87a469ff3bea';

describe('a runner of Forgejo that a Job creates', () => {
  test('has the UUID of the Secret in its arguments, and keeps no identity', () => {
    const made = runner({
      forge,
      registration: created,
      executor: Executor.host(),
      config: { fetchInterval: Duration.seconds(10) },
    });
    const { main, objects, set, config } = render(made);
    expect(main.command).toEqual([
      ...['forgejo-runner', 'daemon', '--config', '/etc/cdk8s-forge/config.yaml', '--url', 'https://git.example.com'],
      ...['--uuid', '$(FORGEJO_RUNNER_UUID)', '--token-url', 'file:///var/run/secrets/runner-token/token'],
      ...['--label', 'runner:host', '--fetch-interval', '10s'],
    ]);
    expect(main.env).toContainEqual({
      name: 'FORGEJO_RUNNER_UUID',
      valueFrom: { secretKeyRef: { name: 'runner-token', key: 'uuid' } },
    });
    // The program refuses a connection in both places.
    expect(config).not.toHaveProperty('server');
    expect(set!.volumeClaimTemplates).toBeUndefined();
    const role = objects.find(({ kind }) => kind === 'Role') as unknown as { rules: object[] };
    expect(role.rules).toEqual([
      { apiGroups: [''], resources: ['secrets'], resourceNames: ['runner-token'], verbs: ['get', 'patch'] },
    ]);
    const job = JSON.stringify(objects.find(({ kind }) => kind === 'Job'));
    expect(job).toContain('create-runner.sh');
    expect(job).toContain('{"name":"RUNNER_NAME","value":"runner"}');
    const checks = adviceAt(made).flatMap((one) => one.checks ?? []);
    expect(checks.find(({ title }) => title === 'The runner is online')!.good).toContain('`runner`');
  });

  test('in an image of its jobs, and with a pod for each job', () => {
    const executor = Executor.host({ jobImage: { image: 'docker.io/library/node:24', user: 1000 } });
    const copied = render(runner({ forge, registration: created, executor })).main.command!;
    expect(copied.slice(4, 6)).toEqual(['/opt/cdk8s-forge/program/forgejo-runner', 'daemon']);
    const scaling = Scaling.perJob({ max: 3, apiToken: token });
    const { main } = render(runner({ forge, registration: created, scaling, executor: Executor.host() }));
    expect([main.command![1], main.command!.at(-1)]).toEqual(['one-job', '--wait']);
  });

  test('fails where Forgejo or the mint cannot create it', () => {
    const old = Forge.forgejo({ version: '14.0', url: 'https://git.example.com' });
    const job = (props: object) => () =>
      new RegistrationTokenJob(chart(), 'token', { forge, scope: RunnerScope.instance(), mint, ...props });
    expect(foundCodes(job({ forge: old, runner: 'a' }))).toEqual(['FORGE-RUN-016']);
    expect(foundCodes(job({}))).toEqual(['FORGE-RUN-016']);
    expect(foundCodes(job({ runner: 'a"b' }))).toEqual(['FORGE-RUN-016']);
    const byCommand = TokenMint.command(SecretSource.existing('ini'), 'codeberg.org/forgejo/forgejo:15.0.8');
    expect(foundCodes(job({ runner: 'a', mint: byCommand }))).toEqual(['FORGE-RUN-016']);
    expect(foundCodes(job({ forge: gitea, runner: 'a' }))).toEqual(['FORGE-RUN-016']);
    expect(foundCodes(job({ runner: 'a' }))).toEqual([]);
    expect(foundCodes(job({ forge: gitea }))).toEqual([]);
  });
});

describe('the script that creates a runner', () => {
  const SCRIPT = path.resolve('lib/runner/registration/scripts/create-runner.sh');
  const GET = 'GET /api/v1/namespaces/ci/secrets/runner-token';
  const PATCH = 'PATCH /api/v1/namespaces/ci/secrets/runner-token?fieldManager=cdk8s-forge-registration-token';
  const POST = 'POST /api/v1/admin/actions/runners';
  const empty: [number, string] = [200, '{"kind":"Secret","metadata":{"name":"runner-token"}}'];
  const answer: [number, string] = [201, JSON.stringify({ id: 5, uuid: UUID, token: TOKEN })];

  function create(server: LocalServer, kubernetes: LocalServer, shell = 'sh') {
    const folder = temporaryFolder();
    for (const [name, text] of Object.entries({ token: 'the-account-token\n', 'ca.crt': '', api: 'the-api-token\n' })) {
      fs.writeFileSync(path.join(folder, name), text);
    }
    const run = spawnSync(shell, [SCRIPT], {
      encoding: 'utf8',
      timeout: 60_000,
      env: {
        PATH: '/usr/bin:/bin',
        TARGET_NAMESPACE: 'ci',
        TARGET_SECRET: 'runner-token',
        WORK_DIR: temporaryFolder(),
        SERVICE_ACCOUNT_DIR: folder,
        KUBERNETES_URL: kubernetes.url,
        API_TOKEN_FILE: path.join(folder, 'api'),
        FORGE_URL: server.url,
        FORGE_API_PATH: 'admin',
        RUNNER_NAME: 'runner',
      },
    });
    return { status: run.status, output: run.stdout + run.stderr };
  }

  test.each(['sh', 'bash'])('puts UUID and token into the Secret (%s)', (shell) => {
    const server = localServer({ [POST]: answer });
    const kubernetes = localServer({ [GET]: empty, [PATCH]: [200, '{}'] });
    expect(create(server, kubernetes, shell)).toMatchObject({ status: 0 });
    const [asked] = server.requests();
    expect([asked.authorization, asked.body]).toEqual(['token the-api-token', '{"name":"runner"}']);
    const patched = kubernetes.requests().at(-1)!;
    expect(JSON.parse(patched.body)).toEqual({ stringData: { uuid: UUID, token: TOKEN } });
  });

  test('creates no second runner', () => {
    const server = localServer({});
    const kubernetes = localServer({ [GET]: [200, JSON.stringify({ data: { uuid: 'YQ==', token: 'Yg==' } })] });
    expect(create(server, kubernetes)).toMatchObject({ status: 0, output: expect.stringContaining('already') });
    expect(server.requests()).toEqual([]);
  });

  test.each<[string, [number, string], RegExp]>([
    ['an API token that may not', [403, '{}'], /refused the API token \(403\).*write:admin/],
    ['a Forgejo that creates none', [405, '{}'], /Forgejo 15\.0 is the first/],
    ['an answer that is none', [201, '{"uuid":"x y","token":"z"}'], /not the UUID/],
    ['a token that is none', [201, `{"uuid":"${UUID}","token":"a b"}`], /not the token/],
  ])('fails for %s, and leaves the Secret alone', (_what, given, message) => {
    const kubernetes = localServer({ [GET]: empty });
    const { status, output } = create(localServer({ [POST]: given }), kubernetes);
    expect([status, output]).toEqual([1, expect.stringMatching(message)]);
    expect(kubernetes.requests().map(({ method }) => method)).toEqual(['GET']);
  });
});

describe("Forgejo's runner with a registration token", () => {
  test('registers in the init container, which alone reads the token', () => {
    const { main, container, config, set } = render(forgejoRunner({ registration: Registration.token(token) }));
    const register = container('register');
    expect(register.env).toEqual(
      expect.arrayContaining([
        { name: 'RUNNER_PROGRAM', value: 'forgejo-runner' },
        { name: 'RUNNER_ASKS_ADDRESS', value: 'true' },
      ]),
    );
    expect(config.runner).toMatchObject({ file: '/data/.runner', labels: ['runner:host'] });
    expect(config).not.toHaveProperty('server');
    expect(main.command).toEqual(['forgejo-runner', 'daemon', '--config', '/etc/cdk8s-forge/config.yaml']);
    expect(JSON.stringify(main.volumeMounts)).not.toContain('runner-token');
    expect(set!.volumeClaimTemplates).toHaveLength(1);
  });

  test('has one registration for each pod that stays, none for a pod of one job', () => {
    const registration = Registration.token(token);
    const scaling = Scaling.perJob({ max: 2, apiToken: token });
    expect(foundCodes(() => forgejoRunner({ registration, scaling }))).toEqual(['FORGE-RUN-023']);
    expect(foundCodes(() => forgejoRunner({ registration, scaling: Scaling.fixed(2) }))).toEqual([]);
  });

  test("the script answers the program's questions in their order", () => {
    const folder = temporaryFolder();
    // As the program does without --no-interactive: the address, the token, the name; labels are in the configuration.
    const program = `#!/usr/bin/env bash
[ "$2" = --help ] && { echo '--token string'; exit 0; }
read -r address; read -r token; read -r name
printf '{\\n "address": "%s",\\n "token": "%s",\\n "name": "%s",\\n "labels": [\\n  "runner:host"\\n ]\\n}\\n' "$address" "of-$token" "$name" >"$RUNNER_STATE_FILE"
`;
    fs.writeFileSync(path.join(folder, 'forgejo-runner'), program, { mode: 0o755 });
    fs.writeFileSync(path.join(folder, 'token'), 'registration\n');
    const state = path.join(folder, '.runner');
    const register = () =>
      spawnSync('bash', [path.resolve('lib/runner/program/scripts/register.sh')], {
        encoding: 'utf8',
        env: {
          PATH: `${folder}:/usr/bin:/bin`,
          RUNNER_PROGRAM: 'forgejo-runner',
          CONFIG_FILE: '/dev/null',
          RUNNER_STATE_FILE: state,
          RUNNER_NAME: 'runner-0',
          GITEA_INSTANCE_URL: 'https://git.example.com',
          REGISTRATION_TOKEN_FILE: path.join(folder, 'token'),
          REGISTRATION_KEY: 'key',
          REGISTRATION_LABELS: '"runner:host"',
          RUNNER_ASKS_ADDRESS: 'true',
        },
      });
    expect(register()).toMatchObject({ status: 0 });
    expect(JSON.parse(fs.readFileSync(state, 'utf8'))).toMatchObject({
      address: 'https://git.example.com',
      token: 'of-registration',
      name: 'runner-0',
    });
    expect(register()).toMatchObject({ status: 0, stdout: expect.stringContaining('already registered') });
  });

  test('the runbook says where the token comes from', () => {
    const made = forgejoRunner({ registration: Registration.token(token) });
    const texts = adviceAt(made).flatMap(({ byHand = [] }) => byHand.map(({ text }) => text));
    expect(texts.join()).toContain('/api/v1/admin/actions/runners/registration-token');
    expect(texts.join()).not.toContain('undefined');
    expect(Testing.synth(Chart.of(made)).length).toBeGreaterThan(0);
  });
});
