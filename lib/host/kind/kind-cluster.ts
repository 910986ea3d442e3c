import { Construct } from 'constructs';
import { stringify } from 'yaml';
import { NodeConfig, Registry } from '../../registry';
import {
  advise,
  Advice,
  command,
  constructed,
  handedOver,
  markOutside,
  Problem,
  Problems,
  quoted,
  scriptText,
  shellWord,
  succeeds,
} from '../../support';
import { HostFiles } from '../host-files';
import { hostName } from '../host-name';
import { HostPort, KindClusterProps } from './kind-cluster-props';
import { addNodeFiles, CERTS, NodeFiles, SYSTEM } from './node-files';
import { portFaults, portsOf } from './ports';

const CODE = 'FORGE-HOST-014';

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
export class KindCluster extends Construct {
  /** Name of the cluster, and of the directory below `host/`. The context of kubectl is `kind-<name>`. */
  readonly name: string;

  /** Ports of the machine that lead to NodePorts. */
  readonly ports: HostPort[];

  private readonly registries: Registry[];

  /**
   * @throws FORGE-HOST-014 for ports, registries or nodes that kind does not accept or that the nodes do not find; FORGE-TRUST-011 for a
   * CA bundle that is in a cluster
   */
  constructor(scope: Construct, id: string, props: KindClusterProps = {}) {
    const made = constructed(KindCluster, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    markOutside(this);
    this.name = hostName(this);
    this.ports = portsOf(props);
    this.registries = [...(props.registries ?? [])];
    const problems = new Problems(this.node.path);
    [...portFaults(props, this.ports), ...nodeFaults(props)].forEach((fault) => problems.add({ code: CODE, ...fault }));
    problems.throwIfAny();
    const files = new HostFiles(this, this.name);
    const nodeFiles = addNodeFiles(this, files, this.registries);
    files.add('kind.yml', this.config(props, nodeFiles));
    files.add('create.sh', this.script(nodeFiles), { executable: true });
    advise(this, () => this.advice());
  }

  private config(props: KindClusterProps, { hasHosts, hasAuthorities }: NodeFiles): string {
    const { image, listenAddress = '127.0.0.1', workers = 0 } = props;
    const mounts = [
      ...(hasHosts ? [mount(CERTS, '/etc/containerd/certs.d')] : []),
      ...(hasAuthorities ? [mount(SYSTEM, '/usr/local/share/ca-certificates/cdk8s-forge')] : []),
    ];
    const node = (role: string, ports: readonly HostPort[]) => ({
      role,
      ...(image === undefined ? {} : { image }),
      ...(mounts.length > 0 ? { extraMounts: mounts } : {}),
      ...(ports.length > 0
        ? {
            extraPortMappings: ports.map((port) => ({
              containerPort: port.node,
              hostPort: port.host,
              listenAddress,
              protocol: 'TCP',
            })),
          }
        : {}),
    });
    const config = {
      kind: 'Cluster',
      apiVersion: 'kind.x-k8s.io/v1alpha4',
      name: this.name,
      // NodePorts are at localhost of a node in this mode only.
      networking: { kubeProxyMode: 'iptables' },
      nodes: [node('control-plane', this.ports), ...Array.from({ length: workers }, () => node('worker', []))],
      ...(hasHosts ? { containerdConfigPatches: new NodeConfig(this.registries).kindContainerdConfigPatches } : {}),
    };
    return stringify(config, { lineWidth: 0, aliasDuplicateObjects: false });
  }

  private script({ hasAuthorities }: NodeFiles): string {
    return [
      '#!/usr/bin/env bash',
      'set -euo pipefail',
      `NAME=${shellWord(this.name)} AUTHORITIES=${hasAuthorities ? 'yes' : ''}`,
      scriptText(__dirname, 'create.sh'),
    ].join('\n');
  }

  private advice(): Advice {
    const { name, ports } = this;
    const script = command`bash ${`dist/host/${name}/create.sh`}`;
    const list = ports.map(({ host, node }) => `\`localhost:${host}\` is NodePort ${node}`).join(', ');
    return {
      byHand: [
        {
          title: `Cluster of kind \`${name}\``,
          text: `Create the cluster. Run the script again after a change of the registries' files: containerd reads them at each pull.${list && ` On the machine, ${list}.`} If \`kind.yml\` itself changes, delete the cluster with \`kind delete cluster\` first: all data in it is lost.`,
          commands: [script],
        },
      ],
      checks: [
        {
          about: `Cluster of kind \`${name}\``,
          title: 'The nodes',
          good: '`condition met` per node',
          commands: [command`kubectl --context ${`kind-${name}`} wait nodes --all --for condition=Ready --timeout 1m`],
          expect: succeeds(),
        },
      ],
    };
  }
}

function mount(hostPath: string, containerPath: string): Record<string, unknown> {
  return { hostPath, containerPath, readOnly: true };
}

function nodeFaults({ workers = 0, image }: KindClusterProps): Omit<Problem, 'code'>[] {
  return [
    ...(Number.isInteger(workers) && workers >= 0 && workers <= 20
      ? []
      : [
          {
            message: `workers is ${workers}`,
            allowed: 'a whole number from 0 to 20',
            fix: 'set the number of workers',
          },
        ]),
    ...(image === undefined || /^[A-Za-z0-9][\w./:-]*@sha256:[0-9a-f]{64}$/.test(image)
      ? []
      : [
          {
            message: `image ${quoted(image)} has no digest`,
            fix: 'set the image and digest from the release notes of kind: each release of kind has images of its own',
          },
        ]),
  ];
}
