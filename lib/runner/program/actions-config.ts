import { Problems } from '../../support';
import { VolumeContent } from '../blueprint';
import { checkConfig, configFile, OwnedSettings } from '../config/file';
import { Setting, WireValue } from '../config/setting';
import { RegistrationKind } from '../registration/registration';
import { registrationPurpose } from '../registration/purpose';
import { CONFIG_FOLDER } from '../blueprint';
import { JobQueue, ProgramParts, ProgramRequest } from './program';

/** The path of the configuration. */
export const CONFIG_FILE = `${CONFIG_FOLDER}/config.yaml`;
/** The directory in which the token is mounted, only in the container that needs the token. */
export const TOKEN_FOLDER = '/var/run/secrets/runner-token';
/** The mount of the token. */
export const TOKEN_MOUNT = { volume: 'token', path: TOKEN_FOLDER, readOnly: true };
/** The mount of the runner's state. */
export const DATA_MOUNT = { volume: 'data', path: '/data' };
/** The directory in which the secret of an external cache server is mounted. */
export const CACHE_SECRET_FOLDER = '/var/run/secrets/runner-cache';
/** The path of the secret of an external cache server. */
export const CACHE_SECRET_FILE = `${CACHE_SECRET_FOLDER}/secret`;

/** The differences between the runner binaries that read this kind of configuration. */
export interface ConfigDialect {
  /** Returns the key of a setting; undefined if this version does not have the setting. */
  keyOf(setting: Setting): string | undefined;
  /** The settings of identity and labels, by key. */
  readonly identity: OwnedSettings;
  /** The settings of metrics, by key. */
  readonly metrics: OwnedSettings;
  /** The setting with the secret of an external cache server. */
  readonly cacheSecret: OwnedSettings;
}

/** Returns the content of `config.yaml`. */
export function actionsConfig(request: ProgramRequest, dialect: ConfigDialect): string {
  const { config, jobEnvironment, trustedFolder } = request;
  const settings = request.settings as OwnedSettings;
  const { container = {} } = config;
  const volumes = [
    ...((settings['container.valid_volumes'] as string[] | undefined) ?? container.validVolumes ?? []),
    ...(trustedFolder ? [trustedFolder] : []),
  ];
  const options = [container.options, trustedFolder && `--volume=${trustedFolder}:${trustedFolder}:ro`];
  return configFile(config, {
    keyOf: (setting) => dialect.keyOf(setting),
    owned: {
      ...settings,
      ...dialect.identity,
      ...dialect.metrics,
      ...(trustedFolder ? { 'container.options': options.filter(Boolean).join(' ') } : {}),
      ...(Object.keys(jobEnvironment).length > 0 ? { 'runner.envs': { ...jobEnvironment } as WireValue } : {}),
      ...(volumes.length > 0 ? { 'container.valid_volumes': volumes } : {}),
      ...(config.cache?.externalSecret && config.cache.enabled !== false ? dialect.cacheSecret : {}),
    },
  });
}

/** Returns the volumes of the registration token and of the cache's secret, and the mount of the latter. */
export function actionsSecrets({
  construct,
  name,
  scope,
  forge,
  registration,
  config,
}: ProgramRequest): Pick<ProgramParts, 'secrets' | 'mounts'> {
  const token = registration._secret!.provide(construct, {
    purpose: registrationPurpose({ name, scope, forge }),
    rotation:
      'replace the Secret. Only the registration reads the token: registered runners need no restart, and the old token needs no revocation',
    type: 'Opaque',
    keys: ['token'],
    readsAnyKey: true,
  });
  const cache = config.cache?.externalSecret?.provide(construct, {
    purpose: `runner ${name} and the external cache server know each other`,
    type: 'Opaque',
    keys: ['secret'],
    readsAnyKey: true,
  });
  const cacheKey = config.cache?.externalSecret?.keyOf('secret') ?? 'secret';
  const volume = (volumeName: string, source: string, items: Record<string, string>) => ({
    name: volumeName,
    content: VolumeContent.SECRET,
    source,
    items,
    mode: 0o440,
  });
  return {
    secrets: [
      volume('token', token, { [registration._secret!.keyOf('token')]: 'token' }),
      ...(cache ? [volume('cache-secret', cache, { [cacheKey]: 'secret' })] : []),
    ],
    mounts: cache ? [{ volume: 'cache-secret', path: CACHE_SECRET_FOLDER, readOnly: true }] : [],
  };
}

