import { Duration, Size } from 'cdk8s';
import { byteCount, goDuration, RunnerConfig } from './config';

/** A value that a setting can have in the file. */
export type WireValue = string | number | boolean | string[] | Record<string, string>;

/** A setting of `config.yaml`. */
export interface Setting {
  /** The name of the setting in `RunnerConfig`. */
  readonly name: string;
  /** The key in the file of Gitea's runner; undefined if Gitea's runner does not have this setting. */
  readonly gitea?: string;
  /** The version of Gitea's runner that introduced it; undefined if every version has it. */
  readonly since?: string;
  /** The key in the file of Forgejo's runner; undefined if Forgejo's runner does not have this setting. */
  readonly forgejo?: string;
  /** The runner binary's default value, used if the setting is omitted. */
  readonly fallback?: WireValue;
  /** The function that returns the value the user sets. */
  readonly read: (config: RunnerConfig) => WireValue | undefined;
}

const time = (value: Duration | undefined) => (value === undefined ? undefined : goDuration(value));
const bytes = (value: Size | undefined) => (value === undefined ? undefined : byteCount(value));
const mebibytes = (value: Size | undefined) =>
  value === undefined ? undefined : Math.ceil(value.toKibibytes() / 1024);
const both = (key: string) => ({ gitea: key, forgejo: key });

/**
 * All user-configurable settings of both runner binaries, as the only table of keys, versions and defaults.
 *
 * Source: internal/pkg/config of gitea.com/gitea/runner up to 3.3.0, and of code.forgejo.org/forgejo/runner 12.
 */
