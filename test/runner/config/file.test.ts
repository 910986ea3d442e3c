import { Duration, Size } from 'cdk8s';
import fc from 'fast-check';
import { parse } from 'yaml';
import { configFile } from '../../../lib/runner/config/file';
import { CONTAINER_SETTINGS } from '../../../lib/runner/config/container-settings';
import { Setting } from '../../../lib/runner/config/setting';
import { RUNNER_SETTINGS } from '../../../lib/runner/config/settings';
import { goDuration, RunnerConfig } from '../../../lib/runner/config/config';
import { Executor, RunnerLogLevel, RunnerVersion, ToolCacheMode } from '../../../lib/runner';
import { SecretSource } from '../../../lib/secret';
import { accepts, codesOf, problemsOf } from '../../support/problems';
import { forgejoRunner, render, runner } from '../fixture';
import { ForgeError } from '../../../lib/support';

const HOUR = Duration.hours(2);
const SETTINGS = [...RUNNER_SETTINGS, ...CONTAINER_SETTINGS];
const GITEA = ({ gitea }: Setting) => gitea;
const FORGEJO = ({ forgejo }: Setting) => forgejo;

/** Everything that Gitea's newest runner can be told. */
const ALL: RunnerConfig = {
  logLevel: RunnerLogLevel.DEBUG,
  jobLogs: { dir: '/data/logs', retention: Duration.days(1), maxSize: Size.mebibytes(512) },
  capacity: 3,
  jobEnvFile: '/data/env',
  timeout: HOUR,
  shutdownTimeout: HOUR,
  insecure: true,
  fetchTimeout: Duration.seconds(30),
  fetchInterval: Duration.seconds(1),
  fetchIntervalMax: Duration.seconds(20),
  workdirCleanupAge: HOUR,
  idleCleanupInterval: HOUR,
  logReportInterval: Duration.seconds(9),
  logReportMaxLatency: Duration.seconds(1),
  logReportBatchSize: 7,
  stateReportInterval: Duration.seconds(9),
  reportCloseTimeout: Duration.seconds(20),
  githubMirror: 'https://mirror.example.com',
  actionShallowClone: false,
  setActEnv: false,
  patchActions: false,
  allocatePty: true,
  defaultImage: 'node:22',
  toolCacheMode: ToolCacheMode.SHARED,
  postTaskScript: '/opt/post',
  postTaskScriptTimeout: Duration.seconds(20),
  jobStartedHook: '/opt/started',
  jobCompletedHook: '/opt/completed',
  readinessGrace: Duration.seconds(90),
  cache: {
    enabled: true,
    dir: '/data/cache',
    host: '10.0.0.1',
    port: 8088,
    externalServer: 'http://cache:8088/',
    externalSecret: SecretSource.existing('cache'),
    offlineMode: true,
    v2: false,
    retention: HOUR,
    repositorySizeLimit: Size.gibibytes(1),
    sizeLimit: Size.gibibytes(2),
    sweepInterval: HOUR,
  },
  container: {
    network: 'host',
    enableIpv4: true,
    enableIpv6: true,
    privileged: true,
    options: '--cpus=2',
    workdirParent: 'work',
    validVolumes: ['data'],
    forcePull: true,
    forceRebuild: true,
    bindWorkdir: true,
    serviceReadyTimeout: HOUR,
  },
  healthCheck: {
    minFreeDiskSpace: Size.gibibytes(2),
    script: '/opt/healthy',
    interval: Duration.minutes(1),
    timeout: Duration.seconds(5),
  },
};

test('every setting of the newest runner reaches its file', () => {
  expect(configFile(ALL, { keyOf: GITEA, owned: { 'runner.file': '/data/.runner' } })).toMatchSnapshot();
  const unread = SETTINGS.filter(
    ({ gitea, read }) => gitea !== undefined && gitea !== 'cache.enabled' && read(ALL) === undefined,
  );
  expect(unread.map(({ name }) => name)).toEqual([]);
});

test('every setting of the Forgejo runner reaches its file', () => {
  const config = parse(
    configFile(
      {
        ...ALL,
        jobLogLevel: RunnerLogLevel.WARN,
        reportInterval: Duration.seconds(3),
        cache: { ...ALL.cache, proxyPort: 4000, cacheUrlOverride: 'http://10.0.0.1:4000' },
      },
      { keyOf: FORGEJO, owned: {} },
    ),
  );
  expect(config.log).toEqual({ level: 'debug', job_level: 'warn' });
  expect(config.runner).toEqual({
    capacity: 3,
    env_file: '/data/env',
    timeout: '2h',
    shutdown_timeout: '2h',
    insecure: true,
    fetch_timeout: '30s',
    fetch_interval: '1s',
    report_interval: '3s',
  });
  expect(config.cache).toEqual({
    dir: '/data/cache',
    host: '10.0.0.1',
    port: 8088,
    external_server: 'http://cache:8088/',
    proxy_port: 4000,
    actions_cache_url_override: 'http://10.0.0.1:4000',
  });
  expect(config.container).toEqual({
    network: 'host',
    enable_ipv6: true,
    privileged: true,
    options: '--cpus=2',
    workdir_parent: 'work',
    valid_volumes: ['data'],
    force_pull: true,
    force_rebuild: true,
  });
});

test('only what differs from the default is written', () => {
  expect(
    configFile(
      { capacity: 1, timeout: Duration.hours(3), cache: { enabled: true }, container: { validVolumes: [] } },
      { keyOf: GITEA, owned: {} },
    ),
  ).toBe('{}\n');
});

