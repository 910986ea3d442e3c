import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse } from 'yaml';
import { GitOpsApp } from '../../lib/app';
import { ContainerEngine, HostProfile, HostRunner, HostRunnerProps } from '../../lib/host';
import { Storage } from '../../lib/kube';
import { Endpoint, Registry } from '../../lib/registry';
import { DockerEndpoint, Executor } from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { adviceAt } from '../../lib/support';
import { accepts, codesOf } from '../support/problems';
import { runBash } from '../support/bash';
import { temporaryFolder, writeTree } from '../support/workspace';
import { filesOf, hostRunner, plainForge } from './world';

const MACHINE = 'host.docker.internal';
const made = (props: Partial<HostRunnerProps> = {}) => hostRunner({ forge: plainForge(), ...props });
const files = (props: Partial<HostRunnerProps> = {}) => made(props).files;
const compose = (props: Partial<HostRunnerProps>) => parse(files(props)['host/runner/compose.yml']);
const config = (props: Partial<HostRunnerProps>) => parse(files(props)['host/runner/config.yml']);
const state = Storage.hostPath('/srv/runner', { node: 'n' });
const registry = Registry.oci({ pull: Endpoint.http(`${MACHINE}:5000`) });

test('the variables of jobs are those of the user, also if they are paths inside the container', () => {
  const environment = {
    MODELS: '/data/models',
    C: 'a:/data',
    H: '/home/runner/x',
    CONFIG: '/etc/cdk8s-forge/config.yaml',
    HOME_OF: '@HOME@',
  };
  const made = config({ executor: Executor.host(), environment, config: { cache: { dir: '/data/cache' } } });
  expect(made.runner.envs).toEqual(environment);
  // The paths of the library are those of the machine, also below its storage.
  expect(made.runner.file).toBe('/var/lib/cdk8s-forge/runner/data/.runner');
  expect(made.cache.dir).toBe('/var/lib/cdk8s-forge/runner/data/cache');
  const hook = { jobStartedHook: '/data/hook.sh', jobEnvFile: '/home/runner/env' };
  expect(config({ executor: Executor.host(), config: hook }).runner).toMatchObject({
    hooks: { job_started: '/data/hook.sh' },
    env_file: '/home/runner/env',
  });
});

test('a directory of the machine is one that the service writes to, and that the installation creates', () => {
  const at = (folder: string) => Executor.host({ state: Storage.hostPath(folder, { node: 'n' }) });
  const written = files({ executor: Executor.host({ state }) });
  const unit = written['host/runner/forge-runner.service'];
  expect(unit).toContain('RUNNER_STATE_FILE=/srv/runner/.runner');
  expect(unit).toContain('\nReadWritePaths=/var/lib/cdk8s-forge/runner /srv/runner\n');
  expect(written['host/runner/install.sh']).toContain('\nDIRECTORIES=/srv/runner\n');
  expect(files({ executor: at('/srv/a b') })['host/runner/forge-runner.service']).toContain(
    '\nReadWritePaths=/var/lib/cdk8s-forge/runner "/srv/a b"\n',
  );
  expect(codesOf(() => made({ executor: at('/home/ci/runner') }))).toEqual(['FORGE-HOST-008']);
  expect(codesOf(() => made({ executor: at('/tmp') }))).toEqual(['FORGE-HOST-008']);
  accepts(
    () => made({ executor: at('/homes/ci/runner') }),
    () => made({ executor: at('/home/ci/runner'), profile: HostProfile.podmanMacos() }),
  );
});

