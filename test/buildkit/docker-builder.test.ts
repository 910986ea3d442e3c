import { App, Chart } from 'cdk8s';
import { Builder, BuildxDriver, CacheKind, Provenance } from '../../lib/buildkit';
import { Forge } from '../../lib/forge';
import { Endpoint, Registry } from '../../lib/registry';
import { CaBundle, Trust } from '../../lib/trust';
import { runBash } from '../support/bash';
import { codesOf } from '../support/problems';
import { BUILD, ghcr, run } from './fake-docker';

const gitea = Forge.gitea({
  version: '1.26',
  url: 'https://git.example.com',
  internalUrl: 'http://gitea-http.gitea.svc.cluster.local:3000',
});
const inside = Registry.gitea(gitea, { owner: 'platform' });
const ca = Trust.privateCa(CaBundle.fromConfigMap('home-ca'));
const secured = Registry.oci({ owner: 'team', pull: Endpoint.https('harbor.example.com', { trust: ca }) });

test('creates a builder whose state stays in the daemon, builds and pushes all tags at once', () => {
  const { status, commands, build, stdout } = run();
  expect(status).toBe(0);
  expect(commands.map((command) => command.slice(0, 2).join(' '))).toEqual([
    'buildx version',
    'buildx create',
    'buildx inspect',
    'buildx build',
  ]);
  expect(commands[1]).toEqual(expect.arrayContaining(['--driver', 'docker-container']));
  expect(commands[1]).toContainEqual(expect.stringMatching(/^image=moby\/buildkit:v\d+\.\d+\.\d+$/));
  expect(build).toEqual(
    expect.arrayContaining([
      '--file',
      'app folder/docker/Dockerfile',
      '--provenance=false',
      'type=image,"name=ghcr.io/example/hello:main-0123abc-1763600000,ghcr.io/example/hello:latest",push=true,oci-mediatypes=true,compression=gzip',
    ]),
  );
  expect(build[build.length - 1]).toBe('app folder');
  expect(stdout).toContain(`pushed ghcr.io/example/hello:latest@sha256:${'7'.padStart(64, '0')}\n`);
});

test('a builder of a registry with plain HTTP is configured for it, and has a name of its own', () => {
  const plain = run(Builder.buildx(), { registry: inside });
  expect(plain.toml).toContain('[registry."gitea-http.gitea.svc.cluster.local:3000"]\nhttp = true\n');
  expect(run().toml.trim()).toBe('');
  const nameOf = ({ commands }: { commands: string[][] }) => commands[1][commands[1].indexOf('--name') + 1];
  expect(nameOf(plain)).not.toBe(nameOf(run()));
  expect(nameOf(run())).toBe(nameOf(run()));
});

test('the driver docker builds in the daemon, and creates nothing', () => {
  const { commands, build } = run(Builder.docker());
  expect(commands).toHaveLength(2);
  expect(build.slice(0, 4)).toEqual(['buildx', 'build', '--builder', 'default']);
});

test('passes platforms, arguments, secrets, caches and attestations, each as one word', () => {
  const { build } = run(Builder.buildx(), {
    platforms: ['linux/amd64', 'linux/arm64'],
    buildArgs: { A: '$(id) "x"' },
    secrets: { npm: 'value' },
    target: 'runtime',
    provenance: Provenance.MAX,
    sbom: true,
    created: '1763600000',
    reproducible: true,
    source: 'https://git.example.com/platform/hello',
    version: '1.2.3',
  });
  expect(build).toEqual(
    expect.arrayContaining([
      'linux/amd64,linux/arm64',
      'A=$(id) "x"',
      'id=npm,env=BUILD_SECRET_npm',
      'runtime',
      'type=provenance,mode=max',
      'type=sbom',
      'SOURCE_DATE_EPOCH=1763600000',
      'type=registry,ref=ghcr.io/example/hello-cache:buildcache',
      'org.opencontainers.image.created=2025-11-20T00:53:20Z',
      'org.opencontainers.image.source=https://git.example.com/platform/hello',
      'org.opencontainers.image.version=1.2.3',
    ]),
  );
  expect(build).not.toContain('--provenance=false');
  expect(build.join(' ')).not.toContain('value');
});

test('a build that pushes nothing has no credential and no output', () => {
  const { build, stdout } = run(Builder.buildx(), { push: false, token: undefined, cacheScope: 'pull-request-3' });
  expect(build).toEqual(expect.arrayContaining(['type=cacheonly', 'BUILDKIT_CACHE_MOUNT_NS=pull-request-3']));
  expect(build.filter((argument) => /cache-to|metadata-file|push=/.test(argument))).toEqual([]);
  expect(stdout).not.toContain('add-mask');
});

test('says what the job lacks', () => {
  const { script, env } = Builder.docker().buildScript(BUILD);
  expect(
    runBash(script, { env, path: '/nowhere:/usr/bin:/bin', commands: { docker: '#!/bin/bash\nexit 1\n' } }).stderr,
  ).toContain('docker buildx is not installed for all users');
});

describe('knows what it can use', () => {
  test.each([
    ['public TLS', Builder.buildx(), ghcr, true],
    ['plain HTTP', Builder.buildx(), inside, true],
    ['a private CA', Builder.buildx(), secured, false],
    ['public TLS, driver docker', Builder.docker(), ghcr, true],
    ['plain HTTP that nobody told the daemon, driver docker', Builder.docker(), inside, false],
    ['plain HTTP that the daemon knows, driver docker', Builder.docker({ registries: [inside] }), inside, true],
    ['a private CA that the daemon knows, driver docker', Builder.docker({ registries: [secured] }), secured, true],
  ])('%s', (_, builder, registry, usable) => {
    expect(builder.canUse(registry)).toBe(usable);
  });

  test('caches, attestations and platforms of each driver', () => {
    const docker = Builder.buildx({ driver: BuildxDriver.docker() });
    expect([docker.cacheKinds.includes(CacheKind.REGISTRY), docker.canAttest]).toEqual([false, false]);
    expect([Builder.buildx().cacheKinds.includes(CacheKind.REGISTRY), Builder.buildx().canAttest]).toEqual([
      true,
      true,
    ]);
    const platforms = ['linux/amd64', 'linux/arm64'];
    expect(codesOf(() => docker.buildScript({ ...BUILD, platforms }))).toEqual(['FORGE-BK-023']);
    docker.buildScript({ ...BUILD, platforms: ['linux/arm64'] });
    expect([docker.isForClientsOnly, docker.connectFrom(new Chart(new App(), 'c'), {}).address, docker.tools]).toEqual([
      false,
      '',
      ['docker'],
    ]);
  });
});
