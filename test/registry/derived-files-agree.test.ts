import { Chart, Testing } from 'cdk8s';
import { parse as parseToml, stringify as toml } from 'smol-toml';
import { parse as parseYaml } from 'yaml';
import {
  buildkitRegistries,
  caMounts,
  ClientFlags,
  DaemonJson,
  DockerConfigJson,
  Endpoint,
  fluxRegistryAccess,
  NodeConfig,
  Registry,
  Zone,
} from '../../lib/registry';
import { REGISTRIES } from './registries';

/*
 * What each file says, read back from its text and said in one vocabulary: by host, how a client of that file talks to it. Wherever two
 * files speak of one host, they must say the same.
 */

type Manner = 'plain http' | 'https' | 'https with private CA';

const CERTIFICATES = '/certs';

const manner = (plain: boolean, ca: boolean): Manner => {
  if (plain && ca) {
    throw new Error('plain HTTP and a CA at once');
  }
  if (plain) {
    return 'plain http';
  }
  return ca ? 'https with private CA' : 'https';
};

const onNodes = ({ pull }: Registry) =>
  [pull, ...pull.mirrors.filter((mirror) => mirror.isReachableFrom(Zone.NODE))].map((endpoint) => endpoint.host);

function buildkit(registry: Registry): Record<string, Manner> {
  const { registry: tables } = parseToml(toml({ registry: buildkitRegistries([registry], CERTIFICATES).registry })) as {
    registry: Record<string, { http?: boolean; insecure?: boolean; ca?: string[] }>;
  };
  const hosts = [
    ...new Set(
      [...registry.endpoints, ...registry.endpoints.flatMap((endpoint) => endpoint.mirrors)].map(
        (endpoint) => endpoint.host,
      ),
    ),
  ];
  return Object.fromEntries(
    [...new Set([...hosts, ...Object.keys(tables)])].map((host) => {
      expect(tables[host]?.insecure).toBeUndefined();
      return [host, manner(tables[host]?.http === true, tables[host]?.ca !== undefined)];
    }),
  );
}

function docker(registry: Registry): Record<string, Manner> {
  const daemon = new DaemonJson({ registries: [registry] });
  const insecure: string[] = JSON.parse(daemon.render())['insecure-registries'] ?? [];
  const hosts = [
    ...new Set([...Object.keys(buildkit(registry)), ...insecure, ...Object.keys(daemon.certificateFiles)]),
  ];
  return Object.fromEntries(
    hosts.map((host) => [host, manner(insecure.includes(host), host in daemon.certificateFiles)]),
  );
}

function containerd(registry: Registry): Record<string, Manner> {
  const files = new NodeConfig([registry]).hostsToml;
  const hosts = onNodes(registry);
  return Object.fromEntries(
    hosts.map((host) => {
      const text = files[`${host.replace(/:(\d+)$/, '_$1_')}/hosts.toml`];
      const file = text && (parseToml(text) as { server: string; ca?: string });
      return [host, file ? manner(file.server === `http://${host}`, file.ca !== undefined) : 'https'];
    }),
  );
}

function k3s(registry: Registry): Record<string, Manner> {
  const { mirrors = {}, configs = {} } = (parseYaml(new NodeConfig([registry]).k3sRegistriesYaml) ?? {}) as {
    mirrors?: Record<string, { endpoint: string[] }>;
    configs?: Record<string, { tls: object }>;
  };
  const hosts = onNodes(registry);
  return Object.fromEntries(
    hosts.map((host) => [host, manner(mirrors[host]?.endpoint.at(-1) === `http://${host}`, host in configs)]),
  );
}

const ofFlags = (endpoint: Endpoint, flags: string[], plainFlag: string) => ({
  [endpoint.host]: manner(
    flags.includes(plainFlag),
    flags.some((flag) => flag.startsWith(CERTIFICATES)),
  ),
});
const cosign = (registry: Registry) =>
  Object.assign(
    {},
    ...registry.endpoints.map((e) => ofFlags(e, ClientFlags.cosign(e, CERTIFICATES), '--allow-http-registry')),
  );
const trivy = (registry: Registry) =>
  Object.assign({}, ...registry.endpoints.map((e) => ofFlags(e, ClientFlags.trivy(e, CERTIFICATES), '--insecure')));

