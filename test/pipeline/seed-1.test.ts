import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse } from 'yaml';
import { ForgeServer } from '../support/forge-server';
import { Played, playWorkflow } from '../support/play-workflow';
import { temporaryFolder } from '../support/workspace';

/**
 * The pipeline of the first seed as its example writes it, from a commit to the notification: real Git over HTTP, a server
 * for the notifications, and a Docker that writes down what it is to push.
 */
const FILE = path.join(
  __dirname,
  '../../examples/1-gitea-pipeline/dist/repositories/homelab/kuberay-images/.gitea/workflows/kuberay-images.yml',
);
const TEXT = fs.readFileSync(FILE, 'utf8');
/** The same with two images, or one: the others only take time. */
const TWO_IMAGES = TEXT.replace(/^ +- ray-worker-(strixhalo|intel)\n/gm, '');
const ONE_IMAGE = TWO_IMAGES.replace(/^ +- ray-worker-rdna2\n/gm, '');
const TOKEN = 'job-token-5b1e';
const SECRETS = {
  REGISTRY_USER: 'robot',
  REGISTRY_TOKEN: 'registry-token-77aa',
  COSIGN_PRIVATE_KEY: 'private-key-19c2',
  COSIGN_PASSWORD: 'key-password-83d0',
};

/** A scanner that finds nothing, and a signer that writes down what it signs. */
const TRIVY = `#!/bin/bash
while [ $# -gt 0 ]; do if [ "$1" = --output ]; then printf 'nothing\\n' >"$2"; fi; shift; done
`;
const COSIGN = `#!/bin/bash
if [ "$1" = sign ] && [ "$2" != --help ]; then printf 'signed %s\\n' "\${@: -1}" >>"$PUSHED"; fi
`;

/** Pushes nothing, but writes down each name, and reports the hash of all names as digest. */
const DOCKER = `#!/bin/bash
[ "$1 $2" = "buildx build" ] || exit 0
while [ $# -gt 0 ]; do
  case $1 in
    --output) names=$2 ;;
    --metadata-file) result=$2 ;;
  esac
  shift
done
printf '%s\\n' "$names" >>"$PUSHED"
printf '{\\n  "containerimage.digest": "sha256:%s"\\n}' "$(printf '%s' "$names" | sha256sum | cut -d ' ' -f 1)" >"$result"
`;

let server: ForgeServer;
let sources: string;
let remote: string;

const git = (cwd: string, ...args: string[]): string => {
  const run = spawnSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
    cwd,
    encoding: 'utf8',
  });
  if (run.status !== 0) {
    throw new Error(run.stderr);
  }
  return run.stdout.trim();
};

/** Commits to the sources and pushes to the remote; returns the commit. */
function commit(message: string): string {
  fs.mkdirSync(path.join(sources, 'dockerfiles'), { recursive: true });
  fs.appendFileSync(path.join(sources, 'dockerfiles/Dockerfile.ray-worker-nvidia'), 'RUN true\n');
  git(sources, 'add', '--all');
  git(sources, 'commit', '--quiet', '--message', message);
  git(sources, 'push', '--quiet', remote, 'HEAD:main');
  return git(sources, 'rev-parse', 'HEAD');
}

beforeEach(async () => {
  server = await ForgeServer.start(TOKEN, { 'POST /': [200, '{}'] });
  sources = temporaryFolder();
  git(sources, 'init', '--quiet', '--initial-branch', 'main');
  fs.writeFileSync(path.join(sources, 'README.md'), 'Images\n');
  git(sources, 'add', '--all');
  git(sources, 'commit', '--quiet', '--message', 'Begin');
  remote = server.add('homelab/kuberay-images', sources);
});
afterEach(() => server.stop());

interface Run extends Played {
  readonly pushed: string[];
  readonly signed: string[];
}

/** Runs the workflow for a commit of main, as a push would. */
async function run(sha: string, number: number, commands: Record<string, string> = {}, file = ONE_IMAGE): Promise<Run> {
  const pushed = path.join(temporaryFolder(), 'pushed');
  fs.writeFileSync(pushed, '');
  const message = git(sources, 'log', '-1', '--format=%B', sha);
  const text = file
    .replaceAll(
      'http://gitea-http.gitea.svc.cluster.local:3000/homelab/kuberay-images.git',
      `${server.url}/homelab/kuberay-images.git`,
    )
    .replaceAll('http://ntfy.observability.svc.cluster.local', server.url);
  const played = await playWorkflow(text, {
    github: {
      token: TOKEN,
      sha,
      ref: 'refs/heads/main',
      ref_name: 'main',
      event_name: 'push',
      repository: 'homelab/kuberay-images',
      workflow: 'kuberay-images',
      run_id: `${number}`,
      run_number: `${number}`,
      run_attempt: '1',
      actor: 'dev',
      event: { head_commit: { message } },
    },
    secrets: SECRETS,
    commands: { docker: DOCKER, trivy: TRIVY, cosign: COSIGN, ...commands },
    env: { PUSHED: pushed },
  });
  const lines = fs.readFileSync(pushed, 'utf8').split('\n').filter(Boolean);
  const isSignature = (line: string): boolean => line.startsWith('signed ');
  return { ...played, pushed: lines.filter((line) => !isSignature(line)), signed: lines.filter(isSignature) };
}

