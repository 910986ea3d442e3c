import { ApiObject, Size } from 'cdk8s';
import { Construct } from 'constructs';
import type { PodTemplateSpec } from 'kubernetes-types/core/v1';
import {
  admitOnly,
  clusterDomainOf,
  Egress,
  Identity,
  identityOf,
  Layer,
  NodeNeed,
  PodGroup,
  podSecurityOf,
  restrictEgress,
  warnOfHostPaths,
} from '../kube';
import {
  buildkitRegistries,
  BuildkitRegistries,
  caMounts,
  knowsHostsOf,
  hostsOf,
  refuseShortNames,
  Registry,
} from '../registry';
import { advise, constructed, fingerprint, handedOver, namespaceOf, ScriptSpec, scriptText } from '../support';
import { Certificates } from './access/certificates';
import { BuilderConnection } from './access/connection';
import { egressNeeds } from './access/egress';
import { protectFromDrains, requireClients } from './access/guards';
import { BuilderServices, builderServices, serveBuilds } from './access/service';
import { indices, serverNamesOf } from './access/server-names';
import { BuildkitTls } from './access/tls';
import { tlsVolume } from './access/tls-volume';
import { buildkitAdvice } from './advice';
import { CacheKind } from './build/build-cache';
import { BuildctlScript } from './build/buildctl-script';
import { IBuilder } from './build/builder';
import { ImageBuild } from './build/image-build';
import { BuildkitdProps } from './buildkitd-props';
import { assertSameCluster } from './access/same-cluster';
import { checkAdmitted, checkChoices, Choices } from './check/choices';
import { buildkitdToml } from './config/toml';
import { Emulation } from './pod/emulation';
import { BuildkitMode } from './pod/mode';
import { CA_FOLDER, DRAIN_SCRIPT, SERVER_TLS_FOLDER, SERVER_TLS_VOLUME } from './pod/pod';
import { podTemplate } from './pod/template';
import { BuildkitTopology } from './pod/topology';
import { ownClaim, workload } from './pod/workload';
import { BuildkitVersion } from './version';

const PORT = 1234;
const METRICS_PORT = 6060;

/**
 * A buildkitd that builds images for jobs without a Docker daemon.
 *
 * In every mode, the namespace must enforce the Pod Security level `privileged`. `ManagedNamespace` sets this level.
 *
 * @see https://github.com/moby/buildkit
 *
 * @example
 *
 * new Buildkitd(chart, 'buildkitd', { registries: [registry], storage: Storage.persistent(Size.gibibytes(50)) });
 */
export class Buildkitd extends Construct implements IBuilder {
  /** Name of the workload and of the Service. */
  readonly name: string;

  /** Path of the construct, which names the builder in errors and in the runbook. */
  readonly path: string;

  /** Reports whether buildkitd accepts only jobs of runners that are its clients: always true. */
  readonly isForClientsOnly: boolean = true;

  /** Image of buildkitd. The image also contains `buildctl`. */
  readonly image: string;

  /** Privileges of buildkitd on the node. */
  readonly mode: BuildkitMode;

  /** Number of BuildKit daemons, and the selection of the BuildKit daemon for a build. */
  readonly topology: BuildkitTopology;

  /** Size of the volume of each BuildKit daemon. */
  readonly stateSize?: Size | undefined;

  /** Authentication of buildkitd's clients. */
  readonly tls: BuildkitTls;

  /** Destinations that buildkitd and the RUN steps of builds can connect to. */
  readonly egress: Egress;

  /** The release of buildkitd and its client. */
  readonly version: BuildkitVersion;

  private readonly choices: Choices;
  private readonly identity: Identity;
  private readonly certificates: Certificates;
  private readonly admitted: PodGroup[] = [];
  private readonly namespace: string;
  private readonly registries: BuildkitRegistries;

