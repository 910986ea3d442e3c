import { Size } from 'cdk8s';
import { both, bytes, Setting, time } from './setting';

const mebibytes = (value: Size | undefined) =>
  value === undefined ? undefined : Math.ceil(value.toKibibytes() / 1024);

/** The user-configurable settings of both runner binaries for cache, containers and health check. */
export const CONTAINER_SETTINGS: readonly Setting[] = [
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
