import { Duration, Size, Testing } from 'cdk8s';
import { Buildkitd } from '../../../lib/buildkit';
import { Forge } from '../../../lib/forge';
import { Egress, PodSecurity, Storage } from '../../../lib/kube';
import { Registry } from '../../../lib/registry';
import {
  DockerEndpoint,
  Executor,
  GitHubRunnerProps,
  IRunner,
  Registration,
  RunnerScope,
  RunnerVersion,
  Scaling,
} from '../../../lib/runner';
import { SecretSource } from '../../../lib/secret';
import { PINS, adviceAt } from '../../../lib/support';
import { CaBundle } from '../../../lib/trust';
import { accepts, codesOf, foundCodes, problemsOf } from '../../support/problems';
import { chart, env, gitea } from '../fixture';
import { app, github, gitHubApp, gitHubRunner, jobsToken, renderGitHub, runnerToken, withoutScripts } from './fixture';

const repository = github.repository('Example/Hello');

describe('with the host executor', () => {
  test('the objects: a pod for each job that needs no privilege, and builds with buildctl', () => {
    const ci = chart();
    const registry = Registry.ghcr({ owner: 'example' });
    const builder = new Buildkitd(ci, 'buildkitd', {
      registries: [registry],
      storage: Storage.persistent(Size.gibibytes(50)),
    });
    const made = gitHubRunner({ executor: Executor.host({ builder }) }, ci);
    expect(
      withoutScripts(renderGitHub(made).objects.filter(({ metadata }) => metadata.name.startsWith('pool'))),
    ).toMatchSnapshot();
    expect(PodSecurity.markOf(made)).toBe(PodSecurity.RESTRICTED);
    expect(JSON.stringify(Testing.synth(ci).find(({ kind }) => kind === 'NetworkPolicy'))).toContain(
      '"app.kubernetes.io/name":"github-runner"',
    );
    expect(made.builder).toBe(builder);
  });

  test('jobs that may become root do so with sudo: the program itself refuses to be root', () => {
    const made = gitHubRunner({ executor: Executor.host({ jobsRunAsRoot: true }) });
    const { main, pod, container } = renderGitHub(made);
    expect(main.securityContext).toEqual({ allowPrivilegeEscalation: true });
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1001 });
    expect(container('register').securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    });
    expect([made.capabilities.installsPackages, PodSecurity.markOf(made)]).toEqual([true, PodSecurity.BASELINE]);
  });

  test('JavaScript actions run, whatever is said of the image: the program brings node', () => {
    expect(gitHubRunner().capabilities).toEqual({
      runnerVersion: PINS.images.githubRunner.version,
      hostJobs: true,
      containerJobs: false,
      services: false,
      containerActions: false,
      nodeActions: true,
      nodeInJobs: false,
      dockerInJobs: false,
      builderInJobs: false,
      tools: [],
      installsPackages: false,
      lowPorts: false,
    });
  });
});

describe('with the docker executor', () => {
  const made = gitHubRunner({ executor: Executor.docker() });
  const { pod, container, main, objects } = renderGitHub(made);

  test('the objects', () => {
    expect(withoutScripts(objects)).toMatchSnapshot();
    expect(PodSecurity.markOf(made)).toBe(PodSecurity.PRIVILEGED);
    expect(made.capabilities).toEqual({
      runnerVersion: PINS.images.githubRunner.version,
      hostJobs: true,
      containerJobs: true,
      services: true,
      containerActions: true,
      nodeActions: true,
      nodeInJobs: false,
      dockerInJobs: true,
      builderInJobs: false,
      tools: [],
      installsPackages: true,
      lowPorts: true,
    });
  });

  test('the daemon is root although the runner is not, and lets the runner use its socket', () => {
    expect(container('docker').securityContext).toEqual({
      privileged: true,
      runAsUser: 0,
      runAsGroup: 0,
      runAsNonRoot: false,
    });
    expect(container('docker').args).toContain('--group=123');
    expect(pod.securityContext).toMatchObject({ runAsUser: 1001, supplementalGroups: [123] });
  });

  test('what the runner mounts into job containers, the daemon finds at the same paths', () => {
    const daemon = container('docker').volumeMounts!;
    for (const mountPath of ['/home/runner/_work', '/home/runner/externals']) {
      expect(daemon.map((mount) => mount.mountPath)).toContain(mountPath);
    }
    expect(main.volumeMounts).toContainEqual({ name: 'work', mountPath: '/home/runner/_work' });
    expect(container('externals')).toMatchObject({
      image: main.image,
      command: ['cp', '-r', '/home/runner/externals/.', '/externals'],
    });
    // Its own, not the copy, which would hide what is in the image.
    expect(main.volumeMounts!.map(({ mountPath }) => mountPath)).not.toContain('/home/runner/externals');
  });

  test('nothing changes the group of the layers', () => {
    expect(pod.securityContext!.fsGroup).toBeUndefined();
  });
});

