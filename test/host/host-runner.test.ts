import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Chart, Size } from 'cdk8s';
import { parse } from 'yaml';
import { GitOpsApp } from '../../lib/app';
import { Builder, BuildxDriver } from '../../lib/buildkit';
import { EVERY_CAPABILITY } from '../../lib/forge';
import { ContainerEngine, HostProfile } from '../../lib/host';
import { Storage } from '../../lib/kube';
import {
  DockerEndpoint,
  Executor,
  Registration,
  RunnerCacheServer,
  RunnerScope,
  TokenMint,
  VolumeContent,
} from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { CaBundle, Trust } from '../../lib/trust';
import { accepts, codesOf, foundCodes, problemsOf } from '../support/problems';
import { readTree, temporaryFolder, writeTree } from '../support/workspace';
import { hostForge, hostRunner, plainForge, registryOf } from './world';

const compose = (files: Record<string, string>) => parse(files['host/runner/compose.yml']);
const daemon = { registries: [registryOf(hostForge())] };

test('the runner of seed 0: Docker in Docker, a private CA, and known_hosts with every name of the server', () => {
  const { files } = hostRunner({ executor: Executor.docker({ daemon }) });
  const { services, networks } = compose(files);
  expect(Object.keys(services)).toEqual(['trust', 'register', 'docker', 'runner']);
  expect(services.docker).toMatchObject({ privileged: true, restart: 'unless-stopped', mem_limit: '4g' });
  expect(services.runner).toMatchObject({ cap_drop: ['ALL'], image: expect.stringMatching(/^gitea\/runner:\d/) });
  expect(services.runner.depends_on).toEqual({
    trust: { condition: 'service_completed_successfully' },
    register: { condition: 'service_completed_successfully' },
    docker: { condition: 'service_healthy' },
  });
  // The address of the machine, from the containers of the project and from those of jobs.
  expect(services.docker.extra_hosts).toEqual(['host.docker.internal=172.30.83.1']);
  expect(networks.default.ipam.config).toEqual([{ subnet: '172.30.83.0/24', gateway: '172.30.83.1' }]);
  const config = parse(files['host/runner/config.yml']);
  expect(config.container.options).toContain('--add-host=host.docker.internal:172.30.83.1');
  expect(files['host/runner/known_hosts'].split('\n').map((line) => line.split(' ')[0])).toEqual([
    '[host.docker.internal]:30022',
    '[127.0.0.1]:30022',
    '',
  ]);
  const targets = services.docker.volumes.map(({ target }: { target: string }) => target);
  expect(targets).toContain('/etc/docker/certs.d/host.docker.internal:30090/ca.crt');
  expect(targets).toContain('/etc/ssh/ssh_known_hosts');
});

test('every file that the project mounts is in its folder, and is never created as a directory', () => {
  const { files } = hostRunner({ executor: Executor.docker({ daemon }) });
  const mounts = Object.values<{ volumes: Record<string, unknown>[] }>(compose(files).services).flatMap(
    (s) => s.volumes,
  );
  const binds = mounts.filter(({ type }) => type === 'bind');
  expect(binds.length).toBeGreaterThan(5);
  for (const { source, bind } of binds) {
    expect(files).toHaveProperty([path.posix.join('host/runner', source as string)]);
    expect(bind).toMatchObject({ create_host_path: false });
  }
});

test('only the registration sees the token, and no file has its value', () => {
  const { services, secrets } = compose(hostRunner().files);
  const readers = Object.keys(services).filter((name) => services[name].secrets !== undefined);
  expect(readers).toEqual(['register']);
  expect(secrets).toEqual({ 'runner-token': { environment: 'RUNNER_TOKEN' } });
  // Compose cannot copy a secret into a container whose root is read-only.
  expect(services.register.read_only).toBeUndefined();
  expect(services.trust.read_only).toBe(true);
});

test('a change of a file recreates the containers that mount it', () => {
  const hash = (version: number) => {
    const executor = Executor.docker({ daemon: { ...daemon, maxConcurrentUploads: version } });
    return compose(hostRunner({ executor }).files).services.docker.labels['cdk8s-forge/config-hash'];
  };
  expect(hash(3)).not.toBe(hash(4));
});

