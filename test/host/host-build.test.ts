import { spawnSync } from 'node:child_process';
import * as path from 'node:path';
import { Size } from 'cdk8s';
import * as fc from 'fast-check';
import { parse as parseToml } from 'smol-toml';
import { GitOpsApp } from '../../lib/app';
import { Platform } from '../../lib/buildkit';
import { ContainerEngine, HostBuild, HostBuildProps, HostProfile } from '../../lib/host';
import { Forge } from '../../lib/forge';
import { BuildSecret, CatalogueImage, ImageCatalogue } from '../../lib/pipeline';
import { Endpoint, Registry } from '../../lib/registry';
import { SecretSource } from '../../lib/secret';
import { accepts, codesOf, foundCodes } from '../support/problems';
import { temporaryFolder, writeTree } from '../support/workspace';
import { filesOf, hostForge, registryOf } from './world';

const plain = Registry.oci({ owner: 'platform', pull: Endpoint.http('registry.example.com:5000') });

function build(images: CatalogueImage[], props: Partial<HostBuildProps> = {}, registry = plain) {
  const app = new GitOpsApp();
  new HostBuild(app, 'local', { images: ImageCatalogue.of(registry, images), ...props });
  const files = filesOf(app);
  const text = (name: string) => files[`host/local/${name}`];
  return { files, text, bake: JSON.parse(text('docker-bake.json') ?? '{}') };
}

