import { spawnSync } from 'node:child_process';
import { parse } from 'yaml';
import { GitOpsApp } from '../../lib/app';
import { Forge, GiteaForgeProps } from '../../lib/forge';
import { K3dCluster, KindCluster, LocalClusterProps } from '../../lib/host';
import { Endpoint, Registry, Zone } from '../../lib/registry';
import { adviceAt, Findings } from '../../lib/support';
import { CaBundle, Trust } from '../../lib/trust';
import { runBash } from '../support/bash';
import { accepts, codesOf, foundCodes, problemsOf } from '../support/problems';
import { temporaryFolder, writeTree } from '../support/workspace';
import { filesOf, hostForge, registryOf } from './world';

function kind(props: LocalClusterProps = {}) {
  const app = new GitOpsApp();
  const cluster = new KindCluster(app, 'local', props);
  const files = filesOf(app);
  return { cluster, files, config: parse(files['host/local/kind.yml']) };
}

const local = Forge.gitea({ version: '1.26', url: 'http://localhost:3000', nodePort: 30080 });

test('localhost:3000 of the machine is the NodePort of Gitea, and a mirror on the nodes', () => {
  const registry = Registry.gitea(local, { owner: 'raibid-admin' });
  const { config, files, cluster } = kind({ forge: local, registries: [registry], workers: 1 });
  expect(cluster.ports).toEqual([{ host: 3000, node: 30080 }]);
  expect(config.nodes.map(({ role }: { role: string }) => role)).toEqual(['control-plane', 'worker']);
  expect(config.nodes[0].extraPortMappings).toEqual([
    { containerPort: 30080, hostPort: 3000, listenAddress: '127.0.0.1', protocol: 'TCP' },
  ]);
  expect(config.nodes[1]).not.toHaveProperty('extraPortMappings');
  expect(files['host/local/certs.d/localhost_3000_/hosts.toml']).toContain('[host."http://localhost:30080"]');
  expect(config.containerdConfigPatches.join('')).toContain('config_path = "/etc/containerd/certs.d"');
});

test('the nodes trust the private CA of a registry, and use the mirrors of Docker Hub', () => {
  const hub = Registry.oci({
    pull: Endpoint.https('docker.io', { mirrors: [Endpoint.http('mirror.example.com:5000')] }),
  });
  const { config, files } = kind({ registries: [registryOf(hostForge()), hub] });
  const folder = 'certs.d/host.docker.internal_30090_';
  expect(files[`host/local/${folder}/ca.crt`]).toContain('BEGIN CERTIFICATE');
  expect(files[`host/local/${folder}/hosts.toml`]).toContain(`ca = "/etc/containerd/${folder}/ca.crt"`);
  expect(files['host/local/certs.d/docker.io/hosts.toml']).toContain('mirror.example.com:5000');
  expect(config.nodes[0].extraMounts).toEqual([
    { hostPath: 'certs.d', containerPath: '/etc/containerd/certs.d', readOnly: true },
  ]);
});

test('the CA of a token server of a plain registry is in the system of the nodes', () => {
  const trust = Trust.privateCa(CaBundle.fromFile('test/fixtures/trust/ca.crt'));
  const registry = Registry.oci({
    pull: Endpoint.http('registry.example.com:5000'),
    tokenServer: Endpoint.https('auth.example.com', { trust }),
  });
  const { files, config } = kind({ registries: [registry] });
  expect(config.nodes[0].extraMounts).toContainEqual(
    expect.objectContaining({ hostPath: 'authorities', containerPath: '/usr/local/share/ca-certificates/cdk8s-forge' }),
  );
  const folder = temporaryFolder();
  writeTree(folder, files);
  const run = (clusters: string) =>
    runBash(`bash ${folder}/host/local/create.sh`, {
      commands: {
        kind: `#!/bin/sh\ncase "$*" in "get clusters") echo "${clusters}";; "get nodes"*) echo local-control-plane;; *) echo "kind $*" >> ${folder}/calls;; esac\n`,
        docker: `#!/bin/sh\necho "docker $*" >> ${folder}/calls\n`,
      },
    }).status;
  expect([run('other'), run('local')]).toEqual([0, 0]);
  const trusted = [
    'docker exec local-control-plane update-ca-certificates',
    'docker exec local-control-plane systemctl restart containerd',
  ];
  expect(
    spawnSync('cat', [`${folder}/calls`], { encoding: 'utf8' })
      .stdout.trim()
      .split('\n'),
  ).toEqual(['kind create cluster --name local --config kind.yml --wait 5m', ...trusted, ...trusted]);
});

