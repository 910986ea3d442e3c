import * as net from 'node:net';
import { Construct } from 'constructs';
import { stringify } from 'yaml';
import { Endpoint } from '../../registry';
import { constructed, handedOver, scriptText } from '../../support';
import { AUTHORITIES, LocalCluster } from '../local/local-cluster';
import { HostPort, ILocalCluster, LocalClusterProps } from '../local/local-cluster-props';
import { CERTS, certificateFiles, NODE_CERTS } from './k3s-files';

/**
 * A cluster of K3s in containers of a machine, which k3d creates. Its nodes trust the private CAs of the registries, use their mirrors, and its
 * ports lead to NodePorts: `k3d.yml`, the certificates and `create.sh` in `host/<name>/` of the output.
 *
 * @see https://k3d.io/stable/usage/configfile/
 *
 * @example
 *
 * new K3dCluster(app, 'local', { registries: [registry], ports: [{ host: 3000, node: 30080 }] });
 */
export class K3dCluster extends Construct implements ILocalCluster {
  /** Name of the cluster, and of the directory below `host/`. */
  readonly name: string;

  /** Ports of the machine that lead to NodePorts. */
  readonly ports: HostPort[];

  /** Mirrors of Docker Hub in the cluster, at the ports of the machine that lead to their NodePorts. */
  readonly hubMirrors: Endpoint[];

  /**
   * @throws FORGE-HOST-014 for a name, ports, registries or nodes that k3d does not accept or that the nodes do not find; FORGE-TRUST-011
   * for a CA bundle that is in a cluster
   */
  constructor(scope: Construct, id: string, props: LocalClusterProps = {}) {
    const made = constructed(K3dCluster, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    const cluster = new LocalCluster(this, props, {
      program: 'k3d',
      script: scriptText(__dirname, 'k3d.sh'),
      again: 'K3s reads all files when k3d creates the cluster.',
      longestName: 32,
    });
    this.name = cluster.name;
    this.ports = cluster.ports;
    this.hubMirrors = cluster.hubMirrors;
    cluster.write(config(cluster, props.image), certificateFiles(cluster.setup));
  }

  /** Context of kubectl: `k3d-<name>`. */
  get context(): string {
    return `k3d-${this.name}`;
  }
}

function config(cluster: LocalCluster, image: string | undefined): string {
  const { name, ports, listenAddress, workers, setup } = cluster;
  const address = net.isIPv6(listenAddress) ? `[${listenAddress}]` : listenAddress;
  // k3d replaces ${PWD}, which create.sh sets. Docker mounts absolute paths only.
  const volumes = [
    ...(Object.keys(setup.certificates).length > 0 ? [`\${PWD}/${CERTS}:${NODE_CERTS}:ro`] : []),
    ...Object.keys(setup.authorities).map(
      (authority) => `\${PWD}/${AUTHORITIES}/${authority}.crt:/etc/ssl/certs/cdk8s-forge-${authority}.crt:ro`,
    ),
  ].map((volume) => ({ volume, nodeFilters: ['server:*', 'agent:*'] }));
  const mappings = ports.map(({ host, node }) => ({ port: `${address}:${host}:${node}`, nodeFilters: ['server:0'] }));
  const text = {
    apiVersion: 'k3d.io/v1alpha5',
    kind: 'Simple',
    metadata: { name },
    servers: 1,
    agents: workers,
    ...(image === undefined ? {} : { image }),
    ...(volumes.length > 0 ? { volumes } : {}),
    ...(mappings.length > 0 ? { ports: mappings } : {}),
    ...(setup.hasRegistries ? { registries: { config: setup.config.k3sRegistriesYaml } } : {}),
  };
  return stringify(text, { lineWidth: 0, aliasDuplicateObjects: false });
}
