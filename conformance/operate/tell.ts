/**
 * Tells Flux and people what a real Gitea does: the webhooks that `cdk8s-forge webhooks` makes arrive with the event and the signature that
 * Flux's Receiver checks, and a notification says that a run recovered, by the job's own token. A comment on a pull request is changed only
 * if it is our own, and a release is published.
 *   node --import tsx conformance/operate/tell.ts
 */
import * as assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import * as fs from 'node:fs';
import * as http from 'node:http';
import * as os from 'node:os';
import * as path from 'node:path';
import { App } from 'cdk8s';
import { Forge, RunsOn } from '../../lib/forge';
import { OutputFile } from '../../lib/output';
import { Notify, NotifyOn, PullRequests } from '../../lib/recipe';
import { Access, Condition, Step, Trigger, Workflow } from '../../lib/workflow';
import { Gitea } from './gitea';
import { program, Process, waitFor } from './programs';

const ROOT = path.join(__dirname, '..', '..');
const TOKEN = 'webhook-token-of-the-cluster';
const HOOKS = { home: `/hook/${'a'.repeat(64)}`, 'home-images': `/hook/${'b'.repeat(64)}` };

interface Call {
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** Takes what others post. */
async function listener(): Promise<{ calls: Call[]; url: string; end: () => void }> {
  const calls: Call[] = [];
  const server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      calls.push({ path: request.url ?? '', headers: request.headers, body });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { calls, url: `http://127.0.0.1:${(server.address() as { port: number }).port}`, end: () => server.close() };
}

async function main(): Promise<void> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'forge-tell-'));
  const settings = '\n[webhook]\nALLOWED_HOST_LIST = loopback\n\n[actions]\nENABLED = true\n';
  const gitea = await Gitea.start(path.join(folder, 'gitea'), 3413, settings);
  const heard = await listener();
  try {
    await gitea.must('POST', 'orgs', { username: 'homelab' });
    await gitea.must('POST', 'orgs/homelab/repos', { name: 'gitops', auto_init: true, default_branch: 'main' });
    await webhooks(folder, gitea, heard);
    await recovery(folder, gitea, heard);
    await comments(gitea);
  } finally {
    heard.end();
    await gitea.end();
    Process.killAll();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function webhooks(folder: string, gitea: Gitea, heard: { calls: Call[]; url: string }): Promise<void> {
  writePlan(folder, gitea.url);
  const forge = gitea.token('write:repository,write:organization,read:user');
  const run = (): string => {
    const args = ['webhooks', '--output', path.join(folder, 'dist'), '--address', heard.url];
    const { stdout, stderr, status } = spawnSync(process.execPath, ['--import', 'tsx', path.join(ROOT, 'lib/cli/main.ts'), ...args], {
      cwd: ROOT,
      env: { PATH: `${folder}/bin:${process.env.PATH}`, HOME: folder, FORGE_TOKEN: forge },
      encoding: 'utf8',
    });
    assert.equal(status, 0, stdout + stderr);
    return stdout;
  };
  assert.equal(run(), 'created: push of homelab/gitops\ncreated: package of homelab\n');
  assert.equal(run(), 'unchanged: push of homelab/gitops\nunchanged: package of homelab\n');
  const content = Buffer.from('x').toString('base64');
  await gitea.must('POST', 'repos/homelab/gitops/contents/a', { content, message: 'A push' });
  // Whatever a package is, its event is the same.
  const upload = await fetch(`${gitea.url}/api/packages/homelab/generic/web/1.0.0/image`, {
    method: 'PUT',
    headers: { authorization: `Basic ${Buffer.from(`${Gitea.USER}:${gitea.password}`).toString('base64')}` },
    body: 'x',
  });
  assert.equal(upload.status, 201);
  await waitFor('the webhooks', async () => heard.calls.length >= 2);
  for (const [receiver, event] of [['home', 'push'], ['home-images', 'package']] as const) {
    const call = heard.calls.find((each) => each.path === HOOKS[receiver]);
    assert.ok(call, `a call for ${receiver}`);
    // What Flux's Receiver of type github reads, and nothing else.
    assert.equal(call.headers['x-github-event'], event);
    assert.equal(call.headers['x-hub-signature-256'], `sha256=${createHmac('sha256', TOKEN).update(call.body).digest('hex')}`);
  }
  console.log('a push and a package arrive with the event and the signature that Flux checks');
  heard.calls.length = 0;
}

/** The plan of a cluster with webhooks, and a kubectl that answers for the cluster. */
function writePlan(folder: string, url: string): void {
  const webhooks = [
    { receiver: 'home', event: 'push', forge: url, repository: 'homelab/gitops' },
    { receiver: 'home-images', event: 'package', forge: url, owner: 'homelab' },
  ];
  const forges = [{ url, product: 'gitea', api: `${url}/api/v1`, tokenPage: `${url}/user/settings/applications` }];
  const clusters = [{ name: 'home', namespace: 'flux-system', webhooks }];
  fs.mkdirSync(path.join(folder, 'dist'), { recursive: true });
  fs.mkdirSync(path.join(folder, 'bin'));
  fs.writeFileSync(path.join(folder, 'dist/.cdk8s-forge.json'), JSON.stringify({ version: 1, clusters, forges, repositories: [], checks: [] }));
  const items = Object.entries(HOOKS).map(([name, webhookPath]) => ({
    metadata: { name, namespace: 'flux-system' },
    spec: { secretRef: { name: 'webhook-token' } },
    status: { webhookPath },
  }));
  const secret = { data: { token: Buffer.from(TOKEN).toString('base64') } };
  const answers = `#!/bin/bash\ncase "$*" in *receivers*) cat <<'E'\n${JSON.stringify({ items })}\nE\n;; *) cat <<'E'\n${JSON.stringify(secret)}\nE\nesac\n`;
  fs.writeFileSync(path.join(folder, 'bin/kubectl'), answers, { mode: 0o755 });
}

/** A workflow whose build does this, and that tells only of failures and recoveries. */
function workflowFile(gitea: Gitea, url: string, build: string): string {
  const forge = Forge.gitea({ version: '1.26', url: gitea.url });
  const workflow = new Workflow(new App(), 'build', {
    repository: forge.repository('homelab/app'),
    triggers: [Trigger.push({ branches: ['main'] })],
  });
  const runsOn = RunsOn.existing('host');
  const job = workflow.addJob('build', { runsOn, steps: [Step.run({ name: 'Build', script: build })] });
  workflow.addJob('notify', {
    runsOn,
    needs: [job],
    if: Condition.ALWAYS,
    permissions: { actions: Access.READ },
    steps: [Notify.webhook(url, { result: job.result, on: [NotifyOn.FAILURE, NotifyOn.RECOVERED] })],
  });
  return workflow.node.children.find(OutputFile.isOutputFile)!.content;
}

async function recovery(folder: string, gitea: Gitea, heard: { calls: Call[]; url: string }): Promise<void> {
  const home = path.join(folder, 'runner');
  fs.mkdirSync(home);
  const registration = gitea.command('actions', 'generate-runner-token').trim().split('\n').pop()!;
  const runner = program('gitea-runner');
  const environment = { PATH: process.env.PATH, HOME: home };
  const registered = spawnSync(
    runner,
    ['register', '--no-interactive', '--instance', gitea.url, '--token', registration, '--name', 'host', '--labels', 'host:host'],
    { cwd: home, env: environment, encoding: 'utf8' },
  );
  assert.equal(registered.status, 0, registered.stderr);
  Process.start('runner', runner, ['daemon'], { folder: home, environment });
  await gitea.must('POST', 'orgs/homelab/repos', { name: 'app', auto_init: true, default_branch: 'main' });
  const said: string[] = [];
  let sha: string | undefined;
  for (const [i, build] of ['exit 1', 'true', 'true # again', 'exit 2', 'exit 3', 'true # at last'].entries()) {
    const content = Buffer.from(workflowFile(gitea, heard.url, build)).toString('base64');
    const route = 'repos/homelab/app/contents/.gitea/workflows/build.yml';
    const made = await gitea.must(sha === undefined ? 'POST' : 'PUT', route, { content, message: `Build ${i}`, sha });
    sha = made.content.sha;
    await waitFor(`run ${i + 1}`, async () => {
      const { workflow_runs: runs } = await gitea.must('GET', 'repos/homelab/app/actions/tasks?limit=50');
      const own = runs.filter((run: { run_number: number }) => run.run_number === i + 1);
      return own.length === 2 && own.every(({ status }: { status: string }) => ['success', 'failure'].includes(status));
    });
    said.push(heard.calls.map(({ body }) => JSON.parse(body).status).join(' '));
    heard.calls.length = 0;
  }
  assert.deepEqual(said, ['failure', 'recovered', '', 'failure', 'failure', 'recovered']);
  console.log('of six runs, three failures and two recoveries were told, and a success was not');
}

/** A stranger wrote our mark before us. */
async function comments(gitea: Gitea): Promise<void> {
  const forge = Forge.gitea({ version: '1.26', url: gitea.url });
  const workflow = new Workflow(new App(), 'comment', { repository: forge.repository('homelab/app'), triggers: [Trigger.pullRequest()] });
  workflow.addJob('comment', {
    runsOn: RunsOn.existing('host'),
    permissions: { issues: Access.WRITE, pullRequests: Access.WRITE },
    steps: [PullRequests.comment({ text: 'Built `app` for this pull request.' })],
  });
  const file = workflow.node.children.find(OutputFile.isOutputFile)!.content;
  const content = (text: string): string => Buffer.from(text).toString('base64');
  const route = 'repos/homelab/app/contents';
  await gitea.must('POST', `${route}/a`, { content: content('a'), message: 'Change', new_branch: 'change' });
  const { number } = await gitea.must('POST', 'repos/homelab/app/pulls', { head: 'change', base: 'main', title: '$(touch pwned) `id`' });
  const thread = `repos/homelab/app/issues/${number}/comments`;
  await gitea.must('POST', thread, { body: '<!-- cdk8s-forge-build -->\nNothing to see.' });
  const written = async (): Promise<string[]> =>
    (await gitea.must('GET', thread)).map(({ user, body }: { user: { login: string }; body: string }) => `${user.login}: ${body.split('\n')[1]}`);
  const expected = [`${Gitea.USER}: Nothing to see.`, 'gitea-actions: Built `app` for this pull request.'];
  for (const [i, text] of [file, `${file}# again\n`].entries()) {
    const path = `${route}/.gitea/workflows/comment.yml`;
    const sha = i === 0 ? undefined : (await gitea.must('GET', `${path}?ref=change`)).sha;
    await gitea.must(i === 0 ? 'POST' : 'PUT', path, { content: content(text), message: `Comment ${i}`, branch: 'change', sha });
    await waitFor(`comment run ${i + 1}`, async () => {
      const { workflow_runs: runs } = await gitea.must('GET', 'repos/homelab/app/actions/tasks?limit=50');
      const own = runs.filter((run: { workflow_id: string; status: string }) => run.workflow_id === 'comment.yml' && run.status === 'success');
      return own.length === i + 1;
    });
    assert.deepEqual(await written(), expected);
  }
  console.log('a comment of a stranger with our mark stays, our own is made once and changed by the next run');
}

void main();
