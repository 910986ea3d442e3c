import { Chart, Size } from 'cdk8s';
import { IConstruct } from 'constructs';
import { Buildkitd, BuildkitMode, BuildkitSmokeTest } from '../../lib/buildkit';
import { Forge } from '../../lib/forge';
import { DnsPolicy, PodGroup, PodOptions, PodVariable, PodVariables, PodVolume, Storage } from '../../lib/kube';
import { RegistryMirror, RegistryRetention } from '../../lib/registry';
import {
  Executor,
  GitHubRunner,
  Registration,
  RegistrationTokenJob,
  Runner,
  RunnerScope,
  Scaling,
  TokenMint,
} from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { registry } from '../buildkit/world';
import { forgejo, gitea, token, UUID } from '../runner/fixture';

/** Storage that needs a claim. */
export const storage = Storage.persistent(Size.gibibytes(50));
/** What fetches a token. */
export const admin = TokenMint.api(SecretSource.existing('admin'));

/** Every workload of the library, with the name of its main container. */
export const WORKLOADS: Record<string, { main: string; make: (scope: Chart, pod?: PodOptions) => IConstruct }> = {
  'Runner on the host': {
    main: 'runner',
    make: (scope, pod) => new Runner(scope, 'x', { ...runnerProps, executor: Executor.host(), pod }),
  },
  'Runner with Docker': {
    main: 'runner',
    make: (scope, pod) => new Runner(scope, 'x', { ...runnerProps, executor: Executor.docker(), pod }),
  },
  'Runner with rootless Docker': {
    main: 'runner',
    make: (scope, pod) => new Runner(scope, 'x', { ...runnerProps, executor: Executor.dockerRootless(), pod }),
  },
  'Forgejo runner for each job': {
    main: 'runner',
    make: (scope, pod) =>
      new Runner(scope, 'x', {
        ...runnerProps,
        forge: forgejo,
        registration: Registration.connection(UUID, token),
        scaling: Scaling.perJob({ max: 2, apiToken: token }),
        executor: Executor.host(),
        pod,
      }),
  },
  GitHubRunner: {
    main: 'runner',
    make: (scope, pod) =>
      new GitHubRunner(scope, 'x', {
        forge: Forge.github(),
        scope: RunnerScope.organization('example'),
        executor: Executor.host(),
        registration: Registration.gitHubToken(SecretSource.existing('github')),
        scaling: Scaling.perJob({ max: 2 }),
        pod,
      }),
  },
  Buildkitd: { main: 'buildkitd', make: (scope, pod) => builder(scope, pod) },
  BuildkitSmokeTest: {
    main: 'buildctl-0',
    make: (scope, pod) => new BuildkitSmokeTest(scope, 'x', { builder: builder(scope), pod }),
  },
  RegistryRetention: {
    main: 'retention',
    make: (scope, pod) =>
      new RegistryRetention(scope, 'x', {
        registry,
        images: [{ image: 'hello', deployedTags: ['v1'] }],
        keepLast: 5,
        token: SecretSource.existing('packages'),
        pod,
      }),
  },
  RegistryMirror: { main: 'mirror', make: (scope, pod) => new RegistryMirror(scope, 'x', { storage, pod }) },
  RegistrationTokenJob: {
    main: 'mint',
    make: (scope, pod) =>
      new RegistrationTokenJob(scope, 'x', { forge: gitea, scope: RunnerScope.instance(), mint: admin, pod }),
  },
};
/** A runner of Gitea. */
export const runnerProps = { forge: gitea, scope: RunnerScope.instance(), registration: Registration.token(token) };

/** A buildkitd with a client. */
export function builder(scope: Chart, pod?: PodOptions, mode?: BuildkitMode): Buildkitd {
  const made = new Buildkitd(scope, 'buildkitd', { registries: [registry], storage, mode, pod });
  made.admit(PodGroup.of({ app: 'client' }));
  return made;
}

/** A volume that many containers can mount. */
export const cache = PodVolume.storage('cache', Storage.existingClaim('cache'));
const certificates = PodVolume.configMap('certificates', 'certificates', {
  items: { 'ca.crt': 'ca.crt' },
  mode: 0o440,
});
const netrc = PodVolume.secret('netrc', SecretSource.existing('netrc', { keys: { netrc: '.netrc' } }), {
  items: { netrc: 'netrc' },
});
/** Every addition that each workload accepts. */
export const ALL: Omit<Required<PodOptions>, 'containers' | 'serviceAccount'> = {
  env: {
    PLAIN: PodVariable.text('x'),
    CACHE_SECRET: PodVariable.secret(SecretSource.existing('cache', { keys: { token: 'cache-secret' } }), 'token'),
    SETTING: PodVariable.configMap('settings', 'one'),
    NODE: PodVariable.field('spec.nodeName'),
  },
  envFrom: [PodVariables.secret(SecretSource.existing('proxy'), 'P_'), PodVariables.configMap('proxy')],
  mounts: [
    { volume: cache, path: '/mnt/cache', subPath: 'go' },
    { volume: certificates, path: '/mnt/certificates', readOnly: true },
    { volume: netrc, path: '/mnt/netrc', readOnly: true },
  ],
  imagePullSecrets: [SecretSource.existing('harbor')],
  initContainers: [
    {
      name: 'prepare',
      image: 'busybox:1.37.0',
      command: ['sh', '-c', 'true'],
      args: ['a'],
      workingDir: '/mnt',
      env: { A: PodVariable.text('b') },
      envFrom: [PodVariables.configMap('proxy')],
      mounts: [{ volume: cache, path: '/mnt/cache' }],
      resources: { memoryLimit: Size.mebibytes(64) },
      security: { runAsUser: 1234 },
    },
  ],
  sidecars: [{ name: 'proxy', image: 'envoy:1.36.0' }],
  hostAliases: { 'git.example.com': '192.168.1.10', 'registry.example.com': '192.168.1.10' },
  dns: {
    policy: DnsPolicy.NONE,
    nameservers: ['10.0.0.53'],
    searches: ['home.example'],
    options: { ndots: '1', 'use-vc': '' },
  },
  runtimeClassName: 'gvisor',
  security: { supplementalGroups: [44], seLinux: { level: 's0:c1' }, sysctls: { 'net.ipv4.tcp_syncookies': '1' } },
};
