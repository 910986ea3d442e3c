import { stringify as toml } from 'smol-toml';
import { stringify as yaml } from 'yaml';
import { HostSettings, nodeHostSettings } from './host-settings';
import { Registry } from './registry';

const CONTAINERD = '/etc/containerd/certs.d';
const K3S = '/etc/rancher/k3s/certs';

/**
 * What the nodes of a cluster must know to pull from registries: containerd's hosts.toml, k3s' registries.yaml, kind's patches. Nodes
 * pull only; push endpoints are not in them.
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
   * @throws FORGE-REG-005 if one host is declared in two ways
   */
  constructor(registries: Registry[]) {
    this.hosts = nodeHostSettings(registries);
    this.authorities = authoritiesOf(this.hosts, registries);
    const realms = registries
      .filter(({ pull }) => pull.isPlainHttp)
      .map((registry) => registry._tokenRealm(registry.pull));
    this.ofSystem = [...new Set(realms.flatMap(({ trust }) => (trust.caBundle ? [trust.caBundle.name] : [])))];
  }

  /**
   * containerd's files: the text by path below `/etc/containerd/certs.d`, e.g. `git.example.com/hosts.toml`. A host that containerd
   * knows how to talk to gets none.
   *
   * @see https://github.com/containerd/containerd/blob/main/docs/hosts.md
   */
  get hostsToml(): Record<string, string> {
    return Object.fromEntries(
      this.hosts
        .filter((host) => this.needsWords(host))
        .map((host) => [`${host.host}/hosts.toml`, toml(this.hostFile(host))]),
    );
  }

  /**
   * k3s' `/etc/rancher/k3s/registries.yaml`; k3s makes containerd's files of it. Restart k3s after changing it.
   *
   * @see https://docs.k3s.io/installation/private-registry
   */
  get k3sRegistriesYaml(): string {
    const told = this.hosts.filter((host) => this.needsWords(host));
    const mirrors = told
      .filter(({ plainHttp, mirrors: others }) => plainHttp || others.length > 0)
      .map((host): [string, unknown] => [
        host.host,
        { endpoint: [...host.mirrors.map((mirror) => mirror.url), urlOf(host)] },
      ]);
    const configs = told
      .filter(({ host }) => this.authorities[host].length > 0)
      .map(({ host }): [string, unknown] => [host, { tls: { ca_file: `${K3S}/${host}.crt` } }]);
    return yaml(
      {
        ...(mirrors.length > 0 ? { mirrors: Object.fromEntries(mirrors) } : {}),
        ...(configs.length > 0 ? { configs: Object.fromEntries(configs) } : {}),
      },
      { lineWidth: 0 },
    );
  }

  /**
   * `containerdConfigPatches` of a kind cluster: they point containerd at `/etc/containerd/certs.d`, where the files of `hostsToml` must
   * be mounted or copied to.
   *
   * @see https://kind.sigs.k8s.io/docs/user/local-registry/
   */
  get kindContainerdConfigPatches(): string[] {
    return [toml({ plugins: { 'io.containerd.grpc.v1.cri': { registry: { config_path: CONTAINERD } } } })];
  }

  /** Where certificates must lie on a node, by host: the path for containerd and kind. k3s: `/etc/rancher/k3s/certs/<host>.crt`. */
  get certificateFiles(): Record<string, string> {
    return Object.fromEntries(
      this.hosts.filter(({ host }) => this.authorities[host].length > 0).map(({ host }) => [host, certificate(host)]),
    );
  }

  /** The certificates themselves by host, for those whose CA is a file of this repository. */
  get certificates(): Record<string, string> {
    return Object.fromEntries(
      this.hosts.flatMap(({ host }) => {
        const texts = [...new Set(this.authorities[host].map(({ caBundle }) => caBundle?.pem))];
        return texts.length === 0 || texts.includes(undefined) ? [] : [[host, texts.join('')]];
      }),
    );
  }

  /**
   * Names of the CA bundles that the nodes themselves must trust, in their system's store: those of a token server behind a registry with
   * plain HTTP. In hosts.toml they would make containerd try HTTPS first.
   */
  get systemAuthorities(): string[] {
    return [...this.ofSystem];
  }

  private needsWords({ host, plainHttp, mirrors }: HostSettings): boolean {
    return plainHttp || mirrors.length > 0 || this.authorities[host].length > 0;
  }

  private hostFile(host: HostSettings): Record<string, unknown> {
    const mirrors = host.mirrors.map((mirror): [string, unknown] => [
      mirror.url,
      {
        capabilities: ['pull', 'resolve'],
        ...(this.authorities[mirror.host].length > 0 ? { ca: certificate(mirror.host) } : {}),
      },
    ]);
    return {
      server: urlOf(host),
      capabilities: ['pull', 'resolve'],
      ...(this.authorities[host.host].length > 0 ? { ca: certificate(host.host) } : {}),
      ...(mirrors.length > 0 ? { host: Object.fromEntries(mirrors) } : {}),
    };
  }
}

/**
 * Whose certificates containerd must trust at each host: it fetches a token with the settings of the host that it pulls from, wherever
 * the token comes from.
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
  return `${plainHttp ? 'http' : 'https'}://${host}`;
}

function certificate(host: string): string {
  return `${CONTAINERD}/${host}/ca.crt`;
}