test('a cluster without settings has one node and no files beside it', () => {
  const { files, config } = kind();
  expect(Object.keys(files).sort()).toEqual(['host/local/create.sh', 'host/local/kind.yml']);
  expect(config.nodes).toEqual([{ role: 'control-plane' }]);
});

test('fails on ports, registries and nodes that cannot be, and accepts those beside them', () => {
  const at = (mirrors: Endpoint[]) => Registry.oci({ pull: Endpoint.http('localhost:3000', { mirrors }) });
  const mirror = (host: string) => Endpoint.http(host, { zones: [Zone.NODE] });
  const ports = [{ host: 3000, node: 30080 }];
  const broken: LocalClusterProps[] = [
    { ports: [{ host: 0, node: 30080 }] },
    { ports: [{ host: 3000, node: 3000 }] },
    { ports: [...ports, { host: 3000, node: 30081 }] },
    { ports, listenAddress: 'localhost' },
    { ports, registries: [at([])] },
    { ports, registries: [at([mirror('localhost:30081')])] },
    { workers: -1 },
    { image: 'kindest/node:v1.37.0' },
    { image: 'kindest/node:v1.37.0@sha256:abc' },
    { image: `kindest/node :v1.37.0@sha256:${'a'.repeat(64)}` },
    { forge: Forge.gitea({ version: '1.26', url: 'http://[::1]:3000', nodePort: 30080 }) },
    { ports, listenAddress: 'fe80::1%eth0' },
    { listenAddress: '0.0.0.0' },
    { forge: Forge.gitea({ version: '1.26', url: 'http://localhost:3000' }) },
    { ports, forge: Forge.gitea({ version: '1.26', url: 'https://git.example.com', nodePort: 30080 }) },
  ];
  expect(broken.map((props) => codesOf(() => kind(props)))).toEqual(broken.map(() => ['FORGE-HOST-014']));
  const fine: LocalClusterProps[] = [
    { ports: [...ports, ...ports, { host: 2222, node: 30022 }], listenAddress: '::1' },
    { ports, registries: [at([mirror('localhost:30080')])] },
    { forge: local, listenAddress: '0.0.0.0' },
    { registries: [at([mirror('mirror.example.com')])] },
    { image: `kindest/node:v1.37.0@sha256:${'a'.repeat(64)}` },
  ];
  expect(fine.flatMap((props) => foundCodes(() => kind(props)))).toEqual([]);
  const inCluster = Registry.oci({
    pull: Endpoint.https('r.example.com', { trust: Trust.privateCa(CaBundle.fromConfigMap('home-ca')) }),
  });
  expect(codesOf(() => kind({ registries: [inCluster] }))).toEqual(['FORGE-TRUST-011']);
});

test('a registry at localhost that no node finds has a fix that fits', () => {
  const fixOf = (props: LocalClusterProps) => problemsOf(() => kind(props))[0].fix;
  const gitea = (props: Partial<GiteaForgeProps>) =>
    Forge.gitea({ version: '1.26', url: 'http://localhost:3000', ...props });
  const of = (forge: Forge) => [Registry.gitea(forge, { owner: 'platform' })];
  expect(fixOf({ registries: of(gitea({ nodePort: 30080 })) })).toBe('set forge of the cluster to the Forge');
  expect(fixOf({ registries: of(gitea({})) })).toMatch(/^set nodePort of the Forge .*; set forge of the cluster/);
  const old = gitea({ version: '1.25', nodePort: 30080 });
  expect(fixOf({ forge: old, registries: of(old) })).toMatch(/^use Gitea 1.26, or set publicUrlDetection/);
  // The port of the machine stays: images have it in their names.
  const at = [Registry.oci({ pull: Endpoint.http('localhost:5000') })];
  expect(fixOf({ registries: at, ports: [{ host: 3000, node: 30500 }] })).toBe(
    "set pull to Endpoint.http('localhost:5000', { mirrors: [Endpoint.http('localhost:30501', { zones: [Zone.NODE] })] }), and add { host: 5000, node: 30501 } to ports",
  );
  const mirrors = [Endpoint.http('localhost:30501', { zones: [Zone.NODE] })];
  const mended = Registry.oci({ pull: Endpoint.http('localhost:5000', { mirrors }) });
  accepts(() => kind({ registries: [mended], ports: [{ host: 5000, node: 30501 }] }));
});