test('storage in memory is a tmpfs only if asked, and counts toward the memory limit', () => {
  const made = hostRunner({ executor: Executor.docker({ layers: Storage.memory(Size.gibibytes(20)) }) });
  const { services, volumes } = compose(made.files);
  expect(volumes.layers).toEqual({ driver: 'local', driver_opts: { type: 'tmpfs', device: 'tmpfs', o: 'size=20g' } });
  expect(services.docker.mem_limit).toBe('24g');
  expect(compose(hostRunner().files).volumes.layers).toEqual({});
});

test('a directory of the machine is mounted as it is', () => {
  const layers = Storage.hostPath('/srv/docker', { node: 'laptop' });
  const { services, volumes } = compose(hostRunner({ executor: Executor.docker({ layers }) }).files);
  expect(volumes).not.toHaveProperty('layers');
  expect(services.docker.volumes).toContainEqual(expect.objectContaining({ source: '/srv/docker' }));
});

test('new volumes are given to the user of a runner that is not root', () => {
  const executor = Executor.externalDocker(DockerEndpoint.plaintext('docker.example.com', 2375));
  const { services } = compose(hostRunner({ executor }).files);
  expect(Object.keys(services)).toEqual(['owner', 'trust', 'register', 'runner']);
  expect(services.owner).toMatchObject({ user: '0:0' });
  expect(services.owner.entrypoint.slice(0, 2)).toEqual(['chown', '1000:1000']);
  expect(services.owner.entrypoint).toEqual(
    expect.arrayContaining(['/data', '/home/runner', '/etc/cdk8s-forge-trust']),
  );
});

test('certificates of an external daemon come from three variables', () => {
  const credentials = SecretSource.environment('DOCKER_CA', 'DOCKER_CERT', 'DOCKER_KEY');
  const executor = Executor.externalDocker(DockerEndpoint.tls('docker.example.com', 2376, credentials));
  const { services, secrets } = compose(hostRunner({ executor }).files);
  expect(secrets['docker-key']).toEqual({ environment: 'DOCKER_KEY' });
  expect(services.runner.secrets).toContainEqual({ source: 'docker-key', target: '/etc/docker-client/key.pem' });
  const two = DockerEndpoint.tls('docker.example.com', 2376, SecretSource.environment('DOCKER_CA', 'DOCKER_CERT'));
  expect(codesOf(() => hostRunner({ executor: Executor.externalDocker(two) }))).toEqual(['FORGE-SEC-006']);
  accepts(() => hostRunner({ executor }));
});

test.each([
  [HostProfile.linux(), 'forge-runner.service'],
  [HostProfile.podmanMacos(), 'forge-runner.plist'],
])('a runner without Docker is a service of the machine, under names of the machine', (profile, unit) => {
  const { files } = hostRunner({ executor: Executor.host(), profile });
  expect(
    Object.keys(files)
      .map((file) => file.replace('host/runner/', ''))
      .sort(),
  ).toEqual(
    ['certs/ca-bundle/ca.crt', 'config.yml', 'install.sh', 'known_hosts', 'register.sh', 'trust.sh', unit].sort(),
  );
  const text = files[`host/runner/${unit}`];
  expect(text).toContain('gitea-runner');
  expect(text).not.toMatch(/[= >]\/(data|etc\/cdk8s-forge-trust)/);
  // The port of metrics would be one of the machine, open to its network.
  expect(files['host/runner/config.yml']).not.toContain('metrics');
  expect(files['host/runner/install.sh']).not.toContain('cdk8s-forge/runner/runner');
});

test('a mount that becomes a path below another mount is moved once', () => {
  const { files } = hostRunner({ executor: Executor.host() });
  expect(files['host/runner/install.sh']).toContain('/etc/cdk8s-forge/runner/certs/ca-bundle/ca.crt\n');
});

