import { Chart, Duration, Size, Testing } from 'cdk8s';
import { Buildkitd } from '../../lib/buildkit';
import { EVERY_CAPABILITY, Forge, RunnerCapabilities } from '../../lib/forge';
import { Egress, Storage } from '../../lib/kube';
import { Endpoint, Registry } from '../../lib/registry';
import {
  DockerEndpoint,
  Executor,
  ExecutorContext,
  ExecutorPlan,
  ExecutorTraits,
  ForgeAddress,
  HostedRunner,
  IExecutor,
  ImageReference,
  IRunner,
  IRunnerProgram,
  Privilege,
  ProgramFacts,
  ProgramParts,
  ProgramRequest,
  Registration,
  Runner,
  RunnerLabel,
  RunnerProps,
  RunnerScope,
  RunnerVersion,
  Scaling,
  TokenMint,
  VolumeContent,
} from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { Problem } from '../../lib/support';
import { CaBundle, Trust } from '../../lib/trust';
import { accepts, codesOf, problemsOf } from '../support/problems';
import { chart, env, forgejo, forgejoRunner, gitea, render, runner, scalerToken, token, UUID } from './fixture';

const registry = Registry.gitea(gitea, { owner: 'platform', pull: Endpoint.https('git.example.com') });

test('the runner of seed 2: docker-less, with buildctl of the daemon that it builds with', () => {
  const ci = chart();
  const builder = new Buildkitd(ci, 'buildkitd', {
    registries: [registry],
    storage: Storage.persistent(Size.gibibytes(50)),
  });
  const made = runner({ executor: Executor.host({ builder }) }, ci);
  const own = render(made).objects.filter(({ metadata }) => metadata.name.startsWith('runner'));
  own
    .filter(({ kind }) => kind === 'ConfigMap')
    .forEach(({ data }) => {
      data['register.sh'] = '(see lib/runner/scripts)';
    });
  expect(own).toMatchSnapshot();
  expect(JSON.stringify(Testing.synth(ci).find(({ kind }) => kind === 'NetworkPolicy'))).toContain(
    '"app.kubernetes.io/name":"gitea-runner"',
  );
});

test('the runner of seed 1: rootless Docker, 5Gi of slow state and 100Gi of fast layers', () => {
  const made = runner({
    scope: RunnerScope.repository(gitea.repository('homelab/kuberay-images')),
    labels: [RunnerLabel.docker('ubuntu-latest', 'docker.gitea.com/runner-images:ubuntu-latest')],
    executor: Executor.dockerRootless({
      state: Storage.persistent(Size.gibibytes(5), 'nfs-slow'),
      layers: Storage.persistent(Size.gibibytes(100), 'longhorn'),
      daemon: {
        registries: [registry],
        maxConcurrentUploads: 10,
        maxConcurrentDownloads: 10,
        containerdSnapshotter: true,
      },
    }),
  });
  const { objects } = render(made);
  objects
    .filter(({ kind }) => kind === 'ConfigMap')
    .forEach(({ data }) => {
      data['register.sh'] = '(see lib/runner/scripts)';
    });
  expect(objects).toMatchSnapshot();
  expect(made.warnings.map(({ code }) => code)).toEqual(['FORGE-RUN-030']);
});

test('of seed 0, what maps into the cluster: an old version, Docker beside it, a private authority everywhere', () => {
  const forge = Forge.gitea({
    version: '1.25',
    url: 'https://git.home:30090',
    trust: Trust.privateCa(CaBundle.fromConfigMap('home-ca')),
  });
  const home = Registry.gitea(forge, { owner: 'platform' });
  const made = runner({
    forge,
    version: RunnerVersion.of('0.2.13'),
    labels: [RunnerLabel.docker('ubuntu-latest', 'ghcr.io/catthehacker/ubuntu:act-latest')],
    executor: Executor.docker({ daemon: { registries: [home] }, layers: Storage.memory(Size.gibibytes(20)) }),
  });
  const { config, container, main, pod } = render(made);
  expect(config.container).toEqual({
    options: '--volume=/etc/cdk8s-forge-trust:/etc/cdk8s-forge-trust:ro',
    valid_volumes: ['/etc/cdk8s-forge-trust'],
  });
  expect(config.runner.envs).toMatchObject({
    NODE_EXTRA_CA_CERTS: '/etc/cdk8s-forge-trust/ca-certificates.crt',
    GIT_SSL_CAINFO: '/etc/cdk8s-forge-trust/ca-certificates.crt',
  });
  for (const each of [main, container('register')]) {
    expect(env(each).SSL_CERT_FILE).toBe('/etc/cdk8s-forge-trust/ca-certificates.crt');
  }
  expect(container('docker').volumeMounts).toContainEqual({
    name: 'ca-home-ca',
    mountPath: '/etc/docker/certs.d/git.home:30090/ca.crt',
    subPath: 'ca.crt',
    readOnly: true,
  });
  expect(container('docker').volumeMounts).toContainEqual({
    name: 'trust',
    mountPath: '/etc/cdk8s-forge-trust',
    readOnly: true,
  });
  expect(pod.volumes!.filter(({ name }) => name === 'ca-home-ca')).toHaveLength(1);
  expect(pod.initContainers!.map(({ name }) => name)).toEqual(['trust', 'register', 'docker']);
});

