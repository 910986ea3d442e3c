import { Duration, Size } from 'cdk8s';
import fc from 'fast-check';
import { Forge, Repository } from '../../../lib/forge';
import { Storage } from '../../../lib/kube';
import {
  DockerEndpoint,
  Executor,
  GitHubRunnerProps,
  HostTool,
  Registration,
  RunnerScope,
  RunnerVersion,
  Scaling,
} from '../../../lib/runner';
import { SecretSource } from '../../../lib/secret';
import { CaBundle } from '../../../lib/trust';

const TOOLS: HostTool[] = [{ image: 'mikefarah/yq:4.47.1', path: '/usr/bin/yq' }];
const github = Forge.github();
const forge = fc.constantFrom(
  github,
  github,
  Forge.github({ url: 'https://github.example.com', version: '3.14' }),
  Forge.github({ url: 'https://github.example.com', version: '3.8' }),
  Forge.gitea({ version: '1.27', url: 'https://git.example.com' }),
);
const size = fc.integer({ min: 1, max: 200 }).map((n) => Size.gibibytes(n));
const storage = fc.oneof(
  fc
    .tuple(size, fc.constantFrom(undefined, 'longhorn', 'nfs-slow', 'local-path'))
    .map(([s, name]) => Storage.persistent(s, name)),
  size.map((s) => Storage.ephemeral(s)),
  size.map((s) => Storage.memory(s)),
);
const nothing = fc.constant(undefined);
/** Left out half of the time. */
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.oneof(nothing, arbitrary);
/** Left out most of the time, so that enough is valid. */
const rarely = <T>(arbitrary: fc.Arbitrary<T>) => fc.oneof({ weight: 7, arbitrary: nothing }, { weight: 1, arbitrary });
const daemon = fc.record(
  { mtu: fc.constantFrom(1400, 1500, 1), containerdSnapshotter: fc.boolean() },
  { requiredKeys: [] },
);
const executor = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record(
        { work: storage, jobsRunAsRoot: fc.boolean(), imageHasNode: fc.boolean(), tools: fc.constant(TOOLS) },
        { requiredKeys: [] },
      )
      .map((props) => Executor.host(props)),
  },
  {
    weight: 4,
    arbitrary: fc.record({ layers: storage, daemon }, { requiredKeys: [] }).map((props) => Executor.docker(props)),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      Executor.host({ state: Storage.ephemeral(Size.gibibytes(1)) }),
      Executor.docker({ dockerInJobs: false }),
      Executor.dockerRootless(),
      Executor.externalDocker(DockerEndpoint.plaintext('docker.lan', 2375)),
    ),
  },
);
const gitHubApp = fc.tuple(fc.integer({ min: 1 }), fc.integer({ min: 1 })).map(([applicationId, installationId]) => ({
  applicationId,
  installationId,
  privateKey: SecretSource.existing('app'),
}));
const registration = fc.oneof(
  fc.constantFrom('one', 'two').map((name) => Registration.gitHubToken(SecretSource.existing(name))),
  gitHubApp.map((app) => Registration.gitHubApp(app)),
);
const counting = fc.oneof(
  fc.constant({}),
  fc.constant({ apiToken: SecretSource.existing('jobs') }),
  gitHubApp.map((app) => ({ gitHubApp: app })),
);
const label = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('self-hosted', 'linux', 'Linux', 'x64', 'gpu') },
  { weight: 1, arbitrary: fc.string({ maxLength: 8 }) },
);
const wholeSeconds = fc.constantFrom(1, 15, 60, 3600).map((n) => Duration.seconds(n));
const seconds = fc.constantFrom(0.5, 1, 15, 60, 3600).map((n) => Duration.millis(n * 1000));

const scopeOf = (target: Forge) =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom(
        RunnerScope.organization('example'),
        RunnerScope.repository(target.repository('example/hello')),
      ),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        RunnerScope.instance(),
        RunnerScope.user('someone'),
        RunnerScope.repository(github.repository('example/hello')),
      ),
    },
  );

const repositoriesOf = (target: Forge) =>
  fc.constantFrom<Repository[][]>(
    [target.repository('example/hello')],
    [target.repository('example/hello')],
    [target.repository('other/hello')],
    [],
  );

const scalingOf = (target: Forge) =>
  fc
    .record({
      max: fc.constantFrom(1, 3, 50, 1000),
      min: maybe(fc.constantFrom(0, 1)),
      counting,
      pollingInterval: rarely(wholeSeconds),
      keepFinished: rarely(wholeSeconds),
      conditionalRequests: maybe(fc.boolean()),
      repositories: rarely(repositoriesOf(target)),
    })
    .map(({ counting: by, ...props }) => Scaling.perJob({ ...props, ...by }));

/** Runners for GitHub of every kind, sensible and not: executor × forge × scope × credential × labels × storage, and some settings. */
export const gitHubCombinations: fc.Arbitrary<GitHubRunnerProps> = forge.chain((target) =>
  fc.record({
    forge: fc.constant(target),
    scope: scopeOf(target),
    executor,
    registration,
    scaling: scalingOf(target),
    labels: maybe(fc.array(label, { maxLength: 3 })),
    runnerGroupId: rarely(fc.constant(5)),
    version: rarely(fc.constantFrom(RunnerVersion.of('2.329.0'), RunnerVersion.LATEST_KNOWN)),
    image: rarely(fc.constant('mirror.example.com/runner')),
    shutdownTimeout: rarely(seconds),
    resources: rarely(size.map((memoryLimit) => ({ memoryLimit }))),
    daemonResources: rarely(fc.constant({ cpuLimitMillis: 2000 })),
    certificateAuthorities: maybe(fc.constantFrom<CaBundle[][]>([], [CaBundle.fromConfigMap('home-ca')])),
    proxy: maybe(fc.constant({ url: 'http://proxy:3128' })),
    environment: maybe(fc.constant({ A: 'b' })),
  }),
);
