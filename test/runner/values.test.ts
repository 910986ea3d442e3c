import fc from 'fast-check';
import { DockerEndpoint, RunnerIdentity, RunnerLabel, RunnerScope, RunnerVersion } from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { codesOf } from '../support/problems';
import { gitea, scalerToken, UUID } from './fixture';

describe('labels', () => {
  test('spell what the runner reads', () => {
    expect(RunnerLabel.host('linux-amd64').spec).toBe('linux-amd64:host');
    expect(RunnerLabel.docker('ubuntu-latest', 'docker.gitea.com/runner-images:ubuntu-latest').spec).toBe(
      'ubuntu-latest:docker://docker.gitea.com/runner-images:ubuntu-latest',
    );
    expect(RunnerLabel.docker('a', `localhost:5000/x/y@sha256:${'0'.repeat(64)}`).needsDocker).toBe(true);
  });

  test.each(['', 'a b', 'a,b', 'ubuntu:host', 'a\n', '-a', 'ü', 'x'.repeat(64)])('fail for the name %j', (name) => {
    expect(codesOf(() => RunnerLabel.host(name))).toEqual(['FORGE-RUN-001']);
  });

  test.each(['', 'docker://node:22', 'node 22', 'Node:22', 'node:22 --privileged', 'a//b', 'node:', 'node@sha256:123'])(
    'fail for the image %j',
    (image) => {
      expect(codesOf(() => RunnerLabel.docker('a', image))).toEqual(['FORGE-RUN-002']);
    },
  );

  test('of any text are one line of name, colon and the rest, or an error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), fc.string(), (name, image) => {
        for (const make of [
          () => RunnerLabel.host(name),
          () => RunnerLabel.docker(name, image),
          () => RunnerLabel.docker('x', image),
        ]) {
          let made: RunnerLabel | undefined;
          try {
            made = make();
          } catch {
            codesOf(make);
            continue;
          }
          expect(made.spec).toMatch(/^[A-Za-z0-9_.-]+:(host|docker:\/\/[^\s,]+)$/);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('scopes', () => {
  const repository = gitea.repository('Platform/Hello');

  test.each([
    [RunnerScope.instance(), true],
    [RunnerScope.organization('platform'), true],
    [RunnerScope.user('PLATFORM'), true],
    [RunnerScope.repository(gitea.repository('platform/hello')), true],
    [RunnerScope.organization('other'), false],
    [RunnerScope.repository(gitea.repository('platform/other')), false],
  ])('%j covers a repository whatever the case of its letters, or not: %p', (scope, covers) => {
    expect(scope.covers(repository)).toBe(covers);
  });

  test('fail for names with a slash or white space', () => {
    for (const name of ['', 'a/b', 'a b', '-a', '../x']) {
      expect(codesOf(() => RunnerScope.organization(name))).toEqual(['FORGE-RUN-003']);
      expect(codesOf(() => RunnerScope.user(name))).toEqual(['FORGE-RUN-003']);
    }
  });
});

describe('versions', () => {
  test.each([
    ['0.2.13', 'gitea/act_runner:0.2.13', 'act_runner'],
    ['0.6.1', 'gitea/act_runner:0.6.1', 'act_runner'],
    ['1.0.0', 'gitea/runner:1.0.0', 'gitea-runner'],
    ['3.3.0', 'gitea/runner:3.3.0', 'gitea-runner'],
  ])('fact 1: Gitea runner %s is image %s and program %s', (version, image, program) => {
    const made = RunnerVersion.gitea(version);
    expect([made.image, made.program]).toEqual([image, program]);
    expect(made.rootlessDockerImage).toBe(`${image}-dind-rootless`);
  });

  test('can be a mirror with a digest', () => {
    const digest = `sha256:${'a'.repeat(64)}`;
    expect(RunnerVersion.gitea('3.3.0', { image: 'registry.example.com:5000/mirror/gitea-runner', digest }).image).toBe(
      `registry.example.com:5000/mirror/gitea-runner:3.3.0@${digest}`,
    );
    expect(RunnerVersion.forgejo('12.13.2').image).toBe('code.forgejo.org/forgejo/runner:12.13.2');
  });

  test.each(['nightly', 'latest', '3', '3.3', 'v3.3.0', '3.3.0-dind', '', '01.2.3', '1.2.3\n'])(
    'fail for %j',
    (version) => {
      expect(codesOf(() => RunnerVersion.gitea(version))).toEqual(['FORGE-RUN-004']);
      expect(codesOf(() => RunnerVersion.forgejo(version))).toEqual(['FORGE-RUN-004']);
    },
  );

  test('fail for a Forgejo runner that cannot be given its connection', () => {
    expect(codesOf(() => RunnerVersion.forgejo('9.1.0'))).toEqual(['FORGE-RUN-004']);
  });

  test.each([
    { image: 'gitea/runner:3.3.0' },
    { image: 'https://x/y' },
    { digest: 'sha256:1' },
    { digest: 'a'.repeat(64) },
  ])('fail for %j', (props) => {
    expect(codesOf(() => RunnerVersion.gitea('3.3.0', props))).toEqual(['FORGE-RUN-005']);
  });

  test('are compared by number, not by text', () => {
    expect(RunnerVersion.gitea('0.10.0').isAtLeast('0.9.9')).toBe(true);
    expect(RunnerVersion.gitea('0.2.9').isAtLeast('0.2.11')).toBe(false);
  });
});

describe('identities', () => {
  test.each([{ replicas: 0 }, { replicas: 1.5 }, { replicas: NaN }, { key: '' }, { key: 'a\nb' }])(
    'fail for %j',
    (props) => {
      expect(codesOf(() => RunnerIdentity.persistent(props))).toEqual(['FORGE-RUN-020']);
    },
  );

  test.each([{ max: 0 }, { max: 2, min: 3 }, { max: -1 }, { max: Infinity }])('fail to scale with %j', (props) => {
    expect(codesOf(() => RunnerIdentity.ephemeral({ apiToken: scalerToken, ...props }))).toEqual(['FORGE-RUN-020']);
  });

  test.each(['', 'x', UUID.toUpperCase(), `${UUID}\n`])('fail for the UUID %j', (uuid) => {
    expect(codesOf(() => RunnerIdentity.connection(uuid))).toEqual(['FORGE-RUN-024']);
    expect(codesOf(() => RunnerIdentity.ephemeral({ max: 1, apiToken: scalerToken, uuid }))).toEqual(['FORGE-RUN-024']);
  });
});

test('a Docker endpoint fails for a host with a scheme and for no port', () => {
  expect(DockerEndpoint.tls('docker.example.com', 2376, SecretSource.existing('docker-client')).url).toBe(
    'tcp://docker.example.com:2376',
  );
  expect(codesOf(() => DockerEndpoint.plaintext('tcp://x', 2375))).toEqual(['FORGE-RUN-017']);
  expect(codesOf(() => DockerEndpoint.plaintext('x', 0))).toEqual(['FORGE-RUN-017']);
});
