import { Construct } from 'constructs';
import { Endpoint } from '../../registry';
import {
  advise,
  Advice,
  command,
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
import { NodeSetup } from '../node/node-setup';
import { sysctlLines } from '../node/sysctl';
import { HostPort, LocalClusterProps } from './local-cluster-props';
import { hubMirrors, machineAddress, portFaults, portsOf } from './ports';
import { reportSharedPorts } from './shared-ports';

type Fault = Omit<Problem, 'code'>;

const CODE = 'FORGE-HOST-014';

/** Directory of the CAs of the nodes' system. */
export const AUTHORITIES = 'authorities';

/** A program that runs the nodes of a cluster as containers. */
export interface ClusterProgram {
  /** The name of the program. */
  readonly program: 'kind' | 'k3d';
  /** The functions of the program that `create-cluster.sh` calls. */
  readonly script: string;
  /** The effect of running the script again, for the runbook. */
  readonly again: string;
  /** The length of the longest name. */
  readonly longestName: number;
}

/** The parts that a program has in common with the others: the files of nodes are the only difference. */
export class LocalCluster {
  readonly name: string;
  readonly ports: HostPort[];
  readonly setup: NodeSetup;

  private readonly files: HostFiles;

  /**
   * @throws FORGE-HOST-014 for ports, registries or nodes that cannot work; FORGE-TRUST-011 for a CA bundle that is in a cluster
   */
  constructor(
    private readonly construct: Construct,
    private readonly props: LocalClusterProps,
    private readonly program: ClusterProgram,
  ) {
    markOutside(construct);
    this.name = hostName(construct);
    this.ports = portsOf(props);
    const problems = new Problems(construct.node.path);
    const faults = [...this.nameFaults(), ...portFaults(props, this.ports), ...nodeFaults(props)];
    faults.forEach((fault) => problems.add({ code: CODE, ...fault }));
    problems.throwIfAny();
    this.setup = new NodeSetup(construct, props);
    reportSharedPorts(construct, this.listenAddress, this.ports);
    this.files = new HostFiles(construct, this.name);
  }

  /** Address of the machine that the ports are open at. */
  get listenAddress(): string {
    return this.props.listenAddress ?? '127.0.0.1';
  }

  /** Mirrors of Docker Hub in the cluster, at the ports of the machine. */
  get hubMirrors(): Endpoint[] {
    return hubMirrors(this.props, this.ports);
  }

  /** Number of worker nodes. */
  get workers(): number {
    return this.props.workers ?? 0;
  }

  /** Reports whether the system of the nodes has CAs of its own. */
  get hasAuthorities(): boolean {
    return Object.keys(this.setup.authorities).length > 0;
  }

  /** Writes the file that the program reads, the files of nodes, and the script; and says how to use them. */
  write(config: string, nodeFiles: Record<string, string>): void {
    const { program } = this.program;
    Object.entries(nodeFiles).forEach(([file, text]) => this.files.add(file, text));
    Object.entries(this.setup.authorities).forEach(([name, pem]) => this.files.add(`${AUTHORITIES}/${name}.crt`, pem));
    this.files.add(`${program}.yml`, config);
    this.files.add('create.sh', this.text(), { executable: true });
    advise(this.construct, () => this.advice());
  }

  private nameFaults(): Fault[] {
    const { program, longestName } = this.program;
    return this.name.length <= longestName
      ? []
      : [
          {
            message: `the name ${quoted(this.name)}, made from the construct ids, is too long for ${program}`,
            allowed: `at most ${longestName} characters`,
            fix: 'choose shorter ids',
          },
        ];
  }

  private text(): string {
    const { program, script } = this.program;
    return [
      '#!/usr/bin/env bash',
      'set -euo pipefail',
      `NAME=${shellWord(this.name)} PROGRAM=${program} AUTHORITIES=${this.hasAuthorities ? 'yes' : ''}`,
      `SYSCTLS=${shellWord(sysctlLines(this.setup.sysctls))}`,
      script.trimEnd(),
      scriptText(__dirname, 'create-cluster.sh'),
    ].join('\n');
  }

  private advice(): Advice {
    const { name, ports } = this;
    const { program, again } = this.program;
    const about = `Cluster of ${program} \`${name}\``;
    const at = machineAddress(this.listenAddress);
    const list = ports.map(({ host, node }) => `\`${at}:${host}\` is NodePort ${node}`).join(', ');
    const remove = program === 'kind' ? `kind delete cluster --name ${name}` : `k3d cluster delete ${name}`;
    return {
      warnings: this.warnings(at),
      byHand: [
        {
          title: about,
          isFirst: true,
          text: `Create the cluster. ${again}${list && ` On the machine, ${list}.`} If \`${program}.yml\` itself changes, delete the cluster with \`${remove}\` first: all data in it is lost.`,
          commands: [command`bash ${`dist/host/${name}/create.sh`}`],
        },
      ],
      checks: [
        {
          about,
          title: 'The nodes',
          good: '`condition met` per node',
          commands: [
            command`kubectl --context ${`${program}-${name}`} wait nodes --all --for condition=Ready --timeout 1m`,
          ],
          expect: succeeds(),
        },
      ],
    };
  }

  /** Warns of a forge whose URL the machine does not reach. */
  private warnings(at: string): string[] {
    const { forge } = this.props;
    if (forge === undefined || at === 'localhost' || at === new URL(forge.url).hostname) {
      return [];
    }
    const { url } = forge;
    return [
      `${this.construct.node.path}: \`${url}\` of the forge is not open on the machine: its port is open at \`listenAddress\` ${this.listenAddress} only. Remove \`listenAddress\`, or set it to \`0.0.0.0\`.`,
    ];
  }
}

function nodeFaults({ workers = 0, image }: LocalClusterProps): Fault[] {
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
    ...(image === undefined ? [] : imageFaults(image)),
  ];
}

function imageFaults(image: string): Fault[] {
  const [, name, digest] = /^([^@]*)(?:@([\s\S]*))?$/.exec(image) ?? [];
  const fix = 'set the image and digest from the release notes: each release of kind and k3d has images of its own';
  if (!/^[A-Za-z0-9][\w./:-]*$/.test(name)) {
    return [
      { message: `image ${quoted(image)} has the invalid name ${quoted(name)}`, allowed: 'name:tag@digest', fix },
    ];
  }
  if (digest === undefined) {
    return [{ message: `image ${quoted(image)} has no digest`, fix }];
  }
  return /^sha256:[0-9a-f]{64}$/.test(digest)
    ? []
    : [
        {
          message: `image ${quoted(image)} has the invalid digest ${quoted(digest)}`,
          allowed: 'sha256: and 64 characters of 0-9 and a-f',
          fix,
        },
      ];
}
