import { Size } from 'cdk8s';
import { Construct } from 'constructs';
import type { Volume, VolumeMount } from 'kubernetes-types/core/v1';
import { Storage } from '../../kube';
import { DaemonJson, DaemonJsonProps } from '../../registry';
import { advise, Problems, quoted } from '../../support';
import { daemonAdvice } from '../runner-part';

/** What layers are kept on if nothing is said. */
export const DEFAULT_LAYERS = Storage.persistent(Size.gibibytes(20));

/** daemon.json and the authorities of the registries in it, as parts of the daemon's container. */
export interface DaemonFiles {
  readonly json: string;
  readonly volumes: Volume[];
  readonly mounts: VolumeMount[];
}

/**
 * What the daemon reads, mounted below the folder that it looks in. Storage driver and image store are always stated: left to itself,
 * the daemon falls back to vfs, which copies every layer, when its data root is of the wrong kind.
 */
export function daemonFiles(construct: Construct, daemon: DaemonJsonProps = {}, folder: string): DaemonFiles {
  const file = new DaemonJson(withDriver(daemon));
  const hosts = file._hosts.filter(({ caBundle }) => caBundle !== undefined);
  advise(construct, () => daemonAdvice(construct, daemon.registries ?? []));
  const volumes = new Map(hosts.map(({ caBundle }) => [caBundle!._volumeName, caBundle!._volume(construct).volume]));
  return {
    json: file.render(),
    volumes: [...volumes.values()],
    mounts: [
      { name: 'config', mountPath: `${folder}/daemon.json`, subPath: 'daemon.json', readOnly: true },
      ...hosts.map(({ host, caBundle }) => ({
        name: caBundle!._volumeName,
        mountPath: `${folder}/${file.certificateFiles[host]}`,
        subPath: 'ca.crt',
        readOnly: true,
      })),
    ],
  };
}

/** Notes what the daemon would not take. */
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

/** Notes a data root that overlay mounts do not work on. */
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