test('each setting is refused by the version before the one that introduced it, and named', () => {
  const gated = SETTINGS.filter(({ gitea, since }) => gitea !== undefined && since !== undefined);
  for (const { name, since } of gated) {
    const old = since!.split('.').map(Number);
    const [before] = [
      old[2] > 0 ? [old[0], old[1], old[2] - 1] : old[1] > 0 ? [old[0], old[1] - 1, 99] : [old[0] - 1, 99, 99],
    ].map((v) => v.join('.'));
    // The shutdown timeout is stated by the library too, so the oldest version is refused altogether.
    const found = problemsOf(() =>
      runner({ version: RunnerVersion.of(before), config: ALL, executor: Executor.docker() }),
    ).filter(({ code, message }) => code === 'FORGE-RUN-006' && message.includes(`config.${name} `));
    expect([name, found.length]).toEqual([name, 1]);
    expect(found[0].fix).toContain(since);
    const later = ForgeError.problemsIn(() =>
      runner({ version: RunnerVersion.of(since!), config: ALL, executor: Executor.docker() }),
    );
    expect(later.filter(({ message }) => message.includes(`config.${name} `))).toEqual([]);
  }
});

test('settings of one product are refused by the other', () => {
  expect(codesOf(() => runner({ config: { reportInterval: HOUR } }))).toEqual(['FORGE-RUN-006']);
  expect(codesOf(() => forgejoRunner({ config: { healthCheck: {}, allocatePty: true } }))).toEqual([
    'FORGE-RUN-006',
    'FORGE-RUN-006',
  ]);
  accepts(
    () => forgejoRunner({ config: { reportInterval: HOUR } }),
    () => runner({ config: { healthCheck: {}, allocatePty: true } }),
  );
});

test.each<[string, RunnerConfig, RunnerConfig]>([
  ['capacity', { capacity: 0 }, { capacity: 1 }],
  ['capacity', { capacity: 1.5 }, { capacity: 2 }],
  ['timeout', { timeout: Duration.seconds(0) }, { timeout: Duration.minutes(1) }],
  ['shutdownTimeout', { shutdownTimeout: Duration.seconds(0) }, { shutdownTimeout: Duration.minutes(1) }],
  ['fetchTimeout', { fetchTimeout: Duration.seconds(61) }, { fetchTimeout: Duration.seconds(60) }],
  ['fetchIntervalMax', { fetchIntervalMax: Duration.seconds(1) }, { fetchIntervalMax: Duration.seconds(2) }],
  ['logReportMaxLatency', { logReportMaxLatency: Duration.seconds(5) }, { logReportMaxLatency: Duration.seconds(3) }],
  ['cache.host', { cache: { host: '0.0.0.0' } }, { cache: { host: '10.0.0.1' } }],
  ['cache.port', { cache: { port: 65536 } }, { cache: { port: 65535 } }],
  ['container.workdirParent', { container: { workdirParent: '/work' } }, { container: { workdirParent: 'work' } }],
  ['container.options', { container: { options: 'a\u0000' } }, { container: { options: '--cpus 2' } }],
  ['container.validVolumes', { container: { validVolumes: ['a\n'] } }, { container: { validVolumes: ['a'] } }],
])('fails for a bad %s, and not for its neighbour', (name, config, neighbour) => {
  accepts(() => runner({ config: neighbour, executor: Executor.docker() }));
  const found = problemsOf(() => runner({ config }));
  expect(found.map(({ code }) => code)).toContain('FORGE-RUN-007');
  expect(found.map(({ message }) => message).join()).toContain(`config.${name}`);
});

test('a number that is none is refused at the door', () => {
  expect(codesOf(() => runner({ config: { capacity: NaN } }))).toEqual(['FORGE-ARG-004']);
  accepts(() => runner({ config: { capacity: 1 } }));
});

test('an external cache without a slash at the end fails, and so does one without its secret', () => {
  expect(codesOf(() => runner({ config: { cache: { externalServer: 'http://cache:8088' } } }))).toEqual([
    'FORGE-RUN-007',
    'FORGE-RUN-021',
  ]);
  const cache = { externalServer: 'http://cache:8088/', externalSecret: SecretSource.existing('cache') };
  accepts(() => runner({ config: { cache } }));
});

test('durations are written as Go reads them, without loss', () => {
  expect([0, 500, 90_000, 3_600_000, 5_400_500].map((ms) => goDuration(Duration.millis(ms)))).toEqual([
    '0s',
    '500ms',
    '1m30s',
    '1h',
    '1h30m500ms',
  ]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 ** 11 }), (ms) => {
      const units = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as Record<string, number>;
      const parts = [...goDuration(Duration.millis(ms)).matchAll(/(\d+)(ms|h|m|s)/g)];
      expect(parts.reduce((sum, [, n, unit]) => sum + Number(n) * units[unit], 0)).toBe(ms);
    }),
  );
});

test('text that YAML 1.1 takes for something else stays text', () => {
  const { config } = render(
    runner({ environment: { A: 'no', B: '1e3', C: '0o17', D: 'null', E: '12:30:00', F: '~' } }),
  );
  expect(config.runner.envs).toEqual({ A: 'no', B: '1e3', C: '0o17', D: 'null', E: '12:30:00', F: '~' });
  expect(render(runner({ environment: { A: 'no' } })).files['config.yaml']).toContain('"no"');
});
