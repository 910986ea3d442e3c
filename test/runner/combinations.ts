import { Duration, Size } from 'cdk8s';
import fc from 'fast-check';
import { Forge } from '../../lib/forge';
import { Storage } from '../../lib/kube';
import {
  DockerEndpoint,
  Executor,
  ForgeAddress,
  RunnerConfig,
  Registration,
  RunnerLabel,
  RunnerProps,
  RunnerScope,
  RunnerVersion,
  Scaling,
  TokenMint,
} from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { CaBundle, Trust } from '../../lib/trust';

const UUID = '01234567-89ab-4cde-8f01-23456789abcd';
const apiToken = SecretSource.existing('scaler-token');

const forges = ['1.22', '1.24', '1.25.2', '1.27'].map((version) =>
  Forge.gitea({ version, url: 'https://git.example.com', internalUrl: 'http://gitea:3000' }),
);
const home = Forge.gitea({
  version: '1.27',
  url: 'https://git.home',
  trust: Trust.privateCa(CaBundle.fromConfigMap('home-ca')),
});
const forgejo = Forge.forgejo({ version: '13.0', url: 'https://git.example.com' });

const forge = fc.constantFrom(...forges, home, forgejo, forgejo, Forge.github());
const version = fc.option(
  fc.constantFrom(
    ...[
      '0.2.5',
      '0.2.11',
      '0.2.13',
      '0.3.1',
      '0.6.1',
      '1.0.0',
      '1.0.8',
      '2.0.0',
      '2.3.0',
      '3.0.0',
      '3.2.0',
      '3.3.0',
      '3.5.0',
    ].map((v) => RunnerVersion.of(v)),
    RunnerVersion.of('12.13.2'),
    RunnerVersion.LATEST_KNOWN,
  ),
  { nil: undefined },
);
const size = fc.integer({ min: 1, max: 200 }).map((n) => Size.gibibytes(n));
const storage = fc.option(
  fc.oneof(
    fc
      .tuple(size, fc.constantFrom(undefined, 'longhorn', 'nfs-slow', 'local-path'))
      .map(([s, name]) => Storage.persistent(s, name)),
    size.map((s) => Storage.ephemeral(s)),
    size.map((s) => Storage.memory(s)),
  ),
  { nil: undefined },
);
const daemon = fc.record(
  {
    mtu: fc.constantFrom(1400, 1500, 9000, 1),
    containerdSnapshotter: fc.boolean(),
    maxConcurrentUploads: fc.constantFrom(1, 10, 0),
  },
  { requiredKeys: [] },
);
const executor = fc.oneof(
  fc
    .record(
      { state: storage, work: storage, jobsRunAsRoot: fc.boolean(), imageHasNode: fc.boolean() },
      { requiredKeys: [] },
    )
    .map((props) => Executor.host(props)),
  fc
    .record({ state: storage, layers: storage, daemon, dockerInJobs: fc.boolean() }, { requiredKeys: [] })
    .map((props) => Executor.docker(props)),
  fc
    .record({ state: storage, layers: storage, daemon, dockerInJobs: fc.boolean() }, { requiredKeys: [] })
    .map((props) => Executor.dockerRootless(props)),
  fc
    .tuple(fc.boolean(), storage)
    .map(([tls, state]) =>
      Executor.externalDocker(
        tls
          ? DockerEndpoint.tls('docker.lan', 2376, SecretSource.existing('docker-client'))
          : DockerEndpoint.plaintext('docker.lan', 2375),
        { state },
      ),
    ),
);
const token = SecretSource.existing('runner-token');
const registration = fc.oneof(
  fc.constantFrom(undefined, 'a', '2026-11-20').map((key) => Registration.token(token, { key })),
  fc.constant(Registration.minted(TokenMint.api(SecretSource.existing('admin')))),
  fc.constant(Registration.connection(UUID, token)),
);
const scaling = fc.option(
  fc.oneof(
    fc.integer({ min: 1, max: 5 }).map((replicas) => Scaling.fixed(replicas)),
    fc.integer({ min: 1, max: 9 }).map((max) => Scaling.perJob({ max, apiToken })),
  ),
  { nil: undefined },
);
const label = fc.oneof(
  fc.constantFrom('linux', 'x').map((name) => RunnerLabel.host(name)),
  fc.constantFrom('ubuntu-latest', 'y').map((name) => RunnerLabel.docker(name, 'node:22-bookworm')),
);
const duration = fc.constantFrom(0, 1, 60, 7200, 20_000).map((seconds) => Duration.seconds(seconds));
const config: fc.Arbitrary<RunnerConfig> = fc.record(
  {
    capacity: fc.constantFrom(1, 2, 5, 0),
    shutdownTimeout: duration,
    timeout: duration,
    githubMirror: fc.constant('https://mirror.example.com'),
    cache: fc.record(
      {
        enabled: fc.boolean(),
        externalServer: fc.constantFrom('http://cache:8088/', 'cache'),
        externalSecret: fc.constant(SecretSource.existing('cache')),
      },
      { requiredKeys: [] },
    ),
    container: fc.record(
      {
        bindWorkdir: fc.boolean(),
        workdirParent: fc.constantFrom('workspace', 'jobs/here', '/abs'),
        options: fc.constant('--cpus=2'),
        validVolumes: fc.constantFrom([], ['data']),
      },
      { requiredKeys: [] },
    ),
    healthCheck: fc.constant({}),
  },
  { requiredKeys: [] },
);

const scopeOf = (target: Forge) =>
  fc.constantFrom(
    RunnerScope.instance(),
    RunnerScope.organization('platform'),
    RunnerScope.user('someone'),
    RunnerScope.repository(target.repository('platform/hello')),
  );

/**
 * Runners of every kind, sensible and not: executor × forge × version × identity × storage × scope, and some settings. Half of them get
 * the identity that their product needs, and half of them leave most settings out, so that enough of them are valid.
 */
export const combinations: fc.Arbitrary<RunnerProps> = forge.chain((target) =>
  fc.record({
    forge: fc.constant(target),
    scope: scopeOf(target),
    executor,
    labels: fc.option(fc.array(label, { maxLength: 3 }), { nil: undefined, freq: 1 }),
    registration:
      target.product.runnerProgram === 'forgejo'
        ? fc.oneof(registration, fc.constant(Registration.connection(UUID, token)))
        : fc.oneof(registration, fc.constant(Registration.token(token))),
    scaling,
    version: fc.oneof(version, fc.constant(undefined), fc.constant(undefined)),
    config: fc.option(config, { nil: undefined, freq: 1 }),
    environment: fc.option(
      fc.dictionary(fc.stringMatching(/^[A-Z][A-Z_]{0,8}$/), fc.string({ maxLength: 20 }), { maxKeys: 3 }),
      { nil: undefined, freq: 2 },
    ),
    registerAt: fc.constantFrom(ForgeAddress.INTERNAL, ForgeAddress.PUBLIC),
    proxy: fc.option(fc.constant({ url: 'http://proxy:3128' }), { nil: undefined, freq: 2 }),
  }),
);