test('the runbook has the address that the ports are open at, and a warning if the URL of the forge is not there', () => {
  const advice = (props: LocalClusterProps) => {
    const [one] = adviceAt(kind({ forge: local, ...props }).cluster);
    return { text: one.byHand![0].text, warnings: one.warnings };
  };
  const at = (address: string) => expect.stringContaining(`\`${address}:3000\` is NodePort 30080`);
  const warnings = [expect.stringContaining('`http://localhost:3000` of the forge is not open on the machine')];
  expect(advice({ listenAddress: '10.0.0.1' })).toEqual({ text: at('10.0.0.1'), warnings });
  expect(advice({ listenAddress: 'fd00::1' })).toEqual({ text: at('[fd00::1]'), warnings });
  for (const listenAddress of [undefined, '0.0.0.0', '::', '0:0::1']) {
    expect(advice({ listenAddress })).toEqual({ text: at('localhost'), warnings: [] });
  }
  const elsewhere = Forge.gitea({ version: '1.26', url: 'http://127.0.0.2:3000', nodePort: 30080 });
  expect(advice({ forge: elsewhere, listenAddress: '127.0.0.2' })).toEqual({ text: at('127.0.0.2'), warnings: [] });
});

test('the name of a node is a label: `-control-plane` after the name of the cluster', () => {
  expect(codesOf(() => new KindCluster(new GitOpsApp(), 'a'.repeat(50)))).toEqual(['FORGE-HOST-014']);
  accepts(() => new KindCluster(new GitOpsApp(), 'a'.repeat(49)));
});

test('a mirror of Docker Hub at a NodePort is a mirror of the machine if a port of the machine leads to it', () => {
  const nodePort = Endpoint.http('localhost:30500', { zones: [Zone.NODE] });
  const hub = Registry.oci({ pull: Endpoint.https('docker.io', { mirrors: [nodePort] }) });
  const other = Registry.oci({ pull: Endpoint.https('ghcr.io', { mirrors: [nodePort] }) });
  const urls = (props: LocalClusterProps) => kind(props).cluster.hubMirrors.map(({ url }) => url);
  const ports = [{ host: 5000, node: 30500 }];
  expect(urls({ registries: [hub], ports })).toEqual(['http://localhost:5000']);
  expect(urls({ registries: [hub], ports, listenAddress: '0.0.0.0' })).toEqual(['http://localhost:5000']);
  expect(urls({ registries: [hub], ports, listenAddress: '192.0.2.1' })).toEqual(['http://192.0.2.1:5000']);
  expect(urls({ registries: [hub] })).toEqual([]);
  expect(urls({ registries: [hub], ports: [{ host: 5000, node: 30501 }] })).toEqual([]);
  expect(urls({ registries: [other], ports })).toEqual([]);
});

describe('two clusters of a machine', () => {
  const found = (one: LocalClusterProps, other: LocalClusterProps, prepare = (_: GitOpsApp) => {}) => {
    const root = temporaryFolder();
    const app = new GitOpsApp({ outdir: `${root}/dist`, imageLock: `${root}/images.yaml` });
    prepare(app);
    new KindCluster(app, 'one', one);
    new K3dCluster(app, 'other', other);
    return foundCodes(() => app.synth());
  };
  const at = (host: number, listenAddress?: string) => ({ ports: [{ host, node: 30080 }], listenAddress });

  test.each<[string, LocalClusterProps, LocalClusterProps]>([
    ['one port', at(3000), at(3000)],
    ['the port of one forge', { forge: local }, { forge: local }],
    ['every address', at(3000, '0.0.0.0'), at(3000, '192.168.1.5')],
    ['one address of IPv6', at(3000, '::1'), at(3000, '0:0::1')],
  ])('cannot both have %s', (_, one, other) => {
    expect(found(one, other)).toEqual(['FORGE-HOST-018']);
  });

  test('can have ports or addresses of their own, or one port if they never run at one time', () => {
    expect(found(at(3000), at(3001))).toEqual([]);
    expect(found(at(3000), at(3000, '127.0.0.2'))).toEqual([]);
    expect(found(at(3000, '0.0.0.0'), at(3000, '::1'))).toEqual([]);
    const accept = (app: GitOpsApp) => Findings.of(app).acknowledge('FORGE-HOST-018', 'kind or k3d, never both');
    expect(found(at(3000), at(3000), accept)).toEqual([]);
  });
});
