import * as fs from 'node:fs';
import { Chart, Duration, Size } from 'cdk8s';
import { GitOpsApp } from '../../lib/app';
import {
  Buildkitd,
  BuildkitdProps,
  BuildkitMode,
  BuildkitTls,
  BuildkitTopology,
  BuildkitVersion,
  Emulation,
} from '../../lib/buildkit';
import {
  ChatKind,
  Cluster,
  ClusterKustomizations,
  ClusterProps,
  DeletionPolicy,
  DigestReflection,
  ExistingSource,
  FluxVersion,
  GitVerification,
  ImageAutomationParts,
  ImagePolicy,
  ImagePolicyProps,
  ImageRepository,
  KubeConfig,
  Kustomization,
  KustomizationProps,
  Provider,
  ProviderProps,
  ProviderTarget,
  Substitution,
  TagPolicy,
} from '../../lib/flux';
import { Forge, RunsOn } from '../../lib/forge';
import {
  Architecture,
  DnsPolicy,
  Egress,
  ManagedNamespace,
  ManagedNamespaceProps,
  PodContainer,
  PodDns,
  PodGroup,
  PodOptions,
  PodSecurity,
  PodSecurityOptions,
  PodServiceAccount,
  PodVariable,
  PodVariables,
  PodVolume,
  SecurityProfile,
  Storage,
} from '../../lib/kube';
import { OutputFile, OutputFileProps, RootFile, RootFileProps } from '../../lib/output';
import { GitOpsWorkflow, GitOpsWorkflowProps } from '../../lib/pipeline';
import { Registry, RegistryRetention } from '../../lib/registry';
import { SecretSource } from '../../lib/secret';
import {
  Access,
  CompositeAction,
  CompositeActionProps,
  Condition,
  IgnoredKeys,
  Input,
  JobContainer,
  JobProps,
  Matrix,
  ReusableWorkflow,
  Step,
  Trigger,
  Workflow,
  WorkflowCallProps,
  WorkflowProps,
} from '../../lib/workflow';
import { readTree, temporaryFolder } from '../support/workspace';

// Each optional property of a construct has a row, because the types demand it, and changes the output. A row names what
// the property needs beside itself.

type OptionalKeys<P> = { [K in keyof P]-?: object extends Pick<P, K> ? K : never }[keyof P];
type Rows<P> = { [K in OptionalKeys<P>]: { readonly [L in K]-?: NonNullable<P[L]> } & Partial<P> };

interface World {
  readonly app: GitOpsApp;
  readonly gitea: Forge;
  readonly registry: Registry;
  readonly home: Cluster;
  readonly chart: Chart;
}

/** Returns all files that a program writes, as one text. */
function outputOf(act: (world: World) => void): string {
  const folder = temporaryFolder();
  const app = new GitOpsApp({ outdir: `${folder}/dist`, imageLock: `${folder}/images.yaml` });
  const gitea = Forge.gitea({ version: '1.26', url: 'https://git.example.com' });
  const registry = Registry.gitea(gitea, { owner: 'platform', credentials: SecretSource.existing('registry') });
  const home = new Cluster(app, 'world', { source: gitea.repository('platform/world') });
  const chart = new Chart(home, 'chart', { namespace: 'ci' });
  act({ app, gitea, registry, home, chart });
  app.synth();
  const files = Object.entries(readTree(folder));
  return files.map(([file, text]) => `${file} ${fs.statSync(`${folder}/${file}`).mode}\n${text}`).join('\n');
}

/** Declares a test for each row: the property changes the output. `before` has what a row needs beside its property. */
function matters<P>(name: string, rows: Rows<P>, make: (world: World, more: Partial<P>) => void): void {
  let bare: string | undefined;
  describe(`each property of ${name} changes the output`, () => {
    test.each(Object.keys(rows))('%s', (key) => {
      const { [key as keyof P]: value, ...context } = rows[key as keyof Rows<P>] as unknown as P;
      const isBare = Object.keys(context).length === 0;
      const without = (isBare && bare) || outputOf((world) => make(world, context as Partial<P>));
      bare = isBare ? without : bare;
      const withIt = outputOf((world) => make(world, { ...context, [key]: value } as Partial<P>));
      expect(withIt).not.toBe(without);
    });
  });
}

