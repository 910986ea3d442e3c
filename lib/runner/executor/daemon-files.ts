import { Size } from 'cdk8s';
import { Construct } from 'constructs';
import { Storage } from '../../kube';
import { DaemonJson, DaemonJsonProps, Zone } from '../../registry';
import { advise, isOutside, Problems, quoted } from '../../support';
import { BlueprintMount, BlueprintVolume, caVolumeOf, FILES_VOLUME } from '../blueprint';
import { daemonAdvice } from '../runner-part';

/** The default storage for image layers. */
export const DEFAULT_LAYERS = Storage.persistent(Size.gibibytes(20));

/** The first version of Docker with containerd's image store. */
const FIRST_WITH_STORE = 24;

/** The settings of a Docker daemon, and its image if it is not the default one. */
export interface DaemonSettings {
  readonly props?: DaemonJsonProps;
  readonly image?: string;
}

/** A `daemon.json` file and the CAs of its registries, as parts of the Docker daemon's container. */
export interface DaemonFiles {
  readonly json: string;
  /** The URLs of its registries. */
  readonly endpoints: string[];
  readonly volumes: BlueprintVolume[];
  readonly mounts: BlueprintMount[];
}

/**
 * Returns the configuration files of the Docker daemon, mounted below its configuration directory. The storage driver
 * and the image store are always set. Otherwise, if the data root has an unsupported file system, the Docker daemon
 * falls back to vfs, which copies every image layer.
 */
export function daemonFiles(construct: Construct, daemon: DaemonSettings, folder: string): DaemonFiles {
  const file = new DaemonJson(withDriver(daemon));
  const hosts = file._hosts.filter(({ caBundle }) => caBundle !== undefined);
  const { registries = [] } = daemon.props ?? {};
  const zone = isOutside(construct) ? Zone.HOST : Zone.POD;
  advise(construct, () => daemonAdvice(construct, registries));
  const volumes = new Map(hosts.map(({ caBundle }) => [caBundle!._volumeName, caVolumeOf(caBundle!, construct)]));
  return {
    json: rendered(file._toJson(zone), hasImageStore(daemon)),
    endpoints: [...registries.flatMap(({ push, pull }) => [push, pull]), ...file._mirrors(zone)].map(({ url }) => url),
    volumes: [...volumes.values()],
    mounts: [
      { volume: FILES_VOLUME, path: `${folder}/daemon.json`, subPath: 'daemon.json', readOnly: true },
      ...hosts.map(({ host, caBundle }) => ({
        volume: caBundle!._volumeName,
        path: `${folder}/${file.certificateFiles[host]}`,
        subPath: 'ca.crt',
        readOnly: true,
      })),
    ],
  };
}

/** Reports settings that the Docker daemon would reject. */
export function checkDaemon(daemon: DaemonSettings, problems: Problems): void {
  problems.collect(() => {
    new DaemonJson(withDriver(daemon));
  });
  const { dataRoot, containerdSnapshotter } = daemon.props ?? {};
  if (containerdSnapshotter === true && !hasImageStore(daemon)) {
    problems.add({
      code: 'FORGE-RUN-018',
      message: `daemon.containerdSnapshotter is true, but ${quoted(daemon.image)} has no image store of containerd`,
      allowed: `Docker ${FIRST_WITH_STORE} or newer`,
      fix: 'remove containerdSnapshotter, or set daemonImage to a newer version',
      symptom: 'failed to start daemon: error initializing graphdriver: driver not supported',
    });
  }
  if (dataRoot === undefined) {
    return;
  }
  problems.add({
    code: 'FORGE-RUN-018',
    message: `daemon.dataRoot is ${quoted(dataRoot)}, but the executor decides where the data root is`,
    fix: 'leave it out, and say in layers what it is kept on',
  });
}

/** Returns the settings with the storage driver. A version without containerd's image store knows no setting for it. */
function withDriver(settings: DaemonSettings): DaemonJsonProps {
  const { props: daemon = {} } = settings;
  const containerdSnapshotter = hasImageStore(settings) ? (daemon.containerdSnapshotter ?? true) : undefined;
  // The driver has another name in containerd's store; with the wrong one the daemon does not start.
  return {
    ...daemon,
    containerdSnapshotter,
    storageDriver: daemon.storageDriver ?? (containerdSnapshotter ? 'overlayfs' : 'overlay2'),
  };
}

/** Returns the file. An option that came with the image store keeps an older daemon from starting. */
function rendered(settings: Record<string, unknown>, withImageStore: boolean): string {
  const known = Object.entries(settings).filter(([key]) => withImageStore || key !== 'default-network-opts');
  return JSON.stringify(Object.fromEntries(known), null, 2) + '\n';
}

function hasImageStore({ image = '' }: DaemonSettings): boolean {
  const [, major] = /:(\d+)(?:\.[^/]*)?$/.exec(image) ?? [];
  return major === undefined || Number(major) >= FIRST_WITH_STORE;
}

/** Reports a data root that does not support overlay mounts. */
export function checkLayers(layers: Storage, problems: Problems): void {
  if (!layers.isNfs) {
    return;
  }
  problems.add({
    code: 'FORGE-RUN-012',
    message: `the layers are on storage class ${quoted(layers.storageClassName)}, a network file system by its name`,
    allowed: 'a class with a local or block file system: local-path, longhorn, ceph-rbd, a cloud disk',
    fix: 'give layers another class; the small state may stay where it is',
    symptom: 'failed to mount overlay: invalid argument; or: operation not supported',
  });
}