test('a bake file and a Makefile from the catalogue, with a target for each image', () => {
  const { bake, text } = build([
    { name: 'team/web', context: 'web', platforms: [Platform.LINUX_AMD64], buildArgs: { OPTIONS: '${HOME} %{x}' } },
    { name: 'api', baseImages: { BASE: 'team/web' } },
  ]);
  expect(bake.target['team-web']).toMatchObject({
    context: 'web',
    args: { OPTIONS: '$${HOME} %%{x}' },
    platforms: ['linux/amd64'],
    tags: ['registry.example.com:5000/platform/team/web:${TAG}'],
  });
  expect(bake.target.api).toMatchObject({
    context: '.',
    args: { BASE: 'registry.example.com:5000/platform/team/web:${TAG}' },
    contexts: { 'registry.example.com:5000/platform/team/web:${TAG}': 'target:team-web' },
  });
  expect(text('Makefile')).toMatch(/^image-team-web: prereqs ##/m);
  expect(text('Makefile')).toMatch(/^images: prereqs ##/m);
  expect(JSON.parse(text('daemon.json'))).toEqual({ 'insecure-registries': ['registry.example.com:5000'] });
});

test('a private CA is a file, and a target that installs it; base images are pulled first', () => {
  const registry = registryOf(hostForge());
  const props = { prePull: ['docker.io/library/python:3.13.1'], profile: HostProfile.lxc() };
  const { files, text } = build([{ name: 'web', platforms: [Platform.LINUX_AMD64] }], props, registry);
  expect(text('certs/ca.crt')).toContain('BEGIN CERTIFICATE');
  expect(text('Makefile')).toContain('"$$CERTS"/host.docker.internal:30090/ca.crt');
  expect(text('Makefile')).toContain('CERTS ?= /etc/docker/certs.d');
  expect(text('Makefile')).toMatch(/^images: bases ##/m);
  expect(text('pre-pull.sh')).toContain('PLATFORM=linux/amd64');
  expect(files).not.toHaveProperty(['host/local/daemon.json']);
});

test('the machine pushes where it reaches the registry, with the variables of its credentials', () => {
  const registry = Registry.oci({
    push: Endpoint.http('registry.ci.svc.cluster.local:5000'),
    pull: Endpoint.https('registry.example.com'),
    credentials: SecretSource.environment('NAME', 'TOKEN'),
  });
  const { bake, text } = build([{ name: 'web' }], {}, registry);
  expect(bake.target.web.tags).toEqual(['registry.example.com/web:${TAG}']);
  expect(text('Makefile')).toContain(
    'printf %s "$$TOKEN" | docker login registry.example.com --username "$$NAME" --password-stdin',
  );
});

test('fails on what a machine cannot build or push', () => {
  const images = [{ name: 'web' }];
  expect(codesOf(() => build(images, { profile: HostProfile.devpod() }))).toEqual(['FORGE-HOST-001']);
  expect(codesOf(() => build([{ name: 'web', secrets: [BuildSecret.actions('NPM_TOKEN')] }]))).toEqual([
    'FORGE-HOST-009',
  ]);
  expect(codesOf(() => build([{ name: 'web', buildArgs: { A: '${{ github.sha }}' } }]))).toEqual(['FORGE-HOST-009']);
  const inside = Registry.oci({ pull: Endpoint.http('registry.ci.svc.cluster.local:5000') });
  expect(codesOf(() => build(images, {}, inside))).toEqual(['FORGE-HOST-010']);
  const limited = Registry.oci({
    push: Endpoint.http('registry.ci.svc.cluster.local:5000'),
    pull: Endpoint.https('registry.example.com', { uploadLimit: Size.mebibytes(100) }),
  });
  expect(codesOf(() => build(images, {}, limited))).toEqual(['FORGE-HOST-010']);
  expect(codesOf(() => build(images, { prePull: ['docker.io/library/node'] }))).toEqual(['FORGE-HOST-011']);
  expect(codesOf(() => build(images, { pullAttempts: 0 }))).toEqual(['FORGE-HOST-011']);
  expect(foundCodes(() => build(images, { prePull: ['docker.io/library/node:22.1.0'], pullAttempts: 1 }))).toEqual([]);
});

test('what only a pull uses needs an image that is pulled, and each image is pulled once', () => {
  const images = [{ name: 'web' }];
  const node = 'docker.io/library/node:22.1.0';
  const broken: Partial<HostBuildProps>[] = [
    { pullAttempts: 3 },
    { prePullPlatform: Platform.LINUX_AMD64 },
    { prePull: [], pullAttempts: 3 },
    { prePull: [node, node] },
    { prePull: [node, node.replace('docker.io', 'index.docker.io')] },
  ];
  expect(broken.map((props) => codesOf(() => build(images, props)))).toEqual(broken.map(() => ['FORGE-HOST-011']));
  const fine: Partial<HostBuildProps>[] = [
    { prePull: [] },
    { prePull: [node], pullAttempts: 3, prePullPlatform: Platform.LINUX_AMD64 },
    { prePull: [node, node.replace('docker.io', 'quay.io')] },
  ];
  expect(fine.flatMap((props) => foundCodes(() => build(images, props)))).toEqual([]);
});

test('an image with the name of the group of all images has a target of its own', () => {
  const { bake, text } = build([{ name: 'default' }, { name: 'web', baseImages: { BASE: 'default' } }]);
  expect(bake.group).toEqual({ default: { targets: ['default_image', 'web'] } });
  expect(bake.target.default_image.tags).toEqual(['registry.example.com:5000/platform/default:${TAG}']);
  expect(Object.values(bake.target.web.contexts)).toEqual(['target:default_image']);
  expect(text('Makefile')).toMatch(/^image-default: .*\n\t.* docker buildx bake .* default_image$/m);
});

test('base images are pulled for a platform that is stated, for the only one of the images, or for that of the machine', () => {
  const platforms = [Platform.LINUX_AMD64];
  const prePull = ['docker.io/library/node:22.1.0'];
  const pulled = (images: CatalogueImage[], props = {}) =>
    /^PLATFORM=.*$/m.exec(build(images, { prePull, ...props }).text('pre-pull.sh'))![0];
  expect(pulled([{ name: 'web', platforms }])).toBe('PLATFORM=linux/amd64');
  expect(pulled([{ name: 'web', platforms }, { name: 'api' }])).toBe("PLATFORM=''");
  expect(pulled([{ name: 'web' }], { prePullPlatform: Platform.LINUX_ARM64 })).toBe('PLATFORM=linux/arm64');
});

test('make prereqs names a platform that the machine does not build for, and no other', () => {
  const script = build([{ name: 'web', platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64] }]).text('prereqs.sh');
  const check = (platforms: string) => {
    const docker = `docker() { case "$*" in 'buildx inspect') printf 'Name: x\\nPlatforms: ${platforms}\\n';; info*) echo registry.example.com:5000;; esac; }`;
    const { status, stderr } = spawnSync('bash', ['-c', `export SOURCE=.\n${docker}\n${script}`], { encoding: 'utf8' });
    return [status, stderr];
  };
  expect(check('linux/amd64*, linux/arm64')).toEqual([0, '']);
  const [status, stderr] = check('linux/amd64, linux/386');
  expect(status).toBe(1);
  expect(stderr).toMatch(/^this machine does not build for linux\/arm64: docker run .* --install arm64\n$/);
});

test('the Docker daemon uses the mirrors of Docker Hub in a cluster on the machine; a cluster without one has no effect', () => {
  const images = [{ name: 'web' }];
  const hubMirrors = [Endpoint.http('localhost:30500')];
  const local = { name: 'raibid', context: 'kind-raibid', hubMirrors };
  const { text } = build(images, { localCluster: local });
  expect(JSON.parse(text('daemon.json'))).toEqual({
    'insecure-registries': ['registry.example.com:5000', 'localhost:30500'],
    'registry-mirrors': ['http://localhost:30500'],
  });
  expect(codesOf(() => build(images, { localCluster: { ...local, hubMirrors: [] } }))).toEqual(['FORGE-HOST-011']);
});

test('daemon.json has only what the machine asks: no endpoint of the cluster, and no mirror of nodes', () => {
  const forge = Forge.gitea({
    version: '1.26',
    url: 'http://localhost:3000',
    internalUrl: 'http://gitea-http.gitea.svc.cluster.local:3000',
    nodePort: 30080,
  });
  const { text } = build([{ name: 'web' }], {}, Registry.gitea(forge, { owner: 'platform' }));
  expect(text('daemon.json')).toBeUndefined();
  const push = Endpoint.http('registry.ci.svc.cluster.local:5000');
  const pull = Endpoint.http('registry.example.com:5000', { mirrors: [Endpoint.http('localhost:30500')] });
  expect(JSON.parse(build([{ name: 'web' }], {}, Registry.oci({ push, pull })).text('daemon.json'))).toEqual({
    'insecure-registries': ['registry.example.com:5000'],
  });
});

/** Runs a script of the builds with a Docker whose answers the cases of Bash are. */
function run(script: string, docker: string) {
  const prelude = `export SOURCE=.\nsleep() { :; }\ndocker() { case "$*" in ${docker} esac; }`;
  const { status, stderr } = spawnSync('bash', ['-c', `${prelude}\n${script}`], { encoding: 'utf8' });
  return { status, stderr };
}

test('make prereqs asks for plain HTTP where the daemon does not use it by itself', () => {
  const check = (host: string, { known = '', networks = '127.0.0.0/8\\n::1/128' } = {}) =>
    run(
      build([{ name: 'web' }], {}, Registry.oci({ pull: Endpoint.http(host) })).text('prereqs.sh'),
      `*IndexConfigs*) echo '${known}';; *CIDRs*) printf '${networks}\\n';;`,
    ).stderr;
  expect(check('registry.example.com:5000')).toMatch(
    /^the Docker daemon uses HTTPS for registry.example.com:5000: merge/,
  );
  expect(check('registry.example.com:5000', { known: 'registry.example.com:5000' })).toBe('');
  expect(check('localhost:5000')).toBe('');
  expect(check('127.0.0.1:5000')).toBe('');
  expect(check('10.1.2.3:5000', { networks: '127.0.0.0/8\\n10.0.0.0/8' })).toBe('');
});

test('make prereqs asks for a mirror that the daemon does not use', () => {
  const localCluster = { name: 'raibid', context: 'kind-raibid', hubMirrors: [Endpoint.http('localhost:30500')] };
  const script = build(
    [{ name: 'web' }],
    { localCluster },
    Registry.oci({ pull: Endpoint.http('localhost:5000') }),
  ).text('prereqs.sh');
  expect(run(script, '*Mirrors*) echo http://localhost:30500/;;').stderr).toBe('');
  expect(run(script, '*Mirrors*) echo http://localhost:3050/;;').stderr).toMatch(
    /^the Docker daemon does not use the mirror http:\/\/localhost:30500: merge/,
  );
});

test('an image that cannot be pulled but is on the machine, for the platform, is enough', () => {
  const pre = (props: Partial<HostBuildProps>, inspected: string) =>
    run(
      build([{ name: 'web' }], { prePull: ['docker.io/library/node:22.1.0'], pullAttempts: 2, ...props }).text(
        'pre-pull.sh',
      ),
      `pull*) return 1;; ${inspected}`,
    );
  const arm = { prePullPlatform: Platform.LINUX_ARM64 };
  const old = (found: string) => `*--platform*) return 1;; 'image inspect'*) echo ${found};;`;
  expect(pre({}, "'image inspect'*) :;;")).toMatchObject({
    status: 0,
    stderr: expect.stringMatching(/^cannot pull \S+: the builds use the image on this machine\n$/),
  });
  expect(pre(arm, "'image inspect --platform linux/arm64 '*) :;; 'image inspect'*) return 1;;").status).toBe(0);
  expect(pre(arm, old('linux/arm64/v8')).status).toBe(0);
  expect(pre(arm, old('linux/amd64'))).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('2 attempts failed'),
  });
  expect(pre({}, '*) return 1;;').status).toBe(1);
});