test('the credential is in the init container and nowhere else; what that leaves is in memory', () => {
  for (const registration of [runnerToken, app]) {
    const { pod, container } = renderGitHub(gitHubRunner({ registration }));
    const seeing = [...pod.initContainers!, ...pod.containers].filter(({ volumeMounts }) =>
      volumeMounts!.some(({ name }) => name === 'credential' || name === 'scratch'),
    );
    expect(seeing.map(({ name }) => name)).toEqual(['register']);
    expect(
      pod.volumes!.filter(({ name }) => ['jit', 'scratch'].includes(name)).map(({ emptyDir }) => emptyDir!.medium),
    ).toEqual(['Memory', 'Memory']);
    expect(env(container('register')).JIT_CONFIG_FILE).toBe(env(container('runner')).JIT_CONFIG_FILE);
    expect(pod.automountServiceAccountToken).toBe(false);
  }
});

test('what the script is told: the scope, the labels, the group, and what the credential needs', () => {
  const { container } = renderGitHub(gitHubRunner({ labels: ['self-hosted', 'GPU'], runnerGroupId: 4 }));
  expect(env(container('register'))).toMatchObject({
    API_URL: 'https://api.github.com',
    API_PATH: 'orgs/example',
    RUNNER_LABELS: '["self-hosted","GPU"]',
    RUNNER_GROUP_ID: '4',
    CREDENTIAL: 'token',
    TOKEN_FILE: '/etc/cdk8s-forge-credential/token',
    CREDENTIAL_NEEDS: 'organization permission "Self-hosted runners" (read and write)',
  });
  const own = renderGitHub(gitHubRunner({ scope: RunnerScope.repository(repository), registration: app }));
  expect(env(own.container('register'))).toMatchObject({
    API_PATH: 'repos/Example/Hello',
    RUNNER_GROUP_ID: '1',
    CREDENTIAL: 'app',
    APP_ID: '123456',
    INSTALLATION_ID: '7654321',
    INSTALLATION_REQUEST: '{"repositories":["Hello"],"permissions":{"administration":"write"}}',
    CREDENTIAL_NEEDS: 'repository permission "Administration" (read and write)',
  });
});

test.each([
  ['https://github.com', 'https://api.github.com'],
  ['https://octo.ghe.com', 'https://api.octo.ghe.com'],
  ['https://github.example.com', 'https://github.example.com/api/v3'],
  ['http://ghes.lan:8080', 'http://ghes.lan:8080/api/v3'],
])('the API of %s is asked at %s, by runner and KEDA alike', (url, api) => {
  const made = gitHubRunner({ forge: Forge.github({ url }) });
  const { container, trigger } = renderGitHub(made);
  expect([made.apiUrl, env(container('register')).API_URL, trigger.metadata.githubApiURL]).toEqual([api, api, api]);
});

