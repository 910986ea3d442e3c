import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { Chart, Duration, Size, Testing } from 'cdk8s';
import { Forge } from '../../lib/forge';
import { Registry, RegistryRetention, RegistryRetentionProps } from '../../lib/registry';
import { SecretSource } from '../../lib/secret';
import { CaBundle, Trust } from '../../lib/trust';
import { accepts, codesOf, problemsOf } from '../support/problems';
import { temporaryFolder, writeTree } from '../support/workspace';
import { CA_FILE } from './registries';

const gitea = Forge.gitea({
  version: '1.26',
  url: 'https://git.example.com',
  internalUrl: 'http://gitea-http.gitea.svc:3000',
});
const registry = Registry.gitea(gitea, { owner: 'platform' });
const token = SecretSource.existing('package-token');
const minimal: RegistryRetentionProps = {
  registry,
  images: [{ image: 'hello-app', deployedTags: ['v3'] }],
  keepLast: 2,
  token,
};
const chartOf = (props: Partial<RegistryRetentionProps> = {}) => {
  const chart = new Chart(Testing.app(), 'gitea', { namespace: 'gitea' });
  new RegistryRetention(chart, 'retention', { ...minimal, ...props });
  return chart;
};
const objects = (props?: Partial<RegistryRetentionProps>) => Testing.synth(chartOf(props));