test('a Forgejo runner reads UUID and token from its connection, and keeps no claim', () => {
  const { config, set, main, pod, container } = render(
    forgejoRunner({ executor: Executor.docker(), labels: [RunnerLabel.docker('docker', 'node:22-bookworm')] }),
  );
  expect(config.server).toEqual({
    connections: {
      forge: {
        url: 'http://forgejo-http.forgejo.svc.cluster.local:3000',
        uuid: UUID,
        token_url: 'file:///var/run/secrets/runner-token/token',
        labels: ['docker:docker://node:22-bookworm'],
      },
    },
  });
  expect(config.runner).toEqual({ shutdown_timeout: '1h', fetch_timeout: '30s' });
  expect(main).toMatchObject({
    image: 'code.forgejo.org/forgejo/runner:12.13.2',
    command: ['forgejo-runner', 'daemon', '--config', '/etc/cdk8s-forge/config.yaml'],
  });
  expect(set!.volumeClaimTemplates!.map(({ metadata }) => metadata!.name)).toEqual(['layers']);
  expect(pod.initContainers!.map(({ name }) => name)).toEqual(['docker']);
  expect(container('register')).toBeUndefined();
});

test('queues are counted by the trigger of the product, for the scope, with a token of their own', () => {
  const scaled = (made: Runner) => (render(made).scaled!.triggers as unknown as object[])[0];
  const scaling = Scaling.perJob({
    max: 3,
    min: 1,
    apiToken: scalerToken,
    pollingInterval: Duration.seconds(10),
    keepFinished: Duration.minutes(1),
  });
  expect(scaled(runner({ scaling, scope: RunnerScope.organization('platform') }))).toEqual({
    type: 'metrics-api',
    authenticationRef: { name: 'runner-queue' },
    metadata: {
      url: 'http://gitea-http.gitea.svc.cluster.local:3000/api/v1/orgs/platform/actions/jobs?status=queued&status=in_progress&limit=1',
      valueLocation: 'total_count',
      targetValue: '1',
      authMode: 'bearer',
    },
  });
  const forge = forgejoRunner({
    scaling: Scaling.perJob({ max: 3, apiToken: scalerToken }),
    scope: RunnerScope.repository(forgejo.repository('a/b')),
    labels: [RunnerLabel.host('x'), RunnerLabel.host('y')],
  });
  expect(scaled(forge)).toEqual({
    type: 'forgejo-runner',
    authenticationRef: { name: 'runner-queue' },
    metadata: { address: 'http://forgejo-http.forgejo.svc.cluster.local:3000', labels: 'x,y', owner: 'a', repo: 'b' },
  });
  expect(render(forge).main.command).toEqual([
    'forgejo-runner',
    'one-job',
    '--config',
    '/etc/cdk8s-forge/config.yaml',
    '--wait',
  ]);
  expect(SecretSource.requirementsAt(forge).map(({ secretName, tokenScope }) => [secretName, tokenScope])).toEqual([
    ['runner-token', undefined],
    ['scaler-token', 'read:repository'],
  ]);
});

test('a new key rolls the pods and registers anew; so does another address or scope', () => {
  const key = (made: Runner) => env(render(made).container('register')).REGISTRATION_KEY;
  const keys = [
    runner(),
    runner({ registration: Registration.token(token, { key: '2026-11-20' }) }),
    runner({ scope: RunnerScope.organization('a') }),
  ].map(key);
  expect(keys).toEqual([
    'http://gitea-http.gitea.svc.cluster.local:3000 instance',
    'http://gitea-http.gitea.svc.cluster.local:3000 instance 2026-11-20',
    'http://gitea-http.gitea.svc.cluster.local:3000 organization a',
  ]);
});