describe('KEDA', () => {
  test('counts exactly the jobs that ask for no label that the runner lacks', () => {
    const { trigger, scaled, authentication } = renderGitHub(gitHubRunner({ labels: ['self-hosted', 'linux', 'gpu'] }));
    expect(trigger).toEqual({
      type: 'github-runner',
      authenticationRef: { name: 'pool-queue' },
      metadata: {
        githubApiURL: 'https://api.github.com',
        owner: 'example',
        runnerScope: 'org',
        labels: 'self-hosted,linux,gpu',
        noDefaultLabels: 'true',
        matchUnlabeledJobsWithUnlabeledRunners: 'true',
        targetWorkflowQueueLength: '1',
      },
    });
    // It counts jobs that run, too: "accurate" would start another pod for each of those.
    expect(scaled.scalingStrategy).toEqual({ strategy: 'default' });
    expect(authentication).toEqual({ parameter: 'personalAccessToken', name: 'github-jobs', key: 'token' });
  });

  test('asks about one repository, or about those that are named', () => {
    expect(renderGitHub(gitHubRunner({ scope: RunnerScope.repository(repository) })).trigger.metadata).toMatchObject({
      owner: 'Example',
      runnerScope: 'repo',
      repos: 'Hello',
    });
    const scaling = Scaling.perJob({
      max: 3,
      apiToken: jobsToken,
      repositories: [github.repository('example/a'), github.repository('example/b')],
      conditionalRequests: true,
    });
    expect(renderGitHub(gitHubRunner({ scaling })).trigger.metadata).toMatchObject({
      owner: 'example',
      runnerScope: 'org',
      repos: 'a,b',
      enableEtags: 'true',
    });
  });

  test('is a GitHub App as well as the runner, and has the key of its own or the same', () => {
    const { trigger, authentication } = renderGitHub(
      gitHubRunner({ registration: app, scaling: Scaling.perJob({ max: 3 }) }),
    );
    expect(trigger.metadata).toMatchObject({ applicationID: '123456', installationID: '7654321' });
    expect(authentication).toEqual({ parameter: 'appKey', name: 'github-app', key: 'private-key' });
    expect(renderGitHub(gitHubRunner({ registration: app })).trigger.metadata).not.toHaveProperty('applicationID');
  });

  test('counts jobs without labels only for a group of its own', () => {
    expect(renderGitHub(gitHubRunner({ runnerGroupId: 7 })).trigger.metadata).not.toHaveProperty(
      'matchUnlabeledJobsWithUnlabeledRunners',
    );
  });
});

test('the inventory says what each credential must be allowed to do', () => {
  const needs = (props: Partial<GitHubRunnerProps>) =>
    SecretSource.requirementsAt(gitHubRunner(props)).map(({ secretName, keys, tokenScope }) => [
      secretName,
      keys,
      tokenScope,
    ]);
  expect(needs({})).toEqual([
    ['github-runners', ['token'], 'organization permission "Self-hosted runners" (read and write)'],
    ['github-jobs', ['token'], 'repository permission "Actions" (read-only)'],
  ]);
  expect(
    needs({ scope: RunnerScope.repository(repository), registration: app, scaling: Scaling.perJob({ max: 1 }) }),
  ).toEqual([
    ['github-app', ['private-key'], 'repository permission "Administration" (read and write)'],
    ['github-app', ['private-key'], 'repository permission "Actions" (read-only)'],
  ]);
});

test('jobs land on it if it has all their labels, whatever their case, and if the scope covers their repository', () => {
  const made: IRunner = gitHubRunner({ labels: ['self-hosted', 'Linux', 'gpu'] });
  const accepts = (...runsOn: string[]) => made.canRunJobsOf(repository, runsOn);
  expect([accepts('self-hosted', 'linux'), accepts('GPU'), accepts('x64'), accepts('self-hosted', 'x64')]).toEqual([
    true,
    true,
    false,
    false,
  ]);
  expect(made.canRunJobsOf(github.repository('other/hello'), ['gpu'])).toBe(false);
  expect(made.canRunJobsOf(Forge.github().repository('example/hello'), ['gpu'])).toBe(true);
  expect(gitHubRunner().labels.map(({ name, needsDocker }) => [name, needsDocker])).toEqual([['pool', false]]);
});

test('a job that is given the runner asks for all its labels, or for those that are named', () => {
  const made = gitHubRunner({ labels: ['self-hosted', 'linux', 'gpu'] });
  expect([made.jobLabels, made.withLabels('gpu').jobLabels]).toEqual([['self-hosted', 'linux', 'gpu'], ['gpu']]);
  expect(made.description).toBe('runner "ci/pool" (scope: organization example)');
  expect(codesOf(() => made.withLabels('x64'))).toEqual(['FORGE-FRG-012']);
});

