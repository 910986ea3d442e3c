import { buildkit, pipeline, registry, runner, support } from '../../lib';
import { registry as gitea, world } from './world';
import { runBash } from '../support/bash';
import { foundCodes } from '../support/problems';

/** A builder as somebody writes it outside the library: jobs bring the tool, nothing runs in the cluster. */
class Kaniko implements buildkit.IBuilder {
  readonly path = 'kaniko';
  readonly name = 'kaniko';
  readonly platforms = ['linux/amd64'];
  readonly cacheKinds = [buildkit.CacheKind.REGISTRY];
  readonly tools = ['executor'];
  readonly isForClientsOnly = false;

  canUse({ push }: registry.Registry): boolean {
    return !push.isPlainHttp;
  }

  connectFrom(): buildkit.BuilderConnection {
    return buildkit.BuilderConnection.none();
  }

  buildScript({ image, registry: target, commit }: buildkit.ImageBuild): support.ScriptSpec {
    return {
      name: `Build ${image}`,
      script: 'executor --destination "$IMAGE:$COMMIT"',
      env: { IMAGE: target.pushName(image), COMMIT: commit },
    };
  }
}

const BUILD = {
  registry: gitea,
  image: 'hello',
  context: '.',
  dockerfile: 'Dockerfile',
  tags: 'main-abcdef0-1763600000 latest',
  commit: 'abcdef0123',
  username: 'ci',
  token: 'secret',
};

test('a builder made outside the library gives its own script, and a pipeline takes it by interface', () => {
  const builder: pipeline.ImagePipelineProps['builder'] = new Kaniko();
  expect(builder.buildScript(BUILD).env).toEqual({
    IMAGE: 'gitea-http.gitea.svc.cluster.local:3000/platform/hello',
    COMMIT: 'abcdef0123',
  });
  const given: runner.IRunner['builder'] = builder;
  expect(given?.canUse(gitea)).toBe(false);
});

test('Buildkitd answers by the same interface: what it builds for, its caches, its tools, its script', () => {
  const { daemon } = world({ config: { platforms: ['linux/arm64'] } });
  const builder: buildkit.IBuilder = daemon;
  expect(builder).toMatchObject({ path: daemon.node.path, platforms: ['linux/arm64'], isForClientsOnly: true });
  expect(world().daemon.platforms).toBeUndefined();
  expect(builder.tools).toEqual(['buildctl']);
  expect(builder.cacheKinds).toContain(buildkit.CacheKind.S3);
  const { env, tools } = builder.buildScript(BUILD);
  expect(tools).toEqual(['buildctl']);
  expect(env).toMatchObject({
    BUILDKIT_HOST: daemon.address,
    TAGS: 'main-abcdef0-1763600000 latest',
    REGISTRY_USER: 'ci',
  });
});

test('a connection without settings adds nothing to a client', () => {
  const none = buildkit.BuilderConnection.none();
  expect(none).toMatchObject({ address: '', addresses: [], clientImage: '', environment: {} });
  expect([...none._volumes(), ...none._volumeMounts(), ...none._env()]).toEqual([]);
});

describe('the script of a build', () => {
  const buildctl = `#!/bin/bash
printf '%s\\n' "$@"
while [ $# -gt 0 ]; do
  if [ "$1" = --metadata-file ]; then printf '{ "containerimage.digest": "sha256:%064d" }' 1 > "$2"; fi
  shift
done
`;
  const run = (build: Partial<buildkit.ImageBuild>): string[] => {
    const { script, env } = buildkit.BuildctlScript.of({ ...BUILD, ...build });
    const result = runBash(script, { env, commands: { buildctl } });
    expect(result).toMatchObject({ status: 0, stderr: '' });
    return result.stdout.split('\n');
  };

  test('passes platforms, build arguments and the stage as options, each as one word', () => {
    const args = run({
      platforms: ['linux/amd64', 'linux/arm/v7'],
      buildArgs: { NODE_OPTIONS: '--max-old-space-size=1024 $(id) "x"', EMPTY: '' },
      target: 'runtime',
    });
    expect(args).toEqual(
      expect.arrayContaining([
        'platform=linux/amd64,linux/arm/v7',
        'build-arg:NODE_OPTIONS=--max-old-space-size=1024 $(id) "x"',
        'build-arg:EMPTY=',
        'target=runtime',
      ]),
    );
  });

  test('names no option that nobody asked for', () => {
    expect(run({}).filter((arg) => /^(platform|build-arg|target)/.test(arg))).toEqual([]);
  });

  test.each([
    ['a platform', { platforms: ['arm64'] }],
    ['a platform with a comma', { platforms: ['linux/amd64,linux/arm64'] }],
    ['a name of a build argument', { buildArgs: { 'a-b': '1' } }],
    ['a build argument of two lines', { buildArgs: { A: '1\nB=2' } }],
    ['a stage', { target: 'run time' }],
    ['a context that is a URL', { context: 'https://git.example.com/platform/hello.git' }],
    ['a context that is a repository', { context: 'git@git.example.com:platform/hello.git' }],
    ['a Dockerfile that is a URL', { dockerfile: 'https://example.com/Dockerfile' }],
  ])('fails for %s that buildctl cannot read', (_, build) => {
    expect(foundCodes(() => buildkit.BuildctlScript.of({ ...BUILD, ...build }))).toEqual(['FORGE-BK-019']);
  });
});

test.each(['.', 'app', '${{ github.workspace }}/app', '/src', 'a b'])('takes the context %p', (context) => {
  expect(buildkit.BuildctlScript.of({ ...BUILD, context }).env!.CONTEXT).toBe(context);
});

describe("a connection to a builder of one's own", () => {
  test('has flags, environment and the volume of its certificate', () => {
    const connection = buildkit.BuilderConnection.of({
      addresses: ['tcp://build.example.com:1234'],
      clientImage: 'moby/buildkit:v0.32.2',
      certificate: { folder: '/certs', secretName: 'client', keys: { ca: 'ca.pem' } },
    });
    expect(connection.environment).toEqual({
      BUILDKIT_HOST: 'tcp://build.example.com:1234',
      BUILDCTL_FLAGS: '--timeout 120 --wait --tlsdir /certs',
    });
    expect(connection._volumes()[0].secret).toMatchObject({ secretName: 'client', items: [{ key: 'ca.pem' }, {}, {}] });
  });

  test.each([[[]], [['build.example.com:1234']], [['tcp://a b']]])('fails for the addresses %j', (addresses) => {
    expect(
      foundCodes(() => buildkit.BuilderConnection.of({ addresses, clientImage: 'moby/buildkit:v0.32.2' })),
    ).toEqual(['FORGE-BK-020']);
  });

  test('takes a socket beside the client', () => {
    const addresses = ['unix:///run/buildkit/buildkitd.sock'];
    expect(buildkit.BuilderConnection.of({ addresses, clientImage: 'x:1' }).address).toBe(addresses[0]);
  });
});