test('install.sh installs, prepares and registers as the account, and leaves no token behind', () => {
  const { files } = hostRunner({ executor: Executor.host() });
  const work = temporaryFolder();
  writeTree(work, files);
  const bin = path.join(work, 'bin');
  fs.mkdirSync(bin);
  const calls = path.join(work, 'calls');
  const tool = (name: string, body: string) => {
    fs.writeFileSync(path.join(bin, name), `#!/bin/bash\necho "${name} $*" >>"${calls}"\n${body}\n`, { mode: 0o755 });
  };
  tool('id', 'if [[ $1 == -u ]]; then echo 0; else exit 1; fi');
  tool('useradd', '');
  tool('chown', '');
  tool('systemctl', '');
  tool('runuser', 'shift 3; exec "$@"');
  tool(
    'gitea-runner',
    `[[ $2 == --help ]] && exit 0; cat >"${work}/typed"; echo '{"labels":["runner:host"]}' >"$RUNNER_STATE_FILE"`,
  );
  // The directories of the machine, below the folder of the test.
  const moved = (text: string) =>
    text.replace(/(\/etc\/cdk8s-forge|\/var\/lib|\/etc\/systemd|\/usr\/local\/bin)\b/g, `${work}/root$1`);
  const folder = path.join(work, 'host/runner');
  for (const [file, text] of Object.entries(readTree(folder))) {
    fs.writeFileSync(path.join(folder, file), moved(text));
  }
  fs.mkdirSync(path.join(work, 'root/etc/systemd/system'), { recursive: true });
  fs.mkdirSync(path.join(work, 'root/usr/local/bin'), { recursive: true });
  fs.copyFileSync(path.join(bin, 'gitea-runner'), path.join(work, 'root/usr/local/bin/gitea-runner'));
  fs.chmodSync(path.join(work, 'root/usr/local/bin/gitea-runner'), 0o755);
  const env = { PATH: `${bin}:${process.env.PATH}`, TMPDIR: work };
  const install = (more: Record<string, string>) =>
    spawnSync('bash', [path.join(folder, 'install.sh')], { env: { ...env, ...more }, encoding: 'utf8' });
  expect(install({})).toMatchObject({ status: 1, stderr: expect.stringContaining('RUNNER_TOKEN is empty') });
  const done = install({ RUNNER_TOKEN: 'secret-value' });
  expect(done.stderr).toBe('');
  expect(done.status).toBe(0);
  expect(fs.readFileSync(path.join(work, 'typed'), 'utf8')).toContain('secret-value');
  const left = Object.entries(readTree(path.join(work, 'root'))).filter(([, text]) => text.includes('secret-value'));
  expect(left).toEqual([]);
  const called = fs.readFileSync(calls, 'utf8');
  expect(called).toContain('runuser --user forge-runner -- env');
  expect(called).toContain('systemctl restart forge-runner.service');
  // Jobs can leave links in their home, which root must not follow.
  const known = path.join(work, 'root/var/lib/cdk8s-forge/runner/work/.ssh/known_hosts');
  expect(called).toContain(`runuser --user forge-runner -- tee ${known}`);
  expect(fs.readFileSync(known, 'utf8')).toBe(files['host/runner/known_hosts']);
  expect(fs.existsSync(path.join(work, 'root/etc/systemd/system/forge-runner.service'))).toBe(true);
});

test('fails on what seed 0 proved broken, and names what works there', () => {
  const on = (profile: HostProfile, executor: Executor) => () => hostRunner({ profile, executor });
  const [problem] = problemsOf(on(HostProfile.podmanMacos(), Executor.docker()));
  expect(problem).toMatchObject({ code: 'FORGE-HOST-001', path: 'runner' });
  expect(problem.symptom).toContain('unpigz');
  expect(problem.fix).toContain('HostBuild');
  expect(codesOf(on(HostProfile.podmanMacos(), Executor.dockerRootless()))).toEqual(['FORGE-HOST-001']);
  expect(codesOf(on(HostProfile.devpod(), Executor.host()))).toEqual(['FORGE-HOST-001']);
  expect(foundCodes(on(HostProfile.podmanMacos(), Executor.host()))).toEqual([]);
  expect(foundCodes(on(HostProfile.dockerDesktop(), Executor.docker()))).toEqual([]);
});

