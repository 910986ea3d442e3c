import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import {
  admitOnly,
  clusterDomainOf,
  Egress,
  Identity,
  identityOf,
  Layer,
  NamedStorage,
  network,
  permanentWorkload,
  podSecurityOf,
  restrictEgress,
} from '../../kube';
import {
  advise,
  constructed,
  fingerprint,
  handedOver,
  namespaceOf,
  pinnedImage,
  PINS,
  scriptText,
} from '../../support';
import { Zone } from '../access/zone';
import { Endpoint, endpointOf } from '../endpoint';
import { Registry } from '../registry';
import { mirrorAdvice } from './advice';
import { checkMirror } from './check';
import { mirrorConfig, PORT } from './config';
import { mirrorPod } from './pod';
import { RegistryMirrorProps } from './props';
import { seedMirror } from './seed';

/**
 * A mirror of a registry in the cluster, from which clients pull instead: a pull-through cache, the program distribution.
 * It keeps what was pulled once, so that images are pulled faster, without the limits of the registry, and offline.
 *
 * Pass `registry` to whatever pulls: to `registries` of `Buildkitd`, of a Docker daemon, of `NodeConfig` and of
 * `KindCluster`. If the mirror does not answer, clients pull from the registry itself.
 *
 * @see https://distribution.github.io/distribution/recipes/mirror/
 *
 * @example
 *
 * const hub = new RegistryMirror(chart, 'hub', { storage: Storage.persistent(Size.gibibytes(50)), nodePort: 30500 });
 * new Buildkitd(chart, 'buildkitd', {
 *   registries: [registry, hub.registry],
 *   storage: Storage.persistent(Size.gibibytes(50)),
 * });
 * new NodeConfig([registry, hub.registry]).k3sRegistriesYaml;
 */
export class RegistryMirror extends Construct {
  /** Name of the workload and of its Service. */
  readonly name: string;

  /** Registry that the mirror copies from. */
  readonly upstream: Endpoint;

  /** Address of the mirror for pods. */
  readonly endpoint: Endpoint;

  /**
   * The registry that the mirror copies from, with this mirror in front, for the clients that pull from it.
   */
  readonly registry: Registry;

  private readonly identity: Identity;
  private readonly props: RegistryMirrorProps;
  private readonly store: NamedStorage;
  private readonly egress: Egress;

  /**
   * @throws FORGE-REG-022 for a mirror that would not start, or that its clients would not reach; FORGE-KUBE-010, 011, 017 … 025 for
   * what the workload cannot be
   */
  constructor(scope: Construct, id: string, props: RegistryMirrorProps) {
    const made = constructed(RegistryMirror, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    this.props = { ...props };
    this.upstream = props.of ?? Endpoint.https('docker.io');
    this.identity = identityOf(this, 'registry-mirror', props.workload);
    this.name = this.identity.name;
    this.store = { name: 'images', storage: props.storage };
    this.egress = props.egress ?? Egress.internet();
    const { identity, store, egress, upstream: of } = this;
    checkMirror(this, { props, of, identity, store, egress });
    this.endpoint = Endpoint.http(`${this.name}.${namespaceOf(this)}.svc.${clusterDomainOf(this)}:${PORT}`);
    this.registry = this.mirrored();
    Layer.PLATFORM.mark(this);
    this.make();
    advise(this, () => mirrorAdvice(this, { props: this.props, store, seedName: this.seedName }));
  }

  /** Labels that only the pods of the mirror have. */
  get podLabels(): Record<string, string> {
    return { ...this.identity.podLabels };
  }

  private get seedName(): string {
    return `${this.name}-seed`;
  }

  private get seedLabels(): Record<string, string> {
    return { 'app.kubernetes.io/name': 'registry-mirror-seed', 'app.kubernetes.io/instance': this.seedName };
  }

  private mirrored(): Registry {
    const { upstream, endpoint } = this;
    const { nodePort } = this.props;
    const ofNodes = nodePort === undefined ? [] : [Endpoint.http(`localhost:${nodePort}`, { zones: [Zone.NODE] })];
    const { trust, zones } = upstream;
    const mirrors = [endpoint, ...ofNodes, ...upstream.mirrors];
    return Registry.oci({ pull: endpointOf(upstream.url, { trust, zones, mirrors }) });
  }

  private make(): void {
    const { identity, props, upstream: of, store, name } = this;
    this.makeService();
    const data = {
      'config.yml': mirrorConfig({ ...props, of }),
      'credentials.sh': scriptText(__dirname, 'credentials.sh'),
    };
    new ApiObject(this, 'Config', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `${name}-config` }, data });
    const image = props.image ?? pinnedImage(PINS.images.distribution);
    const spec = mirrorPod(this, { name, props, of, image, store, loginSecret: this.loginSecret() });
    podSecurityOf(spec).mark(this);
    const annotations = {
      'cdk8s-forge/config-hash': fingerprint(...Object.values(data), of.trust.caBundle?.pem ?? ''),
      ...identity.podAnnotations,
    };
    permanentWorkload(this, {
      identity,
      replicas: 1,
      stores: [store],
      template: { metadata: { labels: identity.labels, annotations }, spec },
    });
    if ((props.seed ?? []).length > 0) {
      seedMirror(this, { name: this.seedName, labels: this.seedLabels, props, mirrorUrl: this.endpoint.url });
    }
    this.makeGuards();
  }

  private makeService(): void {
    const { identity, podLabels } = this;
    const { nodePort } = this.props;
    new ApiObject(this, 'Service', {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: identity.serviceName(), labels: identity.labels },
      spec: {
        ...(nodePort === undefined ? {} : { type: 'NodePort' }),
        selector: podLabels,
        ports: [{ name: 'http', port: PORT, targetPort: 'http', ...(nodePort === undefined ? {} : { nodePort }) }],
      },
    });
  }

  private loginSecret(): string | undefined {
    return this.props.credentials?.provide(this, {
      purpose: `mirror ${this.name} pulls from ${this.upstream.host}`,
      type: 'Opaque',
      keys: ['username', 'password'],
      readsAnyKey: true,
    });
  }

  private makeGuards(): void {
    const { podLabels, name, egress, upstream } = this;
    const { clients, nodePort, nodeNetworks } = this.props;
    const seed = { labels: this.seedLabels };
    admitOnly(this, podLabels, [
      {
        port: PORT,
        admitted: clients === undefined ? [] : [...clients, seed],
        peers: [
          ...(clients === undefined ? [{ namespaceSelector: {} }] : []),
          ...(nodeNetworks ?? []).map((value) => ({ ipBlock: { cidr: network(value, 'nodeNetworks') } })),
        ],
        isOpen: nodePort !== undefined && nodeNetworks === undefined,
      },
    ]);
    restrictEgress(this, { name, labels: podLabels, egress, needs: () => ({ urls: [upstream.url] }) });
  }
}