export const SETTINGS: readonly Setting[] = [
  { name: 'logLevel', ...both('log.level'), fallback: 'info', read: (c) => c.logLevel },
  { name: 'jobLogLevel', forgejo: 'log.job_level', fallback: 'info', read: (c) => c.jobLogLevel },
  { name: 'jobLogs.dir', gitea: 'log.job.dir', since: '3.3.0', fallback: '', read: (c) => c.jobLogs?.dir },
  {
    name: 'jobLogs.retention',
    gitea: 'log.job.retention',
    since: '3.3.0',
    fallback: '168h',
    read: (c) => time(c.jobLogs?.retention),
  },
  { name: 'jobLogs.maxSize', gitea: 'log.job.max_size', since: '3.3.0', read: (c) => bytes(c.jobLogs?.maxSize) },
  { name: 'capacity', ...both('runner.capacity'), fallback: 1, read: (c) => c.capacity },
  { name: 'jobEnv', ...both('runner.envs'), read: (c) => c.jobEnv },
  { name: 'jobEnvFile', ...both('runner.env_file'), fallback: '', read: (c) => c.jobEnvFile },
  { name: 'timeout', ...both('runner.timeout'), fallback: '3h', read: (c) => time(c.timeout) },
  {
    name: 'shutdownTimeout',
    ...both('runner.shutdown_timeout'),
    since: '0.2.11',
    fallback: '0s',
    read: (c) => time(c.shutdownTimeout),
  },
  { name: 'insecure', ...both('runner.insecure'), fallback: false, read: (c) => c.insecure },
  { name: 'fetchTimeout', ...both('runner.fetch_timeout'), fallback: '5s', read: (c) => time(c.fetchTimeout) },
  { name: 'fetchInterval', ...both('runner.fetch_interval'), fallback: '2s', read: (c) => time(c.fetchInterval) },
  // No fallback: 0.4.0 started with 60s.
  {
    name: 'fetchIntervalMax',
    gitea: 'runner.fetch_interval_max',
    since: '0.4.0',
    read: (c) => time(c.fetchIntervalMax),
  },
  {
    name: 'workdirCleanupAge',
    gitea: 'runner.workdir_cleanup_age',
    since: '1.0.0',
    fallback: '24h',
    read: (c) => time(c.workdirCleanupAge),
  },
  {
    name: 'idleCleanupInterval',
    gitea: 'runner.idle_cleanup_interval',
    since: '1.0.0',
    fallback: '10m',
    read: (c) => time(c.idleCleanupInterval),
  },
  {
    name: 'logReportInterval',
    gitea: 'runner.log_report_interval',
    since: '0.4.0',
    fallback: '5s',
    read: (c) => time(c.logReportInterval),
  },
  {
    name: 'logReportMaxLatency',
    gitea: 'runner.log_report_max_latency',
    since: '0.4.0',
    fallback: '3s',
    read: (c) => time(c.logReportMaxLatency),
  },
  {
    name: 'logReportBatchSize',
    gitea: 'runner.log_report_batch_size',
    since: '0.4.0',
    fallback: 100,
    read: (c) => c.logReportBatchSize,
  },
  {
    name: 'stateReportInterval',
    gitea: 'runner.state_report_interval',
    since: '0.4.0',
    fallback: '5s',
    read: (c) => time(c.stateReportInterval),
  },
  {
    name: 'reportCloseTimeout',
    gitea: 'runner.report_close_timeout',
    since: '1.0.8',
    fallback: '10s',
    read: (c) => time(c.reportCloseTimeout),
  },
  { name: 'reportInterval', forgejo: 'runner.report_interval', fallback: '1s', read: (c) => time(c.reportInterval) },
  { name: 'githubMirror', gitea: 'runner.github_mirror', since: '0.2.13', fallback: '', read: (c) => c.githubMirror },
  {
    name: 'actionShallowClone',
    gitea: 'runner.action_shallow_clone',
    since: '2.0.0',
    fallback: true,
    read: (c) => c.actionShallowClone,
  },
  { name: 'setActEnv', gitea: 'runner.set_act_env', since: '2.1.0', fallback: true, read: (c) => c.setActEnv },
  { name: 'patchActions', gitea: 'runner.patch_actions', since: '3.3.0', fallback: true, read: (c) => c.patchActions },
  { name: 'allocatePty', gitea: 'runner.allocate_pty', since: '1.0.4', fallback: false, read: (c) => c.allocatePty },
  {
    name: 'defaultImage',
    gitea: 'runner.default_image',
    since: '3.3.0',
    fallback: 'docker.gitea.com/runner-images:ubuntu-latest',
    read: (c) => c.defaultImage,
  },
  {
    name: 'toolCacheMode',
    gitea: 'runner.tool_cache_mode',
    since: '3.2.0',
    fallback: 'none',
    read: (c) => c.toolCacheMode,
  },
  {
    name: 'postTaskScript',
    gitea: 'runner.post_task_script',
    since: '2.0.0',
    fallback: '',
    read: (c) => c.postTaskScript,
  },
  {
    name: 'postTaskScriptTimeout',
    gitea: 'runner.post_task_script_timeout',
    since: '2.0.0',
    fallback: '5m',
    read: (c) => time(c.postTaskScriptTimeout),
  },
  {
    name: 'jobStartedHook',
    gitea: 'runner.hooks.job_started',
    since: '3.0.0',
    fallback: '',
    read: (c) => c.jobStartedHook,
  },
  {
    name: 'jobCompletedHook',
    gitea: 'runner.hooks.job_completed',
    since: '3.0.0',
    fallback: '',
    read: (c) => c.jobCompletedHook,
  },
  { name: 'cache.enabled', ...both('cache.enabled'), fallback: true, read: (c) => c.cache?.enabled },
  { name: 'cache.dir', ...both('cache.dir'), fallback: '', read: (c) => c.cache?.dir },
  { name: 'cache.host', ...both('cache.host'), fallback: '', read: (c) => c.cache?.host },
  { name: 'cache.port', ...both('cache.port'), fallback: 0, read: (c) => c.cache?.port },
  {
    name: 'cache.externalServer',
    ...both('cache.external_server'),
    fallback: '',
    read: (c) => c.cache?.externalServer,
  },
  {
    name: 'cache.offlineMode',
    gitea: 'cache.offline_mode',
    since: '1.0.5',
    fallback: false,
    read: (c) => c.cache?.offlineMode,
  },
  { name: 'cache.v2', gitea: 'cache.v2', since: '3.0.0', fallback: true, read: (c) => c.cache?.v2 },
  {
    name: 'cache.retention',
    gitea: 'cache.retention',
    since: '3.2.0',
    fallback: '168h',
    read: (c) => time(c.cache?.retention),
  },
  {
    name: 'cache.repositorySizeLimit',
    gitea: 'cache.repo_size_limit',
    since: '3.2.0',
    read: (c) => bytes(c.cache?.repositorySizeLimit),
  },
  {
    name: 'cache.sizeLimit',
    gitea: 'cache.size_limit',
    since: '3.2.0',
    fallback: 0,
    read: (c) => bytes(c.cache?.sizeLimit),
  },
  {
    name: 'cache.sweepInterval',
    gitea: 'cache.sweep_interval',
    since: '3.2.0',
    fallback: '1h',
    read: (c) => time(c.cache?.sweepInterval),
  },
  { name: 'cache.proxyPort', forgejo: 'cache.proxy_port', fallback: 0, read: (c) => c.cache?.proxyPort },
  {
    name: 'cache.cacheUrlOverride',
    forgejo: 'cache.actions_cache_url_override',
    fallback: '',
    read: (c) => c.cache?.cacheUrlOverride,
  },
  { name: 'container.network', ...both('container.network'), fallback: '', read: (c) => c.container?.network },
  {
    name: 'container.enableIpv4',
    gitea: 'container.network_create_options.enable_ipv4',
    since: '2.0.0',
    read: (c) => c.container?.enableIpv4,
  },
  {
    name: 'container.enableIpv6',
    gitea: 'container.network_create_options.enable_ipv6',
    since: '2.0.0',
    forgejo: 'container.enable_ipv6',
    read: (c) => c.container?.enableIpv6,
  },
  {
    name: 'container.privileged',
    ...both('container.privileged'),
    fallback: false,
    read: (c) => c.container?.privileged,
  },
  { name: 'container.options', ...both('container.options'), fallback: '', read: (c) => c.container?.options },
  {
    name: 'container.workdirParent',
    ...both('container.workdir_parent'),
    fallback: 'workspace',
    read: (c) => c.container?.workdirParent,
  },
  { name: 'container.validVolumes', ...both('container.valid_volumes'), read: (c) => c.container?.validVolumes },
  // The example files of 0.2 and later show `true`, but the program's default is false.
  {
    name: 'container.forcePull',
    ...both('container.force_pull'),
    fallback: false,
    read: (c) => c.container?.forcePull,
  },
  {
    name: 'container.forceRebuild',
    ...both('container.force_rebuild'),
    fallback: false,
    read: (c) => c.container?.forceRebuild,
  },
  {
    name: 'container.bindWorkdir',
    gitea: 'container.bind_workdir',
    since: '0.3.1',
    fallback: false,
    read: (c) => c.container?.bindWorkdir,
  },
  {
    name: 'container.serviceReadyTimeout',
    gitea: 'container.service_ready_timeout',
    since: '3.1.0',
    fallback: '5m',
    read: (c) => time(c.container?.serviceReadyTimeout),
  },
  {
    name: 'healthCheck',
    gitea: 'health_check.enabled',
    since: '2.2.0',
    fallback: false,
    read: (c) => (c.healthCheck ? true : undefined),
  },
  {
    name: 'healthCheck.minFreeDiskSpace',
    gitea: 'health_check.min_free_disk_space_mb',
    since: '2.2.0',
    fallback: 1024,
    read: (c) => mebibytes(c.healthCheck?.minFreeDiskSpace),
  },
  {
    name: 'healthCheck.script',
    gitea: 'health_check.script',
    since: '2.2.0',
    fallback: '',
    read: (c) => c.healthCheck?.script,
  },
  {
    name: 'healthCheck.interval',
    gitea: 'health_check.interval',
    since: '2.2.0',
    fallback: '30s',
    read: (c) => time(c.healthCheck?.interval),
  },
  {
    name: 'healthCheck.timeout',
    gitea: 'health_check.timeout',
    since: '2.2.0',
    fallback: '10s',
    read: (c) => time(c.healthCheck?.timeout),
  },
  {
    name: 'readinessGrace',
    gitea: 'metrics.readiness_grace',
    since: '2.2.0',
    fallback: '30s',
    read: (c) => time(c.readinessGrace),
  },
];