test('a change of the configuration rolls the pods', () => {
  const hash = (made: Runner) => render(made).set!.template.metadata!.annotations!['cdk8s-forge/config-hash'];
  expect(hash(runner())).toBe(hash(runner()));
  expect(hash(runner({ config: { capacity: 2 } }))).not.toBe(hash(runner()));
});

test('a proxy reaches runner and registration, and the forge is left out of it', () => {
  const { main, container } = render(runner({ proxy: { url: 'http://proxy.example.com:3128', except: ['.lan'] } }));
  for (const each of [main, container('register')]) {
    expect(env(each)).toMatchObject({
      https_proxy: 'http://proxy.example.com:3128',
      NO_PROXY: 'localhost,127.0.0.1,.svc,.svc.cluster.local,git.example.com,gitea-http.gitea.svc.cluster.local,.lan',
    });
  }
  for (const url of ['proxy:3128', 'socks5://x', 'http://user:pass@proxy:3128', 'http://x/y']) {
    expect(codesOf(() => runner({ proxy: { url } }))).toEqual(['FORGE-RUN-022']);
  }
  expect(problemsOf(() => runner({ proxy: { url: 'http://user:hunter2@proxy:3128' } }))[0].message).not.toContain(
    'hunter2',
  );
});

test('a proxy reaches the Docker daemon too, which pulls images by itself', () => {
  const proxy = { url: 'http://proxy.example.com:3128' };
  expect(env(render(runner({ executor: Executor.docker(), proxy })).container('docker')).https_proxy).toBe(
    'http://proxy.example.com:3128',
  );
  expect(render(runner({ executor: Executor.docker() })).container('docker').env).toBeUndefined();
});

test('the network of a rootless daemon has the MTU of the pods', () => {
  const { main, files } = render(runner({ executor: Executor.dockerRootless({ daemon: { mtu: 1400 } }) }));
  expect(env(main).DOCKERD_ROOTLESS_ROOTLESSKIT_MTU).toBe('1400');
  expect(JSON.parse(files['daemon.json']).mtu).toBe(1400);
});

test('every property reaches what is rendered', () => {
  const all: Required<RunnerProps> = {
    forge: gitea,
    scope: RunnerScope.user('someone'),
    registration: Registration.token(token, { key: 'again' }),
    executor: Executor.docker(),
    labels: [RunnerLabel.docker('big', 'node:22'), RunnerLabel.host('small')],
    scaling: Scaling.fixed(3),
    version: RunnerVersion.of('3.2.0'),
    config: { capacity: 2 },
    image: 'mirror.example.com/gitea-runner',
    imageDigest: `sha256:${'a'.repeat(64)}`,
    program: new Fork(),
    environment: { GOPROXY: 'https://proxy.golang.org' },
    egress: Egress.internet(),
    registerAt: ForgeAddress.PUBLIC,
    resources: { memoryLimit: Size.gibibytes(7), cpuLimitMillis: 3000 },
    placement: { nodeSelector: { disk: 'ssd' }, priorityClassName: 'low' },
    certificateAuthorities: [CaBundle.fromSecret('extra-ca')],
    proxy: { url: 'http://proxy:3128' },
    workload: { annotations: { 'example.com/team': 'ci' } },
    pod: { runtimeClassName: 'gvisor' },
  };
  const { objects, set, pod, main, container, config } = render(runner(all));
  expect(set!.replicas).toBe(3);
  expect(objects.find(({ kind }) => kind === 'StatefulSet')!.metadata).toMatchObject({
    annotations: { 'example.com/team': 'ci' },
  });
  expect(main.image).toBe(`mirror.example.com/gitea-runner:3.2.0@sha256:${'a'.repeat(64)}`);
  expect(config.runner.envs).toMatchObject({ GOPROXY: 'https://proxy.golang.org' });
  expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toContain('NetworkPolicy runner-egress');
  expect(config.runner).toMatchObject({ capacity: 2, labels: ['big:docker://node:22', 'small:host'] });
  expect(env(container('register'))).toMatchObject({
    GITEA_INSTANCE_URL: 'https://git.example.com',
    REGISTRATION_KEY: 'https://git.example.com user someone again',
    HTTPS_PROXY: 'http://proxy:3128',
  });
  expect(container('docker').resources).toEqual({
    requests: { cpu: '1', memory: '2Gi' },
    limits: { cpu: '3', memory: '7Gi' },
  });
  expect(pod).toMatchObject({ nodeSelector: { disk: 'ssd' }, priorityClassName: 'low', runtimeClassName: 'gvisor' });
  expect(container('trust').command).toEqual([
    'sh',
    '/etc/cdk8s-forge/trust.sh',
    '/etc/cdk8s-forge-ca/ca-extra-ca/ca.crt',
  ]);
});

