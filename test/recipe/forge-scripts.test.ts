import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { App } from 'cdk8s';
import { parse } from 'yaml';
import { RunsOn } from '../../lib/forge';
import { PullRequests, RegistryLogin, Release, TrustCa } from '../../lib/recipe';
import { Endpoint, Registry } from '../../lib/registry';
import { CaBundle } from '../../lib/trust';
import { Expression, IStepSource } from '../../lib/workflow';
import { runBash } from '../support/bash';
import { Asked, ForgeServer } from '../support/forge-server';
import { accepts, codesOf } from '../support/problems';
import { runScript } from '../support/play-workflow';
import { temporaryFolder } from '../support/workspace';
import { GITEA, rendered, REPOSITORY, textOf } from '../workflow/render';

const TOKEN = 'job-token-4c7d';
const stepOf = (step: IStepSource) => parse(rendered({ steps: [step] })).jobs.build.steps[0];

/** Runs a rendered step against a server; expressions that are left are empty. */
async function run(step: { run: string; env: Record<string, string> }, env: Record<string, string>) {
  const own = Object.entries(step.env).map(([name, value]) => [name, /\$\{\{/.test(value) ? '' : String(value)]);
  const all = { HOME: temporaryFolder(), ...Object.fromEntries(own), TOKEN, ...env };
  const ran = await runScript(step.run, { cwd: temporaryFolder(), commands: {}, paths: [], env: all });
  expect(ran.log.replace(/::add-mask::.*/g, '')).not.toContain(TOKEN);
  return ran;
}

let server: ForgeServer;
const answers: Record<string, [number, string] | ((asked: Asked) => [number, string])> = {};
beforeEach(async () => {
  Object.keys(answers).forEach((key) => delete answers[key]);
  server = await ForgeServer.start(TOKEN, answers);
});
afterEach(() => server.stop());
const asked = (method: string) => server.asked.filter((one) => one.method === method);

describe('what another job left in the home directory', () => {
  const scripts = path.join(__dirname, '../../lib/recipe/scripts');
  const calls = fs
    .readdirSync(scripts)
    .filter((name) => name.endsWith('.sh'))
    .flatMap((name) => fs.readFileSync(path.join(scripts, name), 'utf8').match(/\bcurl -.*/g) ?? []);

  test('is not read by any curl that has a token', () => {
    expect(calls.length).toBeGreaterThanOrEqual(4);
    expect(calls.filter((call) => !call.startsWith('curl -q '))).toEqual([]);
  });

  test('leads no request to another server', async () => {
    const home = temporaryFolder();
    fs.writeFileSync(path.join(home, '.curlrc'), 'proxy = "http://127.0.0.1:1"\n');
    answers['GET /api/repos/team/web/issues/7/comments?limit=100&per_page=100'] = [200, '[]'];
    answers['POST /api/repos/team/web/issues/7/comments'] = [201, '{}'];
    const env = { API: `${server.url}/api/repos/team/web`, NUMBER: '7', TEXT: 'x', HOME: home };
    const ran = await run(stepOf(PullRequests.comment({ text: 'x' })), env);
    expect(ran.log).toBe('commented on pull request 7\n');
  });
});

describe('a comment on a pull request', () => {
  const step = stepOf(PullRequests.comment({ text: 'x' }));
  const comment = (text: string, number = '7') =>
    run(step, { API: `${server.url}/api/repos/team/web`, NUMBER: number, TEXT: text });
  const LIST = 'GET /api/repos/team/web/issues/7/comments?limit=100&per_page=100';
  const POST = 'POST /api/repos/team/web/issues/7/comments';

  test('is made once, and changed by a later run; hostile text stays text', async () => {
    const text = 'Built "web" $(id) `x`\n@everyone\u0007';
    answers[LIST] = [200, '[{"id":1,"body":"other"}]'];
    answers[POST] = [201, '{}'];
    expect(await comment(text)).toEqual({ status: 0, log: 'commented on pull request 7\n' });
    const [made] = asked('POST');
    expect(JSON.parse(made.body).body).toBe(`<!-- cdk8s-forge-build -->\n${text.replace('\u0007', ' ')}`);
    expect(made.headers.authorization).toBe(`token ${TOKEN}`);
    const before = JSON.stringify([{ id: 9, body: JSON.parse(made.body).body, user: { login: 'gitea-actions' } }]);
    answers[LIST] = [200, before];
    answers['PATCH /api/repos/team/web/issues/comments/9'] = [200, '{}'];
    expect((await comment('again')).status).toBe(0);
    expect(asked('PATCH').length).toBe(1);
  });

  test.each([
    ['the bot of Gitea', undefined, { login: 'gitea-actions' }, 'PATCH'],
    ['the bot of Forgejo', undefined, { login: 'forgejo-actions' }, 'PATCH'],
    ['the bot of GitHub', undefined, { login: 'github-actions[bot]', type: 'Bot' }, 'PATCH'],
    ['the user of the token', 'robot', { login: 'robot', type: 'User' }, 'PATCH'],
    ['a stranger, with the token of a job', undefined, { login: 'mallory', type: 'User' }, 'POST'],
    ['a stranger, with the token of a user', 'robot', { login: 'mallory', type: 'User' }, 'POST'],
    ['a bot, with the token of a user', 'robot', { login: 'gitea-actions', type: 'Bot' }, 'POST'],
    ['nobody', undefined, null, 'POST'],
  ])('with the mark, of %s, is changed only if it is our own', async (_, me, user, method) => {
    answers['GET /api/user'] = me === undefined ? [403, '{}'] : [200, JSON.stringify({ login: me })];
    answers[LIST] = [200, JSON.stringify([{ id: 9, body: '<!-- cdk8s-forge-build -->', user }])];
    answers[POST] = [201, '{}'];
    answers['PATCH /api/repos/team/web/issues/comments/9'] = [200, '{}'];
    expect(await comment('x')).toEqual({ status: 0, log: 'commented on pull request 7\n' });
    expect(server.asked.at(-1)!.method).toBe(method);
  });

  test('that the forge does not take is a warning', async () => {
    answers[LIST] = [200, '[]'];
    answers[POST] = [403, '{}'];
    const ran = await comment('x');
    expect([ran.status, ran.log.includes('::warning::no comment: the forge answered 403')]).toEqual([0, true]);
  });

  test.each([
    ['a token that may not write', '7', 'answered 404'],
    ['a run without a pull request', '', 'not for a pull request'],
    ['a number with a path', '7/../8', 'not for a pull request'],
  ])('fails no job for %s', async (_, number, warning) => {
    const ran = await comment('x', number);
    expect([ran.status, ran.log.includes('::warning::no comment'), ran.log.includes(warning)]).toEqual([0, true, true]);
  });
});

describe('the cleanup of a pull request', () => {
  const registry = Registry.gitea(GITEA, { owner: 'platform' });
  const props = { repository: REPOSITORY, registry, images: ['web', 'team/api'], runsOn: RunsOn.existing('runner') };
  const workflow = parse(textOf(PullRequests.cleanup(new App(), 'cleanup', props)));

  test('runs when a pull request closes, and deletes its tags only', async () => {
    expect(workflow.on).toEqual({ pull_request: { types: ['closed'] } });
    answers['DELETE /api/packages/platform/container/web/pr-7'] = [204, ''];
    const ran = await run(workflow.jobs.cleanup.steps[0], { API: `${server.url}/api`, NUMBER: '7' });
    expect(ran).toEqual({ status: 0, log: 'deleted web:pr-7\nteam/api:pr-7 is not there\n' });
    expect(asked('DELETE').map((one) => one.path)).toEqual([
      '/api/packages/platform/container/web/pr-7',
      '/api/packages/platform/container/team%2Fapi/pr-7',
    ]);
    answers['DELETE /api/packages/platform/container/web/pr-7'] = [403, ''];
    expect((await run(workflow.jobs.cleanup.steps[0], { API: `${server.url}/api`, NUMBER: '7' })).status).toBe(1);
    expect((await run(workflow.jobs.cleanup.steps[0], { API: `${server.url}/api`, NUMBER: '' })).status).toBe(1);
  });

  test.each<[string, () => unknown, () => unknown]>([
    [
      'another registry',
      () => PullRequests.cleanup(new App(), 'a', { ...props, registry: Registry.ghcr({ owner: 'a' }) }),
      () => PullRequests.cleanup(new App(), 'a', props),
    ],
    [
      'a tag that is deployed',
      () => PullRequests.cleanup(new App(), 'a', { ...props, tags: ['latest'] }),
      () => PullRequests.cleanup(new App(), 'a', { ...props, tags: ['{number}-cache'] }),
    ],
    ['an empty comment', () => PullRequests.comment({ text: ' ' }), () => PullRequests.comment({ text: 'a' })],
  ])('fails with FORGE-RECIPE-017 for %s, and accepts its neighbor', (_, wrong, right) => {
    expect(codesOf(wrong)).toEqual(['FORGE-RECIPE-017']);
    expect(right).not.toThrow();
  });
});

test('a release has the subjects of its commits as notes, which mention nobody; once', async () => {
  const sources = temporaryFolder();
  const git = (...args: string[]) =>
    spawnSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
      cwd: sources,
      encoding: 'utf8',
    }).stdout.trim();
  git('init', '--quiet', '--initial-branch', 'main');
  git('commit', '--quiet', '--allow-empty', '--message', 'old');
  git('tag', 'v1.0.0');
  git('commit', '--quiet', '--allow-empty', '--message', 'feat: <b>bold</b> @all $(id)');
  git('commit', '--quiet', '--allow-empty', '--message', 'fix: "quotes" [x](y)');
  git('tag', 'v1.1.0');
  server.add('platform/hello', sources);
  answers['POST /api/releases'] = [201, '{}'];
  const step = stepOf(Release.entry({ tag: 'v1.1.0', previous: 'v1.0.0' }));
  const env = {
    API: `${server.url}/api`,
    COMMIT: git('rev-parse', 'HEAD'),
    REPOSITORY_URL: `${server.url}/platform/hello.git`,
  };
  expect(await run(step, env)).toMatchObject({ status: 0, log: expect.stringContaining('published v1.1.0') });
  expect(JSON.parse(asked('POST')[0].body)).toEqual({
    tag_name: 'v1.1.0',
    name: 'v1.1.0',
    body: '- fix: "quotes" \\[x\\](y)\n- feat: \\<b\\>bold\\</b\\> @\u200ball $(id)',
  });
  answers['GET /api/releases/tags/v1.1.0'] = [200, '{}'];
  expect((await run(step, env)).log).toContain('exists already');
  expect(asked('POST').length).toBe(1);
  expect((await run(step, { ...env, TAG: 'v1 --x' })).status).toBe(1);
});