test('the runbook says how to look at it, and what each failure means', () => {
  const [{ checks = [], symptoms = [], parts, warnings }] = adviceAt(gitHubRunner({ labels: ['self-hosted', 'gpu'] }));
  expect(checks.flatMap(({ commands = [] }) => commands.map(String))).toContain(
    'kubectl --namespace ci get scaledjob pool',
  );
  const about = (seen: RegExp) => symptoms.find((symptom) => seen.test(symptom.seen))!;
  expect(about(/a job waits/).cause).toContain('with the labels `self-hosted`, `gpu`');
  expect(about(/no pod starts/).fix).toContain('repository permission "Actions" (read-only)');
  expect(about(/Init:Error/)).toMatchObject({
    fix: expect.stringContaining('organization permission "Self-hosted runners" (read and write)'),
    look: [{ text: expect.stringMatching(/--container register$/) }],
  });
  expect(about(/deprecated/).cause).toContain('2.338.1');
  expect([parts!.map(({ kind, name }) => [kind, name]), warnings!.length]).toEqual([[['runner', 'ci/pool']], 1]);
});

test('a pod that is told to stop has time for its job, and a minute more', () => {
  const { pod, main } = renderGitHub(gitHubRunner({ shutdownTimeout: Duration.minutes(90) }));
  expect(pod.terminationGracePeriodSeconds).toBe(90 * 60 + 60);
  expect(env(main)).toMatchObject({ SHUTDOWN_SECONDS: '5400', RUNNER_MANUALLY_TRAP_SIG: '1' });
});

test('a proxy is the way to GitHub, for registration, steps and daemon', () => {
  const { main, container } = renderGitHub(
    gitHubRunner({ executor: Executor.docker(), proxy: { url: 'http://proxy.example.com:3128' } }),
  );
  for (const each of [main, container('register'), container('docker')]) {
    expect(env(each)).toMatchObject({
      https_proxy: 'http://proxy.example.com:3128',
      no_proxy: 'localhost,127.0.0.1,.svc,.svc.cluster.local',
    });
  }
});

test('private authorities are trusted by registration and steps, and a warning says who does not', () => {
  const made = gitHubRunner({
    forge: Forge.github({ url: 'https://github.example.com', version: '3.14' }),
    certificateAuthorities: [CaBundle.fromConfigMap('home-ca')],
    executor: Executor.docker(),
  });
  const { main, container, pod } = renderGitHub(made);
  for (const each of [main, container('register')]) {
    expect(env(each)).toMatchObject({
      NODE_EXTRA_CA_CERTS: '/etc/cdk8s-forge-trust/ca-certificates.crt',
      CURL_CA_BUNDLE: '/etc/cdk8s-forge-trust/ca-certificates.crt',
    });
  }
  expect(pod.initContainers!.map(({ name }) => name)).toEqual(['trust', 'externals', 'register', 'docker']);
  expect(made.warnings.map(({ code }) => code)).toEqual(['FORGE-RUN-040', 'FORGE-RUN-041', 'FORGE-RUN-033']);
  expect(
    gitHubRunner({
      certificateAuthorities: [CaBundle.fromConfigMap('home-ca')],
      scope: RunnerScope.repository(repository),
    }).warnings,
  ).toEqual([]);
});

test('what KEDA asks is weighed against the rate limit', () => {
  const warned = (props: Partial<GitHubRunnerProps>) => gitHubRunner(props).warnings.map(({ message }) => message);
  const many = (n: number) => Array.from({ length: n }, (_, i) => github.repository(`example/r${i}`));
  expect(warned({})[0]).toContain(
    'every repository of organization example, 120 times an hour with two requests each; GitHub allows 5000 requests an hour, enough for 20',
  );
  expect(warned({ scaling: Scaling.perJob({ max: 1, repositories: many(20) }) })).toEqual([]);
  expect(warned({ scaling: Scaling.perJob({ max: 1, repositories: many(21) }) })[0]).toContain('about 21 repositories');
  expect(
    warned({ scaling: Scaling.perJob({ max: 1, repositories: many(40), pollingInterval: Duration.minutes(1) }) }),
  ).toEqual([]);
  expect(warned({ scaling: Scaling.perJob({ max: 1, conditionalRequests: true }) })).toEqual([]);
  expect(warned({ scope: RunnerScope.repository(repository) })).toEqual([]);
});

