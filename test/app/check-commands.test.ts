import * as fs from 'node:fs';
import { Chart, Size } from 'cdk8s';
import { Deployment } from 'cdk8s-plus-28';
import { GitOpsApp } from '../../lib/app';
import { Buildkitd } from '../../lib/buildkit';
import { verify } from '../../lib/cli/verify';
import { Cluster } from '../../lib/flux';
import { Forge } from '../../lib/forge';
import { Storage } from '../../lib/kube';
import { ImagePipeline } from '../../lib/pipeline';
import { Registry } from '../../lib/registry';
import { Executor, Registration, Runner, RunnerScope } from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { temporaryFolder } from '../support/workspace';

const URL = 'https://git.example.com';

/** A platform as in main.ts, with webhooks. */
function platform(): string {
  const folder = temporaryFolder();
  const app = new GitOpsApp({ outdir: `${folder}/dist`, imageLock: `${folder}/images.yaml` });
  const gitea = Forge.gitea({ version: '1.26', url: URL });
  const credentials = SecretSource.existing('registry-credentials');
  const registry = Registry.gitea(gitea, { owner: 'platform', credentials });
  const webhookToken = SecretSource.existing('webhook');
  const home = new Cluster(app, 'home', { source: gitea.repository('platform/gitops'), webhookToken });
  const ci = new Chart(home, 'ci', { namespace: 'ci' });
  const storage = Storage.persistent(Size.gibibytes(50));
  const builder = new Buildkitd(ci, 'buildkitd', { registries: [registry], storage });
  const registration = Registration.token(SecretSource.existing('runner-token'));
  const executor = Executor.host({ builder });
  const runner = new Runner(ci, 'runner', { forge: gitea, scope: RunnerScope.instance(), registration, executor });
  const apps = new Chart(home, 'apps', { namespace: 'apps' });
  const repository = gitea.repository('platform/hello');
  const hello = new ImagePipeline(apps, 'hello', { repository, registry, runner, dockerfile: 'Dockerfile' });
  new Deployment(apps, 'hello', { containers: [{ image: hello.image.reference, portNumber: 8080 }] });
  app.synth();
  return `${folder}/dist`;
}

const outdir = platform();

/** Runs the checks with a title, with Bash that plays kubectl and curl, and returns what they say. */
async function said(title: string, commands: Record<string, string>): Promise<string[]> {
  const bin = temporaryFolder();
  for (const [name, text] of Object.entries(commands)) {
    fs.writeFileSync(`${bin}/${name}`, `#!/bin/bash\n${text}\n`, { mode: 0o755 });
  }
  const environment = { PATH: `${bin}:${process.env.PATH}`, HOME: bin };
  const all = await verify(
    { outdir, environment, tokens: { FORGE_TOKEN: 'verify-token-0123456789' }, only: title },
    () => {},
  );
  return all.map(({ state, output = '', symptoms = [] }) =>
    [state, output, ...symptoms.map(({ fix }) => fix)].join(' '),
  );
}

const CONFIG = `{"auths":{"other.example.com":{"auth":"b3RoZXI="},"git.example.com":{"auth":"Ym90OnNlY3JldA=="}}}`;

test.each([
  ['15% /data', 'passed'],
  ['89% /data', 'passed'],
  ['90% /data', 'failed'],
  ['100% /data', 'failed'],
])('a volume of which %s are used: %s', async (used, state) => {
  const kubectl = `printf 'Filesystem 1024-blocks Used Available Capacity Mounted on\\n/dev/x 100 15 85 %s\\n' '${used}'`;
  const results = await said('Its volume has free space', { kubectl });
  expect(results.map((text) => text.split(' ')[0])).toEqual([state, state]);
  expect(results[0].includes('buildctl prune')).toBe(state === 'failed');
});

test.each([
  ['date +%s', 'passed'],
  ['echo $(($(date +%s) - 30))', 'passed'],
  ['echo $(($(date +%s) - 300))', 'failed'],
  ['echo $(($(date +%s) + 300))', 'failed'],
  ['exit 1', 'failed'],
])('a node whose clock is %s: %s', async (kubectl, state) => {
  const results = await said('The clock of its node is right', { kubectl });
  expect(results.map((text) => text.split(' ')[0])).toEqual([state, state]);
});

