import { Size } from 'cdk8s';
import { Construct } from 'constructs';
import { quantity, Resources, StorageKind } from '../../kube';
import {
  BlueprintContainer,
  BlueprintProbes,
  BlueprintStore,
  BlueprintVolume,
  IRunnerTarget,
  Privilege,
  RunnerBlueprint,
  VolumeContent,
} from '../../runner';
import { fingerprint, ForgeError, quoted } from '../../support';
import { HostFiles } from '../host-files';
import { composeText } from './compose-text';
import { ComposeMount, ComposeSecret, mountsOf, SecretsOf, secretsOf } from './compose-mounts';

/** The interval of health checks, in seconds. */
const INTERVAL = 10;

/** The name of the service that gives the volumes to the user of the runner. */
const OWNER = 'owner';

/** The settings of a compose project. */
export interface ComposeOptions {
  /** The files of the project. */
  readonly files: HostFiles;
  /** The additional names of the machine, as `name=address`. */
  readonly extraHosts: readonly string[];
  /** The subnet of the network of the project, and the address of the machine in it. */
  readonly network?: { readonly subnet: string; readonly gateway: string };
}

/** A service of a project, as compose writes it. */
type Service = Record<string, unknown>;
type Dependencies = Record<string, { readonly condition: string }>;

/** A target that renders a runner as a project of Docker Compose. */
export class ComposeTarget implements IRunnerTarget {
  constructor(private readonly options: ComposeOptions) {}

  render(construct: Construct, blueprint: RunnerBlueprint): void {
    const { files } = this.options;
    files.addTexts(blueprint);
    const text = composeText(this.project(construct, blueprint));
    files.add('compose.yml', `# Start with: docker compose up --detach --wait\n${text}`);
  }

  /** Returns the project, with texts as containers get them. Other programs that run containers read the project too. */
  project(construct: Construct, blueprint: RunnerBlueprint): Record<string, unknown> {
    const { network } = this.options;
    const volumes = volumesOf(construct, blueprint);
    const secrets = secretsOf(blueprint);
    return {
      name: blueprint.name,
      services: this.services(blueprint, secrets),
      ...(network ? { networks: { default: { ipam: { config: [{ ...network }] } } } } : {}),
      ...(Object.keys(volumes).length > 0 ? { volumes } : {}),
      ...(Object.keys(secrets.declared).length > 0 ? { secrets: secrets.declared } : {}),
    };
  }

  private services(blueprint: RunnerBlueprint, secrets: SecretsOf): Record<string, Service> {
    const { setup, services, runner } = blueprint;
    const owner = ownerOf(blueprint);
    const first = owner ? [owner] : [];
    const all = [...first, ...setup];
    const prepared = all.map((container, i) => [container, completed(all.slice(0, i).slice(-1))] as const);
    const beside = services.map(
      (service) => [service, completed(all.filter((one) => sharesVolume(one, service)))] as const,
    );
    const last: Dependencies = { ...completed(all), ...started(services) };
    const entries = [
      ...prepared.map(([container, dependsOn]) => this.service(blueprint, container, { secrets, dependsOn })),
      ...beside.map(([container, dependsOn]) =>
        this.service(blueprint, container, { secrets, dependsOn, stays: true }),
      ),
      this.service(blueprint, runner, { secrets, dependsOn: last, stays: true }),
    ];
    return Object.fromEntries(entries);
  }

  private service(
    blueprint: RunnerBlueprint,
    container: BlueprintContainer,
    { secrets, dependsOn, stays = false }: { secrets: SecretsOf; dependsOn: Dependencies; stays?: boolean },
  ): [string, Service] {
    const own = secrets.of(container);
    const mounts = mountsOf(blueprint, container);
    const { extraHosts } = this.options;
    const health = healthcheck(container.probes, container.ports?.[0]?.port);
    const environment = (container.env ?? []).map(({ name, value }) => [name, value ?? blueprint.name]);
    return [
      container.name,
      {
        image: container.image,
        ...(container.command ? { entrypoint: [...container.command] } : {}),
        ...(container.args ? { command: [...container.args] } : {}),
        ...(environment.length > 0 ? { environment: Object.fromEntries(environment) } : {}),
        user: userOf(blueprint, container),
        ...groupsOf(blueprint),
        ...privilegeOf(container, own),
        ...limits(container.resources),
        ...(mounts.length > 0 ? { volumes: mounts } : {}),
        ...(own.length > 0 ? { secrets: own } : {}),
        ...(Object.keys(dependsOn).length > 0 ? { depends_on: dependsOn } : {}),
        ...(extraHosts.length > 0 ? { extra_hosts: [...extraHosts] } : {}),
        ...(health ? { healthcheck: health } : {}),
        ...(stays ? { restart: 'unless-stopped', stop_grace_period: `${blueprint.life.graceSeconds}s` } : {}),
        ...configHash(blueprint, mounts),
      },
    ];
  }
}

/** Returns the label that recreates a container if its files change. Compose compares the project, not the files. */
function configHash({ files, secrets, volumes }: RunnerBlueprint, mounts: readonly ComposeMount[]): Service {
  const isMounted = mounts.some(({ type, source }) => type === 'bind' && source.startsWith('./'));
  const texts = [...secrets, ...volumes].flatMap((volume) => Object.values(volume.texts ?? {}));
  return isMounted ? { labels: { 'cdk8s-forge/config-hash': fingerprint(...Object.values(files), ...texts) } } : {};
}