test('every property reaches what is rendered', () => {
  const all: Required<GitHubRunnerProps> = {
    forge: github,
    scope: RunnerScope.organization('example'),
    executor: Executor.docker({
      layers: Storage.memory(Size.gibibytes(3)),
      daemonImage: 'docker:28.5.1-dind',
      daemon: { mtu: 1400 },
    }),
    registration: runnerToken,
    scaling: Scaling.perJob({
      max: 7,
      min: 2,
      gitHubApp,
      repositories: [github.repository('example/a')],
      conditionalRequests: true,
      pollingInterval: Duration.seconds(15),
      keepFinished: Duration.minutes(1),
    }),
    labels: ['big'],
    runnerGroupId: 9,
    version: RunnerVersion.of('2.337.0'),
    image: 'mirror.example.com/actions-runner',
    imageDigest: `sha256:${'a'.repeat(64)}`,
    egress: Egress.internet(),
    shutdownTimeout: Duration.minutes(10),
    resources: { memoryLimit: Size.gibibytes(3), cpuLimitMillis: 1500 },
    daemonResources: { memoryLimit: Size.gibibytes(9) },
    placement: { nodeSelector: { disk: 'ssd' }, priorityClassName: 'low' },
    certificateAuthorities: [CaBundle.fromSecret('extra-ca')],
    proxy: { url: 'http://proxy:3128' },
    environment: { ACTIONS_RUNNER_REQUIRE_JOB_CONTAINER: 'true' },
    workload: { podAnnotations: { 'example.com/team': 'ci' } },
    pod: { runtimeClassName: 'gvisor' },
  };
  const { pod, main, container, scaled, trigger, files, authentication } = renderGitHub(gitHubRunner(all));
  const image = `mirror.example.com/actions-runner:2.337.0@sha256:${'a'.repeat(64)}`;
  for (const each of ['runner', 'register', 'externals', 'trust']) {
    expect(container(each).image).toBe(image);
  }
  expect(scaled).toMatchObject({
    maxReplicaCount: 7,
    minReplicaCount: 2,
    pollingInterval: 15,
    jobTargetRef: { ttlSecondsAfterFinished: 60 },
  });
  expect(trigger.metadata).toMatchObject({ labels: 'big', repos: 'a', enableEtags: 'true', applicationID: '123456' });
  expect(authentication.name).toBe('github-app');
  expect(env(container('register'))).toMatchObject({ RUNNER_GROUP_ID: '9', HTTPS_PROXY: 'http://proxy:3128' });
  expect(main.resources).toEqual({
    requests: { cpu: '100m', memory: '256Mi' },
    limits: { cpu: '1500m', memory: '3Gi' },
  });
  expect(container('docker')).toMatchObject({
    image: 'docker:28.5.1-dind',
    resources: { requests: { cpu: '500m', memory: '1Gi' }, limits: { memory: '9Gi' } },
  });
  expect(JSON.parse(files['daemon.json']).mtu).toBe(1400);
  expect(pod).toMatchObject({
    nodeSelector: { disk: 'ssd' },
    priorityClassName: 'low',
    terminationGracePeriodSeconds: 660,
  });
  expect(container('trust').command).toEqual([
    'sh',
    '/etc/cdk8s-forge/trust.sh',
    '/etc/cdk8s-forge-ca/ca-extra-ca/ca.crt',
  ]);
  expect(env(main)).toMatchObject({ ACTIONS_RUNNER_REQUIRE_JOB_CONTAINER: 'true' });
});

test('rendering twice gives the same, and another script or daemon setting rolls the pods', () => {
  const made = gitHubRunner();
  expect(renderGitHub(made).objects).toEqual(renderGitHub(made).objects);
  const hash = (executor: Executor) =>
    renderGitHub(gitHubRunner({ executor })).scaled.jobTargetRef.template.metadata.annotations[
      'cdk8s-forge/config-hash'
    ];
  expect(hash(Executor.docker())).not.toBe(hash(Executor.docker({ daemon: { mtu: 1400 } })));
});

test('versions are pinned; one of another product does not fit', () => {
  expect(renderGitHub(gitHubRunner()).main.image).toBe('ghcr.io/actions/actions-runner:2.338.1');
  for (const version of ['latest', '2', 'v2.338.0']) {
    expect(codesOf(() => RunnerVersion.of(version))).toEqual(['FORGE-RUN-004']);
  }
  expect(codesOf(() => gitHubRunner({ image: 'a:b' }))).toEqual(['FORGE-RUN-005']);
  expect(codesOf(() => gitHubRunner({ version: RunnerVersion.of('3.3.0') }))).toEqual(['FORGE-RUN-015']);
});

