import type { Volume } from 'kubernetes-types/core/v1';
import { DNS_LABEL, hasControlCharacter, quoted } from '../../support';
import { HostPathType } from '../storage-props';
import { Storage, StorageKind } from '../storage';
import { storageVolume } from '../volume';
import { checkedName } from './pod-variable';
import { IPodSecret, PodSite } from './pod-secret';
import { refused } from './refused';

/** The files of a volume. */
export interface VolumeFilesProps {
  /**
   * The files of the volume, by key of the Secret or ConfigMap: `{ 'ca.crt': 'certs/ca.crt' }`.
   *
   * @default - a file for each key, named as the key
   */
  readonly items?: Record<string, string>;

  /**
   * The permissions of the files, for example `0o440`.
   *
   * @default - 0o644
   */
  readonly mode?: number;
}

/**
 * A volume of a pod. Mount it with `mounts`: the pod then has the volume.
 *
 * @example
 *
 * PodVolume.configMap('gitconfig', 'gitconfig');
 */
export class PodVolume {
  /**
   * Returns a volume of storage: an emptyDir, an existing claim, or a directory of one node.
   *
   * @param name the name of the volume in the pod
   * @param storage the storage; no claim is created for it
   * @throws FORGE-KUBE-023 for `Storage.persistent`, or a name that Kubernetes rejects
   */
  static storage(name: string, storage: Storage): PodVolume {
    if (storage.kind === StorageKind.PERSISTENT) {
      throw refused(
        `volume ${quoted(name)} is Storage.persistent, but no claim is created for a volume of your own`,
        'use Storage.existingClaim(…) with a claim that exists',
      );
    }
    return new PodVolume(name, () => storageVolume(name, storage), storage);
  }

  /**
   * Returns a volume with the files of a Secret.
   *
   * @param name the name of the volume in the pod
   * @param source the Secret
   * @param props the files
   * @throws FORGE-KUBE-023 for a name that Kubernetes rejects
   */
  static secret(name: string, source: IPodSecret, props: VolumeFilesProps = {}): PodVolume {
    return new PodVolume(name, (site) => {
      const keys = Object.keys(props.items ?? {});
      const purpose = `files of ${site.name}`;
      const secretName = source.provideTo(site.construct, { purpose, type: 'Opaque', keys });
      return { name, secret: { secretName, ...files(props, (key) => source.keyOf(key)) } };
    });
  }

  /**
   * Returns a volume with the files of a ConfigMap.
   *
   * @param name the name of the volume in the pod
   * @param configMap the name of the ConfigMap, in the namespace of the workload
   * @param props the files
   * @throws FORGE-KUBE-023 for a name that Kubernetes rejects
   */
  static configMap(name: string, configMap: string, props: VolumeFilesProps = {}): PodVolume {
    checkedName('ConfigMap', configMap);
    return new PodVolume(name, () => ({ name, configMap: { name: configMap, ...files(props, (key) => key) } }));
  }

  /**
   * Returns a directory, file or socket of the node on which the pod runs, whichever node that is. The pod needs the Pod
   * Security level `privileged`. `Storage.hostPath` is for a directory of one node.
   *
   * @param name the name of the volume in the pod
   * @param path the absolute path on the node
   * @param type the form that the kubelet expects
   * @throws FORGE-KUBE-023 for a path that is not absolute
   */
  static hostPath(name: string, path: string, type: HostPathType = HostPathType.DIRECTORY): PodVolume {
    checkedPath(path);
    return new PodVolume(name, () => ({ name, hostPath: { path, type } }));
  }

  /**
   * Returns a volume with a token of the pod's service account for one audience, in the file `token`.
   *
   * @param name the name of the volume in the pod
   * @param audience the recipient of the token, for example `vault`
   * @throws FORGE-KUBE-023 for a name that Kubernetes rejects
   */
  static serviceAccountToken(name: string, audience: string): PodVolume {
    const source = { serviceAccountToken: { audience, expirationSeconds: 3600, path: 'token' } };
    return new PodVolume(name, () => ({ name, projected: { sources: [source] } }));
  }

  /**
   * Returns a volume of a CSI driver that lives as long as the pod, for example of the Secrets Store.
   *
   * @param name the name of the volume in the pod
   * @param driver the name of the driver
   * @param attributes the settings that the driver reads
   * @throws FORGE-KUBE-023 for a name that Kubernetes rejects
   */
  static csi(name: string, driver: string, attributes: Record<string, string> = {}): PodVolume {
    checkedName('CSI driver', driver);
    const volumeAttributes = { ...attributes };
    const given = Object.keys(volumeAttributes).length > 0 ? { volumeAttributes } : {};
    return new PodVolume(name, () => ({ name, csi: { driver, readOnly: true, ...given } }));
  }

  /**
   * Returns a directory of an NFS server. The pod needs the Pod Security level `baseline`.
   *
   * @param name the name of the volume in the pod
   * @param server the host name or address of the server
   * @param path the exported directory
   * @throws FORGE-KUBE-023 for a path that is not absolute
   */
  static nfs(name: string, server: string, path: string): PodVolume {
    checkedPath(path);
    return new PodVolume(name, () => ({ name, nfs: { server, path } }));
  }

  /**
   * The storage of the volume.
   *
   * @internal
   */
  readonly _storage?: Storage;

  private constructor(
    /** The name of the volume in the pod. */
    readonly name: string,
    private readonly render: (site: PodSite) => Volume,
    storage?: Storage,
  ) {
    if (!DNS_LABEL.test(name)) {
      throw refused(`${quoted(name)} is not the name of a volume`, 'use a-z, 0-9 and "-", at most 63 characters');
    }
    this._storage = storage;
  }

  /** @internal */
  _render(site: PodSite): Volume {
    return this.render(site);
  }
}

function files({ items, mode }: VolumeFilesProps, keyOf: (key: string) => string) {
  return {
    ...(items ? { items: Object.entries(items).map(([key, path]) => ({ key: keyOf(key), path })) } : {}),
    ...(mode === undefined ? {} : { defaultMode: mode }),
  };
}

function checkedPath(path: string): void {
  if (!path.startsWith('/') || path.split('/').includes('..') || hasControlCharacter(path)) {
    throw refused(
      `${quoted(path)} is not an absolute path of one line`,
      'start it with "/", and leave out ".." and control characters',
    );
  }
}
