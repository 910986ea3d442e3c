import { stringify as toml } from 'smol-toml';
import { stringify as yaml } from 'yaml';
import { servingHost } from '../access/docker-hub';
import { nodeAccessProblems } from '../access/token-realm';
import { HostSettings, nodeHostSettings } from './host-settings';
import { Registry } from '../registry';
import { checkConstruction, Problems } from '../../support';

const CONTAINERD = '/etc/containerd/certs.d';
/** Plugins that read the path: in containerd 1, and in containerd 2, which kind's images have since 0.27. */
const CRI_PLUGINS = ['io.containerd.grpc.v1.cri', 'io.containerd.cri.v1.images'];
const K3S = '/etc/rancher/k3s/certs';

/**
 * A set of files that configures the nodes of a cluster to pull from registries: containerd's hosts.toml, k3s'
 * registries.yaml, kind's patches. Nodes only pull, so push endpoints are not included.
 *
 * @example
 *
 * new NodeConfig([registry]).k3sRegistriesYaml;
 */
export class NodeConfig {
  private readonly hosts: HostSettings[];
  private readonly authorities: Record<string, HostSettings[]>;
  private readonly ofSystem: string[];

  /**
   * @param registries the registries that nodes pull from
   * @throws FORGE-REG-005 if one host is declared in two ways; FORGE-REG-006 or 008 for a registry of which nodes reach neither
   * `pull` nor a mirror, or not the token server
   */
  constructor(registries: Registry[]) {
    checkConstruction(NodeConfig, new.target, arguments);
    const problems = new Problems();
    nodeAccessProblems(registries).forEach((problem) => problems.add(problem));
    problems.throwIfAny();
    this.hosts = nodeHostSettings(registries);
    this.authorities = authoritiesOf(this.hosts, registries);
    const realms = registries
      .filter(({ pull }) => pull.isPlainHttp)
      .map((registry) => registry._tokenRealm(registry.pull));
    this.ofSystem = [...new Set(realms.flatMap(({ trust }) => (trust.caBundle ? [trust.caBundle.name] : [])))];
  }

  /**
   * containerd's configuration files: the text by path below `/etc/containerd/certs.d`, for example
   * `git.example.com/hosts.toml`, or `git.example.com_3000_/hosts.toml` for a host with a port. A host that containerd
   * can reach with its default settings has no file.
   *
   * @see https://github.com/containerd/containerd/blob/main/docs/hosts.md
   */
  get hostsToml(): Record<string, string> {
    return Object.fromEntries(
      this.hosts
        .filter((host) => this.needsWords(host))
        .map((host) => [`${directoryOf(host.host)}/hosts.toml`, toml(this.hostFile(host))]),
    );
  }

  /**
   * The text of k3s' `/etc/rancher/k3s/registries.yaml`. k3s generates containerd's files from this file. Restart k3s
   * after changing the file.
   *
   * @see https://docs.k3s.io/installation/private-registry
   */
  get k3sRegistriesYaml(): string {
    const told = this.hosts.filter((host) => this.needsWords(host));
    const mirrors = told
      .filter(({ plainHttp, mirrors: others }) => plainHttp || others.length > 0)
      .map((host): [string, unknown] => [
        host.host,
        { endpoint: [...host.mirrors.map((mirror) => mirror._mirrorUrl), urlOf(host)] },
      ]);
    const configs = told
      .filter(({ host }) => this.authorities[host].length > 0)
      .map(({ host }): [string, unknown] => [host, { tls: { ca_file: k3sCertificate(host) } }]);
    return yaml(
      {
        ...(mirrors.length > 0 ? { mirrors: Object.fromEntries(mirrors) } : {}),
        ...(configs.length > 0 ? { configs: Object.fromEntries(configs) } : {}),
      },
      { lineWidth: 0 },
    );
  }

  /**
   * `containerdConfigPatches` of a kind cluster, for containerd 1 and 2. The patches point containerd at
   * `/etc/containerd/certs.d`. Mount or copy the files of `hostsToml` to that directory.
   *
   * @see https://kind.sigs.k8s.io/docs/user/local-registry/
   */
  get kindContainerdConfigPatches(): string[] {
    return CRI_PLUGINS.map((plugin) => toml({ plugins: { [plugin]: { registry: { config_path: CONTAINERD } } } }));
  }

  /**
   * `machine.registries` of a Talos machine, which names no files: the certificates are in the value.
   *
   * @internal
   */
  get _talosRegistries(): Record<string, unknown> {
    const { certificates } = this;
    const mirrors = this.hosts
      .filter(({ plainHttp, mirrors: others }) => plainHttp || others.length > 0)
      .map((host): [string, unknown] => [host.host, talosMirror(host)]);
    const configs = Object.entries(certificates).map(([host, pem]): [string, unknown] => [
      host,
      { tls: { ca: Buffer.from(pem).toString('base64') } },
    ]);
    return {
      ...(mirrors.length > 0 ? { mirrors: Object.fromEntries(mirrors) } : {}),
      ...(configs.length > 0 ? { config: Object.fromEntries(configs) } : {}),
    };
  }