test('github.com registers runners from a version on; a server decides by itself', () => {
  const server = Forge.github({ url: 'https://github.example.com', version: '3.14' });
  const at =
    (version: string, props: Partial<GitHubRunnerProps> = {}) =>
    () =>
      gitHubRunner({ version: RunnerVersion.of(version), ...props });
  expect(codesOf(at('2.328.9'))).toEqual(['FORGE-RUN-051']);
  expect(at('2.329.0')).not.toThrow();
  const scope = RunnerScope.organization('example');
  expect(at('2.328.9', { forge: server, scope })).not.toThrow();
});

/** For each kind of refusal, the nearest props that are accepted. */
const NEIGHBOURS = (): Partial<GitHubRunnerProps>[] => [
  {
    forge: Forge.github({ url: 'https://github.example.com', version: '3.10' }),
    scope: RunnerScope.organization('example'),
  },
  { scope: RunnerScope.repository(github.repository('example/a')) },
  { labels: Array.from({ length: 100 }, (_, i) => `l${i}`) },
  { labels: ['gpu', 'gpus'] },
  { runnerGroupId: 1 },
  { scaling: Scaling.perJob({ max: 1, repositories: [github.repository('example/a')] }) },
  { scaling: Scaling.perJob({ max: 1, gitHubApp }) },
  { executor: Executor.docker(), daemonResources: { memoryLimit: Size.gibibytes(4) } },
  { executor: Executor.docker({ layers: Storage.persistent(Size.gibibytes(9), 'local-path') }) },
  { proxy: { url: 'http://proxy:3128' } },
  { environment: { PATHS: '/x', NAME: 'c' } },
  { shutdownTimeout: Duration.seconds(1) },
];