describe('the objects', () => {
  test('are a CronJob without privilege, its script and rules, and the deployed tags', () => {
    const [config, deployed, cronJob] = objects();
    expect({ ...config.data, 'retention.mjs': '(the script)' }).toEqual({
      'retention.mjs': '(the script)',
      'rules.json':
        JSON.stringify(
          { owner: 'platform', keepLast: 2, olderThanSeconds: 2592000, keepMatching: [], dryRun: true },
          null,
          2,
        ) + '\n',
    });
    expect(deployed.data).toEqual({ 'hello-app': 'v3' });
    expect(cronJob).toMatchSnapshot();
  });

  test('keep one key for each deployed tag, and none is lost', () => {
    const [, deployed] = objects({
      images: [
        { image: 'a/b', deployedTags: ['one', 'two'] },
        { image: 'a.b', deployedTags: ['three'] },
      ],
    });
    expect(deployed.data).toEqual({ 'a..b': 'one', 'a..b...2': 'two', 'a.b': 'three' });
  });

  test('take every setting', () => {
    const all: Required<RegistryRetentionProps> = {
      ...minimal,
      olderThan: Duration.days(7),
      keepMatching: ['v\\d+'],
      dryRun: false,
      schedule: '@weekly',
      capacity: Size.gibibytes(10),
      images: [{ image: 'hello-app', deployedTags: ['v3'], size: Size.gibibytes(5) }],
      workload: { name: 'package-cleanup', labels: { team: 'ci' } },
      placement: { nodeSelector: { disk: 'ssd' } },
      pod: { runtimeClassName: 'gvisor' },
    };
    const [config, , cronJob] = objects(all);
    expect(JSON.parse(config.data['rules.json'])).toEqual({
      owner: 'platform',
      keepLast: 2,
      olderThanSeconds: 604800,
      keepMatching: ['v\\d+'],
      dryRun: false,
    });
    expect(cronJob.spec.schedule).toBe('@weekly');
    expect([cronJob.metadata.name, config.metadata.name]).toEqual(['package-cleanup', 'package-cleanup-config']);
    const pod = cronJob.spec.jobTemplate.spec.template;
    expect(pod.spec).toMatchObject({ nodeSelector: { disk: 'ssd' }, runtimeClassName: 'gvisor' });
    expect([cronJob.metadata.labels, pod.metadata.labels]).toEqual([{ team: 'ci' }, { team: 'ci' }]);
  });

  test('bring the CA of a forge with one', () => {
    const home = Forge.gitea({
      version: '1.26',
      url: 'https://git.home.example',
      trust: Trust.privateCa(CaBundle.fromFile(CA_FILE)),
    });
    const all = objects({ registry: Registry.gitea(home, { owner: 'platform' }) });
    const pod = all.find(({ kind }) => kind === 'CronJob').spec.jobTemplate.spec.template.spec;
    expect(pod.containers[0].env).toContainEqual({ name: 'NODE_EXTRA_CA_CERTS', value: '/etc/retention/ca/ca.crt' });
    expect(pod.volumes.map((v: { name: string }) => v.name)).toContain('ca-ca-bundle');
    expect(all.map(({ metadata }) => metadata.name)).toContain('ca-bundle');
  });

  test('are the same in a second synth', () => {
    const chart = chartOf();
    expect(JSON.stringify(chart.toJson())).toBe(JSON.stringify(chart.toJson()));
  });

  test("fails for a registry that is not a forge's", () => {
    expect(codesOf(() => chartOf({ registry: Registry.ghcr({ owner: 'a' }) }))).toEqual(['FORGE-REG-013']);
    accepts(() => chartOf({}));
  });

  test.each<[Partial<RegistryRetentionProps>, Partial<RegistryRetentionProps>]>([
    [{ keepLast: 0 }, { keepLast: 1 }],
    [{ keepLast: -1 }, { keepLast: 1 }],
    [{ keepLast: 1.5 }, { keepLast: 2 }],
    [{ keepMatching: ['('] }, { keepMatching: ['()'] }],
    [{ schedule: 'daily' }, { schedule: '@daily' }],
    [{ schedule: '17 3 * *' }, { schedule: '17 3 * * *' }],
    [{ schedule: '17 24 * * *' }, { schedule: '17 23 * * *' }],
    [{ schedule: '* * * * * *' }, { schedule: '* * * * *' }],
    ...['"\'; rm -rf / #', 'é$(id)', '', '-v1', 'a'.repeat(129), '<image:ci/web:reference>'].map(
      (tag): [Partial<RegistryRetentionProps>, Partial<RegistryRetentionProps>] => [
        { images: [{ image: 'a', deployedTags: ['v1', tag] }] },
        {
          images: [
            { image: 'a', deployedTags: ['v1', '_a.b-C', 'a'.repeat(128), '<image:ci/web:tag>', 'v<variable:N>'] },
          ],
        },
      ],
    ),
    [{ images: [{ image: 'a', deployedTags: [] }] }, { images: [{ image: 'a', deployedTags: ['x'] }] }],
    [
      {
        images: [
          { image: 'a', deployedTags: ['x'] },
          { image: 'a', deployedTags: ['y'] },
        ],
      },
      {
        images: [
          { image: 'a', deployedTags: ['x'] },
          { image: 'b', deployedTags: ['x', 'y'] },
        ],
      },
    ],
  ])('fails for %j, and not for %j', (props, neighbour) => {
    accepts(() => chartOf(neighbour));
    expect(codesOf(() => chartOf(props))).toEqual(['FORGE-REG-014']);
  });

  test('fails for more than there is room for', () => {
    const images = [
      { image: 'a', deployedTags: ['x'], size: Size.gibibytes(25) },
      { image: 'b', deployedTags: ['x'], size: Size.mebibytes(1) },
      { image: 'c', deployedTags: ['x'] },
    ];
    expect(problemsOf(() => chartOf({ images, capacity: Size.gibibytes(50) }))[0]).toMatchObject({
      code: 'FORGE-REG-016',
      message: expect.stringContaining('51 GiB'),
    });
    expect(() => chartOf({ images, capacity: Size.gibibytes(51) })).not.toThrow();
  });

  test('fails for an image name that is none, and says all that is wrong at once', () => {
    expect(
      problemsOf(() => chartOf({ keepLast: 0, images: [{ image: 'A', deployedTags: ['x'] }] })).map(({ code }) => code),
    ).toEqual(['FORGE-REG-014', 'FORGE-REG-002']);
    accepts(() => chartOf({ keepLast: 1, images: [{ image: 'a', deployedTags: ['x'] }] }));
  });
});