test('the login has two variables that make does not set', () => {
  const registry = (...names: string[]) =>
    Registry.oci({ owner: 'a', pull: plain.pull, credentials: SecretSource.environment(...names) });
  const login = (...names: string[]) => build([{ name: 'web' }], {}, registry(...names));
  for (const names of [
    ['ONLY'],
    ['A', 'B', 'C'],
    ['A', 'A'],
    ['TAG', 'SOURCE'],
    ['USER', 'MAKEFLAGS'],
    ['SHELL', 'A'],
  ]) {
    expect(codesOf(() => login(...names))).toContain('FORGE-HOST-011');
  }
  accepts(() => login('USER', 'MY_TAG'));
});

describe('with Podman', () => {
  const podman = { engine: ContainerEngine.PODMAN };

  /** The calls of Podman that a script makes, one a line, each word in quotes. */
  function calls(script: string, words: string[] = []): string[] {
    const prelude = 'export SOURCE=. TAG=v1; podman() { printf "<%s>" "$@"; echo; }; export -f podman';
    const { stdout, stderr, status } = spawnSync(
      'bash',
      ['-c', `${prelude}; bash -s -- "$@" <<'EOF_OF_TEST'\n${script}\nEOF_OF_TEST`, 'bash', ...words],
      { encoding: 'utf8' },
    );
    expect([status, stderr]).toEqual([0, '']);
    return stdout.trim().split('\n');
  }

  test('the profile of macOS with Podman builds with podman build: buildx has no BuildKit there', () => {
    const { files } = build([{ name: 'web' }], { profile: HostProfile.podmanMacos() });
    expect(
      Object.keys(files)
        .filter((file) => file.startsWith('host/local/'))
        .sort(),
    ).toEqual(['Makefile', 'build.sh', 'prereqs.sh', 'push.sh', 'registries.conf'].map((file) => `host/local/${file}`));
    const docker = { profile: HostProfile.podmanMacos(), engine: ContainerEngine.DOCKER };
    expect(codesOf(() => build([{ name: 'web' }], docker))).toEqual(['FORGE-HOST-001']);
    expect(foundCodes(() => build([{ name: 'web' }], { ...docker, profile: HostProfile.linux() }))).toEqual([]);
  });

  test('an image is built once, after the images that it is built from', () => {
    const { text } = build(
      [
        { name: 'top', context: 'top', baseImages: { BASE: 'base' }, target: 'run', pull: true },
        { name: 'base', platforms: [Platform.LINUX_AMD64] },
        { name: 'both', platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64] },
      ],
      podman,
    );
    const name = 'registry.example.com:5000/platform';
    const base = `<build><--file><Dockerfile><--platform><linux/amd64><--tag><${name}/base:v1><.>`;
    const top = `<build><--file><top/Dockerfile><--target><run><--pull=always><--build-arg><BASE=${name}/base:v1><--tag><${name}/top:v1><top>`;
    expect(calls(text('build.sh'), ['top'])).toEqual([base, top]);
    expect(calls(text('build.sh'))).toEqual([
      base,
      top,
      `<build><--file><Dockerfile><--platform><linux/amd64,linux/arm64><--manifest><${name}/both:v1><.>`,
    ]);
  });

  test('Podman gets every build argument as it was written', () => {
    const texts = fc.string({ unit: fc.constantFrom(...`a $'"\\\`{}()!*?;&|<>#~ é`), maxLength: 12 });
    fc.assert(
      fc.property(texts, (text) => {
        const { text: of } = build([{ name: 'web', buildArgs: { TEXT: text } }], podman);
        expect(calls(of('build.sh'))[0]).toContain(`<--build-arg><TEXT=${text}><--tag>`);
      }),
      { numRuns: 25 },
    );
  });

  test('registries.conf has plain HTTP and mirrors, and make prereqs asks for both', () => {
    const localCluster = { name: 'raibid', context: 'kind-raibid', hubMirrors: [Endpoint.http('localhost:30500')] };
    const { text } = build([{ name: 'web' }], { ...podman, localCluster });
    expect(parseToml(text('registries.conf'))).toEqual({
      registry: [
        { location: 'registry.example.com:5000', insecure: true },
        { location: 'docker.io', mirror: [{ location: 'localhost:30500', insecure: true }] },
      ],
    });
    const check = (registries: string) => {
      const prelude = `export SOURCE=.; podman() { case "$*" in *Registries*) printf '%s\\n' '${registries}';; esac; }`;
      const { stderr } = spawnSync('bash', ['-c', `${prelude}\n${text('prereqs.sh')}`], { encoding: 'utf8' });
      return stderr
        .split('\n')
        .map((line) => line.replace(/: copy .*/, ''))
        .filter((line) => line !== '');
    };
    // As Podman 4.3 prints them.
    expect(
      check(
        '{"docker.io":{"Prefix":"docker.io","Location":"docker.io","Insecure":false,"Mirrors":[{"Location":"localhost:30500","Insecure":true}]},"registry.example.com:5000":{"Prefix":"registry.example.com:5000","Location":"registry.example.com:5000","Insecure":true,"Mirrors":null}}',
      ),
    ).toEqual([]);
    expect(check('{}')).toEqual([
      'Podman uses HTTPS for registry.example.com:5000',
      'Podman does not use the mirror localhost:30500',
    ]);
  });
});

test('make works in a directory whose path has blanks and quotes', () => {
  const folder = path.join(temporaryFolder(), "it's my repo");
  writeTree(folder, build([{ name: 'web' }]).files);
  const make = (...args: string[]) =>
    spawnSync('make', ['--directory', path.join(folder, 'host/local'), ...args], { encoding: 'utf8' });
  expect(make().stdout).toContain('image-web: Build web');
  expect(make('--just-print', 'image-web').stderr).toBe('');
  expect(make('prereqs', 'SOURCE=/nowhere').stderr).toContain('/nowhere/. is not a directory');
});
