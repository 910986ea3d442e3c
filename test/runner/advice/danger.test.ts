import { Size } from 'cdk8s';
import fc from 'fast-check';
import { Storage } from '../../../lib/kube';
import { DockerEndpoint, Executor, RunnerConfig, RunnerLabel } from '../../../lib/runner';
import { isSecretShaped } from '../../../lib/support';
import { gitHubRunner } from '../github/fixture';
import { runner } from '../fixture';

const docker = Executor.docker();
const warned = (config: RunnerConfig, executor = docker) =>
  runner({ config, executor }).warnings.map(({ code }) => code);
const options = (text: string) => warned({ container: { options: text } });

test('an unchecked certificate is a warning, a checked one is not', () => {
  expect(warned({ insecure: true })).toEqual(['FORGE-RUN-042']);
  expect(warned({ insecure: false })).toEqual([]);
});

test.each([
  '--privileged',
  '--privileged=true',
  '--cpus=2 --privileged',
  '--cap-add SYS_ADMIN',
  '--cap-add=ALL',
  '--device=/dev/kvm',
  '--pid=host',
  '--pid host',
  '--ipc=container:other',
  '--userns=host',
  '--security-opt seccomp=unconfined',
  '--security-opt=apparmor:unconfined',
  '--security-opt "label=disable"',
  '--volumes-from other',
])('options %s remove the isolation', (text) => {
  expect(options(text)).toEqual(['FORGE-RUN-043']);
});

test.each([
  '--privileged=false',
  '--cpus=2 --memory 1g',
  '--label privileged=--privileged',
  '--env "A=--privileged"',
  '--cap-drop ALL',
  '--security-opt no-new-privileges',
  '--add-host=git.example.com:10.0.0.1',
  '--tmpfs /tmp',
  '-v cache:/cache',
  '-v /etc/ssl/certs:/etc/ssl/certs:ro',
  '--mount type=bind,source=/etc/ssl/certs,target=/etc/ssl/certs,readonly',
  '--mount type=volume,source=cache,target=/cache',
  '-v /anonymous',
  '--network mynet',
])('options %s do not', (text) => {
  expect(options(text)).toEqual([]);
});

test('a privileged container is a warning, an unprivileged one is not', () => {
  expect(warned({ container: { privileged: true } })).toEqual(['FORGE-RUN-043']);
  expect(warned({ container: { privileged: false } })).toEqual([]);
});

test.each([
  '-v /:/host',
  '-v /srv:/srv',
  '-v/srv:/srv',
  '--volume=/var/run/docker.sock:/var/run/docker.sock:ro',
  '--volume "/etc:/etc:ro"',
  '--mount type=bind,src=/proc,dst=/proc,readonly',
  '--mount type=bind,source=/srv,target=/srv',
])('options %s mount files of the machine', (text) => {
  expect(options(text)).toEqual(['FORGE-RUN-044']);
});

test.each(['**', '*', '/**', '/', '/var/run/*', '/srv/cache', '{a,/etc}', '*.sock', '?*', '[!x]*'])(
  'valid volumes %s allow paths',
  (pattern) => {
    expect(warned({ container: { validVolumes: ['data', pattern] } })).toEqual(['FORGE-RUN-044']);
  },
);

test.each(['data', 'cache-*', '{a,b}', 'a?'])('valid volumes %s allow volumes by name only', (pattern) => {
  expect(warned({ container: { validVolumes: [pattern] } })).toEqual([]);
});

test('a network that is not the own of a job is a warning', () => {
  for (const network of ['host', 'container:other']) {
    expect(warned({ container: { network } })).toEqual(['FORGE-RUN-045']);
    expect(options(`--network=${network}`)).toEqual(['FORGE-RUN-045']);
    expect(options(`--net ${network}`)).toEqual(['FORGE-RUN-045']);
  }
  expect(warned({ container: { network: 'bridge' } })).toEqual([]);
});

test('settings of containers do nothing without a Docker daemon', () => {
  expect(warned({ container: { privileged: true, network: 'host' } }, Executor.host())).toEqual([]);
});

test('a socket that is withheld from containers, and not from jobs beside it', () => {
  const both = [RunnerLabel.docker('a', 'node:22'), RunnerLabel.host('b')];
  const codes = (executor: Executor, labels = both) => runner({ executor, labels }).warnings.map(({ code }) => code);
  expect(codes(Executor.docker({ dockerInJobs: false }))).toEqual(['FORGE-RUN-047']);
  expect(codes(Executor.dockerRootless({ dockerInJobs: false }))).toEqual(['FORGE-RUN-047']);
  expect(codes(Executor.docker({ dockerInJobs: false }), both.slice(0, 1))).toEqual([]);
  expect(codes(Executor.docker())).toEqual([]);
  expect(codes(Executor.externalDocker(DockerEndpoint.plaintext('docker.lan', 2375)))).toEqual([]);
});

test('several jobs at a time as one user are a warning, in containers of their own they are not', () => {
  const work = Storage.ephemeral(Size.gibibytes(1));
  expect(warned({ capacity: 4 }, Executor.host({ work }))).toEqual(['FORGE-RUN-048']);
  expect(warned({ capacity: 1 }, Executor.host({ work }))).toEqual([]);
  expect(warned({ capacity: 4 })).toEqual([]);
});

describe('variables that look like secrets', () => {
  const hex = 'a'.repeat(39) + '1';

  test.each([
    ['ANY', 'ghp_abcdefghijklmnopqrstuvwxyz0123456789'],
    ['ANY', `github_pat_${'a'.repeat(30)}`],
    ['ANY', 'glpat-abcdefghijklmnopqrst'],
    ['ANY', 'AKIAIOSFODNN7EXAMPLE'],
    ['ANY', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc'],
    ['ANY', '-----BEGIN OPENSSH PRIVATE KEY-----'],
    ['ANY', 'https://user:hunter2@git.example.com'],
    ['ANY', 'Bearer abcdefghijklmnopqrst'],
    ['ANY', hex],
    ['DB_PASSWORD', 'correct horse'],
    ['npm_token', 'abcdefgh'],
    ['API_KEY', '0123456789abcdefg'],
  ])('%s=%s', (name, value) => {
    const [warning, ...others] = runner({ environment: { [name]: value } }).warnings;
    expect([warning.code, others]).toEqual(['FORGE-RUN-046', []]);
    expect(JSON.stringify(warning)).not.toContain(value);
    expect(gitHubRunner({ environment: { [name]: value } }).warnings.map(({ code }) => code)).toContain(
      'FORGE-RUN-046',
    );
  });

  test.each([
    ['GIT_COMMIT', hex],
    ['PASSWORD_FILE', '/run/secrets/password'],
    ['TOKEN', '/run/secrets/token'],
    ['USE_TOKEN', 'true'],
    ['SECRET', '12345678901'],
    ['TOKEN_URL', 'https://git.example.com/token'],
    ['GOPROXY', 'https://proxy.golang.org,direct'],
    ['A', 'ghp_short'],
  ])('but not %s=%s', (name, value) => {
    expect(runner({ environment: { [name]: value } }).warnings).toEqual([]);
  });

  test('every token of a known format, under any name', () => {
    const token = fc.oneof(
      fc.stringMatching(/^gh[pousr]_[A-Za-z0-9]{36}$/),
      fc.stringMatching(/^glpat-[A-Za-z0-9_-]{20}$/),
      fc.stringMatching(/^AKIA[A-Z0-9]{16}$/),
    );
    fc.assert(fc.property(fc.stringMatching(/^[A-Z_]{1,12}$/), token, (name, value) => isSecretShaped(name, value)));
  });
});
