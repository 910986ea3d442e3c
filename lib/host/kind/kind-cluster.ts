import { Construct } from 'constructs';
import { stringify } from 'yaml';
import { Endpoint } from '../../registry';
import { constructed, handedOver, scriptText } from '../../support';
import { AUTHORITIES, LocalCluster } from '../local/local-cluster';
import { HostPort, ILocalCluster, LocalClusterProps } from '../local/local-cluster-props';

/** Directory of the files of containerd, on the machine and on the nodes. */
const CERTS = 'certs.d';

/**
 * A cluster of kind on a machine, whose nodes trust the private CAs of the registries, use their mirrors, and whose ports
 * lead to NodePorts: `kind.yml`, the files of containerd and `create.sh` in `host/<name>/` of the output.
 *
 * @see https://kind.sigs.k8s.io/docs/user/configuration/
 *
 * @example
 *
 * new KindCluster(app, 'local', { registries: [registry], ports: [{ host: 3000, node: 30080 }] });
 */
export class KindCluster extends Construct implements ILocalCluster {
  /** Name of the cluster, and of the directory below `host/`. */
  readonly name: string;

  /** Ports of the machine that lead to NodePorts. */
  readonly ports: HostPort[];

  /** Mirrors of Docker Hub in the cluster, at the ports of the machine that lead to their NodePorts. */
  readonly hubMirrors: Endpoint[];

  /**
   * @throws FORGE-HOST-014 for ports, registries or nodes that kind does not accept or that the nodes do not find; FORGE-TRUST-011 for a
   * CA bundle that is in a cluster
   */
  constructor(scope: Construct, id: string, props: LocalClusterProps = {}) {
    const made = constructed(KindCluster, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    const cluster = new LocalCluster(this, props, {
      program: 'kind',
      script: scriptText(__dirname, 'kind.sh'),
      again: "Run the script again after a change of the registries' files: containerd reads them at each pull.",
      // The name of a node is a label of at most 63 characters: <name>-control-plane.
      longestName: 63 - '-control-plane'.length,
    });
    this.name = cluster.name;
    this.ports = cluster.ports;
    this.hubMirrors = cluster.hubMirrors;
    const nodeFiles = filesOf(cluster);
    cluster.write(config(cluster, { image: props.image, hasHosts: Object.keys(nodeFiles).length > 0 }), nodeFiles);
  }

  /** Context of kubectl: `kind-<name>`. */
  get context(): string {
    return `kind-${this.name}`;
  }
}

/** Returns the files of containerd. */
function filesOf({ setup }: LocalCluster): Record<string, string> {
  const { hostsToml, certificateFiles } = setup.config;
  const hosts = Object.entries(hostsToml).map(([file, text]) => [`${CERTS}/${file}`, text]);
  const certificates = Object.entries(setup.certificates).map(([host, pem]) => [
    certificateFiles[host].replace('/etc/containerd/', ''),
    pem,
  ]);
  return Object.fromEntries([...hosts, ...certificates]);
}

function config(cluster: LocalCluster, of: { readonly image?: string; readonly hasHosts: boolean }): string {
  const { name, ports, listenAddress, workers } = cluster;
  const mounts = [
    ...(of.hasHosts ? [mount(CERTS, '/etc/containerd/certs.d')] : []),
    ...(cluster.hasAuthorities ? [mount(AUTHORITIES, '/usr/local/share/ca-certificates/cdk8s-forge')] : []),
  ];
  const mappings = ports.map(({ node, host }) => ({
    containerPort: node,
    hostPort: host,
    listenAddress,
    protocol: 'TCP',
  }));
  const common = {
    ...(of.image === undefined ? {} : { image: of.image }),
    ...(mounts.length > 0 ? { extraMounts: mounts } : {}),
  };
  const controlPlane = {
    role: 'control-plane',
    ...common,
    ...(mappings.length > 0 ? { extraPortMappings: mappings } : {}),
  };
  const text = {
    kind: 'Cluster',
    apiVersion: 'kind.x-k8s.io/v1alpha4',
    name,
    // NodePorts are at localhost of a node in this mode only.
    networking: { kubeProxyMode: 'iptables' },
    nodes: [controlPlane, ...Array.from({ length: workers }, () => ({ role: 'worker', ...common }))],
    ...(of.hasHosts ? { containerdConfigPatches: cluster.setup.config.kindContainerdConfigPatches } : {}),
  };
  return stringify(text, { lineWidth: 0, aliasDuplicateObjects: false });
}

function mount(hostPath: string, containerPath: string): Record<string, unknown> {
  return { hostPath, containerPath, readOnly: true };
}
