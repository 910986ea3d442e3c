import { ComposeMount, ComposeSecret } from './compose-mounts';
import { quotedWord, unitText } from './systemd';

/** A service of a compose project, as far as a runner has its keys. */
export interface ComposedService {
  readonly image: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Record<string, string>;
  readonly user: string;
  readonly group_add?: readonly string[];
  readonly privileged?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly read_only?: boolean;
  readonly cpus?: number;
  readonly cpu_shares?: number;
  readonly mem_limit?: string;
  readonly mem_reservation?: string;
  readonly volumes?: readonly ComposeMount[];
  readonly secrets?: readonly ComposeSecret[];
  readonly depends_on?: Record<string, { readonly condition: string }>;
  readonly healthcheck?: {
    readonly test: readonly string[];
    readonly interval: string;
    readonly timeout: string;
    readonly retries: number;
    readonly start_period?: string;
  };
  readonly restart?: string;
  readonly stop_grace_period?: string;
  readonly labels?: Record<string, string>;
}

/** The names that a unit refers to. */
export interface UnitNames {
  /** The prefix of all units of the runner. */
  readonly prefix: string;
  /** The directory of the files, below the home directory of the user. */
  readonly folder: string;
}

/** Stands for the home directory of the user, until everything else in which systemd would replace something is escaped. */
const HOME = '@HOME@';

/** The directory in the option of a mount. A directory of the machine may have the same text. */
const AT_HOME = new RegExp(`^("?--mount=type=bind,source=)${HOME}`);

/** The time that an image may take to be pulled, in seconds. */
const PULL = 900;

/**
 * Returns the unit of a container for Quadlet. Keys that Podman 4.4 does not have are options of `podman run`. Quadlet copies every value into
 * the command of a service, where systemd replaces variables and specifiers: each `$` and `%` is doubled.
 *
 * @see https://docs.podman.io/en/latest/markdown/podman-systemd.unit.5.html
 */
export function containerUnit(name: string, service: ComposedService, names: UnitNames): string {
  const { environment = {}, restart, depends_on: needs = {}, command = [], entrypoint = [] } = service;
  const unit = `${names.prefix}-${name}`;
  const [user, group] = service.user.split(':');
  const required = Object.keys(needs).map((need) => `${names.prefix}-${need}.service`);
  const words = [...entrypoint.slice(1), ...command].map((word) => quotedWord(word));
  return unitText([
    '[Unit]',
    `Description=Container ${name} of the runner ${names.prefix}`,
    ...(required.length > 0 ? [`Requires=${required.join(' ')}`, `After=${required.join(' ')}`] : []),
    '',
    '[Container]',
    `ContainerName=${unit}`,
    // Podman resolves no short names without a terminal.
    `Image=${qualified(service.image)}`,
    `User=${user}`,
    `Group=${group}`,
    `Network=${names.prefix}.network`,
    ...Object.entries(environment).map(([key, value]) => `Environment=${quotedWord(`${key}=${value}`)}`),
    ...Object.entries(service.labels ?? {}).map(([key, value]) => `Label=${key}=${value}`),
    ...volumes(service, names),
    ...security(service),
    ...options(service, names).map((option) => `PodmanArgs=${quotedWord(option).replace(AT_HOME, '$1%h')}`),
    ...(words.length > 0 ? [`Exec=${words.join(' ')}`] : []),
    '',
    '[Service]',
    ...(restart === undefined ? ['Type=oneshot', 'RemainAfterExit=yes'] : ['Restart=always', 'RestartSec=5']),
    ...ready(unit, service),
    ...(service.stop_grace_period ? [`TimeoutStopSec=${seconds(service.stop_grace_period) + 10}`] : []),
    ...(restart === undefined ? [] : ['', '[Install]', 'WantedBy=default.target']),
    '',
  ]);
}

/** Returns the whole name of an image, in which Docker leaves out its own registry. */
function qualified(image: string): string {
  const [first, ...rest] = image.split('/');
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return hasHost ? image : `docker.io/${rest.length > 0 ? '' : 'library/'}${image}`;
}

function seconds(duration: string): number {
  return Number(duration.replace(/s$/, ''));
}

function volumes({ volumes: mounts = [] }: ComposedService, { prefix }: UnitNames): string[] {
  return mounts
    .filter(({ type }) => type === 'volume')
    .map(({ source, target, read_only: readOnly }) => {
      return `Volume=${prefix}-${source}.volume:${target}${readOnly ? ':ro' : ''}`;
    });
}

function security({ cap_drop: drop, security_opt: security = [], read_only: readOnly }: ComposedService): string[] {
  return [
    ...(drop ? ['DropCapability=all'] : []),
    `NoNewPrivileges=${security.includes('no-new-privileges:true')}`,
    ...(readOnly ? ['ReadOnly=true'] : []),
  ];
}

function options(service: ComposedService, { prefix, folder }: UnitNames): string[] {
  const { healthcheck: health, entrypoint, stop_grace_period: grace } = service;
  const files = (service.volumes ?? []).filter(({ type }) => type === 'bind');
  const numbers = {
    memory: service.mem_limit,
    'memory-reservation': service.mem_reservation,
    'cpu-shares': service.cpu_shares,
    cpus: service.cpus,
    'stop-timeout': grace && seconds(grace),
    'health-interval': health?.interval,
    'health-timeout': health?.timeout,
    'health-retries': health?.retries,
    'health-start-period': health?.start_period,
  };
  return [
    ...(entrypoint ? [`--entrypoint=${entrypoint[0]}`] : []),
    ...(service.privileged ? ['--privileged'] : []),
    ...(service.group_add ?? []).map((group) => `--group-add=${group}`),
    // A mount may have a colon in its path, which `Volume=` cannot have.
    ...files.map(({ source, target, read_only: readOnly }) => {
      const path = source.replace(/^\.\//, `${HOME}/${folder}/`);
      return `--mount=type=bind,source=${path},target=${target}${readOnly ? ',readonly' : ''},relabel=shared`;
    }),
    ...(service.secrets ?? []).map(
      ({ source, target }) => `--secret=${prefix}-${source},type=mount,target=${target},mode=0400`,
    ),
    ...(health ? [`--health-cmd=${JSON.stringify(health.test.slice(1))}`] : []),
    ...Object.entries(numbers).flatMap(([key, value]) => (value === undefined ? [] : [`--${key}=${value}`])),
  ];
}

/** Returns the settings with which a unit is active only if its container is healthy. `Notify=healthy` needs Podman 5. */
function ready(unit: string, { healthcheck: health, restart }: ComposedService): string[] {
  const start = seconds(health?.start_period ?? '0s') + PULL;
  if (restart === undefined || health === undefined) {
    return [`TimeoutStartSec=${start}`];
  }
  return [
    `ExecStartPost=/bin/sh -c 'until podman healthcheck run ${unit} >/dev/null 2>&1; do sleep 1; done'`,
    `TimeoutStartSec=${start}`,
  ];
}