test('fails on an address that the machine, or a container on it, does not reach', () => {
  const forges = [plainForge('http://localhost:3000'), plainForge('http://gitea-http.gitea.svc.cluster.local:3000')];
  forges.forEach((forge) => expect(codesOf(() => hostRunner({ forge }))).toEqual(['FORGE-HOST-002']));
  expect(foundCodes(() => hostRunner({ forge: plainForge('http://host.docker.internal:3000') }))).toEqual([]);
  // The protocol and the port of the address stay.
  expect(problemsOf(() => hostRunner({ forge: forges[0] }))[0].fix).toMatch(/^use http:\/\/host.docker.internal:3000,/);
  const credentials = SecretSource.environment('DOCKER_CA', 'DOCKER_CERT', 'DOCKER_KEY');
  const daemon = (host: string) => Executor.externalDocker(DockerEndpoint.tls(host, 2376, credentials));
  const [remote] = problemsOf(() => hostRunner({ executor: daemon('localhost') }));
  expect([remote.code, remote.fix]).toEqual([
    'FORGE-HOST-002',
    expect.stringMatching(/^use tcp:\/\/host.docker.internal:2376,/),
  ]);
  accepts(() => hostRunner({ executor: daemon('host.docker.internal') }));
  // Without a container, localhost is the machine.
  expect(foundCodes(() => hostRunner({ forge: forges[0], executor: Executor.host() }))).toEqual([]);
});

test('fails on what only a cluster has', () => {
  const mint = Registration.minted(TokenMint.api(SecretSource.existing('admin')));
  expect(codesOf(() => hostRunner({ registration: mint }))).toContain('FORGE-HOST-007');
  const server = new RunnerCacheServer(new Chart(new GitOpsApp(), 'ci', { namespace: 'ci' }), 'cache', {
    forge: plainForge(),
    secret: SecretSource.existing('cache'),
  });
  expect(codesOf(() => hostRunner({ config: { cache: { server } } }))).toEqual(['FORGE-HOST-007']);
  const existing = Registration.token(SecretSource.existing('runner-token'));
  expect(codesOf(() => hostRunner({ registration: existing }))).toEqual(['FORGE-SEC-006']);
  const bundle = hostForge({ trust: Trust.privateCa(CaBundle.fromConfigMap('home-ca')) });
  expect(codesOf(() => hostRunner({ forge: bundle }))).toEqual(['FORGE-TRUST-011']);
  const layers = Storage.persistent(Size.gibibytes(10), 'longhorn');
  expect(codesOf(() => hostRunner({ executor: Executor.docker({ layers }) }))).toEqual(['FORGE-HOST-004']);
  const claim = Storage.existingClaim('layers');
  expect(codesOf(() => hostRunner({ executor: Executor.docker({ layers: claim }) }))).toEqual(['FORGE-HOST-004']);
  expect(
    foundCodes(() => hostRunner({ executor: Executor.docker({ layers: Storage.persistent(Size.gibibytes(10)) }) })),
  ).toEqual([]);
});

test('fails on a volume of an own executor whose files are in the cluster', () => {
  const volumes = [{ name: 'more', content: VolumeContent.CONFIG_MAP, source: 'more' }];
  const executor = (texts?: Record<string, string>) =>
    Executor.custom({
      name: 'own',
      capabilities: () => EVERY_CAPABILITY,
      traits: () => ({ hasDocker: true, jobResources: { memoryLimit: Size.gibibytes(1) } }),
      problems: () => [],
      plan: ({ program }) => ({
        image: program.image,
        user: { id: 0 },
        volumes: volumes.map((volume) => ({ ...volume, ...(texts ? { texts } : {}) })),
      }),
    });
  expect(codesOf(() => hostRunner({ executor: executor() }))).toEqual(['FORGE-HOST-003']);
  expect(hostRunner({ executor: executor({ a: 'text' }) }).files).toHaveProperty(['host/runner/certs/more/a'], 'text');
});

