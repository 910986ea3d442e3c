import * as assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { after, before, test } from 'node:test';
import { Cluster } from './cluster';
import { Gitea } from './gitea';
import { program, waitFor } from './programs';

const ROOT = path.join(__dirname, '..', '..');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'forge-operate-'));
const app = path.join(folder, 'app');
let gitea: Gitea;
let cluster: Cluster;

before(async () => {
  [gitea, cluster] = await Promise.all([
    Gitea.start(path.join(folder, 'gitea'), 3411),
    Cluster.start(path.join(folder, 'cluster'), 6411),
  ]);
  await gitea.must('POST', 'orgs', { username: 'platform' });
  await gitea.must('POST', 'orgs/platform/repos', { name: 'hello', auto_init: true, default_branch: 'main' });
  writeApp();
});

after(async () => {
  await cluster.end();
  await gitea.end();
  fs.rmSync(folder, { recursive: true, force: true });
});

/** Writes this repository's own program for the server of this test, in a repository of its own. */
function writeApp(): void {
  fs.mkdirSync(app);
  const links = ['lib', 'imports', 'node_modules'];
  links.forEach((name) => fs.symlinkSync(path.join(ROOT, name), path.join(app, name)));
  const text = fs
    .readFileSync(path.join(ROOT, 'main.ts'), 'utf8')
    .replaceAll('https://git.example.com', gitea.url)
    .replaceAll('http://gitea-http.gitea.svc.cluster.local:3000', gitea.url)
    .replace('  uploadLimit: Size.mebibytes(100),\n', '');
  fs.writeFileSync(path.join(app, 'main.ts'), text);
  fs.writeFileSync(path.join(app, 'cdk8s.yaml'), 'app: node --preserve-symlinks-main --import tsx main.ts\n');
  fs.writeFileSync(path.join(app, '.gitignore'), links.join('\n'));
  const bin = path.join(folder, 'bin');
  fs.mkdirSync(bin);
  const main = path.join(ROOT, 'lib/cli/main.ts');
  script(path.join(bin, 'npx'), `shift; exec node --import ${ROOT}/node_modules/tsx/dist/loader.mjs ${main} "$@"`);
  script(path.join(bin, 'flux'), `echo "$*" >> ${folder}/flux.calls; touch ${folder}/flux.asked; while [ ! -e ${folder}/flux.done ]; do sleep 0.2; done`);
  fs.symlinkSync(program('kubectl'), path.join(bin, 'kubectl'));
  sh('git init --quiet --initial-branch main && git config user.name Operator && git config user.email operator@example.com');
}

function script(file: string, text: string): void {
  fs.writeFileSync(file, `#!/bin/bash\n${text}\n`, { mode: 0o755 });
}

function environment(): NodeJS.ProcessEnv {
  return {
    PATH: `${folder}/bin:${process.env.PATH}`,
    HOME: folder,
    KUBECONFIG: cluster.kubeconfig,
    FORGE_TOKEN: gitea.token(),
    FORGE_USER: Gitea.USER,
    FORGE_PASSWORD: gitea.password,
  };
}

function sh(text: string) {
  const result = spawnSync('bash', ['-c', `set -e\n${text}`], { cwd: app, env: environment(), encoding: 'utf8' });
  return { ...result, output: `${result.stdout}${result.stderr}` };
}

/** Runs a command while this process plays what is not here: the tool flux, and the kubelet that starts pods. */
async function played(text: string): Promise<{ status: number | null; output: string }> {
  const { spawn } = await import('node:child_process');
  const child = spawn('bash', ['-c', `set -e\n${text}`], { cwd: app, env: environment() });
  let output = '';
  child.stdout.on('data', (part: Buffer) => (output += part));
  child.stderr.on('data', (part: Buffer) => (output += part));
  const timer = setInterval(() => {
    if (fs.existsSync(`${folder}/flux.asked`) && !fs.existsSync(`${folder}/flux.done`)) {
      cluster.installKinds();
      cluster.startFlux(9411);
      fs.writeFileSync(`${folder}/flux.done`, '');
    }
    cluster.startPods();
  }, 1000);
  const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
  clearInterval(timer);
  return { status, output };
}

const blocks = [...fs.readFileSync(path.join(ROOT, 'docs/operate.md'), 'utf8').matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(
  ([, text]) => text,
);

test('the commands of docs/operate.md lead from an empty cluster to delivered workflows', { timeout: 600_000 }, async () => {
  const [synth, dry, bootstrap, deliver, verify] = blocks;
  assert.equal(blocks.length, 5);
  const synthesized = sh(synth);
  assert.equal(synthesized.status, 0, synthesized.output);
  const planned = sh(dry);
  assert.equal(planned.status, 0, planned.output);
  assert.match(planned.output, /to install: flux install --components-extra=image-reflector-controller,image-automation-controller/);
  assert.equal(cluster.kubectl('get', 'namespace', 'flux-system').status, 1, 'a dry run changes nothing');
  const done = await played(bootstrap);
  assert.equal(done.status, 0, done.output);
  assert.match(done.output, /ready: GitRepository home\n/);
  assert.match(done.output, /ready: Kustomization home-platform\n/);
  assert.match(done.output, /waits for the first build: Kustomization home-apps: .*flux-system\/hello-app/);
  assert.match(cluster.must('get', 'namespace', 'gitea', '-o', 'json'), /"pod-security.kubernetes.io\/enforce": "privileged"/);
  const again = await played(bootstrap);
  assert.equal(again.status, 0, again.output);
  assert.match(again.output, /done: secrets: all there\n/);
  assert.match(again.output, /done: repository: platform\/gitops exists, has this commit\n/);
  const delivered = sh(deliver);
  assert.equal(delivered.status, 0, delivered.output);
  const file = await gitea.must('GET', 'repos/platform/hello/contents/.gitea/workflows/hello-app.yml');
  assert.match(Buffer.from(file.content, 'base64').toString(), /# Delivered by cdk8s-forge from platform\/gitops/);
  const runs = async () => (await gitea.must('GET', 'repos/platform/hello/actions/runs')).workflow_runs.length;
  await waitFor('the first build', async () => (await runs()) === 1);
  // No node runs the pods of this cluster: the checks that ask them fail, the others pass. conformance/live has both.
  const verified = sh(verify);
  assert.match(verified.output, /6 present, 0 missing, 0 incomplete, 0 unknown/);
  assert.match(verified.output, /passed: Registry .* answers/);
});
