import { Size } from 'cdk8s';
import { Construct } from 'constructs';
import { Storage } from '../../kube';
import { DaemonJson, DaemonJsonProps } from '../../registry';
import { advise, Problems, quoted } from '../../support';
import { BlueprintMount, BlueprintVolume, FILES_VOLUME, volumeOf } from '../blueprint';
import { daemonAdvice } from '../runner-part';

/** The default storage for image layers. */
export const DEFAULT_LAYERS = Storage.persistent(Size.gibibytes(20));

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
export function daemonFiles(construct: Construct, daemon: DaemonJsonProps = {}, folder: string): DaemonFiles {
  const file = new DaemonJson(withDriver(daemon));
  const hosts = file._hosts.filter(({ caBundle }) => caBundle !== undefined);
  advise(construct, () => daemonAdvice(construct, daemon.registries ?? []));
  const volumes = new Map(hosts.map(({ caBundle }) => [caBundle!._volumeName, caBundle!._volume(construct).volume]));
  return {
    json: file.render(),
    endpoints: (daemon.registries ?? []).flatMap(({ push, pull }) => [push.url, pull.url]),
    volumes: [...volumes.values()].map(volumeOf),
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
export function checkDaemon(daemon: DaemonJsonProps = {}, problems: Problems): void {
  problems.collect(() => {
    new DaemonJson(withDriver(daemon));
  });
  if (daemon.dataRoot === undefined) {
    return;
  }
  problems.add({
    code: 'FORGE-RUN-018',
    message: `daemon.dataRoot is ${quoted(daemon.dataRoot)}, but the executor decides where the data root is`,
    fix: 'leave it out, and say in layers what it is kept on',
  });
}

function withDriver(daemon: DaemonJsonProps): DaemonJsonProps {
  const containerdSnapshotter = daemon.containerdSnapshotter ?? true;
  // The driver has another name in containerd's store; with the wrong one the daemon does not start.
  return {
    ...daemon,
    containerdSnapshotter,
    storageDriver: daemon.storageDriver ?? (containerdSnapshotter ? 'overlayfs' : 'overlay2'),
  };
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