test('a hosted runner takes jobs of GitHub, and of nobody else', () => {
  const hosted: IRunner = HostedRunner.UBUNTU_LATEST;
  expect(hosted.canRunJobsOf(Forge.github().repository('example/hello'), ['ubuntu-latest'])).toBe(true);
  expect(hosted.canRunJobsOf(Forge.github().repository('example/hello'), ['self-hosted'])).toBe(false);
  expect(hosted.canRunJobsOf(gitea.repository('example/hello'), ['ubuntu-latest'])).toBe(false);
  expect([hosted.labels.map(({ name }) => name), hosted.capabilities.dockerInJobs, hosted.builder]).toEqual([
    ['ubuntu-latest'],
    true,
    undefined,
  ]);
  const own: IRunner = runner();
  expect(own.capabilities).toEqual({
    hostJobs: true,
    containerJobs: false,
    services: false,
    containerActions: false,
    nodeActions: false,
    nodeInJobs: false,
    dockerInJobs: false,
    builderInJobs: false,
    tools: [],
    installsPackages: false,
    lowPorts: false,
    sharedHome: true,
    runnerVersion: expect.stringMatching(/^\d+\.\d+\.\d+$/),
  });
  const perJob = runner({
    scaling: Scaling.perJob({ max: 2, apiToken: SecretSource.existing('token') }),
  });
  expect(perJob.capabilities.sharedHome).toBeUndefined();
  expect(runner({ executor: Executor.docker() }).capabilities.sharedHome).toBeUndefined();
});

test('tools of the host executor come from pinned images', () => {
  const { container, main } = render(
    runner({ executor: Executor.host({ tools: [{ image: 'mikefarah/yq:4.47.1', path: '/usr/bin/yq' }] }) }),
  );
  expect(container('tool-1').command).toEqual(['cp', '/usr/bin/yq', '/opt/cdk8s-forge/bin/yq']);
  expect(env(main).PATH).toMatch(/^\/opt\/cdk8s-forge\/bin:/);
  for (const tool of [
    { image: 'yq', path: '/yq' },
    { image: 'yq:latest', path: '/yq' },
    { image: 'yq:4', path: 'yq' },
    { image: 'yq:4', path: '/a/../b c' },
  ]) {
    expect(codesOf(() => Executor.host({ tools: [tool] }))).toEqual(['FORGE-RUN-025']);
  }
});

test('the user of the host executor has a name and a home', () => {
  const { files, main } = render(runner());
  expect(files.passwd).toBe('root:x:0:0:root:/root:/bin/bash\nrunner:x:1000:1000:runner:/home/runner:/bin/bash\n');
  expect(main.volumeMounts).toContainEqual({
    name: 'config',
    mountPath: '/etc/passwd',
    subPath: 'passwd',
    readOnly: true,
  });
});

test('jobs of the host executor are root only when told, and the namespace is told as well', () => {
  const { pod } = render(runner({ executor: Executor.host({ jobsRunAsRoot: true }) }));
  expect(pod.securityContext).toEqual({ runAsUser: 0, seccompProfile: { type: 'RuntimeDefault' } });
});

test('an external cache is known by a secret in a file, which the old runners cannot read', () => {
  const cache = { externalServer: 'http://cache:8088/', externalSecret: SecretSource.existing('cache') };
  const { config, pod, main } = render(runner({ executor: Executor.docker(), config: { cache } }));
  expect(config.cache).toEqual({
    external_server: 'http://cache:8088/',
    external_secret_file: '/var/run/secrets/runner-cache/secret',
  });
  expect(main.volumeMounts).toContainEqual({
    name: 'cache-secret',
    mountPath: '/var/run/secrets/runner-cache',
    readOnly: true,
  });
  expect(pod.volumes!.find(({ name }) => name === 'cache-secret')!.secret!.secretName).toBe('cache');
  expect(render(forgejoRunner({ config: { cache } })).config.cache.secret_url).toBe(
    'file:///var/run/secrets/runner-cache/secret',
  );
  expect(codesOf(() => runner({ version: RunnerVersion.of('2.2.0'), config: { cache } }))).toEqual(['FORGE-RUN-021']);
  expect(codesOf(() => runner({ config: { cache: { externalSecret: SecretSource.existing('cache') } } }))).toEqual([
    'FORGE-RUN-021',
  ]);
});

