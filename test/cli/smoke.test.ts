import * as fs from 'node:fs';
import { runCli } from '../support/cli';
import { ForgeServer, GotRequest, PlayedAnswer } from '../support/played-forge';
import { temporaryFolder, writeTree } from '../support/workspace';

const TOKEN = 'smoke-token-0123456789';
const SHA = '0123456789abcdef0123456789abcdef01234567';
const TAG = 'main-0123456-1764374400';
const run = (conclusion: string | null, sha = SHA) => ({
  head_sha: sha,
  status: 'x',
  conclusion,
  html_url: 'https://run',
});
const base64 = (text: string) => Buffer.from(text).toString('base64');
const policies = (tag: string) =>
  JSON.stringify({ items: [{ metadata: { namespace: 'flux-system', name: 'web' }, status: { latestRef: { tag } } }] });

/** A platform in which a commit is built, chosen and committed, apart from what is played instead. */
async function smoke(
  instead: Record<string, PlayedAnswer> = {},
  { product = 'gitea', chosen = TAG, args = ['--smoke', 'platform/web'] } = {},
) {
  const answers: Record<string, PlayedAnswer> = {
    ...instead,
    'GET repos/platform/web/contents': { status: 404, body: {} },
    'POST repos/platform/web/contents': { status: 201, body: { commit: { sha: SHA } } },
    'PUT repos/platform/web/contents': { status: 200, body: { commit: { sha: SHA } } },
    'GET repos/platform/web/actions': {
      status: 200,
      body: { workflow_runs: [run('success'), run('failure', 'other')] },
    },
    'GET repos/platform/gitops/contents/lock.yaml': { status: 200, body: { content: base64(`tag: ${TAG}\n`) } },
    ...instead,
  };
  const answer = ({ method, path }: GotRequest) =>
    answers[Object.keys(answers).find((start) => `${method} ${path}`.startsWith(start)) ?? ''] ?? { status: 404 };
  const server = await ForgeServer.start(answer);
  const folder = temporaryFolder();
  const source = { repository: 'platform/gitops', url: `${server.url}/platform/gitops.git`, forge: server.url };
  const plan = {
    version: 1,
    forges: [server.planned(product)],
    repositories: [{ name: 'platform/web', url: server.url, forge: server.url, files: [] }],
    clusters: [{ name: 'home', entry: 'dist/clusters/home/flux', lock: 'lock.yaml', source }],
    checks: [],
  };
  writeTree(folder, {
    'dist/.cdk8s-forge.json': JSON.stringify(plan),
    'before.json': policies('main-0000000-1'),
    'after.json': policies(chosen),
    'bin/kubectl': `#!/bin/bash\nif [ -e "$HOME/asked" ]; then cat "$HOME/after.json"; else touch "$HOME/asked"; cat "$HOME/before.json"; fi\n`,
  });
  fs.chmodSync(`${folder}/bin/kubectl`, 0o755);
  const environment = { PATH: `${folder}/bin:${process.env.PATH}`, HOME: folder, FORGE_TOKEN: TOKEN };
  try {
    const result = await runCli(['verify', '--output', `${folder}/dist`, '--wait', '1', ...args], environment);
    expect(`${result.stdout}${result.stderr}`).not.toContain(TOKEN);
    return { ...result, requests: server.requests };
  } finally {
    await server.end();
  }
}

const lines = (stdout: string) => stdout.split('\n').filter((line) => /^(passed|failed)/.test(line));
const title = (state: string, text: string) => `${state}: Smoke test of platform/web: ${text}`;

test('a commit is followed to its run, its image and its tag, with a result for each', async () => {
  const { status, stdout, requests } = await smoke();
  expect([status, lines(stdout)]).toEqual([
    0,
    [
      title('passed', 'The repository takes a commit'),
      title('passed', 'The commit is built'),
      title('passed', 'A policy chooses the image'),
      title('passed', 'Flux commits the tag'),
    ],
  ]);
  expect(requests.map(({ method }) => method).filter((method) => method !== 'GET')).toEqual(['POST']);
  const json = await smoke({}, { product: 'github', args: ['--smoke', 'platform/web', '--json'] });
  expect([json.status, JSON.parse(json.stdout).map(({ state }: { state: string }) => state)]).toEqual([
    0,
    ['passed', 'passed', 'passed', 'passed'],
  ]);
  expect(json.requests.map(({ method }) => method)).toContain('PUT');
});

test.each<[string, Record<string, PlayedAnswer>, { chosen?: string }, number, RegExp]>([
  ['a token that may not write', { 'POST repos': { status: 403, body: { message: 'no' } } }, {}, 1, /lacks a scope/],
  ['an answer without a commit', { 'POST repos': { status: 201, body: {} } }, {}, 1, /names no commit/],
  [
    'a run that fails',
    { 'GET repos/platform/web/actions': { status: 200, body: { workflow_runs: [run('failure')] } } },
    {},
    2,
    /ended with failure: https:\/\/run/,
  ],
  [
    'no run',
    { 'GET repos/platform/web/actions': { status: 200, body: { workflow_runs: [] } } },
    {},
    2,
    /no run has started/,
  ],
  [
    'a run that goes on',
    { 'GET repos/platform/web/actions': { status: 200, body: { workflow_runs: [run(null)] } } },
    {},
    2,
    /a run is not over/,
  ],
  ['a server that fails', { 'GET repos/platform/web/actions': { status: 500, body: {} } }, {}, 2, /the server failed/],
  ['no other image', {}, { chosen: 'main-0000000-1' }, 3, /no policy has chosen another image/],
  [
    'no commit of Flux',
    { 'GET repos/platform/gitops': { status: 200, body: { content: base64('tag: old\n') } } },
    {},
    4,
    /can Flux push/,
  ],
])('%s ends the test at its step', async (_, instead, more, count, reason) => {
  const { status, stdout } = await smoke(instead, more);
  expect([status, lines(stdout).length, stdout]).toEqual([1, count, expect.stringMatching(reason)]);
  expect(lines(stdout).at(-1)).toMatch(/^failed/);
});

test('a repository without a workflow of the program is an error', async () => {
  const { status, stderr } = await smoke({}, { args: ['--smoke', 'platform/other'] });
  expect([status, stderr]).toEqual([1, expect.stringContaining('FORGE-CLI-027')]);
});
