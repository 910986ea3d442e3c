import { Construct } from 'constructs';
import { declaredClusterOf } from '../../kube';
import { ForgeError, quoted } from '../../support';
import { BlueprintMount, BlueprintVariable, BlueprintVolume, VolumeContent } from '../blueprint';
import { DockerEndpoint } from './docker-endpoint';

const CERTIFICATES = '/etc/docker-client';
const KEYS = ['ca.pem', 'cert.pem', 'key.pem'];

/** The parts of a pod that reach a Docker daemon elsewhere, beside `DOCKER_HOST`. */
export interface DockerClient {
  readonly env: BlueprintVariable[];
  readonly mounts: BlueprintMount[];
  readonly volumes: BlueprintVolume[];
  /** The groups that may use the socket of a daemon on the node. */
  readonly groups: number[];
  /** The URLs that a NetworkPolicy must let through. */
  readonly endpoints: string[];
  /** The nodes that have the daemon. */
  readonly nodeSelector?: Record<string, string>;
}

/** The parts of a pod without a Docker daemon. */
export const NO_DOCKER: DockerClient = { env: [], mounts: [], volumes: [], groups: [], endpoints: [] };

/**
 * Returns the parts of a pod that reach a Docker daemon: its certificates, or the socket of the node's daemon.
 *
 * @throws FORGE-RUN-055 for a daemon of another cluster
 */
export function dockerClient(endpoint: DockerEndpoint, construct: Construct): DockerClient {
  const node = endpoint._node;
  if (node !== undefined) {
    assertSameCluster(node.construct, construct);
    return {
      env: [],
      // At the path of the node: job containers mount the socket from the daemon's file system.
      mounts: [{ volume: 'node-docker', path: node.directory }],
      volumes: [{ name: 'node-docker', content: VolumeContent.HOST_PATH, source: node.directory, mustExist: true }],
      groups: [node.group],
      endpoints: [],
      nodeSelector: node.nodeSelector,
    };
  }
  const secretName = endpoint.credentials?.provide(construct, {
    purpose: `jobs run on the Docker daemon at ${endpoint.url}: the client's certificate`,
    type: 'Opaque',
    keys: KEYS,
  });
  if (secretName === undefined) {
    return { ...NO_DOCKER, endpoints: [endpoint.url] };
  }
  return {
    ...NO_DOCKER,
    env: [
      { name: 'DOCKER_TLS_VERIFY', value: '1' },
      { name: 'DOCKER_CERT_PATH', value: CERTIFICATES },
    ],
    mounts: [{ volume: 'docker-client', path: CERTIFICATES, readOnly: true }],
    volumes: [{ name: 'docker-client', content: VolumeContent.SECRET, source: secretName, keys: KEYS, mode: 0o440 }],
    endpoints: [endpoint.url],
  };
}

function assertSameCluster(daemon: Construct, client: Construct): void {
  const [here, there] = [declaredClusterOf(daemon), declaredClusterOf(client)];
  if (here === undefined || there === undefined || here === there) {
    return;
  }
  throw ForgeError.at(client, {
    code: 'FORGE-RUN-055',
    message: `the runner is in cluster ${quoted(there)}, the Docker daemon ${quoted(daemon.node.path)} of the nodes in cluster ${quoted(here)}`,
    fix: 'create a PrivilegedDockerDaemon in the cluster of the runner, or use DockerEndpoint.tls(…)',
    symptom: 'hostPath type check failed: is not a directory',
  });
}
