import * as fs from 'node:fs';
import * as path from 'node:path';
import { Chart, Testing } from 'cdk8s';
import { parse } from 'yaml';
import { Forge, RunsOn } from '../../lib/forge';
import { OutputFile } from '../../lib/output';
import { BuildctlBuild } from '../../lib/recipe';
import { DockerConfigJson, Endpoint, Registry } from '../../lib/registry';
import { Trigger, Workflow } from '../../lib/workflow';
import { runBash } from '../support/bash';
import { temporaryFolder } from '../support/workspace';

const forge = Forge.gitea({ version: '1.26', url: 'https://registry.example.com:3000' });

/** The step as it stands in the workflow file. */
function rendered(registry = Registry.gitea(forge, { owner: 'platform' })): {
  run: string;
  env: Record<string, string>;
} {
  const chart = new Chart(Testing.app(), 'ci');
  const workflow = new Workflow(chart, 'build', {
    repository: forge.repository('platform/hello'),
    triggers: [Trigger.push({ branches: ['main'] })],
  });
  workflow.addJob('build', {
    runsOn: RunsOn.existing('runner'),
    steps: [BuildctlBuild.step({ registry, image: 'hello', context: '.', dockerfile: 'Dockerfile' })],
  });
  const { content } = workflow.node.children.find(OutputFile.isOutputFile) as OutputFile;
  return parse(content).jobs.build.steps[0];
}

const SCRIPT = rendered().run;
const PASSWORD = 'pa"ss\\w $(touch pwned) \'0rd';
const ENV = {
  IMAGE: 'registry.example.com:3000/platform/hello',
  CONTEXT: 'app folder',
  DOCKERFILE: 'docker/Dockerfile',
  FORM: 'timestamp',
  DEPLOYED: 'main',
  REF: 'refs/heads/main',
  COMMIT: 'abcdef0123456789',
  PUSH: 'yes',
  OUTPUT: 'oci-mediatypes=true,compression=gzip',
  REGISTRY_HOSTS: 'registry.example.com:3000',
  REGISTRY_USER: 'ci',
  REGISTRY_TOKEN: PASSWORD,
  BUILDKIT_HOST: 'tcp://buildkitd:1234',
};

const DIGEST = `sha256:${'a1'.repeat(32)}`;

/** Stands in for buildctl: notes its arguments, one a line, and what it finds as credentials. */
function fakeBuildctl(notes: string, exitCode = 0): string {
  return `#!/bin/bash
printf '%s\\n' "$@" > '${notes}/arguments'
cp "$DOCKER_CONFIG/config.json" '${notes}/config.json'
printf '%s' "$DOCKER_CONFIG" > '${notes}/folder'
printf '%s' "$BUILDKIT_HOST" > '${notes}/host'
stat -c '%a' "$DOCKER_CONFIG" "$DOCKER_CONFIG/config.json" > '${notes}/modes'
while [ $# -gt 0 ]; do
  if [ "$1" = --metadata-file ]; then printf '{\n  "containerimage.digest": "${DIGEST}"\n}\n' > "$2"; fi
  shift
done
exit ${exitCode}
`;
}

function build(env: Record<string, string> = {}, exitCode = 0) {
  const notes = temporaryFolder();
  const run = runBash(SCRIPT, { env: { ...ENV, ...env }, commands: { buildctl: fakeBuildctl(notes, exitCode) } });
  const read = (name: string) => fs.readFileSync(path.join(notes, name), 'utf8');
  return { run, read };
}

test('builds the context with its Dockerfile and pushes a tag that the policy can sort', () => {
  const { run, read } = build();
  expect(run.status).toBe(0);
  const args = read('arguments').split('\n');
  expect(args).toEqual(
    expect.arrayContaining([
      'context=app folder',
      'dockerfile=app folder',
      'filename=docker/Dockerfile',
      'dockerfile.v0',
    ]),
  );
  const output = args.find((a) => a.startsWith('type=image'))!;
  const tag =
    /^type=image,"name=registry\.example\.com:3000\/platform\/hello:([^,"]+)",push=true,oci-mediatypes=true,compression=gzip$/.exec(
      output,
    )![1];
  expect(tag).toMatch(/^main-[0-9a-f]{7,40}-(?<ts>[0-9]+)$/);
  expect(run.stdout).toContain(`pushed registry.example.com:3000/platform/hello:${tag}@${DIGEST}\n`);
});

test('imports and exports the caches that it is given, one a line, and none when there is none', () => {
  const args = build({ CACHE_FROM: 'type=registry,ref=a\ntype=registry,ref=b', CACHE_TO: 'type=inline' })
    .read('arguments')
    .split('\n');
  expect(args.join(' ')).toContain(
    '--import-cache type=registry,ref=a --import-cache type=registry,ref=b --export-cache type=inline --output type=image',
  );
  expect(build().read('arguments')).not.toContain('cache');
});

