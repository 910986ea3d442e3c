import { Construct } from 'constructs';
import { NodeConfig, Registry, Zone } from '../../registry';
import { Problem, Problems, quoted } from '../../support';
import { CaBundle } from '../../trust';
import { NodeProps } from './node-props';
import { Sysctl, sysctlsOf } from './sysctl';

/** One certificate. */
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----\n?/g;

/**
 * The setup that every node needs, whatever installs the node: the settings of containerd, the CAs, and the settings of the kernel.
 * Each kind of node writes the setup in its own form.
 */
export class NodeSetup {
  /** The settings of containerd, in all forms. */
  readonly config: NodeConfig;

  /** The certificates of hosts, in PEM format. */
  readonly certificates: Record<string, string>;

  /** The certificates of the system, in PEM format by name, one certificate each: some systems read only the first of a file. */
  readonly authorities: Record<string, string>;

  /** The settings of the kernel. */
  readonly sysctls: Sysctl[];

  /** Reports whether containerd needs settings for a registry. */
  get hasRegistries(): boolean {
    return Object.keys(this.config.hostsToml).length > 0;
  }

  /**
   * @throws FORGE-REG-006 or 008 for a registry that nodes do not reach; FORGE-HOST-017 for a registry whose mirrors only pods
   * reach; FORGE-TRUST-011 for a CA bundle in the cluster
   */
  constructor(construct: Construct, props: NodeProps) {
    const registries = [...(props.registries ?? [])];
    const problems = new Problems(construct.node.path);
    problems.collect(() => new NodeConfig(registries));
    problems.throwIfAny();
    this.config = new NodeConfig(registries);
    registries.flatMap(unusedMirrors).forEach((problem) => problems.add(problem));
    problems.throwIfAny();
    const bundles = bundlesOf(registries);
    // A bundle of the cluster is an error outside of it.
    bundles.forEach((bundle) => bundle._volume(construct));
    this.certificates = this.config.certificates;
    this.authorities = Object.fromEntries(
      bundles.filter(({ name }) => this.config.systemAuthorities.includes(name)).flatMap(oneByOne),
    );
    this.sysctls = sysctlsOf(props);
  }
}

/** Returns the problem with a registry that nodes need for its mirrors only, of which they reach none. */
function unusedMirrors(registry: Registry): Problem[] {
  const { pull } = registry;
  if (pull.mirrors.length === 0 || !pull.isReachableFrom(Zone.NODE)) {
    return [];
  }
  const { hostsToml, systemAuthorities } = new NodeConfig([registry]);
  if (Object.keys(hostsToml).length > 0 || systemAuthorities.length > 0) {
    return [];
  }
  return [
    {
      code: 'FORGE-HOST-017',
      message: `the nodes reach no mirror of ${quoted(pull.host)}, not ${pull.mirrors.map(({ host }) => quoted(host)).join(' nor ')}`,
      fix: 'set nodePort of the RegistryMirror, or add Zone.NODE to zones of a mirror, or remove the registry from registries',
      symptom: 'no error: images are pulled without the mirror',
    },
  ];
}

function bundlesOf(registries: readonly Registry[]): CaBundle[] {
  const endpoints = registries.flatMap((registry) => [
    registry.pull,
    ...registry.pull.mirrors,
    registry._tokenRealm(registry.pull),
  ]);
  return [...new Set(endpoints.flatMap(({ trust }) => (trust.caBundle ? [trust.caBundle] : [])))];
}

function oneByOne({ name, pem = '' }: CaBundle): [string, string][] {
  return (pem.match(CERTIFICATE) ?? []).map((text, i) => [i === 0 ? name : `${name}-${i + 1}`, text]);
}