test('with a bound working folder, daemon and runner see it at one path', () => {
  for (const executor of [Executor.docker(), Executor.dockerRootless()]) {
    const { config, container, pod } = render(
      runner({ executor, config: { container: { bindWorkdir: true, validVolumes: ['data'] } } }),
    );
    expect(config.container).toEqual({ bind_workdir: true, valid_volumes: ['data', '/workspace/**'] });
    for (const name of ['runner', ...(pod.initContainers!.some((each) => each.name === 'docker') ? ['docker'] : [])]) {
      expect(container(name).volumeMounts).toContainEqual({ name: 'workspace', mountPath: '/workspace' });
    }
  }
});

test('several replicas are spread over nodes', () => {
  expect(JSON.stringify(render(runner({ scaling: Scaling.fixed(2) })).pod.affinity)).toContain('podAntiAffinity');
  expect(render(runner()).pod.affinity).toBeUndefined();
});

test('each runner program has its official image; Gitea renamed its own', () => {
  const image = (props: Partial<RunnerProps>) => render(runner(props)).main.image;
  expect(['0.2.13', '0.6.1', '1.0.0', '3.3.0'].map((version) => image({ version: RunnerVersion.of(version) }))).toEqual(
    ['gitea/act_runner:0.2.13', 'gitea/act_runner:0.6.1', 'gitea/runner:1.0.0', 'gitea/runner:3.3.0'],
  );
  expect(image({ version: RunnerVersion.of('0.2.13'), executor: Executor.dockerRootless() })).toBe(
    'gitea/act_runner:0.2.13-dind-rootless',
  );
  expect(image({ version: RunnerVersion.LATEST_KNOWN })).toBe(image({}));
  expect(render(forgejoRunner({ version: RunnerVersion.of('12.13.2') })).main.image).toBe(
    'code.forgejo.org/forgejo/runner:12.13.2',
  );
});

/** A runner binary of one's own, made outside the library. */
class Fork implements IRunnerProgram {
  readonly product = 'gitea';
  readonly title = 'Fork';
  readonly latestKnown = '9.9.9';
  readonly reservedEnvironment = [];
  readonly defaultLabel = RunnerLabel.docker('fork', 'node:22');

  imageName(): string {
    return 'example.com/fork';
  }

  facts(_version: RunnerVersion, image: ImageReference): ProgramFacts {
    return { binary: 'fork', image: image.flavor(''), user: 1234, workFolder: '/work', keepsState: true };
  }

  problems({ labels }: ProgramRequest): Problem[] {
    return labels.length > 2 ? [{ code: 'FORGE-ABC-001', message: 'too many labels', fix: 'remove one' }] : [];
  }

  parts({ labels, jobEnvironment, registration, instanceUrl, scope }: ProgramRequest): ProgramParts {
    return {
      files: {
        'config.yaml': JSON.stringify({
          runner: { envs: jobEnvironment, labels: labels.map(({ spec }) => spec), capacity: 2 },
        }),
      },
      setup: [
        {
          name: 'register',
          image: 'example.com/fork:9.9.9',
          privilege: Privilege.READ_ONLY,
          env: [
            { name: 'GITEA_INSTANCE_URL', value: instanceUrl },
            { name: 'REGISTRATION_KEY', value: `${instanceUrl} ${scope.description} ${registration.key}` },
            { name: 'HTTPS_PROXY', value: 'http://proxy:3128' },
          ],
        },
      ],
      command: ['fork', 'run'],
    };
  }
}

/** An executor of one's own, made outside the library. */
class Sandbox implements IExecutor {
  readonly name = 'sandbox';

  capabilities(): RunnerCapabilities {
    return { ...EVERY_CAPABILITY, dockerInJobs: false };
  }

  traits(): ExecutorTraits {
    return { jobResources: { memoryLimit: Size.gibibytes(3) } };
  }

  problems({ labels }: ExecutorContext): Problem[] {
    return labels
      .filter(({ needsDocker }) => needsDocker)
      .map(({ name }) => ({ code: 'FORGE-ABC-002', message: `label ${name} needs Docker`, fix: 'remove it' }));
  }