test('install.sh creates a directory of the machine, takes an empty one, and leaves one with files to its owner', () => {
  const folder = temporaryFolder();
  const srv = path.join(folder, 'srv', 'runner');
  const work = Storage.hostPath(path.join('/var/lib', 'work'), { node: 'n' });
  const tree = files({ executor: Executor.host({ state, work }) });
  const moved = Object.entries(tree).map(([name, text]) => [
    name,
    text.replace(/(?<![\w.])\/(srv\/runner|var\/lib|etc\/(cdk8s-forge|systemd)|usr\/local\/bin)\b/g, `${folder}/$1`),
  ]);
  writeTree(folder, Object.fromEntries(moved));
  for (const needed of ['etc/systemd/system', 'usr/local/bin']) {
    fs.mkdirSync(path.join(folder, needed), { recursive: true });
  }
  const binary =
    '#!/bin/bash\n[[ $2 == --help ]] && exit 0\ncat >/dev/null\necho \'{"labels":["runner:host"]}\' >"$RUNNER_STATE_FILE"\n';
  fs.writeFileSync(path.join(folder, 'usr/local/bin/gitea-runner'), binary, { mode: 0o755 });
  const install = (writable = 'exit 0') =>
    runBash(`bash ${folder}/host/runner/install.sh`, {
      env: { RUNNER_TOKEN: 'secret', TMPDIR: folder },
      path: `${folder}/usr/local/bin:${process.env.PATH}`,
      commands: {
        id: '#!/bin/sh\nif [ "$1" = -u ]; then echo 0; else exit 1; fi\n',
        useradd: '#!/bin/sh\n',
        systemctl: '#!/bin/sh\n',
        chown: `#!/bin/sh\necho "$*" >>${folder}/owners\n`,
        runuser: `#!/bin/bash\nshift 3\nif [ "$1" = test ]; then ${writable}; fi\nexec "$@"\n`,
      },
    });
  expect(install()).toMatchObject({ status: 0, stderr: '' });
  expect(fs.existsSync(path.join(srv, '.runner'))).toBe(true);
  const owners = () => fs.readFileSync(path.join(folder, 'owners'), 'utf8').split('\n');
  expect(owners()).toEqual(
    expect.arrayContaining([
      `-R forge-runner:forge-runner ${srv}`,
      `-R forge-runner:forge-runner ${folder}/var/lib/work`,
    ]),
  );
  fs.rmSync(path.join(folder, 'owners'));
  expect(install()).toMatchObject({ status: 0 });
  expect(owners()).not.toContain(`-R forge-runner:forge-runner ${srv}`);
  expect(install('exit 1')).toMatchObject({ status: 1, stderr: expect.stringContaining(`cannot write to ${srv}`) });
});

const checkOf = (props: Partial<HostRunnerProps> = {}) => adviceAt(made(props).runner)[0].checks![0];

test.each<[string, Partial<HostRunnerProps>, string[]]>([
  ['Compose', {}, ['docker compose --project-directory dist/host/runner exec -T docker docker info']],
  [
    'Podman',
    { profile: HostProfile.linux(), engine: ContainerEngine.PODMAN },
    ['podman exec forge-runner-docker docker info'],
  ],
  [
    'Compose without a daemon of its own',
    { executor: Executor.externalDocker(DockerEndpoint.plaintext('docker.example.com', 2375)) },
    [],
  ],
])('a Docker daemon that runs must answer: %s', (_, props, commands) => {
  const [, ...checks] = adviceAt(made(props).runner)[0].checks!;
  expect(checks.map((check) => check.commands!.join())).toEqual(commands);
});