  /**
   * @throws FORGE-BK-002 … 017 for everything that the daemon would not start with, or ignore; all at once
   */
  constructor(scope: Construct, id: string, props: BuildkitdProps) {
    const made = constructed(Buildkitd, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    this.path = this.node.path;
    this.mode = props.mode ?? BuildkitMode.rootless();
    this.topology = props.topology ?? BuildkitTopology.single();
    this.tls = props.tls ?? BuildkitTls.none();
    this.stateSize = props.storage.size!;
    this.egress = props.egress ?? Egress.internet();
    this.version = props.version ?? BuildkitVersion.LATEST_KNOWN;
    this.choices = {
      ...props,
      registries: [...props.registries],
      mode: this.mode,
      version: this.version,
      config: { ...props.config },
      emulation: props.emulation ?? Emulation.bundled(),
    };
    this.identity = identityOf(this, 'buildkitd', props.workload);
    this.name = this.identity.name;
    checkChoices(this, this.choices, this.identity);
    this.namespace = namespaceOf(this);
    this.image = `${props.image ?? 'moby/buildkit'}:v${this.version.toString()}${this.mode.imageSuffix}`;
    Layer.PLATFORM.mark(this);
    refuseShortNames(this, hostsOf(this.choices.registries));
    this.registries = buildkitRegistries(this.choices.registries, CA_FOLDER);
    this.certificates = new Certificates(this, this.tls, this.serverNames);
    this.makeService();
    this.makeWorkload(this.makeConfig());
    this.makeGuards();
    restrictEgress(this, {
      name: this.name,
      labels: this.labels,
      egress: this.egress,
      needs: () => egressNeeds(this.choices),
    });
  }

  /** Settings of the kernel that buildkitd needs on its nodes. */
  get nodeNeeds(): NodeNeed[] | undefined {
    return this.mode.nodeNeeds;
  }

  /** Platforms that buildkitd reports as supported; undefined if the node and the image decide. */
  get platforms(): string[] | undefined {
    return this.choices.config.platforms && [...this.choices.config.platforms];
  }

  /** Kinds of build cache that buildkitd can read and write. */
  get cacheKinds(): CacheKind[] {
    return Object.values(CacheKind);
  }

  /** Programs that a job needs to run the builder's script: `buildctl`, which the host executor provides. */
  get tools(): string[] {
    return ['buildctl'];
  }

  /** Value of `BUILDKIT_HOST` for a client in the cluster. */
  get address(): string {
    return this.connection.address;
  }

  /** Image that contains `buildctl` in buildkitd's version. */
  get clientImage(): string {
    return this.image;
  }

  /** Labels that select buildkitd's pods. */
  get labels(): Record<string, string> {
    return { ...this.identity.podLabels };
  }

  /**
   * Names that buildkitd's certificate must contain: those of the Service, and of each pod that clients address by
   * name.
   */
  get serverNames(): string[] {
    const { name, namespace, topology } = this;
    const domain = clusterDomainOf(this);
    return serverNamesOf({ name, serviceName: this.services.forClients, namespace, topology, domain });
  }

  /**
   * Returns whether buildkitd can push to a registry and pull from it. The result is true if every host of the registry
   * needs only public TLS, or is a host of a registry in `registries` with the same trust.
   *
   * @param registry the registry that a build is for
   */
  canUse(registry: Registry): boolean {
    return knowsHostsOf(registry, this.choices.registries);
  }

  /** Connection settings that do not depend on the client. A client with its own pod uses `connectFrom`. */
  get connection(): BuilderConnection {
    return this.connectionWith();
  }

  /**
   * Makes a workload a client of buildkitd. The workload is admitted, and gets the volumes with its certificate.
   *
   * @param client the construct of the workload; its chart says in which namespace it is
   * @param podLabels labels that its pods bear, and no others do
   * @throws FORGE-BK-008 if it cannot get a certificate where it is, FORGE-BK-018 if there is no label, FORGE-BK-021 if it is in
   * another cluster
   */
  connectFrom(client: Construct, podLabels: Record<string, string>): BuilderConnection {
    assertSameCluster(this, client);
    this.admit({ labels: podLabels, namespace: namespaceOf(client) });
    return this.connectionWith(client);
  }

  /**
   * Admits pods that are not constructs of this library. With TLS, the pods also need a client certificate.
   *
   * @throws FORGE-BK-018 if no label says which pods
   */
  admit(pods: PodGroup): void {
    checkAdmitted(this, pods);
    this.admitted.push({ ...pods, labels: { ...pods.labels } });
  }

  /**
   * Returns the script that builds an image with `buildctl` and pushes it. Jobs must be clients of this buildkitd.
   *
   * @param build the image
   * @throws FORGE-BK-019 for a platform, build argument or stage that buildctl cannot read
   */
  buildScript(build: ImageBuild): ScriptSpec {
    return BuildctlScript.of(build, this.connection);
  }

  private connectionWith(client?: Construct): BuilderConnection {
    const { certificates, namespace, name } = this;
    const host = `${this.services.forClients}.${namespace}.svc.${clusterDomainOf(this)}:${PORT}`;
    return BuilderConnection.of({
      addresses: this.topology.hasStablePods
        ? indices(this.topology.replicas).map((i) => `tcp://${name}-${i}.${host}`)
        : [`tcp://${host}`],
      clientImage: this.clientImage,
      certificate: this.tls.isEnabled
        ? {
            folder: `/var/run/secrets/buildkit/${namespace}/${name}`,
            volumeName: `tls-${namespace}-${name}`.slice(0, 63).replace(/-+$/, ''),
            secretName: client && certificates.clientSecret(client),
            keys: this.tls.provided?.keys,
          }
        : undefined,
    });
  }

  /** Services of the pods. */
  private get services(): BuilderServices {
    return builderServices(this.identity, this.topology, this.choices.storage);
  }

  private get debugPort(): number | undefined {
    return this.choices.metrics && (this.choices.metrics.port ?? METRICS_PORT);
  }

  private makeConfig(): string {
    const toml = buildkitdToml({
      mode: this.mode,
      config: this.choices.config,
      registries: { ...this.registries.registry },
      volume: this.choices.storage.size!,
      port: PORT,
      tlsFolder: this.tls.isEnabled ? SERVER_TLS_FOLDER : undefined,
      debugPort: this.debugPort,
    });
    const data = { 'buildkitd.toml': toml, [DRAIN_SCRIPT]: scriptText(__dirname, 'drain.sh') };
    const metadata = { name: `${this.name}-config` };
    new ApiObject(this, 'Config', { apiVersion: 'v1', kind: 'ConfigMap', metadata, data });
    return fingerprint(...Object.values(data), ...this.registries.bundles.map((bundle) => bundle.pem ?? ''));
  }

  private makeService(): void {
    const { identity, services, debugPort } = this;
    const hasServiceMonitor = this.choices.metrics?.serviceMonitor ?? false;
    serveBuilds(this, { identity, services, port: PORT, debugPort, hasServiceMonitor });
  }

  private makeWorkload(configHash: string): void {
    const { storage } = this.choices;
    const template = this.template(configHash, ownClaim(this, this.topology, storage));
    podSecurityOf(template.spec!).mark(this);
    const { name, identity, topology } = this;
    const resource = workload({ identity, serviceName: this.services.forPods ?? name, topology, storage, template });
    const { kind } = new ApiObject(this, 'Resource', resource);
    warnOfHostPaths(this, [{ name: 'root', storage }]);
    advise(this, () => buildkitAdvice(this, `${kind.toLowerCase()}/${this.name}`, this.choices.registries));
  }

  private template(configHash: string, ownClaim?: string): PodTemplateSpec {
    const { serverSecret } = this.certificates;
    const tls = { name: SERVER_TLS_VOLUME, keys: this.tls.provided?.keys, mode: 0o440 };
    return podTemplate(this, this.choices, {
      configHash,
      image: this.image,
      configMap: `${this.name}-config`,
      ownClaim,
      port: PORT,
      debugPort: this.debugPort,
      tlsVolume: serverSecret === undefined ? undefined : tlsVolume({ ...tls, secretName: serverSecret }),
      spread: this.topology.replicas > 1,
      identity: this.identity,
      authorities: caMounts(this, this.registries.bundles, CA_FOLDER),
    });
  }

  private makeGuards(): void {
    if (this.topology.replicas > 1) {
      protectFromDrains(this, this.labels);
    }
    if (!this.tls.isEnabled) {
      admitOnly(this, this.labels, [
        { port: PORT, admitted: this.admitted },
        ...(this.debugPort ? [{ port: this.debugPort, admitted: this.choices.metrics?.scrapers ?? [] }] : []),
      ]);
      requireClients(this, this.admitted);
    }
  }
}