const refs = (): string[] =>
  git(remote, 'for-each-ref', '--format=%(refname)', 'refs/tags', 'refs/versions').split('\n').filter(Boolean);
const results = ({ jobs }: Played) => Object.fromEntries(Object.entries(jobs).map(([id, { result }]) => [id, result]));
const GOOD = { plan: 'success', build: 'success', release: 'success', notify: 'success' };
const notices = () =>
  server.asked.map(({ body }) => JSON.parse(body) as { title: string; message: string; tags: string[] });

test('a commit becomes a version, its images, a tag and a notification', async () => {
  const sha = commit('feat: a worker');
  const played = await run(sha, 1, {}, TWO_IMAGES);
  expect(results(played)).toEqual(GOOD);
  expect(played.jobs.plan.outputs).toMatchObject({ version: '0.1.0', tag: 'v0.1.0', changed: 'true' });
  expect(played.pushed.length).toBe(2);
  expect(played.pushed[0]).toContain('/homelab/ray-worker-nvidia:0.1.0');
  expect(played.signed.map((line) => /ray-worker-\w+@sha256:[0-9a-f]{64}$/.test(line))).toEqual([true, true]);
  expect(refs()).toEqual(['refs/tags/v0.1.0']);
  expect(git(remote, 'rev-parse', 'v0.1.0^{commit}')).toBe(sha);
  expect(git(remote, 'cat-file', '-t', 'v0.1.0')).toBe('tag');
  expect(notices().length).toBe(1);
  expect(notices()[0].message).toContain('success');
  const { REGISTRY_TOKEN, COSIGN_PRIVATE_KEY, COSIGN_PASSWORD } = SECRETS;
  for (const secret of [
    TOKEN,
    REGISTRY_TOKEN,
    COSIGN_PRIVATE_KEY,
    COSIGN_PASSWORD,
    Buffer.from(`x-access-token:${TOKEN}`).toString('base64'),
  ]) {
    expect(played.log).not.toContain(secret);
  }
});

test('twice in parallel: one version each, and each image has the version of its commit', async () => {
  git(remote, 'tag', 'v1.0.0', git(remote, 'rev-parse', 'main'));
  const first = commit('feat: first');
  const second = commit('fix: second');
  const [a, b] = await Promise.all([run(first, 1), run(second, 2)]);
  expect([results(a), results(b)]).toEqual([GOOD, GOOD]);
  const versions = [a, b].map(({ jobs }) => jobs.plan.outputs.version);
  expect([...versions].sort()).toEqual(['1.1.0', '1.2.0']);
  for (const [played, version, sha] of [
    [a, versions[0], first],
    [b, versions[1], second],
  ] as const) {
    expect(played.pushed.map((names) => names.includes(`:${version}"`))).toEqual([true]);
    expect(git(remote, 'rev-parse', `v${version}^{commit}`)).toBe(sha);
  }
  expect(refs()).toEqual(['refs/tags/v1.0.0', 'refs/tags/v1.1.0', 'refs/tags/v1.2.0']);
});

test('a build that fails leaves no tag, says so, and keeps its number when it is started again', async () => {
  const sha = commit('feat: a worker');
  const broken = DOCKER.replace('while', 'exit 1\nwhile');
  const failed = await run(sha, 1, { docker: broken });
  expect(results(failed)).toEqual({ ...GOOD, build: 'failure', release: 'skipped', notify: 'failure' });
  expect(refs()).toEqual(['refs/versions/v0.1.0']);
  expect(notices()[0].message).toContain('failure');
  const again = await run(sha, 1);
  expect([results(again), again.jobs.plan.outputs.version]).toEqual([GOOD, '0.1.0']);
  expect(refs()).toEqual(['refs/tags/v0.1.0']);
  const third = await run(sha, 1);
  expect([third.jobs.plan.outputs.changed, third.pushed]).toEqual(['false', []]);
});

test('an image that fails the scan is not signed, and the version is not tagged', async () => {
  const found = TRIVY.replace('while', 'case $* in *--exit-code*) exit 9 ;; esac\nwhile');
  const played = await run(commit('feat: a worker'), 1, { trivy: found });
  expect(results(played)).toEqual({ ...GOOD, build: 'failure', release: 'skipped', notify: 'failure' });
  expect([played.pushed.length, played.signed, refs()]).toEqual([1, [], ['refs/versions/v0.1.0']]);
});

test('a flag in the message leaves the images out, takes no number, and hostile text stays text', async () => {
  const sha = commit('feat: $(touch pwned) `id` "; exit 1 [skip images]');
  const played = await run(sha, 1);
  expect([played.jobs.build.result, played.jobs.release.result, played.pushed]).toEqual(['skipped', 'skipped', []]);
  expect(refs()).toEqual([]);
});

test('the program of the first seed has fewer than 80 lines', () => {
  const program = fs.readFileSync(path.join(__dirname, '../../examples/1-gitea-pipeline/main.ts'), 'utf8');
  expect(program.trimEnd().split('\n').length).toBeLessThan(80);
  expect(Object.keys(parse(TEXT).jobs)).toEqual(Object.keys(GOOD));
});