/** Returns the container that gives the volumes to the user of the runner: new volumes belong to root. */
function ownerOf({ user, setup, runner, stores, volumes }: RunnerBlueprint): BlueprintContainer | undefined {
  const empty = volumes.filter(({ content }) => content === VolumeContent.EMPTY);
  const names = [...stores, ...empty].map(({ name }) => name);
  const all = [...setup, runner].flatMap((container) => container.mounts ?? []);
  const written = all.filter(({ volume, readOnly }) => names.includes(volume) && readOnly !== true);
  const mounts = written.filter(({ volume }, i) => written.findIndex((other) => other.volume === volume) === i);
  if (user.id === 0 || mounts.length === 0) {
    return undefined;
  }
  return {
    name: OWNER,
    image: runner.image,
    command: ['chown', `${user.id}:${user.id}`, ...mounts.map(({ path }) => path)],
    asRoot: true,
    privilege: Privilege.SUDO,
    mounts,
    resources: { memoryLimit: Size.mebibytes(64) },
  };
}

function sharesVolume(one: BlueprintContainer, other: BlueprintContainer): boolean {
  const written = (one.mounts ?? []).filter(({ readOnly }) => !readOnly).map(({ volume }) => volume);
  return (other.mounts ?? []).some(({ volume }) => written.includes(volume));
}

function completed(containers: readonly BlueprintContainer[]): Dependencies {
  return Object.fromEntries(containers.map(({ name }) => [name, { condition: 'service_completed_successfully' }]));
}

function started(containers: readonly BlueprintContainer[]): Dependencies {
  return Object.fromEntries(
    containers.map(({ name, probes }) => [
      name,
      { condition: healthcheck(probes) ? 'service_healthy' : 'service_started' },
    ]),
  );
}

function userOf({ user }: RunnerBlueprint, container: BlueprintContainer): string {
  const id = container.asRoot ? 0 : (container.user ?? user.id);
  return `${id}:${id}`;
}

function groupsOf({ user: { moreGroups = [] } }: RunnerBlueprint): Service {
  return moreGroups.length > 0 ? { group_add: moreGroups.map(String) } : {};
}

/** Compose copies a secret into a container before it starts, which a read-only root file system prevents. */
function privilegeOf({ privilege = Privilege.NONE }: BlueprintContainer, secrets: readonly ComposeSecret[]): Service {
  switch (privilege) {
    case Privilege.FULL:
      return { privileged: true };
    case Privilege.SUDO:
      return {};
    default:
      return {
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        ...(privilege === Privilege.READ_ONLY && secrets.length === 0 ? { read_only: true } : {}),
      };
  }
}

function limits({ cpuLimitMillis, cpuRequestMillis, memoryLimit, memoryRequest }: Resources = {}): Service {
  return {
    ...(cpuLimitMillis === undefined ? {} : { cpus: cpuLimitMillis / 1000 }),
    // Shares of a core, as Kubernetes derives them from a request.
    ...(cpuRequestMillis === undefined
      ? {}
      : { cpu_shares: Math.max(2, Math.floor((cpuRequestMillis * 1024) / 1000)) }),
    ...(memoryLimit === undefined ? {} : { mem_limit: bytes(memoryLimit) }),
    ...(memoryRequest === undefined ? {} : { mem_reservation: bytes(memoryRequest) }),
  };
}

/** Returns a size in the form of Docker: `4g`. */
function bytes(size: Size): string {
  return quantity(size).replace(/([KMGTP])i$/, (unit) => unit[0].toLowerCase());
}

function healthcheck({ startup, liveness }: BlueprintProbes = {}, port?: number): Service | undefined {
  const probe = liveness ?? startup;
  if (probe === undefined) {
    return undefined;
  }
  const url = `http://127.0.0.1:${port}${probe.path}`;
  const test = probe.command ?? ['wget', '-q', '-O', '/dev/null', url];
  return {
    test: ['CMD', ...test],
    interval: `${INTERVAL}s`,
    timeout: `${probe.timeoutSeconds}s`,
    retries: Math.ceil((probe.periodSeconds * (probe.failures ?? 3)) / INTERVAL),
    ...(startup ? { start_period: `${startup.periodSeconds * (startup.failures ?? 3)}s` } : {}),
  };
}

/** Returns the named volumes. Docker creates a volume in memory (tmpfs) only if asked. */
function volumesOf(construct: Construct, { stores, volumes, secrets }: RunnerBlueprint): Service {
  const empty = [...volumes, ...secrets].filter(({ content }) => content === VolumeContent.EMPTY);
  return Object.fromEntries([
    ...stores
      .filter(({ storage }) => storage.kind !== StorageKind.HOST_PATH)
      .map((store) => storeVolume(construct, store)),
    ...empty.map(({ name, memory }: BlueprintVolume) => [name, memory ? inMemory(memory) : {}]),
  ]);
}

function storeVolume(construct: Construct, { name, storage }: BlueprintStore): [string, Service] {
  if (storage.kind === StorageKind.EXISTING_CLAIM || storage.storageClassName !== undefined) {
    const what =
      storage.storageClassName === undefined
        ? 'an existing claim'
        : `storage class ${quoted(storage.storageClassName)}`;
    throw ForgeError.at(construct, {
      code: 'FORGE-HOST-004',
      message: `the storage ${quoted(name)} is of ${what}, which only a cluster has`,
      allowed: 'Storage.persistent(size), Storage.ephemeral(size), Storage.memory(size) or Storage.hostPath(path, …)',
      fix: 'use Storage.persistent(size): a named volume of Docker',
    });
  }
  return [name, storage.kind === StorageKind.MEMORY ? inMemory(storage.size!) : {}];
}

function inMemory(size: Size): Service {
  return { driver: 'local', driver_opts: { type: 'tmpfs', device: 'tmpfs', o: `size=${bytes(size)}` } };
}
