import fc from 'fast-check';
import {
  DockerEndpoint,
  Registration,
  RunnerLabel,
  RunnerScope,
  RunnerVersion,
  Scaling,
  TokenMint,
} from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { accepts, codesOf } from '../support/problems';
import { gitea, scalerToken, UUID } from './fixture';
import { outcomeOf } from '../support/outcome';

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
    expect(() => ['a', 'ubuntu-24.04', 'A_b', 'x'.repeat(63)].map((good) => RunnerLabel.host(good))).not.toThrow();
  });

  test.each(['', 'docker://node:22', 'node 22', 'Node:22', 'node:22 --privileged', 'a//b', 'node:', 'node@sha256:123'])(
    'fail for the image %j',
    (image) => {
      expect(codesOf(() => RunnerLabel.docker('a', image))).toEqual(['FORGE-RUN-002']);
      expect(() =>
        ['node', 'node:22', 'a/b', 'localhost:5000/node:22', `node@sha256:${'a'.repeat(64)}`].map((good) =>
          RunnerLabel.docker('a', good),
        ),
      ).not.toThrow();
    },
  );

  test('of any text are one line of name, colon and the rest, or an error', () => {
    let taken = 0;
    const anyName = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.stringMatching(/^[A-Za-z0-9_.-]{1,12}$/));
    const anyImage = fc.oneof(
      fc.string(),
      fc.stringMatching(/^([a-z]{1,5}\.example\.com(:[0-9]{4})?\/)?[a-z]{1,5}(\/[a-z]{1,5})?(:[a-z0-9.-]{1,6})?$/),
    );
    fc.assert(
      fc.property(anyName, anyImage, (name, image) => {
        for (const make of [
          () => RunnerLabel.host(name),
          () => RunnerLabel.docker(name, image),
          () => RunnerLabel.docker('x', image),
        ]) {
          const made = outcomeOf(make);
          if ('value' in made) {
            taken++;
            expect(made.value.spec).toMatch(/^[A-Za-z0-9_.-]+:(host|docker:\/\/[^\s,]+)$/);
          }
        }
      }),
      { numRuns: 500 },
    );
    expect(taken).toBeGreaterThan(200);
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
    expect(scope.isScopeOf(repository)).toBe(covers);
  });

  test('fail for names with a slash or white space', () => {
    for (const name of ['', 'a/b', 'a b', '-a', '../x']) {
      expect(codesOf(() => RunnerScope.organization(name))).toEqual(['FORGE-RUN-003']);
      expect(codesOf(() => RunnerScope.user(name))).toEqual(['FORGE-RUN-003']);
    }
    for (const name of ['a', 'a-b', 'a.b', 'a_b', '0x']) {
      accepts(
        () => RunnerScope.organization(name),
        () => RunnerScope.user(name),
      );
    }
  });
});

describe('versions', () => {
  test.each(['nightly', 'latest', '3', '3.3', 'v3.3.0', '3.3.0-dind', '', '01.2.3', '1.2.3\n'])(
    'fail for %j',
    (version) => {
      expect(codesOf(() => RunnerVersion.of(version))).toEqual(['FORGE-RUN-004']);
      expect(() => ['3.3.0', '0.2.13', '12.0.1'].map((good) => RunnerVersion.of(good))).not.toThrow();
    },
  );

  test('are compared by number, not by text', () => {
    expect(RunnerVersion.of('0.10.0').isAtLeast('0.9.9')).toBe(true);
    expect(RunnerVersion.of('0.2.9').isAtLeast('0.2.11')).toBe(false);
  });
});

describe('registration and scaling', () => {
  const token = SecretSource.existing('token');

  test.each(['', 'a\nb', 'x'.repeat(101)])('fail for the key %j', (key) => {
    expect(codesOf(() => Registration.token(token, { key }))).toEqual(['FORGE-RUN-020']);
    expect(codesOf(() => Registration.minted(TokenMint.api(token), { key }))).toEqual(['FORGE-RUN-020']);
    expect(Registration.token(token, { key: '2026-11-20' }).key).toBe('2026-11-20');
  });

  test.each([0, 1.5, NaN, 1001])('fail for %p replicas', (replicas) => {
    expect(codesOf(() => Scaling.fixed(replicas))).toEqual(['FORGE-RUN-020']);
    expect(Scaling.fixed(2).replicas).toBe(2);
  });

  test.each([{ max: 0 }, { max: 2, min: 3 }, { max: -1 }, { max: Infinity }])('fail to scale with %j', (props) => {
    expect(codesOf(() => Scaling.perJob({ apiToken: scalerToken, ...props }))).toEqual(['FORGE-RUN-020']);
    expect(() =>
      [{ max: 1 }, { max: 3, min: 2 }, { max: 2, min: 0 }].map((good) =>
        Scaling.perJob({ apiToken: scalerToken, ...good }),
      ),
    ).not.toThrow();
  });

  test.each(['', 'x', UUID.toUpperCase(), `${UUID}\n`])('fail for the UUID %j', (uuid) => {
    expect(codesOf(() => Registration.connection(uuid, token))).toEqual(['FORGE-RUN-024']);
    expect(Registration.connection(UUID, token).uuid).toBe(UUID);
  });

  test('give away copies', () => {
    const scaling = Scaling.perJob({ max: 3 });
    Object.assign(scaling.perJobProps!, { max: 9 });
    expect(scaling.perJobProps!.max).toBe(3);
  });
});

test('a Docker endpoint fails for a host with a scheme and for no port', () => {
  expect(DockerEndpoint.tls('docker.example.com', 2376, SecretSource.existing('docker-client')).url).toBe(
    'tcp://docker.example.com:2376',
  );
  expect(codesOf(() => DockerEndpoint.plaintext('tcp://x', 2375))).toEqual(['FORGE-RUN-017']);
  expect(codesOf(() => DockerEndpoint.plaintext('x', 0))).toEqual(['FORGE-RUN-017']);
});