test('waits for a daemon that is starting, and passes on the flags of a connection', () => {
  expect(build().read('arguments')).toMatch(/^--timeout\n120\n--wait\nbuild\n/);
  expect(build({ BUILDCTL_FLAGS: '--timeout 5 --tlsdir /tls' }).read('arguments')).toMatch(
    /^--timeout\n5\n--tlsdir\n\/tls\nbuild\n/,
  );
});

describe('of several daemons', () => {
  const hosts = (count: number) => Array.from({ length: count }, (_, i) => `tcp://buildkitd-${i}.buildkitd:1234`);
  const chosen = (image: string, count: number) =>
    build({ IMAGE: `registry.example.com/platform/${image}`, BUILDKIT_HOSTS: hosts(count).join(' ') }).read('host');

  test('an image always goes to the same one, and images are spread over them', () => {
    expect(hosts(3)).toContain(chosen('a', 3));
    expect(chosen('a', 3)).toBe(chosen('a', 3));
    expect(new Set(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((image) => chosen(image, 3))).size).toBeGreaterThan(1);
  });

  test('an image stays where it is when a daemon is added, unless it goes to the new one', () => {
    for (const image of ['a', 'b', 'c', 'd']) {
      expect([chosen(image, 3), hosts(4)[3]]).toContain(chosen(image, 4));
    }
  });

  test('one daemon is taken as it is', () => {
    expect(build().read('host')).toBe('tcp://buildkitd:1234');
  });
});

test('hands the credentials to buildctl in a file for its owner only, whatever is in the password', () => {
  const { read } = build();
  const { auths } = JSON.parse(read('config.json'));
  expect(Object.keys(auths)).toEqual(['registry.example.com:3000']);
  expect(Buffer.from(auths['registry.example.com:3000'].auth, 'base64').toString()).toBe(`ci:${PASSWORD}`);
  expect(read('modes')).toBe('700\n600\n');
});

test.each([0, 1])(
  'leaves no credentials behind, in no argument and in no output, when buildctl ends with %d',
  (exitCode) => {
    const { run, read } = build({}, exitCode);
    expect(run.status).toBe(exitCode);
    expect(fs.existsSync(read('folder'))).toBe(false);
    const encoded = Buffer.from(`ci:${PASSWORD}`).toString('base64');
    expect(read('arguments')).not.toContain(PASSWORD);
    expect(read('arguments')).not.toContain(encoded);
    expect(run.stdout.replace(`::add-mask::${encoded}`, '') + run.stderr).not.toMatch(new RegExp(`${encoded}|0rd`));
  },
);

test('says so when there is no buildctl', () => {
  const run = runBash(SCRIPT, { env: ENV });
  expect([run.status, run.stderr]).toEqual([1, 'buildctl is not on PATH: give the runner a builder\n']);
});

test.each(Object.keys(ENV).filter((name) => name !== 'BUILDKIT_HOST'))('stops when %s is not set', (name) => {
  const env: Record<string, string> = { ...ENV };
  delete env[name];
  const notes = temporaryFolder();
  const run = runBash(SCRIPT, { env, commands: { buildctl: fakeBuildctl(notes) } });
  expect(run.status).not.toBe(0);
  expect(run.stderr).toMatch(new RegExp(`\\b${name}: `));
  expect(fs.existsSync(path.join(notes, 'arguments'))).toBe(false);
});

test.each<[string, Record<string, string>, string]>([
  [
    'a user with a colon, which would end it',
    { REGISTRY_USER: 'ci:admin' },
    'REGISTRY_USER holds a colon, which ends it\n',
  ],
  ['a secret that the forge does not have, which is empty then', { REGISTRY_TOKEN: '' }, 'REGISTRY_TOKEN: the token\n'],
  ['a host that is none', { REGISTRY_HOSTS: 'a"b' }, 'a"b is not a registry host\n'],
])('builds nothing with %s, and leaves nothing behind', (_, env, message) => {
  const notes = temporaryFolder();
  const TMPDIR = temporaryFolder();
  const run = runBash(SCRIPT, { env: { ...ENV, TMPDIR, ...env }, commands: { buildctl: fakeBuildctl(notes) } });
  expect(run.status).not.toBe(0);
  expect(run.stderr).toContain(message);
  expect(run.stdout).toMatch(/^tags: [^\n]*\n$/);
  expect([fs.readdirSync(notes), fs.readdirSync(TMPDIR)]).toEqual([[], []]);
});

test('the credentials are written by the script that everybody writes them with, for the host that clients look up', () => {
  expect(SCRIPT).toContain(DockerConfigJson.script);
  expect(rendered().env.REGISTRY_HOSTS).toBe('registry.example.com:3000');
  expect(rendered(Registry.oci({ owner: 'platform', pull: Endpoint.https('docker.io') })).env.REGISTRY_HOSTS).toBe(
    'https://index.docker.io/v1/',
  );
});

test('a commit that is no commit builds nothing: it would end up in the tag', () => {
  const { run } = build({ COMMIT: 'x,push=false' });
  expect([run.status, run.stderr]).toEqual([1, 'COMMIT is not a commit: x,push=false\n']);
  expect(build({ REF: 'refs/pull/3/head' }).run.stderr).toBe('REF is no branch and no tag: refs/pull/3/head\n');
});