/** Reports settings that the runner binary does not have, and values that it would reject. */
export function checkSettings(
  request: ProgramRequest,
  dialect: Pick<ConfigDialect, 'keyOf'> & { readonly binary: string; readonly known: (setting: Setting) => string },
  problems: Problems,
): void {
  checkConfig(request.config, problems, (setting) => {
    if (dialect.keyOf(setting) !== undefined) {
      return;
    }
    const since = dialect.known(setting);
    problems.add({
      code: 'FORGE-RUN-006',
      message: `config.${setting.name} is not known to ${dialect.binary} ${request.version.version}${since ? ` (${since} is the first that knows it)` : ''}`,
      fix: since
        ? `remove config.${setting.name}, or set version to RunnerVersion.of('${since}') or newer`
        : `remove config.${setting.name}`,
      symptom: 'no error: the runner ignores keys that it does not know, or warns of them in its log',
    });
  });
  checkCacheSecret(request, problems);
}

function checkCacheSecret({ config }: ProgramRequest, problems: Problems): void {
  const { externalServer, externalSecret } = config.cache ?? {};
  if (externalSecret && !externalServer) {
    problems.add({
      code: 'FORGE-RUN-021',
      message: 'config.cache.externalSecret is set without config.cache.externalServer',
      fix: 'set config.cache.externalServer, or remove config.cache.externalSecret',
    });
  }
}

/** Reports a registration that the product does not have. */
export function checkRegistration(
  { registration }: ProgramRequest,
  { title, kinds, fix }: { title: string; kinds: readonly RegistrationKind[]; fix: string },
  problems: Problems,
): void {
  if (kinds.includes(registration.kind)) {
    return;
  }
  problems.add({
    code: 'FORGE-RUN-023',
    message: `registration is of kind ${registration.kind}, which ${title} does not have`,
    fix,
  });
}

/** Reports scaling settings that belong to another product, or that are missing. */
export function checkQueue({ scaling }: ProgramRequest, problems: Problems): void {
  const perJob = scaling.perJobProps;
  if (perJob === undefined) {
    return;
  }
  const { apiToken, gitHubApp, repositories, conditionalRequests } = perJob;
  if (apiToken === undefined) {
    problems.add({
      code: 'FORGE-RUN-049',
      message: 'scaling has no apiToken: KEDA cannot count the jobs',
      fix: 'set apiToken of Scaling.perJob to a Secret with an API token that can read jobs',
      symptom: 'ScaledJob is not ready: 401 Unauthorized',
    });
  }
  for (const [name, value] of Object.entries({ gitHubApp, repositories, conditionalRequests })) {
    if (value !== undefined) {
      problems.add({
        code: 'FORGE-RUN-049',
        message: `scaling has ${name}, which only GitHub has`,
        fix: `remove ${name} from Scaling.perJob`,
      });
    }
  }
}

/** Returns the Secret with which KEDA counts jobs, and the key of the token. */
export function queueSecret({
  construct,
  name,
  forge,
  scope,
  scaling,
}: ProgramRequest): Pick<JobQueue, 'parameter' | 'secretName' | 'key'> {
  const token = scaling.perJobProps!.apiToken!;
  const secretName = token.provide(construct, {
    purpose: `KEDA counts the jobs for runner ${name}`,
    type: 'Opaque',
    keys: ['token'],
    readsAnyKey: true,
    tokenScope: scope._tokenScope('read'),
    forgeUrl: forge.url,
  });
  return { parameter: 'token', secretName, key: token.keyOf('token') };
}
