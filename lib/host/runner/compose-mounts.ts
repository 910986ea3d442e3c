import { StorageKind } from '../../kube';
import { BlueprintContainer, BlueprintMount, BlueprintVolume, RunnerBlueprint, VolumeContent } from '../../runner';
import { fileOf } from '../host-files';

/** A mount, in the long form of compose. */
export interface ComposeMount {
  readonly type: string;
  readonly source: string;
  readonly target: string;
  readonly read_only?: boolean;
  readonly bind?: { readonly create_host_path: boolean; readonly selinux: string };
}

/** A secret of a container. */
export interface ComposeSecret {
  readonly source: string;
  readonly target: string;
}

/** The secrets of a project, and of each container. */
export interface SecretsOf {
  readonly declared: Record<string, { readonly environment: string }>;
  of(container: BlueprintContainer): ComposeSecret[];
}

/** Returns the mounts of a container: files of the project, named volumes and directories of the machine. */
export function mountsOf(blueprint: RunnerBlueprint, { mounts = [] }: BlueprintContainer): ComposeMount[] {
  return mounts.flatMap((mount) => {
    const store = blueprint.stores.find(({ name }) => name === mount.volume);
    if (store) {
      const { kind, _host } = store.storage;
      return kind === StorageKind.HOST_PATH ? [fileMount(_host!.path, mount.path, mount)] : [volumeMount(mount)];
    }
    const volume = volumeNamed(blueprint, mount.volume);
    switch (volume?.content) {
      case VolumeContent.SECRET:
        return [];
      case VolumeContent.HOST_PATH:
        return [fileMount(volume.source!, mount.path, mount)];
      case VolumeContent.FILES:
      case VolumeContent.CONFIG_MAP:
        return fileMounts(blueprint, volume, mount);
      default:
        return [volumeMount(mount)];
    }
  });
}

/** Returns the secrets of the project. Each is the value of an environment variable of the operator. */
export function secretsOf({ secrets, volumes }: RunnerBlueprint): SecretsOf {
  const all = [...secrets, ...volumes].filter(({ content }) => content === VolumeContent.SECRET);
  const declared = all.flatMap(variablesOf).map(([variable]) => [secretName(variable), { environment: variable }]);
  return {
    declared: Object.fromEntries(declared),
    of: ({ mounts = [] }) =>
      mounts.flatMap(({ volume, path }) => {
        const found = all.find(({ name }) => name === volume);
        const variables = found ? variablesOf(found) : [];
        return variables.map(([variable, file]) => ({ source: secretName(variable), target: `${path}/${file}` }));
      }),
  };
}

/** An environment variable of the operator. */
export interface HostVariable {
  /** The name of the variable. */
  readonly name: string;
  /** The name of the file with its value. */
  readonly file: string;
}

/** Returns the variables of all volumes of secrets, each once. */
export function variablesIn(volumes: readonly BlueprintVolume[]): HostVariable[] {
  const all = volumes.filter(({ content }) => content === VolumeContent.SECRET).flatMap(variablesOf);
  return [...new Map(all)].map(([name, file]) => ({ name, file }));
}

/** Returns the variables of a volume of secrets, with the names of their files. */
export function variablesOf({ source = '', items, keys }: BlueprintVolume): [string, string][] {
  const files = items ? Object.values(items) : (keys ?? []);
  return source.split(' ').map((variable, i) => [variable, files[i]]);
}

function secretName(variable: string): string {
  return variable.toLowerCase().replace(/_/g, '-');
}

function volumeNamed({ secrets, volumes }: RunnerBlueprint, wanted: string): BlueprintVolume | undefined {
  return [...secrets, ...volumes].find(({ name }) => name === wanted);
}

function fileMounts(blueprint: RunnerBlueprint, volume: BlueprintVolume, mount: BlueprintMount): ComposeMount[] {
  const texts = volume.content === VolumeContent.FILES ? wholeFiles(blueprint) : (volume.texts ?? {});
  const source = (name: string) => `./${fileOf(volume, name)}`;
  return mount.subPath === undefined
    ? Object.keys(texts).map((name) => fileMount(source(name), `${mount.path}/${name}`, { readOnly: true }))
    : [fileMount(source(mount.subPath), mount.path, { readOnly: true })];
}

/** Returns the files that are not mounted at a place of their own. */
function wholeFiles({ files, setup, services, runner, secrets }: RunnerBlueprint): Record<string, string> {
  const volumes = secrets.filter(({ content }) => content === VolumeContent.FILES).map(({ name }) => name);
  const mounts = [...setup, ...services, runner].flatMap((container) => container.mounts ?? []);
  const placed = mounts.filter(({ volume }) => volumes.includes(volume)).map(({ subPath }) => subPath);
  return Object.fromEntries(Object.entries(files).filter(([name]) => !placed.includes(name)));
}

/** Returns a mount of a file or directory, which must exist: Docker would create a missing file as a directory. */
function fileMount(source: string, target: string, { readOnly }: { readonly readOnly?: boolean }): ComposeMount {
  return {
    type: 'bind',
    source,
    target,
    ...(readOnly ? { read_only: true } : {}),
    bind: { create_host_path: false, selinux: 'z' },
  };
}

/** Returns a mount of a whole volume: Docker does not create a directory inside of one. */
function volumeMount({ volume, path, readOnly }: BlueprintMount): ComposeMount {
  return {
    type: 'volume',
    source: volume,
    target: path,
    ...(readOnly ? { read_only: true } : {}),
  };
}
