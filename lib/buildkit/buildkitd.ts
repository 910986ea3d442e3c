import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import type { StatefulSetSpec } from 'kubernetes-types/apps/v1';
import type { Container, PodSpec } from 'kubernetes-types/core/v1';
import { Layer, quantity, Storage } from '../kube';
import { Registry } from '../registry';
import { fingerprint, namespaceOf, objectName } from '../support';
import { buildkitdToml } from './buildkitd-config';

const VERSION = '0.32.2';
const PORT = 1234;
const CONFIG_FOLDER = '/home/user/.config/buildkit';
const ROOT = '/home/user/.local/share/buildkit';
const SOCKET = 'unix:///run/user/1000/buildkit/buildkitd.sock';

/**
 * A BuildKit daemon in the cluster.
 */
export interface BuildkitdProps {
  /** The registries that builds pull from and push to; the daemon is told how to talk to each. */
  readonly registries: Registry[];

  /** Where layers and caches are kept. */
  readonly storage: Storage;
}

/**
 * buildkitd, rootless: builds images for the jobs that are sent to it, without a Docker daemon.
 *
 * Its namespace must carry `pod-security.kubernetes.io/enforce: privileged`: the pod is not privileged, but it runs with seccomp
 * and AppArmor unconfined, which the lower levels refuse.
 *
 * @see https://github.com/moby/buildkit/blob/master/docs/rootless.md
 *
 * @example
 *
 * new Buildkitd(chart, 'buildkitd', { registries: [registry], storage: Storage.persistent(Size.gibibytes(50)) });
 */
export class Buildkitd extends Construct {
  /** Name of the StatefulSet and of the Service. */
  readonly name: string;

  /** The image of the daemon, without the suffix for rootless: it holds `buildctl` too. */
  readonly clientImage: string;

  private readonly props: BuildkitdProps;

  constructor(scope: Construct, id: string, props: BuildkitdProps) {
    super(scope, id);
    this.props = { ...props, registries: [...props.registries] };
    this.name = objectName(this);
    this.clientImage = `moby/buildkit:v${VERSION}`;
    Layer.PLATFORM.mark(this);
    const toml = buildkitdToml({
      rootDirectory: ROOT,
      addresses: [SOCKET, `tcp://0.0.0.0:${PORT}`],
      registries: this.props.registries,
      volume: props.storage.size,
    });
    new ApiObject(this, 'Config', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `${this.name}-config` }, data: { 'buildkitd.toml': toml } });
    new ApiObject(this, 'Service', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: this.name },
      spec: { selector: this.labels, ports: [{ name: 'grpc', port: PORT, targetPort: 'grpc' }] },
    });
    new ApiObject(this, 'Resource', { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: this.name, labels: this.labels }, spec: this.spec(fingerprint(toml)) });
  }

  /** What `BUILDKIT_HOST` must hold for a client in the cluster. */
  get address(): string {
    return `tcp://${this.name}.${namespaceOf(this)}.svc.cluster.local:${PORT}`;
  }

  /** Labels that select its pods. */
  get labels(): Record<string, string> {
    return { 'app.kubernetes.io/name': 'buildkitd', 'app.kubernetes.io/instance': this.name };
  }

  private spec(configHash: string): StatefulSetSpec {
    const { storage } = this.props;
    return {
      replicas: 1,
      serviceName: this.name,
      selector: { matchLabels: this.labels },
      template: {
        metadata: {
          labels: this.labels,
          annotations: { 'cdk8s-forge/config-hash': configHash, 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' },
        },
        spec: this.pod(),
      },
      volumeClaimTemplates: [{
        metadata: { name: 'root' },
        spec: {
          accessModes: ['ReadWriteOnce'],
          resources: { requests: { storage: quantity(storage.size) } },
          ...(storage.storageClassName ? { storageClassName: storage.storageClassName } : {}),
        },
      }],
    };
  }

  private pod(): PodSpec {
    return {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000, fsGroupChangePolicy: 'OnRootMismatch' },
      terminationGracePeriodSeconds: 600,
      containers: [this.container()],
      volumes: [{ name: 'config', configMap: { name: `${this.name}-config` } }],
    };
  }

  private container(): Container {
    const probe = { exec: { command: ['buildctl', 'debug', 'workers'] }, timeoutSeconds: 30 };
    return {
      name: 'buildkitd',
      image: `${this.clientImage}-rootless`,
      args: ['--config', `${CONFIG_FOLDER}/buildkitd.toml`],
      ports: [{ name: 'grpc', containerPort: PORT }],
      securityContext: { seccompProfile: { type: 'Unconfined' }, appArmorProfile: { type: 'Unconfined' } },
      startupProbe: { ...probe, periodSeconds: 5, failureThreshold: 60 },
      readinessProbe: { ...probe, periodSeconds: 30 },
      livenessProbe: { ...probe, periodSeconds: 30, failureThreshold: 10 },
      resources: { requests: { cpu: '500m', memory: '1Gi' }, limits: { memory: '4Gi' } },
      volumeMounts: [
        { name: 'config', mountPath: CONFIG_FOLDER, readOnly: true },
        { name: 'root', mountPath: ROOT },
      ],
    };
  }
}