const SCRAPER = PodGroup.of({ app: 'prometheus' }, 'monitoring');

matters<BuildkitdProps>(
  'Buildkitd',
  {
    config: { config: { maxParallelism: 3 } },
    drainTimeout: { drainTimeout: Duration.minutes(7) },
    egress: { egress: Egress.open() },
    emulation: { emulation: Emulation.privilegedBinfmt([Architecture.ARM64]) },
    environment: { environment: { HTTPS_PROXY: 'http://proxy.example.com:3128' } },
    image: { image: 'mirror.example.com/moby/buildkit' },
    kubernetesVersion: { kubernetesVersion: '1.29' },
    metrics: { metrics: { scrapers: [SCRAPER] } },
    mode: { mode: BuildkitMode.privileged() },
    placement: { placement: { architecture: Architecture.ARM64 } },
    pod: { pod: { runtimeClassName: 'gvisor' } },
    resources: { resources: { memoryLimit: Size.gibibytes(9) } },
    s3Credentials: { s3Credentials: SecretSource.existing('s3') },
    tls: { tls: BuildkitTls.certManager() },
    topology: { topology: BuildkitTopology.pool(2) },
    version: { version: BuildkitVersion.of('0.30.0') },
    workload: { workload: { name: 'builder' } },
  },
  ({ chart, registry }, more) => {
    const storage = Storage.persistent(Size.gibibytes(50));
    const buildkitd = new Buildkitd(chart, 'buildkitd', { registries: [registry], storage, ...more });
    buildkitd.admit(PodGroup.of({ app: 'client' }));
  },
);

const CACHE = PodVolume.storage('cache', Storage.existingClaim('cache'));
const HELPER = { name: 'helper', image: 'busybox:1.37.0' };

function withPod({ chart, registry }: World, pod: PodOptions): void {
  new RegistryRetention(chart, 'retention', {
    registry,
    images: [{ image: 'hello', deployedTags: ['v1'] }],
    keepLast: 5,
    token: SecretSource.existing('packages'),
    pod,
  });
}

// `containers` needs a workload with several containers: test/kube/pod-options.test.ts has it.
matters<Omit<PodOptions, 'containers'>>(
  'PodOptions',
  {
    dns: { dns: { nameservers: ['10.0.0.53'] } },
    env: { env: { A: PodVariable.text('b') } },
    envFrom: { envFrom: [PodVariables.configMap('proxy')] },
    hostAliases: { hostAliases: { 'git.example.com': '192.168.1.10' } },
    imagePullSecrets: { imagePullSecrets: [SecretSource.existing('harbor')] },
    initContainers: { initContainers: [HELPER] },
    mounts: { mounts: [{ volume: CACHE, path: '/mnt/cache' }] },
    runtimeClassName: { runtimeClassName: 'gvisor' },
    security: { security: { fsGroup: 7 } },
    serviceAccount: { serviceAccount: PodServiceAccount.withToken('deployer') },
    sidecars: { sidecars: [HELPER] },
  },
  withPod,
);

matters<PodSecurityOptions>(
  'PodSecurityOptions',
  {
    addCapabilities: { addCapabilities: ['CHOWN'] },
    allowPrivilegeEscalation: { allowPrivilegeEscalation: true },
    appArmor: { appArmor: SecurityProfile.localhost('mine') },
    fsGroup: { fsGroup: 7 },
    privileged: { privileged: true },
    readOnlyRootFilesystem: { readOnlyRootFilesystem: false },
    runAsGroup: { runAsGroup: 7 },
    runAsUser: { runAsUser: 7 },
    seLinux: { seLinux: { level: 's0' } },
    seccomp: { seccomp: SecurityProfile.localhost('mine.json') },
    supplementalGroups: { supplementalGroups: [7] },
    sysctls: { sysctls: { 'net.ipv4.tcp_syncookies': '1' } },
  },
  (world, security) => withPod(world, { security }),
);