test('a runner is healthy only if each of its containers runs', () => {
  const { commands, expect: expected } = checkOf();
  expect(String(commands![0])).toBe(
    'docker compose --project-directory dist/host/runner ps --status running --services',
  );
  const isGood = (output: string) => {
    const pattern = expected!.stdoutMatches!;
    const matches = new RegExp(pattern).test(output);
    // The verification script reads the pattern with grep.
    const grep = spawnSync('grep', ['-Pzq', '--', pattern], { input: output });
    expect([output, grep.status]).toEqual([output, matches ? 0 : 1]);
    return matches;
  };
  expect(['docker\nrunner\n', 'runner\ndocker\n', 'register\ndocker\nrunner\n'].map(isGood)).toEqual([
    true,
    true,
    true,
  ]);
  for (const output of ['docker\n', 'runner\n', 'runner-docker-1 runner\ndocker\n', 'docker\nrunner2\n', '\n', '']) {
    expect([output, isGood(output)]).toEqual([output, false]);
  }
  const external = Executor.externalDocker(DockerEndpoint.plaintext('docker.example.com', 2375));
  const alone = new RegExp(checkOf({ executor: external }).expect!.stdoutMatches!);
  expect(['runner\n', 'docker\n'].map((output) => alone.test(output))).toEqual([true, false]);
  const launchd = checkOf({ executor: Executor.host(), profile: HostProfile.podmanMacos() }).expect!.stdoutMatches!;
  const states = ['gui/501/x = {\n\tstate = running\n}\n', 'gui/501/x = {\n\tstate = not running\n}\n'];
  expect(states.map((output) => new RegExp(launchd).test(output))).toEqual([true, false]);
});

test('a name of the machine leads to the machine, whichever address has it', () => {
  const external = (host: string) => Executor.externalDocker(DockerEndpoint.plaintext(host, 23750));
  for (const props of [
    { executor: external(MACHINE) },
    { executor: Executor.docker({ daemon: { registries: [registry] } }) },
    { proxy: { url: `http://${MACHINE}:3128` } },
  ]) {
    const { services, networks } = compose(props);
    expect(services.runner.extra_hosts).toEqual([`${MACHINE}=172.30.83.1`]);
    expect(networks.default.ipam.config).toEqual([{ subnet: '172.30.83.0/24', gateway: '172.30.83.1' }]);
  }
  // Containers of the machine's own daemon are outside of the network of the project.
  expect(config({ executor: external(MACHINE) }).container.options).toBe(`--add-host=${MACHINE}:host-gateway`);
  expect(compose({ executor: external('docker.example.com') }).services.runner.extra_hosts).toBeUndefined();
  expect(compose({ executor: external(MACHINE), profile: HostProfile.dockerDesktop() }).networks).toBeUndefined();
  const forge = plainForge(`http://${MACHINE}:3000`);
  // Without containers, only a line in /etc/hosts leads there.
  const warned = (props: Partial<HostRunnerProps>) =>
    made({ executor: Executor.host(), ...props }).runner.warnings.map(({ code }) => code);
  for (const profile of [HostProfile.linux(), HostProfile.lxc()]) {
    expect(warned({ forge, profile })).toContain('FORGE-HOST-002');
  }
  expect(warned({ forge, profile: HostProfile.dockerDesktop() })).not.toContain('FORGE-HOST-002');
  expect(warned({ forge: plainForge('http://localhost:3000') })).not.toContain('FORGE-HOST-002');
  accepts(() =>
    made({ engine: ContainerEngine.PODMAN, executor: Executor.docker({ daemon: { registries: [registry] } }) }),
  );
});

test('an address of the container itself is an error, in each form', () => {
  for (const host of ['[::1]', '[::]', '[::ffff:127.0.0.1]', '127.1', 'LOCALHOST', 'localhost.']) {
    const forge = plainForge(`http://${host}:3000`);
    expect([host, codesOf(() => made({ forge }))]).toEqual([host, ['FORGE-HOST-002']]);
  }
  for (const url of ['http://localhost:3128', 'http://127.0.0.1:3128', 'http://127.0.0.2']) {
    expect(codesOf(() => made({ proxy: { url } }))).toEqual(['FORGE-HOST-002']);
    accepts(() => made({ executor: Executor.host(), proxy: { url } }));
  }
  for (const port of [0, 65536, 99999]) {
    expect(codesOf(() => made({ proxy: { url: `http://proxy.example.com:${port}` } }))).toEqual(['FORGE-RUN-022']);
  }
  accepts(
    () => made({ forge: plainForge('http://[2001:db8::1]:3000') }),
    () => made({ proxy: { url: 'http://proxy.example.com:65535' } }),
  );
});

