import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import { stamped } from '../../lib/cli/delivered-file';
import { runCli } from '../support/cli';
import { ForgeServer, GotRequest, PlayedAnswer } from '../support/played-forge';
import { temporaryFolder, writeTree } from '../support/workspace';

const FILE = '.gitea/workflows/build.yml';
const TEXT = 'on: push\njobs: {}\n';
const SOURCE = 'platform/gitops';
const TOKEN = 'delivery-token-0123456789';

const hash = (text: string) =>
  createHash('sha1')
    .update(`blob ${Buffer.byteLength(text)}\0${text}`)
    .digest('hex');

/** A pull request from our branch, as far as it is read. */
function pull(repository: string | undefined = 'platform/web', base = 'main'): object {
  const repo = repository === undefined ? null : { full_name: repository };
  return { head: { ref: 'cdk8s-forge/workflows', repo }, base: { ref: base } };
}

/** A repository at a played Gitea or GitHub: its files, and what it answers instead by the start of a request. */
function forge(files: Record<string, string>, instead: Record<string, PlayedAnswer> = {}) {
  const pulls: object[] = [];
  return ({ method, path, body }: GotRequest): PlayedAnswer => {
    const request = `${method} ${path.replace('repos/platform/web', '')}`;
    const found = Object.keys(instead).find((start) => request.startsWith(start));
    if (found !== undefined) {
      return instead[found];
    }
    const tree = Object.entries(files).map(([name, text]) => ({
      path: name,
      mode: '100644',
      type: 'blob',
      sha: hash(text),
    }));
    const blob = Object.values(files).find((text) => request === `GET /git/blobs/${hash(text)}`);
    if (blob !== undefined) {
      return { status: 200, body: { content: Buffer.from(blob).toString('base64'), encoding: 'base64' } };
    }
    const answers: [RegExp, PlayedAnswer][] = [
      [/^GET $/, { status: 200, body: { default_branch: 'main', archived: false, has_actions: true } }],
      [/^GET \/git\/trees\//, { status: 200, body: { sha: 'tree', tree, truncated: false } }],
      [/^GET \/git\/ref\//, { status: 200, body: { object: { sha: 'head' } } }],
      [/^GET \/git\/commits\//, { status: 200, body: { tree: { sha: 'base' } } }],
      [/^POST \/git\//, { status: 201, body: { sha: 'made' } }],
      [/^PATCH \/git\/refs/, { status: 200, body: {} }],
      [/^POST \/contents$/, { status: 201, body: { commit: { sha: 'made' } } }],
      [/^GET \/pulls/, { status: 200, body: pulls }],
      [/^PATCH $/, { status: 200, body: {} }],
    ];
    if (request === 'POST /pulls') {
      pulls.push({ html_url: 'https://git.example.com/pulls/1', ...pull(), body });
      return { status: 201, body: pulls[0] };
    }
    return answers.find(([form]) => form.test(request))?.[1] ?? { status: 404, body: { message: 'not found' } };
  };
}

/** A branch that a rule protects from the user of the token. */
function ruled(rule: string): PlayedAnswer {
  return { status: 200, body: { protected: true, user_can_push: false, effective_branch_protection_name: rule } };
}

async function delivered(
  answer: (request: GotRequest) => PlayedAnswer,
  { product = 'gitea', args = ['--by', 'api'] }: { product?: string; args?: string[] } = {},
) {
  const server = await ForgeServer.start(answer);
  const folder = temporaryFolder();
  const repositories = [
    { name: 'platform/web', url: `${server.url}/platform/web.git`, forge: server.url, files: [FILE] },
  ];
  const plan = { version: 1, forges: [server.planned(product)], repositories, checks: [] };
  writeTree(folder, {
    'dist/.cdk8s-forge.json': JSON.stringify(plan),
    [`dist/repositories/platform/web/${FILE}`]: TEXT,
  });
  try {
    const environment = { PATH: process.env.PATH, HOME: folder, FORGE_TOKEN: TOKEN };
    const options = ['--output', `${folder}/dist`, '--source', SOURCE, '--json'];
    const { status, stdout, stderr } = await runCli(['deliver', ...options, ...args], environment);
    const [result] = JSON.parse(stdout || '[{}]') as {
      files: { change: string; file: string }[];
      error?: string;
      commit?: string;
      pullRequest?: string;
      settings?: string[];
    }[];
    expect(stdout + stderr).not.toContain(TOKEN);
    return {
      status,
      result,
      stderr,
      requests: server.requests,
      writes: server.log.filter((line) => !line.startsWith('GET')),
    };
  } finally {
    await server.end();
  }
}

test('Gitea and Forgejo get one commit with all changes, and nothing if nothing changes', async () => {
  const old = { '.gitea/workflows/old.yml': stamped('on: push\n', SOURCE), '.gitea/workflows/own.yml': 'on: push\n' };
  for (const product of ['gitea', 'forgejo']) {
    const { status, result, requests } = await delivered(forge(old), { product });
    expect([status, result.commit]).toEqual([0, 'made']);
    expect(result.files).toEqual([
      { file: FILE, change: 'created' },
      { file: '.gitea/workflows/old.yml', change: 'removed' },
    ]);
    const { body, authorization } = requests.find(({ method }) => method === 'POST')!;
    expect(authorization).toBe(`token ${TOKEN}`);
    expect(body).toMatchObject({
      branch: 'main',
      files: [
        { operation: 'create', path: FILE, content: Buffer.from(stamped(TEXT, SOURCE)).toString('base64') },
        { operation: 'delete', path: '.gitea/workflows/old.yml', sha: hash(old['.gitea/workflows/old.yml']) },
      ],
    });
  }
  const same = await delivered(forge({ [FILE]: stamped(TEXT, SOURCE) }));
  expect([same.status, same.writes, same.requests.length]).toEqual([0, [], 2]);
});

test('GitHub gets a tree, a commit and a new head of the branch, which is never forced', async () => {
  const { status, result, requests } = await delivered(forge({}), { product: 'github' });
  expect([status, result.commit]).toEqual([0, 'made']);
  const writes = requests.filter(({ method }) => method !== 'GET');
  expect(writes.map(({ method, path, body }) => [method, path, body])).toEqual([
    [
      'POST',
      'repos/platform/web/git/trees',
      { base_tree: 'base', tree: [{ path: FILE, mode: '100644', type: 'blob', content: stamped(TEXT, SOURCE) }] },
    ],
    [
      'POST',
      'repos/platform/web/git/commits',
      { message: expect.stringContaining(SOURCE), tree: 'made', parents: ['head'] },
    ],
    ['PATCH', 'repos/platform/web/git/refs/heads/main', { sha: 'made', force: false }],
  ]);
  expect(requests[0].authorization).toBe(`Bearer ${TOKEN}`);
});

test('an older delivery is updated, and a change by a person stays unless the file is named', async () => {
  const older = await delivered(forge({ [FILE]: stamped('on: pull_request\n', SOURCE) }));
  expect(older.result.files).toEqual([{ file: FILE, change: 'updated' }]);
  const edited = forge({ [FILE]: `${stamped(TEXT, SOURCE)}# edited\n` });
  const conflict = await delivered(edited);
  expect([conflict.status, conflict.result.files, conflict.writes]).toEqual([
    1,
    [{ file: FILE, change: 'conflict' }],
    [],
  ]);
  const forced = await delivered(edited, { args: ['--by', 'api', '--force-file', `platform/web:${FILE}`] });
  expect([forced.status, forced.result.files]).toEqual([0, [{ file: FILE, change: 'updated' }]]);
});

test('a pull request is opened from a branch of its own, and an open one is used again', async () => {
  const args = ['--pull-request'];
  const first = await delivered(forge({}), { args });
  expect(first.result.pullRequest).toBe('https://git.example.com/pulls/1');
  expect(first.requests.find(({ path }) => path.endsWith('/contents'))!.body).toMatchObject({
    branch: 'main',
    new_branch: 'cdk8s-forge/workflows',
  });
  const branch = {
    'GET /branches/': { status: 200, body: {} },
    'GET /pulls': { status: 200, body: [{ html_url: 'https://open', ...pull('Platform/Web') }] },
  };
  const again = await delivered(forge({}, branch), { args });
  expect(again.result.pullRequest).toBe('https://open');
  expect(again.writes).toEqual(['POST repos/platform/web/contents']);
  expect(again.requests.find(({ path }) => path.endsWith('/contents'))!.body).toMatchObject({
    branch: 'cdk8s-forge/workflows',
  });
  const github = await delivered(forge({}), { args, product: 'github' });
  expect(github.writes.slice(-2)).toEqual(['POST repos/platform/web/git/refs', 'POST repos/platform/web/pulls']);
  const done = await delivered(forge({ [FILE]: stamped(TEXT, SOURCE) }), { args });
  expect([done.status, done.writes]).toEqual([0, []]);
});

test('a pull request of a fork, or of another base, is not ours, whatever the name of its branch', async () => {
  for (const other of [
    pull('mallory/web'),
    pull(''),
    pull('platform/web', 'old'),
    { ...pull(), head: { ref: 'cdk8s-forge/workflows', repo: null } },
  ]) {
    const strange = { 'GET /pulls': { status: 200, body: [{ html_url: 'https://evil', ...other }] } };
    const { status, result } = await delivered(forge({}, strange), { args: ['--pull-request'] });
    expect([status, result.pullRequest]).toEqual([0, 'https://git.example.com/pulls/1']);
  }
});

test('a plan that somebody changed delivers no file outside of the files to deliver', async () => {
  const home = temporaryFolder();
  writeTree(home, {
    secret: 'key',
    'dist/repositories/platform/web/.gitea/workflows/ok.yml': TEXT,
    'dist/repositories/platform/out.yml': TEXT,
  });
  fs.symlinkSync(`${home}/secret`, `${home}/dist/repositories/platform/web/link.yml`);
  for (const file of ['../../../../secret', 'link.yml', '../out.yml', '/etc/passwd', '']) {
    const server = await ForgeServer.start(forge({}));
    const repository = { name: 'platform/web', url: `${server.url}/x.git`, forge: server.url, files: [file] };
    const plan = { version: 1, forges: [server.planned()], repositories: [repository], checks: [] };
    fs.writeFileSync(`${home}/dist/.cdk8s-forge.json`, JSON.stringify(plan));
    const args = ['deliver', '--output', `${home}/dist`, '--source', SOURCE, '--by', 'api'];
    const { status, stdout } = await runCli(args, { PATH: process.env.PATH, HOME: home, FORGE_TOKEN: TOKEN });
    await server.end();
    expect([status, stdout]).toEqual([1, expect.stringMatching(/failed\n.*(is not a path in|is outside of)/)]);
    expect(server.requests.filter(({ method }) => method !== 'GET')).toEqual([]);
  }
});

test('a token goes to its own forge only, also by git, and to no forge of a former plan', async () => {
  const servers = [await ForgeServer.start(() => ({ status: 404 })), await ForgeServer.start(() => ({ status: 404 }))];
  const [one, two] = servers;
  const folder = temporaryFolder();
  const repositories = servers.map(({ url }) => ({
    name: 'platform/web',
    url: `${url}/platform/web.git`,
    forge: url,
    files: [FILE],
  }));
  const run = async (plan: object, tokens: Record<string, string>) => {
    servers.forEach(({ requests }) => requests.splice(0));
    writeTree(folder, {
      'dist/.cdk8s-forge.json': JSON.stringify({ version: 1, checks: [], ...plan }),
      [`dist/repositories/platform/web/${FILE}`]: TEXT,
    });
    const environment = { PATH: process.env.PATH, HOME: folder, GIT_CONFIG_NOSYSTEM: '1', ...tokens };
    await runCli(['deliver', '--output', `${folder}/dist`, '--source', SOURCE], environment);
    return servers.map(({ requests }) => [
      ...new Set(
        requests.map(({ authorization }) => Buffer.from(authorization.replace('Basic ', ''), 'base64').toString()),
      ),
    ]);
  };
  const variable = ({ url }: ForgeServer) => `FORGE_TOKEN_${new URL(url).host.replace(/\W/g, '_')}`;
  const both = { forges: servers.map((server) => server.planned()), repositories };
  try {
    expect(await run(both, { FORGE_TOKEN: 'common' })).toEqual([[''], ['']]);
    const tokens = { FORGE_TOKEN: 'common', [variable(one)]: 'first', [variable(two)]: 'second' };
    expect(await run(both, tokens)).toEqual([['x-access-token:first'], ['x-access-token:second']]);
    const first = { forges: [one.planned()], repositories: [repositories[0]] };
    expect(await run(first, { FORGE_TOKEN: 'common' })).toEqual([['x-access-token:common'], []]);
    expect(await run({ ...first, repositories }, { FORGE_TOKEN: 'common' })).toEqual([['x-access-token:common'], ['']]);
  } finally {
    await Promise.all(servers.map((server) => server.end()));
  }
});

test('Actions that are off are reported, and turned on when asked; an archived repository is reported', async () => {
  const off = (request: GotRequest) =>
    request.method === 'GET' && request.path === 'repos/platform/web'
      ? { status: 200, body: { default_branch: 'main', has_actions: false } }
      : forge({ [FILE]: stamped(TEXT, SOURCE) })(request);
  const reported = await delivered(off);
  expect([reported.result.settings, reported.writes]).toEqual([[expect.stringContaining('Actions are off')], []]);
  const enabled = await delivered(off, { args: ['--enable-actions'] });
  expect(enabled.requests.find(({ method }) => method === 'PATCH')!.body).toEqual({ has_actions: true });
  const archived = await delivered(({ method }) => ({
    status: method === 'GET' ? 200 : 423,
    body: { default_branch: 'main', archived: true },
  }));
  expect([archived.status, archived.result.error, archived.writes]).toEqual([
    1,
    expect.stringContaining('archived'),
    [],
  ]);
});

test('a protected branch is reported before the commit, and the user is added to its rule when asked', async () => {
  const branch = {
    protected: true,
    user_can_push: false,
    effective_branch_protection_name: 'ma*',
  };
  const answers = (rule: object) => ({
    'GET /branches/main': { status: 200, body: branch },
    'GET user': { status: 200, body: { login: 'operator' } as object },
    'GET /branch_protections/ma*': { status: 200, body: rule },
    'PATCH /branch_protections/ma*': { status: 200, body: {} },
  });
  const protectedForge = (rule: object) => forge({}, answers(rule));
  const reported = await delivered(protectedForge({}));
  expect([reported.status, reported.result.error, reported.writes]).toEqual([
    1,
    expect.stringMatching(/"main" is protected by the rule "ma\*": use --pull-request, or --allow-push/),
    [],
  ]);
  const dry = await delivered(protectedForge({}), { args: ['--allow-push', '--dry-run'] });
  expect([dry.status, dry.result.settings, dry.writes]).toEqual([
    0,
    [expect.stringContaining('--allow-push would add "operator"')],
    [],
  ]);
  for (const [rule, users] of [
    [{ enable_push: false, push_whitelist_usernames: null }, ['operator']],
    [{ enable_push: false, enable_push_whitelist: true, push_whitelist_usernames: ['former'] }, ['operator']],
    [{ enable_push: true, enable_push_whitelist: true, push_whitelist_usernames: ['lead'] }, ['lead', 'operator']],
  ] as const) {
    const { status, result, requests } = await delivered(protectedForge(rule), { args: ['--allow-push'] });
    expect([status, result.commit, result.settings]).toEqual([
      0,
      'made',
      ['"operator" may push to branch "main" now, by the rule "ma*"'],
    ]);
    expect(requests.find(({ method }) => method === 'PATCH')!.body).toEqual({
      enable_push: true,
      enable_push_whitelist: true,
      push_whitelist_usernames: users,
      ...('enable_push' in rule && rule.enable_push
        ? {}
        : { push_whitelist_teams: [], push_whitelist_deploy_keys: false }),
    });
  }
  const open = await delivered(protectedForge({ enable_push: true }), { args: ['--allow-push'] });
  expect([open.status, open.result.error, open.writes]).toEqual([
    1,
    expect.stringContaining('for all who cannot write, as the user "operator"'),
    [],
  ]);
  const free = { 'GET /branches/main': { status: 200, body: { ...branch, user_can_push: true } } };
  expect((await delivered(forge({}, free))).result).toMatchObject({ commit: 'made', settings: [] });
});

test.each<[string, Record<string, PlayedAnswer>]>([
  ['a rule without a name', { 'GET /branches/main': ruled('') }],
  ['a rule of dots', { 'GET /branches/main': ruled('..') }],
  ['a rule that is not there', { 'GET /branch_protections/': { status: 404, body: { message: 'not found' } } }],
  ['a user without a name', { 'GET user': { status: 200, body: {} } }],
])('%s is a rule that the user cannot see, also in a dry run, and nothing is written', async (_, instead) => {
  const answers = {
    'GET /branches/main': ruled('main'),
    'GET user': { status: 200, body: { login: 'operator' } },
    'GET /branch_protections/': { status: 200, body: { enable_push: false } },
  };
  for (const more of [[], ['--dry-run']]) {
    const args = ['--allow-push', ...more];
    const { status, result, writes } = await delivered(forge({}, { ...answers, ...instead }), { args });
    expect([status, result.error, writes]).toEqual([
      1,
      expect.stringMatching(/which the user of the token cannot see/),
      [],
    ]);
    expect(result.error).not.toMatch(/404|not found/);
  }
  expect((await delivered(forge({}, answers), { args: ['--allow-push', '--dry-run'] })).status).toBe(0);
});

test('a rule that was changed is reported, also if the commit is repeated, or fails', async () => {
  const answers = (commit: PlayedAnswer): Record<string, PlayedAnswer> => ({
    'GET user': { status: 200, body: { login: 'operator' } },
    'GET /branch_protections/': { status: 200, body: { enable_push: false } },
    'PATCH /branch_protections/': { status: 200, body: {} },
    'POST /contents': commit,
  });
  const changed = 'may push to branch "main" now';
  const failed = await delivered(
    forge({}, { 'GET /branches/main': ruled('main'), ...answers({ status: 500, body: {} }) }),
    {
      args: ['--allow-push'],
    },
  );
  expect([failed.status, failed.result.error]).toEqual([1, expect.stringContaining(changed)]);
  let commits = 0;
  let isListed = false;
  const repeated = await delivered(
    (request) => {
      isListed ||= request.method === 'PATCH';
      const isFirst = request.method === 'POST' && commits++ === 0;
      const commit = isFirst ? { status: 409, body: {} } : { status: 201, body: { commit: { sha: 'made' } } };
      const branch = { 'GET /branches/main': isListed ? { status: 200, body: {} } : ruled('main') };
      return forge({}, { ...branch, ...answers(commit) })(request);
    },
    { args: ['--allow-push'] },
  );
  expect([repeated.status, repeated.result.commit, repeated.result.settings]).toEqual([
    0,
    'made',
    [expect.stringContaining(changed)],
  ]);
});

test.each([
  ['401', { 'GET ': { status: 401, body: { message: 'token is required' } } }, /FORGE_TOKEN is not valid/],
  [
    '403',
    { 'POST /contents': { status: 403, body: { message: 'token does not have at least one of required scope(s)' } } },
    /lacks a scope/,
  ],
  [
    'a protected branch',
    {
      'POST /contents': { status: 403, body: { message: 'user does not have permission to push to protected branch' } },
    },
    /the branch is protected: use --pull-request/,
  ],
  [
    'a protected branch, in the words of Gitea 1.26.0',
    { 'POST /contents': { status: 403, body: { message: 'user cannot commit to repo [user: operator]' } } },
    /the branch is protected: use --pull-request/,
  ],
  ['404', { 'GET ': { status: 404, body: { message: 'not found' } } }, /does not exist, or the token cannot see it/],
  ['409 each time', { 'POST /contents': { status: 409, body: { message: 'conflict' } } }, /at the same time/],
  ['422', { 'POST /contents': { status: 422, body: { message: 'invalid path' } } }, /invalid path/],
  ['500', { 'POST /contents': { status: 500, body: { message: '' } } }, /the server failed/],
  ['no JSON', { 'GET ': { status: 200, body: '<html>' } }, /is not JSON/],
  ['a reset connection', { 'POST /contents': 'reset' }, /does not answer/],
] as [string, Record<string, PlayedAnswer>, RegExp][])(
  '%s is reported for the repository, with a remedy',
  async (_, instead, reason) => {
    const { status, result } = await delivered(forge({}, instead));
    expect([status, result.error]).toEqual([1, expect.stringMatching(reason)]);
  },
);

test('a commit that another one overtakes is made again on top of it, and a slow answer is waited for', async () => {
  let rejected = 0;
  const { status, result } = await delivered((request) =>
    request.method === 'POST' && rejected++ === 0
      ? { status: 409, body: { message: 'sha does not match' } }
      : { ...(forge({})(request) as Exclude<PlayedAnswer, string>), delay: 100 },
  );
  expect([status, result.commit, rejected]).toEqual([0, 'made', 2]);
});

test('a repository for which the program has no files any more loses its delivered files, and no others', async () => {
  let isGone = false;
  const files = forge({ [FILE]: stamped(TEXT, SOURCE), '.gitea/workflows/own.yml': 'on: push\n' });
  const server = await ForgeServer.start((request) => (isGone ? { status: 404, body: {} } : files(request)));
  const folder = temporaryFolder();
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], { cwd: folder });
  const repository = { name: 'platform/web', url: `${server.url}/platform/web.git`, forge: server.url, files: [FILE] };
  const plan = (repositories: object[]) =>
    JSON.stringify({ version: 1, forges: [server.planned()], repositories, checks: [] });
  writeTree(folder, { 'dist/.cdk8s-forge.json': plan([repository]) });
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '--message', 'one');
  fs.writeFileSync(`${folder}/dist/.cdk8s-forge.json`, plan([]));
  const environment = { PATH: process.env.PATH, HOME: folder, FORGE_TOKEN: TOKEN };
  const run = () => runCli(['deliver', '--output', `${folder}/dist`, '--source', SOURCE, '--by', 'api'], environment);
  try {
    expect((await run()).stdout).toContain(`removed: ${FILE}`);
    isGone = true;
    expect(await run()).toMatchObject({ status: 0, stdout: '' });
  } finally {
    await server.end();
  }
});