test.each([
  ['hello=main-1234567-1\n', 'passed'],
  ['hello=main-1234567-1\nother=\n', 'failed'],
  ['', 'failed'],
])('image policies %j: %s', async (text, state) => {
  const results = await said('Every ImagePolicy has chosen a tag', {
    kubectl: `printf '${text.replace(/\n/g, '\\n')}'`,
  });
  expect(results.map((one) => one.split(' ')[0])).toEqual([state]);
});

test.each([
  ['2026-11-29T00:00:00Z', 'passed'],
  ['', 'failed'],
])('the last webhook came at %j: %s', async (text, state) => {
  const results = await said('A webhook has arrived', { kubectl: `printf '%s' '${text}'` });
  expect(results.map((one) => one.split(' ')[0])).toEqual([state]);
});

test('the token realm is asked where the registry sends its clients', async () => {
  const header = (value: string) => `HTTP/2 401\\r\\nwww-authenticate: ${value}\\r\\n`;
  const curl = (value: string, status: string) =>
    `[[ "$*" != *"--config -"* ]] || read -r line; case "$* \${line:-}" in *${URL}/v2/*) printf '${header(value)}' ;; *'url = "https://realm.example.com/token"'*) printf '${status}\\n' ;; *) exit 6 ;; esac`;
  const bearer = 'Bearer realm="https://realm.example.com/token",service="x"';
  const title = 'The token realm of `git.example.com` answers';
  for (const [value, status, state] of [
    [bearer, '401', 'passed'],
    [bearer, '200', 'passed'],
    [bearer, '502', 'failed'],
    ['Bearer realm="https://gone.example.com/token"', '200', 'failed'],
    ['Basic realm="x"', '200', 'failed'],
  ]) {
    const results = await said(title, { curl: curl(value, status) });
    expect([value, status, results.map((one) => one.split(' ')[0])]).toEqual([value, status, [state]]);
  }
});

test('the login of a namespace is sent to its registry only, in no list of processes, and is no output', async () => {
  const title = 'Secret `apps/registry-credentials` can pull';
  const kubectl = `printf '%s' '${CONFIG}'`;
  const curl = (status: string) =>
    `read -r line; printf '%s\\n%s\\n' "$*" "$line" > "$HOME/seen"; cp "$HOME/seen" ${outdir}/seen; printf '${status}\\n'`;
  for (const [status, state] of [
    ['404', 'passed'],
    ['200', 'passed'],
    ['401', 'failed 401'],
    ['403', 'failed 403'],
  ]) {
    const [result] = await said(title, { kubectl, curl: curl(status) });
    expect(result.startsWith(state)).toBe(true);
    expect(result).not.toMatch(/Ym90OnNlY3JldA/);
  }
  const [args, login] = fs.readFileSync(`${outdir}/seen`, 'utf8').split('\n');
  expect(args).toMatch(/https:\/\/git\.example\.com\/v2\/platform\/cdk8s-forge-verify\/tags\/list$/);
  expect(args).not.toContain('Ym90');
  expect(login).toBe('header = "Authorization: Basic Ym90OnNlY3JldA=="');
});

test.each([
  [`{"name":"runner-0","status":"online","labels":[{"id":1,"name":"runner"}]}`, 'passed'],
  [`{"name":"runner-0","labels":["runner:host"],"status":"online"}`, 'passed'],
  [`{"name":"runner-0","status":"offline","labels":[{"id":1,"name":"runner"}]}`, 'failed'],
  [`{"name":"runner-0","status":"online","labels":[{"id":1,"name":"other"}]}`, 'failed'],
  [`{"name":"runner-0","status":"online","labels":[]},{"name":"x","labels":[{"name":"runner"}]}`, 'failed'],
])('a runner that the forge lists as %s: %s', async (entry, state) => {
  const [result] = await said('The runner is online', { curl: `printf '%s' '{"runners":[${entry}]}'` });
  expect(result.split(' ')[0]).toBe(state);
});