describe('the script, against a server that answers as Gitea does', () => {
  const TOKEN = 'made-up';
  const DAY = 86400_000;
  const PAGE = 3; // fewer than asked for, as a server with MAX_RESPONSE_ITEMS does
  let server: Server;
  let packages: { name: string; version: string; type?: string; age: number }[];
  let requests: string[];
  let intercept: (request: IncomingMessage, response: ServerResponse) => boolean;

  beforeEach(async () => {
    packages = [];
    requests = [];
    intercept = () => false;
    server = createServer((request, response) => {
      requests.push(`${request.method} ${request.url}`);
      if (intercept(request, response)) {
        return;
      }
      const url = new URL(request.url!, 'http://server');
      if (request.headers.authorization !== `token ${TOKEN}`) {
        response.writeHead(401).end('{"message":"unauthorized"}');
        return;
      }
      const [, image, version] = (
        /^\/api\/v1\/packages\/platform\/container\/([^/]+)\/([^/]+)$/.exec(url.pathname) ?? []
      ).map(decodeURIComponent);
      if (request.method === 'DELETE' && image) {
        const at = packages.findIndex((p) => p.name === image && p.version === version);
        if (at >= 0) {
          packages.splice(at, 1);
        }
        response.writeHead(at >= 0 ? 204 : 404).end();
        return;
      }
      const page = Number(url.searchParams.get('page'));
      const matching = packages.filter((p) => p.name.includes(url.searchParams.get('q')!));
      response.writeHead(200, { 'content-type': 'application/json' }).end(
        JSON.stringify(
          matching.slice((page - 1) * PAGE, page * PAGE).map((p) => ({
            id: 1,
            name: p.name,
            version: p.version,
            type: p.type ?? 'container',
            created_at: new Date(Date.now() - p.age * DAY).toISOString(),
          })),
        ),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(
    () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(resolve);
      }),
  );

  const versions = (...list: [string, number][]) =>
    packages.push(...list.map(([version, age]) => ({ name: 'hello-app', version, age })));
  const left = () => packages.map(({ version }) => version);

  async function run(
    props: Partial<RegistryRetentionProps> = {},
    env: Record<string, string> = {},
  ): Promise<{ code: number | null; output: string }> {
    const [config, deployed] = objects({ dryRun: false, olderThan: Duration.days(30), ...props });
    const folder = temporaryFolder();
    const under = (prefix: string, data: Record<string, string>) =>
      Object.fromEntries(Object.entries(data).map(([key, text]) => [`${prefix}/${key}`, text]));
    writeTree(folder, {
      ...under('config', config.data),
      ...under('deployed', deployed.data),
      'deployed/..data/x': 'not an image',
      token: `${TOKEN}\n`,
    });
    const child = spawn(process.execPath, [path.join(folder, 'config/retention.mjs')], {
      env: {
        PATH: process.env.PATH,
        API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`,
        TOKEN_FILE: path.join(folder, 'token'),
        RULES_FILE: path.join(folder, 'config/rules.json'),
        DEPLOYED_FOLDER: path.join(folder, 'deployed'),
        RETRY_MILLISECONDS: '1',
        ...env,
      },
    });
    let output = '';
    child.stdout.on('data', (text) => {
      output += text;
    });
    child.stderr.on('data', (text) => {
      output += text;
    });
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    expect(output).not.toContain(TOKEN);
    return { code, output };
  }

  test('deletes what is old, beyond the newest, not deployed and not newer than what is deployed', async () => {
    versions(['v1', 400], ['v2', 300], ['v3', 200], ['v4', 100], ['v5', 40], ['v6', 1]);
    const { code } = await run({ images: [{ image: 'hello-app', deployedTags: ['v3'] }] });
    expect([code, left()]).toEqual([0, ['v3', 'v4', 'v5', 'v6']]);
  });

  test('fails in a dry run as the real run would, when the token may not delete, and deletes nothing when it may', async () => {
    const old: [string, number][] = [
      ['v1', 400],
      ['v2', 300],
      ['v3', 200],
    ];
    versions(...old);
    const images = [{ image: 'hello-app', deployedTags: ['v3'] }];
    const readOnly = (request: IncomingMessage, response: ServerResponse) => {
      const refuses = request.method === 'DELETE';
      if (refuses) {
        response.writeHead(403).end();
      }
      return refuses;
    };
    intercept = readOnly;
    const [dry, real] = [await run({ dryRun: true, images, keepLast: 1 }), await run({ images, keepLast: 1 })];
    expect([dry.code, real.code]).toEqual([1, 1]);
    expect(dry.output).toContain('needs the scope write:package');
    intercept = () => false;
    const allowed = await run({ dryRun: true, images, keepLast: 1 });
    expect(allowed).toMatchObject({ code: 0, output: expect.stringContaining('would delete hello-app:v2') });
    expect(left()).toEqual(['v1', 'v2', 'v3']);
  });

  test('keeps the newest, however old', async () => {
    versions(['v1', 400], ['v2', 300], ['v3', 200]);
    await run({ keepLast: 3, images: [{ image: 'hello-app', deployedTags: ['v3'] }] });
    expect(left()).toEqual(['v1', 'v2', 'v3']);
  });

  test('keeps what is younger than the limit', async () => {
    versions(['v1', 31], ['v2', 29], ['v3', 2], ['v4', 1]);
    await run({ keepLast: 1, images: [{ image: 'hello-app', deployedTags: ['v4'] }] });
    expect(left()).toEqual(['v2', 'v3', 'v4']);
  });

  test('never deletes latest, caches, digests, signatures and what is to be kept besides', async () => {
    const kept: [string, number][] = [
      ['latest', 500],
      ['cache', 500],
      ['buildcache-main', 500],
      [`sha256:${'a'.repeat(64)}`, 500],
      [`sha256-${'a'.repeat(64)}.sig`, 500],
      ['v1.2.0', 500],
    ];
    versions(...kept, ['cached', 500], ['v1.2.1', 500], ['v9', 1], ['v8', 2]);
    const { code } = await run({
      images: [{ image: 'hello-app', deployedTags: ['v8'] }],
      keepMatching: ['v\\d+\\.\\d+\\.0'],
    });
    expect([code, left()]).toEqual([0, [...kept.map(([version]) => version), 'v9', 'v8']]);
  });

  test('keeps all of an image of which a deployed tag is not there, and goes on with the others', async () => {
    versions(['v1', 400], ['v2', 300], ['v3', 200]);
    packages.push(...['a', 'b', 'c'].map((version, i) => ({ name: 'other/app', version, age: 400 - i })));
    const { code, output } = await run({
      keepLast: 1,
      images: [
        { image: 'hello-app', deployedTags: ['v3', 'gone'] },
        { image: 'other/app', deployedTags: ['c'] },
      ],
    });
    expect([code, left()]).toEqual([0, ['v1', 'v2', 'v3', 'c']]);
    expect(output).toContain('hello-app: keeps all 3');
  });

  test('keeps what is newer than the oldest of several deployed tags', async () => {
    versions(['v1', 400], ['v2', 300], ['v3', 200], ['v4', 100]);
    await run({ keepLast: 1, images: [{ image: 'hello-app', deployedTags: ['v4', 'v2'] }] });
    expect(left()).toEqual(['v2', 'v3', 'v4']);
  });

  test('leaves other images and other kinds of packages alone, whatever their names have in common', async () => {
    versions(['v1', 400], ['v2', 300]);
    packages.push(
      { name: 'hello-app-cache', version: 'main', age: 900 },
      { name: 'hello-app', version: 'v0', age: 900, type: 'npm' },
    );
    await run({ keepLast: 1, images: [{ image: 'hello-app', deployedTags: ['v2'] }] });
    expect(packages.map(({ name, version }) => `${name}:${version}`)).toEqual([
      'hello-app:v2',
      'hello-app-cache:main',
      'hello-app:v0',
    ]);
  });

  test('escapes what a name holds', async () => {
    packages.push({ name: 'a/b', version: 'v1', age: 400 }, { name: 'a/b', version: 'v2', age: 1 });
    await run({ keepLast: 1, images: [{ image: 'a/b', deployedTags: ['v2'] }] });
    expect(requests.at(-1)).toBe('DELETE /api/v1/packages/platform/container/a%2Fb/v1');
    expect(left()).toEqual(['v2']);
  });

  test('only says what it would do, unless it is told to do it', async () => {
    versions(['v1', 400], ['v2', 300], ['v3', 200]);
    const { code, output } = await run({
      keepLast: 1,
      dryRun: undefined,
      images: [{ image: 'hello-app', deployedTags: ['v3'] }],
    });
    expect([code, left()]).toEqual([0, ['v1', 'v2', 'v3']]);
    expect(output).toContain('would delete hello-app:v1\n');
    // The one DELETE asks whether the token may: "~" is in no tag.
    expect(requests.filter((request) => !request.startsWith('GET'))).toEqual([
      'DELETE /api/v1/packages/platform/container/hello-app/~dry-run~',
    ]);
  });

  test('does not mind that a version is gone already', async () => {
    versions(['v1', 400], ['v2', 300], ['v3', 1]);
    intercept = (request, response) => request.method === 'DELETE' && Boolean(response.writeHead(404).end());
    const { code, output } = await run({ keepLast: 1, images: [{ image: 'hello-app', deployedTags: ['v3'] }] });
    expect([code, output.match(/was gone/g)]).toEqual([0, ['was gone', 'was gone']]);
  });

  test.each([401, 403])('stops at status %i with what the token needs, and asks no second time', async (status) => {
    intercept = (_, response) => Boolean(response.writeHead(status).end('{}'));
    const { code, output } = await run();
    expect([code, requests.length]).toEqual([1, 1]);
    expect(output).toContain('write:package');
  });

  test('tries again when the server is in trouble, and deletes nothing when it stays there', async () => {
    versions(['v1', 400], ['v2', 300], ['v3', 1]);
    let troubles = 2;
    intercept = (_, response) => troubles-- > 0 && Boolean(response.writeHead(500).end());
    expect((await run({ keepLast: 1 })).code).toBe(0);
    expect(left()).toEqual(['v3']);
    versions(['v1', 400], ['v2', 300], ['v4', 1], ['v5', 1]);
    requests = [];
    intercept = (request, response) => request.url!.includes('page=2') && Boolean(response.writeHead(503).end());
    const { code, output } = await run({ keepLast: 1 });
    expect([code, left().length]).toEqual([1, 5]);
    expect(output).toContain('status 503, 3 times');
    expect(requests.some((request) => request.startsWith('DELETE'))).toBe(false);
  });

  test('gives up on a server that does not answer', async () => {
    intercept = () => true;
    const { code, output } = await run({}, { TIMEOUT_MILLISECONDS: '200' });
    expect(code).toBe(1);
    expect(output).toContain('TimeoutError, 3 times');
  });

  test.each(['no JSON', '{}', '[{"name":"hello-app","type":"container","version":"v1"}]'])(
    'deletes nothing after the answer %j',
    async (body) => {
      intercept = (_, response) => Boolean(response.writeHead(200).end(body));
      const { code } = await run();
      expect([code, requests.some((request) => request.startsWith('DELETE'))]).toEqual([1, false]);
    },
  );

  test('does not follow a redirect with its token', async () => {
    intercept = (request, response) =>
      Boolean(
        request.url === '/elsewhere'
          ? response.writeHead(200).end('[]')
          : response.writeHead(302, { location: '/elsewhere' }).end(),
      );
    expect((await run()).code).toBe(1);
    expect(requests).not.toContain('GET /elsewhere');
  });
});

test('the script is the file that lies in the library', () => {
  expect(objects()[0].data['retention.mjs']).toBe(
    fs.readFileSync(path.join(__dirname, '../../lib/registry/retention/scripts/retention.mjs'), 'utf8'),
  );
});