test.each<[string, Partial<GitHubRunnerProps>, string[], RegExp]>([
  ['another forge', { forge: gitea }, ['FORGE-RUN-016'], /the forge is Gitea/],
  [
    'a server that is too old',
    { forge: Forge.github({ url: 'https://github.example.com', version: '3.9' }) },
    ['FORGE-RUN-026'],
    /3\.9 gives no just-in-time/,
  ],
  ['the instance as scope', { scope: RunnerScope.instance() }, ['FORGE-RUN-034'], /takes no runners for all of it/],
  ['a user as scope', { scope: RunnerScope.user('someone') }, ['FORGE-RUN-034'], /repositories of a user/],
  [
    'a repository of another forge',
    { scope: RunnerScope.repository(gitea.repository('a/b')) },
    ['FORGE-RUN-027'],
    /belongs to https:\/\/github.com/,
  ],
  ['no labels', { labels: [] }, ['FORGE-RUN-010'], /no labels/],
  ['too many labels', { labels: Array.from({ length: 101 }, (_, i) => `l${i}`) }, ['FORGE-RUN-010'], /101 labels/],
  ['a label twice', { labels: ['gpu', 'GPU'] }, ['FORGE-RUN-010'], /"GPU" is given twice/],
  ['labels that are none', { labels: ['a b', 'c,d'] }, ['FORGE-RUN-001', 'FORGE-RUN-001'], /"a b" is not the name/],
  [
    'a group that is a name',
    { runnerGroupId: 'Default' as unknown as number },
    ['FORGE-ARG-001'],
    /props\.runnerGroupId of new GitHubRunner\(\) is a string/,
  ],
  [
    'a group for a repository',
    { runnerGroupId: 2, scope: RunnerScope.repository(repository) },
    ['FORGE-RUN-037'],
    /in no group/,
  ],
  [
    'no repositories to count in',
    { scaling: Scaling.perJob({ max: 1, repositories: [] }) },
    ['FORGE-RUN-038'],
    /would count the jobs of all/,
  ],
  [
    'repositories that it does not serve',
    {
      scaling: Scaling.perJob({ max: 1, repositories: [github.repository('other/a'), gitea.repository('example/a')] }),
    },
    ['FORGE-RUN-038', 'FORGE-RUN-038'],
    /"other\/a" are counted/,
  ],
  ['a fixed number', { scaling: Scaling.fixed(2) }, ['FORGE-RUN-049'], /takes one job/],
  [
    'two ways to count',
    { scaling: Scaling.perJob({ max: 1, apiToken: jobsToken, gitHubApp }) },
    ['FORGE-RUN-049'],
    /both apiToken and gitHubApp/,
  ],
  [
    'a registration of another product',
    { registration: Registration.token(jobsToken) },
    ['FORGE-RUN-023'],
    /kind token/,
  ],
  ['a rootless daemon', { executor: Executor.dockerRootless() }, ['FORGE-RUN-014'], /no image with a rootless/],
  [
    'a daemon elsewhere',
    { executor: Executor.externalDocker(DockerEndpoint.plaintext('docker.lan', 2375)) },
    ['FORGE-RUN-036'],
    /see the same files/,
  ],
  [
    'a state',
    { executor: Executor.host({ state: Storage.persistent(Size.gibibytes(1)) }) },
    ['FORGE-RUN-036'],
    /keeps nothing/,
  ],
  [
    'a socket that is withheld',
    { executor: Executor.docker({ dockerInJobs: false }) },
    ['FORGE-RUN-036'],
    /to every job/,
  ],
  [
    'resources of a daemon that is not there',
    { daemonResources: { cpuLimitMillis: 1000 } },
    ['FORGE-RUN-036'],
    /has no daemon/,
  ],
  [
    'layers on NFS',
    { executor: Executor.docker({ layers: Storage.persistent(Size.gibibytes(9), 'nfs-slow') }) },
    ['FORGE-RUN-012'],
    /network file system/,
  ],
  ['too little memory for steps', { resources: { memoryLimit: Size.mebibytes(100) } }, ['FORGE-RUN-013'], /100 MiB/],
  [
    'too little memory for the daemon',
    {
      executor: Executor.docker({ layers: Storage.memory(Size.gibibytes(4)) }),
      daemonResources: { memoryLimit: Size.gibibytes(4) },
    },
    ['FORGE-RUN-013'],
    /4096 MiB are storage in memory/,
  ],
  ['a proxy that is none', { proxy: { url: 'proxy' } }, ['FORGE-RUN-022'], /not the URL of a proxy/],
  [
    'variables of its own',
    { environment: { PATH: '/x', actions_runner_input_url: 'x', 'a b': 'c' } },
    ['FORGE-RUN-039', 'FORGE-RUN-039', 'FORGE-RUN-039'],
    /sets PATH/,
  ],
  ['half a second to stop', { shutdownTimeout: Duration.millis(500) }, ['FORGE-RUN-007'], /500 ms/],
])('fails with %s, not with the nearest that works', (_what, props, codes, message) => {
  expect(NEIGHBOURS().flatMap((good) => foundCodes(() => gitHubRunner(good)))).toEqual([]);
  const problems = problemsOf(() => gitHubRunner(props));
  expect(problems.map(({ code }) => code)).toEqual(codes);
  expect(problems[0].message).toMatch(message);
  problems.forEach(({ path, fix }) => expect([path, fix]).toEqual(['ci/pool', expect.stringMatching(/./)]));
});

test('fails with all that is wrong at once', () => {
  expect(
    codesOf(() =>
      gitHubRunner({
        scope: RunnerScope.instance(),
        labels: ['a', 'A'],
        executor: Executor.dockerRootless(),
        scaling: Scaling.fixed(1),
      }),
    ),
  ).toEqual(['FORGE-RUN-034', 'FORGE-RUN-010', 'FORGE-RUN-049', 'FORGE-RUN-014']);
  accepts(() =>
    gitHubRunner({ scope: RunnerScope.organization('a'), labels: ['a', 'aa'], executor: Executor.docker() }),
  );
});

test.each([
  [0, 1],
  [1, -1],
  [1.5, 2],
  [NaN, 2],
])('a GitHub App has numbers: %p and %p are not', (applicationId, installationId) => {
  expect(
    codesOf(() => Registration.gitHubApp({ applicationId, installationId, privateKey: SecretSource.existing('x') })),
  ).toEqual(['FORGE-RUN-035']);
  accepts(() =>
    Registration.gitHubApp({ applicationId: 1, installationId: 2, privateKey: SecretSource.existing('x') }),
  );
});