  plan({ program, construct }: ExecutorContext): ExecutorPlan {
    return {
      image: program.image,
      user: { id: program.user },
      services: [
        { name: 'sandbox', image: 'example.com/sandbox:1.0.0', mounts: [{ volume: 'shared', path: '/shared' }] },
      ],
      mounts: [{ volume: 'shared', path: '/shared' }],
      volumes: [{ name: 'shared', content: VolumeContent.EMPTY, memory: Size.mebibytes(64) }],
      files: { 'sandbox.json': JSON.stringify({ for: construct.node.path }) },
    };
  }
}

describe('what is made outside the library', () => {
  test('an executor runs with every runner binary, and its problems are reported with the others', () => {
    const executor = Executor.custom(new Sandbox());
    for (const made of [runner({ executor }), forgejoRunner({ executor })]) {
      const { pod, files, main } = render(made);
      expect(pod.initContainers!.find(({ name }) => name === 'sandbox')).toMatchObject({
        restartPolicy: 'Always',
        securityContext: { allowPrivilegeEscalation: false },
      });
      expect(pod.volumes).toContainEqual({ name: 'shared', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } });
      expect(files['sandbox.json']).toBe('{"for":"ci/runner"}');
      expect(main.resources!.limits).toEqual({ memory: '3Gi' });
      expect([made.executor.name, made.capabilities.dockerInJobs]).toEqual(['sandbox', false]);
    }
    const labels = [RunnerLabel.docker('a', 'node:22')];
    expect(codesOf(() => runner({ executor, labels, config: { capacity: 0 } }))).toEqual([
      'FORGE-RUN-007',
      'FORGE-ABC-002',
    ]);
  });

  test('a runner binary brings image, user, files and registration', () => {
    const { main, pod, container } = render(runner({ program: new Fork(), executor: Executor.host() }));
    expect([main.image, main.command]).toEqual(['example.com/fork:9.9.9', ['fork', 'run']]);
    expect(pod.securityContext).toMatchObject({ runAsUser: 1234, fsGroup: 1234 });
    expect(main.volumeMounts).toContainEqual({ name: 'work', mountPath: '/work' });
    expect(container('register').securityContext).toMatchObject({ readOnlyRootFilesystem: true });
    expect(codesOf(() => runner({ program: new Fork(), labels: ['a', 'b', 'c'].map(RunnerLabel.host) }))).toEqual([
      'FORGE-ABC-001',
    ]);
  });
});

describe('egress', () => {
  const policy = (props: Partial<RunnerProps>) =>
    render(runner(props)).objects.find(({ kind }) => kind === 'NetworkPolicy') as unknown as
      { spec: { podSelector: object; egress: unknown[] } } | undefined;

  test('is open unless it is chosen', () => {
    expect(policy({})).toBeUndefined();
    expect(policy({ egress: Egress.open() })).toBeUndefined();
  });

  test('lets the pods reach forge, proxy and Docker daemon', () => {
    const executor = Executor.externalDocker(DockerEndpoint.plaintext('10.1.2.3', 2375));
    const hosts = { 'git.example.com': ['192.168.1.10'] };
    const made = policy({ egress: Egress.declared({ hosts }), executor, proxy: { url: 'http://10.9.9.9:3128' } })!;
    const text = JSON.stringify(made.spec.egress);
    expect(made.spec.podSelector).toEqual({
      matchLabels: { 'app.kubernetes.io/name': 'gitea-runner', 'app.kubernetes.io/instance': 'runner' },
    });
    for (const cidr of ['192.168.1.10/32', '10.1.2.3/32', '10.9.9.9/32']) {
      expect(text).toContain(cidr);
    }
    expect(text).toContain('"kubernetes.io/metadata.name":"gitea"');
    expect(text).not.toContain('0.0.0.0/0');
  });

  test('fails for a forge whose address is not declared', () => {
    expect(codesOf(() => runner({ egress: Egress.declared() }))).toEqual(['FORGE-KUBE-011']);
    expect(policy({ egress: Egress.internet() })).toBeDefined();
  });
});