matters<Omit<PodContainer, 'name' | 'image'>>(
  'PodContainer',
  {
    args: { args: ['a'] },
    command: { command: ['a'] },
    env: { env: { A: PodVariable.text('b') } },
    envFrom: { envFrom: [PodVariables.configMap('proxy')] },
    mounts: { mounts: [{ volume: CACHE, path: '/mnt/cache' }] },
    resources: { resources: { memoryLimit: Size.gibibytes(1) } },
    security: { security: { runAsUser: 7 } },
    workingDir: { workingDir: '/mnt' },
  },
  (world, more) => withPod(world, { sidecars: [{ ...HELPER, ...more }] }),
);

matters<PodDns>(
  'PodDns',
  {
    nameservers: { nameservers: ['10.0.0.53'] },
    options: { options: { ndots: '1' } },
    policy: { policy: DnsPolicy.DEFAULT },
    searches: { searches: ['home.example'] },
  },
  (world, dns) => withPod(world, { dns }),
);

// `outputPath` names the output directory for an app that writes to another place; here it can only be what it is.
matters<Omit<ClusterProps, 'outputPath'>>(
  'Cluster',
  {
    branch: { branch: 'trunk' },
    clusterDomain: { clusterDomain: 'k8s.home' },
    credentials: { credentials: SecretSource.existing('git') },
    existingSource: { existingSource: ExistingSource.gitRepository() },
    imageParts: { imageParts: ImageAutomationParts.REFLECT },
    instance: { instance: {} },
    kubeConfig: { kubeConfig: KubeConfig.configMap('remote') },
    kustomizations: { kustomizations: ClusterKustomizations.none() },
    shard: { shard: 'one' },
    imageShards: { imageShards: ['one', 'two'] },
    url: { url: 'https://other.example.com/platform/gitops.git' },
    decryption: { decryption: SecretSource.existing('age') },
    imageUpdates: { imageUpdates: { authorName: 'Bot' } },
    layers: { layers: { platform: { timeout: Duration.minutes(9) } } },
    namespace: { namespace: 'gitops' },
    expected: { expected: 400 },
    parts: { parts: 2 },
    substitution: { substitution: Substitution.of({ values: { ZONE: 'home' } }) },
    verify: { verify: GitVerification.gpg(SecretSource.existing('keys')), imageUpdates: { pushBranch: 'updates' } },
    version: { version: FluxVersion.of('2.7') },
    webhookToken: { webhookToken: SecretSource.existing('webhook') },
  },
  ({ app, gitea, registry }, more) => {
    const home = new Cluster(app, 'home', { source: gitea.repository('platform/gitops'), ...more });
    const chart = new Chart(home, 'ci', { namespace: 'ci' });
    const storage = Storage.persistent(Size.gibibytes(50));
    const tls = BuildkitTls.certManager();
    new Buildkitd(chart, 'buildkitd', { registries: [registry], storage, tls });
    const repository = new ImageRepository(home.images, 'app', { registry, image: 'app' });
    new ImagePolicy(home.images, 'policy', { repository, tags: TagPolicy.semver('1.x') });
    new Provider(chart, 'alerts', { target: ProviderTarget.alertmanager('http://alertmanager.monitoring:9093') });
  },
);

matters<ImagePolicyProps>(
  'ImagePolicy',
  {
    digest: { digest: DigestReflection.always() },
    labels: { labels: { team: 'web' } },
    suspend: { suspend: true },
  },
  ({ home, registry }, more) => {
    const repository = new ImageRepository(home.images, 'app', { registry, image: 'app' });
    new ImagePolicy(home.images, 'policy', { repository, tags: TagPolicy.semver('1.x'), ...more });
  },
);