test('a subnet is one that Docker takes, and no other runner of the app has', () => {
  for (const subnet of ['172.30.83.0/16', '10.1.2.0/16', '192.168.1.0/20', '172.17.0.0/16', '172.17.5.0/24']) {
    expect([subnet, codesOf(() => made({ subnet }))]).toEqual([subnet, ['FORGE-HOST-006']]);
  }
  accepts(
    ...['172.30.0.0/16', '10.1.0.0/16', '192.168.16.0/20', '172.18.0.0/16'].map((subnet) => () => made({ subnet })),
  );
  const app = new GitOpsApp();
  const forge = plainForge(`http://${MACHINE}:3000`);
  new HostRunner(app, 'one', { forge });
  new HostRunner(app, 'own', { forge, subnet: '172.30.84.0/23' });
  new HostRunner(app, 'elsewhere', { forge: plainForge() });
  new HostRunner(app, 'two', { forge });
  const subnet = (name: string) =>
    parse(filesOf(app)[`host/${name}/compose.yml`]).networks?.default.ipam.config[0].subnet;
  expect(['one', 'own', 'elsewhere', 'two'].map(subnet)).toEqual([
    '172.30.83.0/24',
    '172.30.84.0/23',
    undefined,
    '172.30.86.0/24',
  ]);
  expect(parse(filesOf(app)['host/two/config.yml']).container.options).toContain(`${MACHINE}:172.30.86.1`);
});

test('the runbook reads certificates from files, and calls only the token a token', () => {
  const credentials = SecretSource.environment('CA', 'CERT', 'KEY');
  const executor = Executor.externalDocker(DockerEndpoint.tls('docker.example.com', 2376, credentials));
  const [{ text, commands }] = adviceAt(made({ executor }).runner)[0].byHand!;
  const lines = commands!.map(String);
  expect(lines.slice(0, 4)).toEqual(
    expect.arrayContaining([
      "read -rsp 'RUNNER_TOKEN: ' RUNNER_TOKEN; echo; export RUNNER_TOKEN",
      'CA=$(cat ~/.docker/ca.pem); export CA',
      'CERT=$(cat ~/.docker/cert.pem); export CERT',
      'KEY=$(cat ~/.docker/key.pem); export KEY',
    ]),
  );
  expect(text).toContain(
    '(`RUNNER_TOKEN`), have the CA, certificate and key of the client in `~/.docker` (`CA`, `CERT`, `KEY`)',
  );
  const home = temporaryFolder();
  fs.mkdirSync(path.join(home, '.docker'));
  ['ca', 'cert', 'key'].forEach((name) => fs.writeFileSync(path.join(home, '.docker', `${name}.pem`), `1\n${name}\n`));
  const script = [...lines.slice(0, 4), 'printf "%s;" "$CA" "$CERT" "$KEY" "$RUNNER_TOKEN"'].join('\n');
  const read = spawnSync('bash', ['-c', script], {
    env: { ...process.env, HOME: home },
    input: 't\n',
    encoding: 'utf8',
  });
  expect(read.stdout.trim()).toBe('1\nca;1\ncert;1\nkey;t;');
});

test('a variable of the shell or of the loader is no source of a secret', () => {
  for (const name of [
    'PATH',
    'HOME',
    'LD_PRELOAD',
    'LD_LIBRARY_PATH',
    'IFS',
    'BASH_ENV',
    'ENV',
    'PS4',
    'UID',
    'LC_ALL',
    'DYLD_X',
  ]) {
    expect([name, codesOf(() => SecretSource.environment('RUNNER_TOKEN', name))]).toEqual([name, ['FORGE-SEC-006']]);
  }
  accepts(
    ...['RUNNER_PATH', 'MY_HOME', 'LDAP_TOKEN', 'HOME_TOKEN', 'ENV_TOKEN', 'A'].map(
      (name) => () => SecretSource.environment(name),
    ),
  );
});