  /**
   * Certificate paths on a node, by host, for containerd and kind: `/etc/containerd/certs.d/<host>/ca.crt`. In the path,
   * `_3000_` replaces the port `:3000`.
   */
  get certificateFiles(): Record<string, string> {
    return this.pathsOf(certificate);
  }

  /**
   * Certificate paths on a node, by host, for k3s: `/etc/rancher/k3s/certs/<host>.crt`. In the path, `_3000_` replaces
   * the port `:3000`.
   */
  get k3sCertificateFiles(): Record<string, string> {
    return this.pathsOf(k3sCertificate);
  }

  /** Certificates by host, for hosts whose CA is a file of this repository. */
  get certificates(): Record<string, string> {
    return Object.fromEntries(
      this.hosts.flatMap(({ host }) => {
        const texts = [...new Set(this.authorities[host].map(({ caBundle }) => caBundle?.pem))];
        return texts.length === 0 || texts.includes(undefined) ? [] : [[host, texts.join('')]];
      }),
    );
  }

  /**
   * Names of the CA bundles that must be in the system trust store of the nodes. These bundles belong to token servers
   * of registries with plain HTTP. In hosts.toml, these bundles would make containerd try HTTPS first.
   */
  get systemAuthorities(): string[] {
    return [...this.ofSystem];
  }

  private pathsOf(path: (host: string) => string): Record<string, string> {
    return Object.fromEntries(
      this.hosts.filter(({ host }) => this.authorities[host].length > 0).map(({ host }) => [host, path(host)]),
    );
  }

  private needsWords({ host, plainHttp, mirrors }: HostSettings): boolean {
    return plainHttp || mirrors.length > 0 || this.authorities[host].length > 0;
  }

  private hostFile(host: HostSettings): Record<string, unknown> {
    const mirrors = host.mirrors.map((mirror): [string, unknown] => [
      mirror._mirrorUrl,
      { ...this.hostTable(mirror.host), ...(mirror.path === undefined ? {} : { override_path: true }) },
    ]);
    const own = this.hostTable(host.host);
    // containerd 1.6, and 1.7 up to 1.7.31, drop a file without a [host] table, and ask the server by HTTPS.
    const tables = mirrors.length > 0 ? mirrors : [[urlOf(host), own]];
    return { server: urlOf(host), ...own, host: Object.fromEntries(tables) };
  }

  private hostTable(host: string): Record<string, unknown> {
    return {
      capabilities: ['pull', 'resolve'],
      ...(this.authorities[host].length > 0 ? { ca: certificate(host) } : {}),
    };
  }
}

/**
 * Returns, by host, the settings with the certificates that containerd must trust. containerd fetches a token with the
 * settings of the host that it pulls from, regardless of the token server.
 */
function authoritiesOf(hosts: HostSettings[], registries: Registry[]): Record<string, HostSettings[]> {
  const realms = new Map(registries.map((registry) => [registry.pull.host, registry._tokenRealm(registry.pull).host]));
  return Object.fromEntries(
    hosts.map((own) => {
      const realm = hosts.find(({ host }) => host === realms.get(own.host));
      const all = own.plainHttp ? [] : [own, ...(realm && realm !== own ? [realm] : [])];
      return [own.host, all.filter(({ caBundle }) => caBundle !== undefined)];
    }),
  );
}

function urlOf({ host, plainHttp }: HostSettings): string {
  return `${plainHttp ? 'http' : 'https'}://${servingHost(host)}`;
}

/** Returns a mirror of Talos. With one path of its own, Talos uses the paths of all endpoints as they are. */
function talosMirror(host: HostSettings): Record<string, unknown> {
  const hasPath = host.mirrors.some(({ path }) => path !== undefined);
  const own = [...host.mirrors.filter(({ path }) => path === undefined).map(({ url }) => url), urlOf(host)];
  const whole = (url: string) => (hasPath && own.includes(url) ? `${url}/v2` : url);
  return {
    endpoints: [...host.mirrors.map((mirror) => mirror._mirrorUrl), urlOf(host)].map(whole),
    ...(hasPath ? { overridePath: true } : {}),
  };
}

/**
 * Returns the name of the directory of a host. containerd looks for this form before the form with a colon, and a colon
 * cannot be in a file name of every system.
 */
function directoryOf(host: string): string {
  return host.replace(/:(\d+)$/, '_$1_');
}

function certificate(host: string): string {
  return `${CONTAINERD}/${directoryOf(host)}/ca.crt`;
}

function k3sCertificate(host: string): string {
  return `${K3S}/${directoryOf(host)}.crt`;
}