// The three others refer to objects of the program: test/flux has them.
matters<Omit<KustomizationProps, 'dependsOn' | 'healthChecks' | 'readyExpr'>>(
  'Kustomization',
  {
    commonMetadata: { commonMetadata: { labels: { team: 'ci' } } },
    components: { components: ['../component'] },
    dependsOnExisting: { dependsOnExisting: [{ name: 'crds' }] },
    images: { images: [{ name: 'nginx', newTag: '1.29' }] },
    kubeConfig: { kubeConfig: KubeConfig.configMap('remote') },
    namePrefix: { namePrefix: 'a-' },
    nameSuffix: { nameSuffix: '-a' },
    targetNamespace: { targetNamespace: 'ci' },
    decryption: { decryption: SecretSource.existing('age') },
    deletionPolicy: { deletionPolicy: DeletionPolicy.ORPHAN },
    force: { force: true },
    healthCheckExprs: {
      healthCheckExprs: [{ apiVersion: 'example.com/v1', kind: 'Thing', current: 'status.ok == true' }],
    },
    interval: { interval: Duration.minutes(3) },
    patches: { patches: [{ patch: 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n' }] },
    prune: { prune: false },
    retryInterval: { retryInterval: Duration.minutes(4) },
    serviceAccountName: { serviceAccountName: 'deployer' },
    substitution: { substitution: Substitution.of({ values: { ZONE: 'home' } }) },
    suspend: { suspend: true },
    timeout: { timeout: Duration.minutes(8) },
    wait: { wait: false },
  },
  ({ home, chart }, more) => {
    new Kustomization(chart, 'others', { source: home.source, path: './others', ...more });
  },
);

matters<ProviderProps>(
  'Provider',
  { channel: { channel: 'builds' }, suspend: { suspend: true } },
  ({ chart }, more) => {
    const target = ProviderTarget.chat(ChatKind.SLACK, SecretSource.existing('slack'));
    new Provider(chart, 'chat', { target, ...more });
  },
);

matters<ManagedNamespaceProps>(
  'ManagedNamespace',
  {
    labels: { labels: { team: 'ci' } },
    name: { name: 'builds' },
    podSecurity: { podSecurity: PodSecurity.PRIVILEGED },
  },
  ({ chart }, more) => new ManagedNamespace(chart, 'namespace', more),
);

matters<OutputFileProps>('OutputFile', { executable: { executable: true } }, ({ app }, more) => {
  new OutputFile(app, 'file', { path: 'host/run.sh', content: '#!/bin/sh\n', ...more });
});

matters<RootFileProps>('RootFile', { executable: { executable: true } }, ({ app }, more) => {
  new RootFile(app, 'file', { path: 'run.sh', content: '#!/bin/sh\n', ...more });
});

const CONTAINER = JobContainer.of('node:22.21.0');
const RUNS_ON = RunsOn.existing('linux');

matters<GitOpsWorkflowProps>(
  'GitOpsWorkflow',
  {
    attempts: { attempts: 7 },
    authorEmail: { authorEmail: 'bot@example.com' },
    authorName: { authorName: 'Bot' },
    checksOn: { checksOn: RunsOn.existing('other') },
    command: { command: 'make synth' },
    container: { container: CONTAINER },
    deliver: { deliver: true },
    diffComment: { diffComment: { command: 'make diff' } },
    prepare: { prepare: 'make prepare' },
    token: { token: '${{ secrets.PUSH_TOKEN }}' },
  },
  ({ app, gitea }, more) => {
    const repository = gitea.repository('platform/world');
    new GitOpsWorkflow(app, 'synth', { repository, branch: 'main', runsOn: RUNS_ON, ...more });
  },
);

matters<WorkflowProps>(
  'Workflow',
  {
    concurrency: { concurrency: { group: 'one' } },
    directory: { directory: '.github/workflows' },
    env: { env: { A: 'b' } },
    fileName: { fileName: 'other.yml' },
    ignoredKeys: { ignoredKeys: IgnoredKeys.KEEP },
    inThisRepository: { inThisRepository: true },
    name: { name: 'Other' },
    permissions: { permissions: { contents: Access.WRITE } },
    runName: { runName: 'By hand' },
    triggers: { triggers: [Trigger.push({ branches: ['main'] })] },
  },
  ({ app, gitea }, more) => {
    const repository = gitea.repository('platform/world');
    const workflow = new Workflow(app, 'w', { repository, ...more });
    workflow.addTrigger(Trigger.dispatch());
    const timeout = Duration.minutes(9);
    workflow.addJob('job', { runsOn: RUNS_ON, timeout, steps: [Step.run({ name: 'Go', script: 'make' })] });
  },
);

matters<Omit<JobProps, 'needs'>>(
  'Job',
  {
    concurrency: { concurrency: { group: 'one' } },
    container: { container: CONTAINER },
    continueOnError: { continueOnError: true },
    continueOnErrorIf: { continueOnErrorIf: Condition.isTrue('${{ matrix.x }}'), matrix: Matrix.of({ x: ['a', 'b'] }) },
    env: { env: { A: 'b' } },
    environment: { environment: { name: 'production' } },
    if: { if: Condition.ALWAYS },
    matrix: { matrix: Matrix.of({ os: ['a', 'b'] }) },
    name: { name: 'Other' },
    outputs: { outputs: { x: 'y' } },
    permissions: { permissions: { contents: Access.READ } },
    runnerGroup: { runnerGroup: 'large' },
    services: { services: { db: JobContainer.of('postgres:18.1') } },
    snapshot: { snapshot: { imageName: 'tools' } },
    steps: { steps: [Step.run({ name: 'More', script: 'make more' })] },
    timeout: { timeout: Duration.minutes(9) },
    workingDirectory: { workingDirectory: 'app' },
  },
  ({ app }, more) => {
    const repository = Forge.github().repository('example/world');
    const workflow = new Workflow(app, 'w', { repository, triggers: [Trigger.dispatch()] });
    const job = workflow.addJob('job', { runsOn: RUNS_ON, ...more });
    job.addStep(Step.run({ name: 'Go', script: 'make' }));
  },
);

matters<Omit<WorkflowCallProps, 'needs'>>(
  'WorkflowCall',
  {
    concurrency: { concurrency: { group: 'one' } },
    if: { if: Condition.ALWAYS },
    matrix: { matrix: Matrix.of({ os: ['a', 'b'] }) },
    name: { name: 'Other' },
    permissions: { permissions: { contents: Access.READ } },
    runsOn: { runsOn: RUNS_ON },
    secrets: { secrets: { TOKEN: '${{ secrets.OTHER }}' } },
    with: { with: { text: 'x' } },
  },
  ({ app }, more) => {
    const repository = Forge.github().repository('example/world');
    const workflow = new Workflow(app, 'w', { repository, triggers: [Trigger.dispatch()] });
    const called = ReusableWorkflow.remote({
      repository: 'example/shared',
      path: '.github/workflows/shared.yml',
      ref: 'v1',
      inputs: ['text'],
      secrets: ['TOKEN'],
    });
    workflow.addCall('call', { workflow: called, secrets: { TOKEN: '${{ secrets.TOKEN }}' }, ...more });
  },
);

matters<CompositeActionProps>(
  'CompositeAction',
  {
    directory: { directory: 'actions/other' },
    inputs: { inputs: [Input.text('text')] },
    outputs: { outputs: { x: 'y' } },
  },
  ({ app, gitea }, more) => {
    const repository = gitea.repository('platform/world');
    const steps = [Step.run({ name: 'Go', script: 'make' })];
    new CompositeAction(app, 'action', { repository, description: 'Does it.', steps, ...more });
  },
);