test('a token can be fetched by a Job of the runner, which is one statement', () => {
  const mint = TokenMint.api(SecretSource.existing('admin'));
  const { objects, pod } = render(runner({ registration: Registration.minted(mint) }));
  expect(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toContain('Secret runner-token');
  expect(objects.filter(({ kind }) => kind === 'Job')).toHaveLength(1);
  expect(pod.volumes!.find(({ name }) => name === 'token')!.secret!.secretName).toBe('runner-token');
});

describe('a runner fails', () => {
  const perJob = Scaling.perJob({ max: 1, apiToken: scalerToken });

  test('for GitHub', () => {
    expect(codesOf(() => runner({ forge: Forge.github() }))).toEqual(['FORGE-RUN-016']);
    expect(codesOf(() => runner({ forge: forgejo, program: new Fork() }))).toEqual(['FORGE-RUN-016']);
    accepts(
      () => runner(),
      () => runner({ program: new Fork() }),
    );
  });

  test("with the other product's program or identity", () => {
    expect(codesOf(() => runner({ version: RunnerVersion.of('12.13.2') }))).toEqual(['FORGE-RUN-015']);
    expect(codesOf(() => runner({ registration: Registration.connection(UUID, token) }))).toEqual(['FORGE-RUN-023']);
    accepts(
      () => runner({ version: RunnerVersion.of('3.3.0'), registration: Registration.token(token) }),
      () => forgejoRunner({ registration: Registration.connection(UUID, token) }),
      () => runner({ forge: forgejo }),
    );
  });

  test('without labels, or with one twice', () => {
    expect(codesOf(() => runner({ labels: [] }))).toEqual(['FORGE-RUN-010']);
    expect(codesOf(() => runner({ labels: [RunnerLabel.host('a'), RunnerLabel.host('a')] }))).toEqual([
      'FORGE-RUN-010',
    ]);
    accepts(
      () => runner({ labels: [RunnerLabel.host('a')] }),
      () => runner({ labels: [RunnerLabel.host('a'), RunnerLabel.host('aa')] }),
    );
  });

  test('with a scope in another forge', () => {
    expect(codesOf(() => runner({ scope: RunnerScope.repository(forgejo.repository('a/b')) }))).toEqual([
      'FORGE-RUN-027',
    ]);
    accepts(() => runner({ scope: RunnerScope.repository(gitea.repository('a/b')) }));
  });

  test('with state that does not live as long as its identity', () => {
    expect(codesOf(() => runner({ executor: Executor.host({ state: Storage.ephemeral(Size.gibibytes(1)) }) }))).toEqual(
      ['FORGE-RUN-011'],
    );
    expect(
      codesOf(() =>
        runner({ scaling: perJob, executor: Executor.host({ state: Storage.persistent(Size.gibibytes(1)) }) }),
      ),
    ).toEqual(['FORGE-RUN-011']);
    accepts(
      () => runner({ executor: Executor.host({ state: Storage.persistent(Size.gibibytes(1)) }) }),
      () => runner({ scaling: perJob, executor: Executor.host({ state: Storage.ephemeral(Size.gibibytes(1)) }) }),
    );
  });

  test('to be ephemeral where server or program is too old, or to take two jobs then', () => {
    expect(
      codesOf(() =>
        runner({ scaling: perJob, forge: Forge.gitea({ version: '1.23', url: 'https://git.example.com' }) }),
      ),
    ).toEqual(['FORGE-RUN-026']);
    expect(codesOf(() => runner({ scaling: perJob, version: RunnerVersion.of('0.2.11') }))).toEqual(['FORGE-RUN-026']);
    expect(codesOf(() => runner({ scaling: perJob, config: { capacity: 2 } }))).toEqual(['FORGE-RUN-008']);
    accepts(
      () => runner({ scaling: perJob, config: { capacity: 1 } }),
      () => runner({ config: { capacity: 2 } }),
      () => runner({ scaling: perJob, version: RunnerVersion.of('3.3.0') }),
    );
  });

  test('with an image of the daemon that moves, or is rootless', () => {
    for (const daemonImage of ['docker:dind', 'docker:latest', 'docker:29.7.1-dind-rootless', 'docker:29.7.1']) {
      expect(codesOf(() => Executor.docker({ daemonImage }))).toEqual(['FORGE-RUN-019']);
    }
    accepts(() => Executor.docker({ daemonImage: 'docker:29.7.1-dind' }));
  });

  test('with a name that leaves no room for those of its pods', () => {
    const named = (length: number) => () =>
      new Runner(chart(), 'r'.repeat(length), {
        forge: gitea,
        scope: RunnerScope.instance(),
        executor: Executor.host(),
        registration: Registration.token(token),
      });
    expect(codesOf(named(51))).toEqual(['FORGE-RUN-028']);
    accepts(named(50));
  });

  test('with scaling of another product, or without a token to count with', () => {
    const repositories = [gitea.repository('a/b')];
    expect(codesOf(() => runner({ scaling: Scaling.perJob({ max: 1 }) }))).toEqual(['FORGE-RUN-049']);
    expect(codesOf(() => runner({ scaling: Scaling.perJob({ max: 1, apiToken: scalerToken, repositories }) }))).toEqual(
      ['FORGE-RUN-049'],
    );
    accepts(() => runner({ scaling: Scaling.perJob({ max: 1, apiToken: scalerToken }) }));
  });

  test('with a version that only another product has', () => {
    expect(codesOf(() => runner({ version: RunnerVersion.of('12.13.2') }))).toEqual(['FORGE-RUN-015']);
    expect(codesOf(() => forgejoRunner({ version: RunnerVersion.of('9.1.0') }))).toEqual(['FORGE-RUN-004']);
    accepts(
      () => runner({ version: RunnerVersion.of('3.3.0') }),
      () => forgejoRunner({ version: RunnerVersion.of('12.10.0') }),
    );
  });

  test('with an image or digest that is not one', () => {
    for (const props of [{ image: 'gitea/runner:3.3.0' }, { image: 'https://x/y' }, { imageDigest: 'sha256:1' }]) {
      expect(codesOf(() => runner(props))).toEqual(['FORGE-RUN-005']);
    }
    accepts(
      () => runner({ image: 'registry.example.com:5000/mirror/gitea-runner' }),
      () => runner({ imageDigest: `sha256:${'a'.repeat(64)}` }),
    );
  });

  test('with variables that are not such, or that are overwritten; others pass', () => {
    const codes = (environment: Record<string, string>) => codesOf(() => runner({ environment }));
    expect(codes({ 'A B': 'x' })).toEqual(['FORGE-RUN-039']);
    expect(codes({ A: 'x\ny' })).toEqual(['FORGE-RUN-039']);
    expect(codes({ GITHUB_SHA: 'x', https_proxy: 'x' })).toEqual(['FORGE-RUN-039', 'FORGE-RUN-039']);
    const environment = { GITHUB_COM_TOKEN_FILE: '/x', RUNNER_TOOL_CACHE: '/opt/tools', CI: '1', EMPTY: '' };
    accepts(() => runner({ environment }));
  });

  test('with all its problems at once', () => {
    expect(
      codesOf(() =>
        runner({
          labels: [RunnerLabel.docker('a', 'node:22')],
          config: { capacity: 0, reportInterval: Duration.seconds(1) },
        }),
      ),
    ).toEqual(['FORGE-RUN-006', 'FORGE-RUN-007', 'FORGE-RUN-009']);
    accepts(() => runner({ labels: [RunnerLabel.host('a')], config: { capacity: 1 } }));
  });
});

test('warnings name what works but perhaps not as meant', () => {
  const external = Executor.externalDocker(DockerEndpoint.plaintext('docker.lan', 2375), {
    state: Storage.persistent(Size.gibibytes(1), 'nfs'),
  });
  const made = runner({
    executor: external,
    config: { timeout: Duration.hours(6) },
    certificateAuthorities: [CaBundle.fromConfigMap('home-ca')],
  });
  expect(made.warnings.map(({ code }) => code)).toEqual(['FORGE-RUN-030', 'FORGE-RUN-031', 'FORGE-RUN-032']);
  const home = Forge.gitea({
    version: '1.27',
    url: 'https://git.home',
    trust: Trust.privateCa(CaBundle.fromConfigMap('home-ca')),
  });
  const scaling = Scaling.perJob({ max: 1, apiToken: scalerToken });
  expect(runner({ forge: home, scaling }).warnings.map(({ code }) => code)).toEqual(['FORGE-RUN-033']);
  expect(runner({ scaling }).warnings).toEqual([]);
  expect(runner().warnings).toEqual([]);
});

test('rendering twice is the same, and what was passed in is left as it was', () => {
  const labels = Object.freeze([RunnerLabel.host('a')]) as RunnerLabel[];
  const config = Object.freeze({ capacity: 2 });
  const environment = Object.freeze({ A: 'b' });
  const made = runner({ labels, config, environment });
  expect(JSON.stringify(Testing.synth(Chart.of(made)))).toBe(JSON.stringify(Testing.synth(Chart.of(made))));
  made.labels.push(RunnerLabel.host('b'));
  expect(labels).toHaveLength(1);
});