describe('a login to registries', () => {
  const one = Registry.oci({ owner: 'a', pull: Endpoint.https('one.example.com'), push: Endpoint.http('one:5000') });
  const two = Registry.oci({ owner: 'a', pull: Endpoint.https('two.example.com') });
  const token = Expression.secret('TWO');

  test('has a user for each, in a directory of the job, and shows none', () => {
    const step = stepOf(RegistryLogin.step({ targets: [{ registry: one }, { registry: two, username: 'b', token }] }));
    const variables = path.join(temporaryFolder(), 'env');
    const env = { ...step.env, USER_1: 'a', TOKEN_1: 's3cret', TOKEN_2: 'f0x "\\', GITHUB_ENV: variables };
    const ran = runBash(step.run, { env });
    const folder = fs.readFileSync(variables, 'utf8').trim().replace('DOCKER_CONFIG=', '');
    const { auths } = JSON.parse(fs.readFileSync(path.join(folder, 'config.json'), 'utf8'));
    const entry = (user: string) => ({ auth: Buffer.from(user).toString('base64') });
    expect(auths).toEqual({
      'one:5000': entry('a:s3cret'),
      'one.example.com': entry('a:s3cret'),
      'two.example.com': entry('b:f0x "\\'),
    });
    expect(fs.statSync(path.join(folder, 'config.json')).mode & 0o777).toBe(0o600);
    expect(ran.stdout.replace(/::add-mask::.*/g, '')).not.toMatch(/s3cret|f0x/);
    expect(runBash(step.run, { env: { ...env, TOKEN_1: '' } }).stderr).toContain('create the secrets');
    fs.rmSync(folder, { recursive: true });
  });

  test('fails with FORGE-RECIPE-016 for two users of one host, and with FORGE-RECIPE-013 for a token in plain text', () => {
    expect(codesOf(() => RegistryLogin.step({ targets: [{ registry: two }, { registry: two }] }))).toEqual([
      'FORGE-RECIPE-016',
    ]);
    expect(codesOf(() => RegistryLogin.step({ targets: [] }))).toEqual(['FORGE-RECIPE-016']);
    expect(codesOf(() => RegistryLogin.step({ targets: [{ registry: two, token: 'x' }] }))).toEqual([
      'FORGE-RECIPE-013',
    ]);
    expect(() => RegistryLogin.step({ targets: [{ registry: one }, { registry: two }] })).not.toThrow();
  });
});

test('a job trusts a CA whose certificates are in the workflow; one in the cluster is FORGE-RECIPE-016', () => {
  const bundle = CaBundle.fromFile(path.join(__dirname, '../fixtures/trust/ca.crt'));
  const step = stepOf(TrustCa.step(bundle));
  const [variables, root] = [path.join(temporaryFolder(), 'env'), temporaryFolder()];
  const update = '#!/bin/bash\nexit 0\n';
  const ran = runBash(step.run, {
    env: { ...step.env, GITHUB_ENV: variables, CA_ROOT: root, RUNNER_TEMP: root },
    commands: { 'update-ca-certificates': update },
  });
  expect([ran.status, ran.stderr]).toEqual([0, '']);
  const installed = path.join(root, 'usr/local/share/ca-certificates/cdk8s-forge-ca.crt');
  expect(fs.readFileSync(installed, 'utf8')).toContain(bundle.pem!.trim());
  expect(fs.readFileSync(variables, 'utf8')).toMatch(/^NODE_EXTRA_CA_CERTS=/);
  expect(codesOf(() => TrustCa.step(CaBundle.fromConfigMap('home-ca')))).toEqual(['FORGE-RECIPE-016']);
  accepts(() => TrustCa.step(bundle));
});
