import { parseDocument } from 'yaml';
import { StorageKind } from '../../kube';
import { BlueprintContainer, BlueprintMount, ProgramFacts, RunnerBlueprint, VolumeContent } from '../../runner';
import { Problem, quoted } from '../../support';
import { variablesOf } from './compose-mounts';

/** The directories of a service: of its files, and of its state. */
export interface NativeFolders {
  readonly config: string;
  readonly state: string;
  /** Reports whether directories that users share are hidden from the service. */
  readonly hides: boolean;
}

/** The directory of the installation script that has the secrets, while it runs. */
const CREDENTIALS = '$credentials';

/**
 * The settings of the runner binary that are paths inside the container of the runner: of the library, and of directories in its storage.
 * Every other text of the configuration is the user's, such as the environment of jobs.
 */
const PATHS = [
  ['runner', 'file'],
  ['cache', 'dir'],
  ['cache', 'external_secret_file'],
  ['cache', 'secret_url'],
  ['log', 'job', 'dir'],
  ['host', 'workdir_parent'],
];

/** The directories that the settings of the service hide from it, or of which it has its own. */
const HIDDEN = ['/home', '/root', '/run/user', '/tmp', '/var/tmp', '/dev'];

/**
 * A blueprint as a service of the machine without containers: each path inside a container is a path of the machine.
 */
export class NativeRunner {
  private readonly moves: readonly (readonly [string, string])[];

  constructor(
    private readonly blueprint: RunnerBlueprint,
    private readonly facts: ProgramFacts,
    private readonly folders: NativeFolders,
  ) {
    const containers = [...blueprint.setup, blueprint.runner];
    const moves = containers.flatMap(({ mounts = [] }) => mounts.flatMap((mount) => this.moved(mount)));
    // Longer paths first: a mount may be inside another.
    this.moves = [...new Map(moves)].sort(([one], [other]) => other.length - one.length);
  }

  /** Returns what a service without containers cannot do. */
  get problems(): Problem[] {
    const { setup, runner, stores } = this.blueprint;
    const foreign = [...setup, runner].filter(({ image }) => image !== this.facts.image);
    const secret = (runner.mounts ?? []).find(({ volume }) => this.contentOf(volume) === VolumeContent.SECRET);
    const stored = stores.filter(({ storage }) => storage.kind === StorageKind.MEMORY);
    const hidden = this.folders.hides ? this.ownDirectories.filter(isHidden) : [];
    return [
      ...foreign.map(({ name, image }) => ({
        message: `container ${quoted(name)} of image ${quoted(image)} is part of the executor, and the machine runs no containers`,
        fix: 'remove tools and jobImage of Executor.host(), and install the programs on the machine',
      })),
      ...(secret
        ? [
            {
              message: `the runner reads the secret ${quoted(secret.volume)} while it runs, and jobs could read it too`,
              fix: 'use an executor with Docker, or remove what needs the secret, such as config.cache.externalSecret',
            },
          ]
        : []),
      ...stored.map(({ name }) => ({
        message: `the storage ${quoted(name)} is in memory, which a service without containers does not mount`,
        fix: 'use Storage.persistent(size), or Storage.hostPath of a tmpfs that you mount, such as /srv/runner',
      })),
      ...hidden.map((path) => ({
        message: `the directory ${quoted(path)} is in a place that the service does not see: ${HIDDEN.join(', ')}`,
        fix: 'use Storage.hostPath with a directory elsewhere, such as /srv/runner, or Storage.persistent(size)',
        symptom: 'Failed to set up mount namespacing; or: Permission denied',
      })),
    ].map((problem) => ({ code: 'FORGE-HOST-008', ...problem }));
  }

  /** Names of the directories of the state. */
  get directories(): string[] {
    const { stores, volumes } = this.blueprint;
    const empty = volumes.filter(({ content }) => content === VolumeContent.EMPTY);
    const kept = stores.filter(({ storage }) => storage.kind !== StorageKind.HOST_PATH);
    return [...new Set([...kept, ...empty].map(({ name }) => name))];
  }

