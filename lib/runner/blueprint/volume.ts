import type { Volume } from 'kubernetes-types/core/v1';
import { Size } from 'cdk8s';
import { Construct } from 'constructs';
import { Storage } from '../../kube';
import { CaBundle } from '../../trust';

/** The content of a volume. */
export enum VolumeContent {
  /** An empty directory, deleted with the instance. */
  EMPTY = 'empty',
  /** The files of the blueprint. */
  FILES = 'files',
  /** Keys of a Secret. */
  SECRET = 'secret',
  /** Keys of a ConfigMap that exists beside the runner. */
  CONFIG_MAP = 'config-map',
  /** A directory of the node. */
  HOST_PATH = 'host-path',
}

/** A volume of a runner that is not storage. */
export interface BlueprintVolume {
  /** The name of the volume, for mounts. */
  readonly name: string;

  /** The content of the volume. */
  readonly content: VolumeContent;

  /** The name of the Secret or ConfigMap, or the path of the directory of the node. @default - none */
  readonly source?: string;

  /** The files of the volume, by key of the Secret or ConfigMap. @default - all keys */
  readonly items?: Record<string, string>;

  /** Reports whether the directory of the node must exist before the instance starts. @default - the node creates it */
  readonly mustExist?: boolean;

  /** The permissions of the files, for example `0o440`. @default - those of the platform */
  readonly mode?: number;

  /** The keys of the Secret that the files are, if there are no `items`. @default - those of `items` */
  readonly keys?: string[];

  /** The texts of the files, by name, if they are known. A machine outside the cluster gets them. @default - unknown */
  readonly texts?: Record<string, string>;

  /** The size of an empty directory in memory. @default - on disk, without a limit */
  readonly memory?: Size;
}

/** Storage of a runner. The runner's life decides how long the storage is kept. */
export interface BlueprintStore {
  /** The name of the volume, for mounts. */
  readonly name: string;

  /** The storage. */
  readonly storage: Storage;
}

/** Returns the volume with the certificates of a bundle. */
export function caVolumeOf(bundle: CaBundle, construct: Construct): BlueprintVolume {
  const { volume, file } = bundle._volume(construct);
  return { ...volumeOf(volume), ...(bundle.pem === undefined ? {} : { texts: { [file]: bundle.pem } }) };
}

/**
 * Returns the volume that another module describes in the form of Kubernetes: a Secret, a ConfigMap or an empty
 * directory.
 */
export function volumeOf({ name, secret, configMap }: Volume): BlueprintVolume {
  const from = secret ?? configMap;
  if (from === undefined) {
    return { name, content: VolumeContent.EMPTY };
  }
  return {
    name,
    content: secret ? VolumeContent.SECRET : VolumeContent.CONFIG_MAP,
    source: secret ? secret.secretName : configMap?.name,
    ...(from.items ? { items: Object.fromEntries(from.items.map(({ key, path }) => [key, path])) } : {}),
    ...(from.defaultMode === undefined ? {} : { mode: from.defaultMode }),
  };
}