test('fails on what a service without containers does not have', () => {
  const tools = [{ image: 'docker.io/library/node:22.1.0', path: '/usr/local/bin/node' }];
  expect(codesOf(() => hostRunner({ executor: Executor.host({ tools }) }))).toContain('FORGE-HOST-008');
  const work = Storage.memory(Size.gibibytes(1));
  expect(codesOf(() => hostRunner({ executor: Executor.host({ work }) }))).toEqual(['FORGE-HOST-008']);
  expect(
    foundCodes(() => hostRunner({ executor: Executor.host({ work: Storage.ephemeral(Size.gibibytes(1)) }) })),
  ).toEqual([]);
});

test('fails on names and networks that no machine takes', () => {
  expect(codesOf(() => hostRunner({}, 'no_name'))).toEqual(['FORGE-HOST-005']);
  expect(codesOf(() => hostRunner({ executor: Executor.host() }, 'a'.repeat(30)))).toEqual(['FORGE-HOST-005']);
  expect(foundCodes(() => hostRunner({}, 'a'.repeat(30)))).toEqual([]);
  for (const subnet of ['172.30.83.0', '8.8.8.0/24', '10.0.0.1/24', '172.40.1.0/24', '10.0.0.0/8']) {
    expect(codesOf(() => hostRunner({ subnet }))).toEqual(['FORGE-HOST-006']);
  }
  expect(foundCodes(() => hostRunner({ subnet: '10.99.0.0/16' }))).toEqual([]);
});

test('a subnet is that of the project, also if no name must lead to the machine; without a project, it is an error', () => {
  const subnet = '10.99.7.0/24';
  const { files } = hostRunner({ forge: plainForge(), subnet });
  expect(compose(files).networks.default.ipam.config).toEqual([{ subnet, gateway: '10.99.7.1' }]);
  expect(compose(files).services.docker.extra_hosts).toBeUndefined();
  expect(compose(hostRunner({ forge: plainForge() }).files).networks).toBeUndefined();
  const desktop = { profile: HostProfile.dockerDesktop(), subnet };
  expect(compose(hostRunner(desktop).files).networks.default.ipam.config).toEqual([{ subnet, gateway: '10.99.7.1' }]);
  const podman = { forge: plainForge(), engine: ContainerEngine.PODMAN };
  const service = { forge: plainForge(), executor: Executor.host() };
  expect(codesOf(() => hostRunner({ ...podman, subnet }))).toEqual(['FORGE-HOST-006']);
  expect(codesOf(() => hostRunner({ ...service, subnet }))).toEqual(['FORGE-HOST-006']);
  expect(codesOf(() => hostRunner({ ...service, image: 'runner.example.com/own' }))).toEqual(['FORGE-HOST-008']);
  accepts(
    () => hostRunner(podman),
    () => hostRunner(service),
    () => hostRunner({ ...podman, image: 'runner.example.com/own' }),
  );
});

test('the runbook says how the runner starts, and which variable has its token', () => {
  const app = new GitOpsApp({
    outdir: path.join(temporaryFolder(), 'dist'),
    imageLock: path.join(temporaryFolder(), 'images.yaml'),
  });
  hostRunner({ scope: RunnerScope.organization('platform') }, 'runner', app);
  app.synth();
  const runbook = fs.readFileSync(path.join(app.outdir, 'RUNBOOK.md'), 'utf8');
  expect(runbook).toContain('docker compose --project-directory dist/host/runner up --detach --wait');
  expect(runbook).toContain('/org/platform/settings/actions/runners');
  expect(runbook).toContain('`RUNNER_TOKEN`');
});

test.each(HostProfile.all.map((profile) => [profile.name, profile] as const))(
  'profile %s and the builders',
  (name, profile) => {
    const remote = Builder.buildx({ driver: BuildxDriver.remoteAt('tcp://buildkit.example.com:1234') });
    expect(foundCodes(() => profile.assertCanBuild(remote))).toEqual([]);
    const nested = ['devpod', 'k3s-pod'].includes(name) ? ['FORGE-HOST-001'] : [];
    expect(foundCodes(() => profile.assertCanBuild(Builder.docker()))).toEqual(nested);
    expect(foundCodes(() => profile.assertCanBuild(Builder.buildx()))).toEqual(nested);
  },
);