function flux(registry: Registry): Record<string, Manner> {
  const access = fluxRegistryAccess(new Chart(Testing.app(), 'flux', { namespace: 'flux-system' }), registry);
  // Beside plain HTTP, the authority is that of the token server.
  return {
    [registry.scan.host]: manner(access.insecure === true, access.certSecretRef !== undefined && !access.insecure),
  };
}

const FILES = { buildkit, docker, containerd, k3s, cosign, trivy };
const reachableByFlux = (registry: Registry) => registry.scan.isReachableFrom(Zone.POD);

test.each(Object.entries(REGISTRIES))('%s: every file that speaks of a host says the same of it', (_, make) => {
  const registry = make();
  const declared: Record<string, Manner> = Object.fromEntries(
    [...registry.endpoints, ...registry.endpoints.flatMap((e) => e.mirrors)].map((e) => [
      e.host,
      manner(e.isPlainHttp, e.trust.caBundle !== undefined),
    ]),
  );
  const said = { ...FILES, ...(reachableByFlux(registry) ? { flux } : {}) };
  for (const [file, read] of Object.entries(said)) {
    const hosts: Record<string, Manner> = read(registry);
    expect(Object.keys(hosts).length).toBeGreaterThan(0);
    for (const [host, how] of Object.entries(hosts)) {
      const trustsTokenServer =
        (file === 'containerd' || file === 'k3s') &&
        host === registry.pull.host &&
        registry._tokenRealm(registry.pull).trust.caBundle !== undefined;
      const expected = declared[host] === 'https' && trustsTokenServer ? 'https with private CA' : declared[host];
      if (expected !== undefined) {
        expect([file, host, how]).toEqual([file, host, expected]);
      }
    }
  }
});

test.each(Object.entries(REGISTRIES))(
  '%s: credentials have one entry for each host, and names one path everywhere',
  (_, make) => {
    const registry = make();
    const { hosts } = DockerConfigJson.of([registry]);
    expect(hosts).toEqual([...new Set(registry.endpoints.map((endpoint) => endpoint.host))]);
    const paths = [registry.pushName('app'), registry.pullName('app'), registry.scanName('app')].map((name) =>
      name.slice(name.indexOf('/')),
    );
    expect(new Set(paths)).toEqual(new Set([`/${registry.owner}/app`]));
  },
);

test.each(Object.entries(REGISTRIES))('%s: every CA file that is named is mounted there', (_, make) => {
  const registry = make();
  const { registry: tables, bundles } = buildkitRegistries([registry], CERTIFICATES);
  const { volumes, volumeMounts } = caMounts(
    new Chart(Testing.app(), 'ci', { namespace: 'ci' }),
    bundles,
    CERTIFICATES,
  );
  const mounted = volumeMounts.map(({ name, mountPath }) => {
    const volume = volumes.find((v) => v.name === name)!;
    return `${mountPath}/${(volume.configMap?.items ?? volume.secret?.items)![0].path}`;
  });
  expect([...new Set(Object.values(tables).flatMap((table) => table.ca ?? []))].sort()).toEqual(mounted.sort());
});

test.each(Object.entries(REGISTRIES))('%s: the files themselves', (_, make) => {
  const registry = make();
  const config = new NodeConfig([registry]);
  expect({
    'buildkitd.toml': toml({ registry: buildkitRegistries([registry], CERTIFICATES).registry }),
    'daemon.json': new DaemonJson({ registries: [registry] }).render(),
    'hosts.toml': config.hostsToml,
    'registries.yaml': config.k3sRegistriesYaml,
    kind: config.kindContainerdConfigPatches,
    system: config.systemAuthorities,
    certificates: {
      ...config.certificateFiles,
      ...Object.fromEntries(Object.entries(config.k3sCertificateFiles).map(([host, file]) => [`k3s:${host}`, file])),
      ...Object.fromEntries(Object.keys(config.certificates).map((host) => [`known:${host}`, true])),
    },
    buildctl: ClientFlags.buildctl(registry, CERTIFICATES),
    tokens: registry.endpoints.map((endpoint) => `${endpoint.url} -> ${registry._tokenRealm(endpoint).url}`),
  }).toMatchSnapshot();
});