  /** Directories of the machine outside of the state, to which the runner writes. */
  get ownDirectories(): string[] {
    const { setup, runner, stores, volumes } = this.blueprint;
    const mounts = [...setup, runner].flatMap((container) => container.mounts ?? []);
    const written = mounts.filter(({ readOnly }) => readOnly !== true).map(({ volume }) => volume);
    const paths = [
      ...stores.map(({ name, storage }) => ({ name, path: storage._host?.path })),
      ...volumes
        .filter(({ content }) => content === VolumeContent.HOST_PATH)
        .map(({ name, source }) => ({ name, path: source })),
    ];
    return [...new Set(paths.flatMap(({ name, path }) => (path && written.includes(name) ? [path] : [])))];
  }

  /** The home directory of jobs; undefined if the executor stores none. */
  get home(): string | undefined {
    const work = this.blueprint.stores.find(({ name }) => name === 'work');
    return work && (work.storage._host?.path ?? `${this.folders.state}/work`);
  }

  /** Names of the environment variables with the secrets. */
  get variables(): string[] {
    const { secrets, volumes } = this.blueprint;
    const all = [...secrets, ...volumes].filter(({ content }) => content === VolumeContent.SECRET);
    return all.flatMap((volume) => variablesOf(volume).map(([variable]) => variable));
  }

  /** The command of the runner. */
  get command(): string[] {
    const { binary, portable } = this.facts;
    const [program, ...args] = this.blueprint.runner.command ?? portable?.command ?? [binary];
    return [program === binary && portable ? portable.path : program, ...args].map((word) => this.path(word));
  }

  /** Returns the environment variables of a container. */
  environment({ env = [] }: BlueprintContainer): Record<string, string> {
    return Object.fromEntries(env.map(({ name, value }) => [name, this.path(value ?? this.blueprint.name)]));
  }

  /** Returns a file of the blueprint with the paths of the machine. */
  file(name: string, text: string): string {
    if (name !== 'config.yaml') {
      return name === 'known_hosts' ? text : this.path(text);
    }
    const document = parseDocument(text, { version: '1.1' });
    for (const key of PATHS) {
      const value = document.getIn(key);
      if (typeof value === 'string') {
        document.setIn(
          key,
          value.replace(/^(file:\/\/)?(.*)$/s, (_, scheme = '', path) => scheme + this.path(path)),
        );
      }
    }
    return document.toString({ lineWidth: 0 });
  }

  /** Returns a text of the library with the paths of the machine. */
  path(text: string): string {
    if (this.moves.length === 0) {
      return text;
    }
    // All at once: what one path becomes may begin with another.
    const paths = this.moves.map(([from]) => literal(from)).join('|');
    const found = new RegExp(`(^|[\\s"'=:])(${paths})(?=$|[/\\s"':])`, 'gm');
    const moves = new Map(this.moves);
    return text.replace(found, (_, before: string, from: string) => `${before}${moves.get(from)}`);
  }

  private contentOf(volume: string): VolumeContent | undefined {
    const { secrets, volumes } = this.blueprint;
    return [...secrets, ...volumes].find(({ name }) => name === volume)?.content;
  }

  private moved({ volume: name, path, subPath }: BlueprintMount): [string, string][] {
    const { secrets, volumes, stores } = this.blueprint;
    const store = stores.find((one) => one.name === name);
    if (store) {
      return [[path, store.storage._host?.path ?? `${this.folders.state}/${name}`]];
    }
    const volume = [...secrets, ...volumes].find((one) => one.name === name)!;
    switch (volume.content) {
      case VolumeContent.FILES:
        // A single file is one that the machine has itself, such as /etc/passwd.
        return subPath === undefined ? [[path, this.folders.config]] : [];
      case VolumeContent.HOST_PATH:
        return [[path, volume.source!]];
      case VolumeContent.CONFIG_MAP:
        return [[path, `${this.folders.config}/certs/${volume.source}`]];
      case VolumeContent.SECRET:
        return variablesOf(volume).map(([variable, file]) => [`${path}/${file}`, `${CREDENTIALS}/${variable}`]);
      default:
        return [[path, `${this.folders.state}/${name}`]];
    }
  }
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function isHidden(path: string): boolean {
  return HIDDEN.some((hidden) => path === hidden || path.startsWith(`${hidden}/`));
}
