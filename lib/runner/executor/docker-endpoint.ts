import { Construct } from 'constructs';
import { PodGroup } from '../../kube';
import { SecretSource } from '../../secret';
import { ForgeError, quoted } from '../../support';

/**
 * A Docker daemon on each node, as its clients see it.
 *
 * @jsii ignore
 */
export interface NodeDocker {
  readonly construct: Construct;
  /** The directory of the socket on the node. */
  readonly directory: string;
  /** The ID of the group that may use the socket. */
  readonly group: number;
  /** The pods of the daemon, from which connections of jobs come. */
  readonly pods: PodGroup;
  /** The labels of the nodes that have the daemon. */
  readonly nodeSelector: Record<string, string>;
}

/**
 * An endpoint that a Docker daemon listens on.
 *
 * @example
 *
 * DockerEndpoint.tls('docker.example.com', 2376, SecretSource.existing('docker-client'));
 */
export class DockerEndpoint {
  /**
   * Creates an endpoint with mutual TLS.
   *
   * @param host name or address, as the daemon's certificate names it
   * @param port 2376 by convention
   * @param credentials a Secret with the keys `ca.pem`, `cert.pem` and `key.pem`
   * @throws FORGE-RUN-017 if host or port is not one
   */
  static tls(host: string, port: number, credentials: SecretSource): DockerEndpoint {
    return new DockerEndpoint(checkedHost(host), checkedPort(port), { credentials });
  }

  /**
   * Creates an endpoint without TLS and without a password. Anyone who reaches the port is root on the Docker daemon's
   * machine. Use this endpoint only for a single machine and its own network.
   *
   * @param host name or address
   * @param port 2375 by convention
   * @throws FORGE-RUN-017 if host or port is not one
   */
  static plaintext(host: string, port: number): DockerEndpoint {
    return new DockerEndpoint(checkedHost(host), checkedPort(port));
  }

  /** @internal */
  static _onNode(node: NodeDocker): DockerEndpoint {
    return new DockerEndpoint('localhost', 0, { node });
  }

  /** The Secret with the client certificate; undefined without TLS. */
  readonly credentials?: SecretSource;

  /** @internal */
  readonly _node?: NodeDocker;

  private constructor(
    /** The host name or IP address; `localhost` for a daemon of the node. */
    readonly host: string,
    /** TCP port; 0 for a daemon of the node, which has a socket. */
    readonly port: number,
    { credentials, node }: { credentials?: SecretSource; node?: NodeDocker } = {},
  ) {
    this.credentials = credentials;
    this._node = node;
  }

  /** The endpoint in the format of `DOCKER_HOST`. */
  get url(): string {
    return this._node ? `unix://${this._node.directory}/docker.sock` : `tcp://${this.host}:${this.port}`;
  }
}

function checkedHost(host: string): string {
  if (/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(host)) {
    return host;
  }
  throw bad(`${quoted(host)} is not the host of a Docker daemon`, 'a name or an address, without scheme and port');
}

function checkedPort(port: number): number {
  if (Number.isInteger(port) && port > 0 && port < 65536) {
    return port;
  }
  throw bad(`${quoted(port)} is not a port`, '1 to 65535');
}

function bad(message: string, allowed: string): ForgeError {
  return ForgeError.of({
    code: 'FORGE-RUN-017',
    message,
    allowed,
    fix: "write e.g. DockerEndpoint.tls('docker.example.com', 2376, …)",
  });
}
