import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { RunnerScope } from '../../lib/runner';
import { readTree } from '../support/workspace';

/**
 * The table of symptoms that people of such a platform wrote down, row by row: the output of the example that describes the
 * platform has nothing of what a row warns of. What cannot be said in a program is an error; those tests are named.
 */
const EXAMPLE = path.join(__dirname, '../../examples/1-gitea-pipeline');
const FILES = readTree(path.join(EXAMPLE, 'dist'));
const PROGRAM = fs.readFileSync(path.join(EXAMPLE, 'main.ts'), 'utf8');

interface Step {
  id?: string;
  uses?: string;
  run?: string;
  env?: Record<string, string>;
}

interface Job {
  needs?: string[];
  steps: Step[];
  'runs-on': string;
}

const WORKFLOWS = Object.entries(FILES)
  .filter(([file]) => file.endsWith('.yml'))
  .map(([file, text]): [string, Record<string, Job>] => [file, parse(text).jobs]);
const JOBS = WORKFLOWS.flatMap(([, jobs]) => Object.values(jobs));
const STEPS = JOBS.flatMap(({ steps }) => steps);
const OBJECTS = Object.entries(FILES)
  .filter(([file]) => file.endsWith('.yaml'))
  .flatMap(([, text]) => parseAllDocuments(text).map((document) => document.toJSON()));
const objectOf = (kind: string, name: string) =>
  OBJECTS.find((object) => object?.kind === kind && object.metadata.name === name);

test('the example has both repositories, with builds of all images', () => {
  expect(WORKFLOWS.map(([file]) => path.basename(file))).toEqual(['kuberay-images.yml', 'ntfy-discord.yml']);
  expect(STEPS.filter(({ id }) => id === 'build')).toHaveLength(2);
});

test('jobs not picked up: every job asks for a label that the runner registers, in a scope that has the repositories', () => {
  expect([...new Set(JOBS.map((job) => job['runs-on']))]).toEqual(['ubuntu-latest']);
  const config = JSON.stringify(OBJECTS.filter((object) => object?.kind === 'ConfigMap'));
  expect(config).toContain('ubuntu-latest:docker://');
  // An instance token works too: what does not is a scope without the repository, which is FORGE-PIPE-001.
  expect(PROGRAM).toContain("RunnerScope.organization('homelab')");
  expect(RunnerScope.organization('homelab').description).toContain('homelab');
});

test('401 Unauthorized: each secret that a step reads is in the runbook, with the scope of its token', () => {
  const read = [...JSON.stringify(STEPS).matchAll(/secrets\.([A-Z_]+)/g)].map(([, name]) => name);
  expect(read).toEqual(expect.arrayContaining(['REGISTRY_TOKEN', 'REGISTRY_USER']));
  new Set(read).forEach((name) => expect(FILES['RUNBOOK.md']).toContain(name));
  expect(FILES['RUNBOOK.md']).toContain('write:package');
});

test('server gave HTTP response to HTTPS client: nobody logs in with Docker, and the builder knows that the registry has no TLS', () => {
  const scripts = STEPS.map(({ run = '' }) => run).join('\n');
  expect(scripts).not.toMatch(/docker login/);
  expect(STEPS.map(({ uses }) => uses).join('\n')).not.toContain('login-action');
  const builds = STEPS.filter(({ id }) => id === 'build');
  builds.forEach(({ env, run }) => {
    expect(env!.BUILDER_CONFIG).toContain('[registry."gitea-http.gitea.svc.cluster.local:3000"]\nhttp = true');
    expect(run).toContain('--buildkitd-config');
    expect(run).toContain('"$DOCKER_CONFIG/config.json"');
  });
  expect(
    OBJECTS.filter((object) => object?.kind === 'ConfigMap')
      .map(({ data }) => JSON.stringify(data))
      .join(),
  ).toContain('insecure-registries');
});

test('upload limit of the tunnel: every push goes to the address inside of the cluster', () => {
  // The public endpoint as the place to push to is FORGE-REG-007.
  STEPS.filter(({ id }) => id === 'build').forEach(({ env }) => {
    ['IMAGE', 'CACHE_FROM', 'CACHE_TO', 'REGISTRY_HOSTS'].forEach((name) => {
      expect(env![name]).toContain('gitea-http.gitea.svc.cluster.local:3000');
      expect(env![name]).not.toContain('git.example.com');
    });
  });
});

test('TLS certificate error: no address with TLS is without a public certificate or a private CA', () => {
  // http and insecure together, or a private CA that a client does not know, are errors: FORGE-REG-005, FORGE-PIPE-004.
  STEPS.filter(({ id }) => id === 'build').forEach(({ env }) => {
    expect(env!.BUILDER_CONFIG).not.toMatch(/insecure|ca =/);
  });
  expect(JSON.stringify(FILES)).not.toMatch(/insecure-skip|skip_tls|insecure: true/i);
});

test('sudo not found: no script calls sudo or a package manager', () => {
  const code = STEPS.map(({ run = '' }) => run.replace(/^\s*#.*$/gm, '')).join('\n');
  expect(code).not.toMatch(/\b(sudo|apt|apt-get|apk|yum|dnf)\b/);
});

test('must contain at least one job without dependencies: each workflow has one', () => {
  WORKFLOWS.forEach(([, jobs]) => {
    const [first] = Object.values(jobs);
    expect(first.needs).toBeUndefined();
    // Each job needs jobs of the workflow only.
    Object.values(jobs).forEach(({ needs = [] }) => needs.forEach((name) => expect(jobs[name]).toBeDefined()));
  });
});

test('hours of rebuilds: a cache in the registry that Gitea takes, layers on a volume, and a daemon that transfers in parallel', () => {
  const [workers] = STEPS.filter(({ id }) => id === 'build');
  expect(workers.env!.CACHE_TO).toContain('mode=max,image-manifest=true,oci-mediatypes=true,compression=zstd');
  expect(JSON.stringify(FILES)).not.toContain('type=gha');
  // The builder is not removed with the job, so that the volume is of use.
  expect(workers.run).not.toContain('buildx rm');
  expect(JSON.stringify(STEPS)).not.toContain('setup-buildx-action');
  const daemon = JSON.stringify(OBJECTS.filter((object) => object?.kind === 'ConfigMap'));
  ['max-concurrent-uploads', 'max-concurrent-downloads', 'containerd-snapshotter'].forEach((key) =>
    expect(daemon).toContain(key),
  );
  expect(objectOf('StatefulSet', 'runner') ?? OBJECTS.find((object) => object?.kind === 'StatefulSet')).toBeDefined();
});

test('a commit message is no code: no script has an expression in it', () => {
  STEPS.forEach(({ run = '' }) => expect(run).not.toContain('${{'));
});
