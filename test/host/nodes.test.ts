import * as fs from 'node:fs';
import * as path from 'node:path';
import { Chart, Size } from 'cdk8s';
import { parse, parseAllDocuments } from 'yaml';
import { GitOpsApp } from '../../lib/app';
import { Buildkitd, BuildkitMode, BuildxDriver, Builder, IBuilder } from '../../lib/buildkit';
import { Forge } from '../../lib/forge';
import { K3dCluster, K3sNode, KindCluster, LocalClusterProps, NodeProps, TalosNode } from '../../lib/host';
import { NodeNeed, Storage } from '../../lib/kube';
import { Endpoint, Registry, Zone } from '../../lib/registry';
import { Executor } from '../../lib/runner';
import { CaBundle, Trust } from '../../lib/trust';
import { runBash } from '../support/bash';
import { codesOf, foundCodes } from '../support/problems';
import { temporaryFolder, writeTree } from '../support/workspace';
import { filesOf, hostForge, registryOf } from './world';

const trust = Trust.privateCa(CaBundle.fromFile('test/fixtures/trust/ca.crt'));
const secured = () => registryOf(hostForge());
const plain = () => Registry.oci({ pull: Endpoint.http('registry.example.com:5000') });
/** Plain HTTP, with tokens from a server behind two private CAs. */
const tokens = () =>
  Registry.oci({
    pull: Endpoint.http('plain.example.com:5000'),
    tokenServer: Endpoint.https('auth.example.com', {
      trust: Trust.privateCa(CaBundle.fromFile('test/fixtures/trust/chain.crt', { name: 'chain' })),
    }),
  });
const hub = () =>
  Registry.oci({
    pull: Endpoint.https('docker.io', {
      mirrors: [Endpoint.https('harbor.example.com', { path: 'hub', trust }), Endpoint.http('mirror.example.com:5000')],
    }),
  });

function builder(mode: BuildkitMode, app = new GitOpsApp()): Buildkitd {
  const chart = new Chart(app, 'ci', { namespace: 'ci' });
  return new Buildkitd(chart, 'buildkitd', {
    registries: [secured()],
    mode,
    storage: Storage.persistent(Size.gibibytes(10)),
  });
}

function k3s(props: NodeProps = {}): Record<string, string> {
  const app = new GitOpsApp();
  new K3sNode(app, 'node', props);
  return filesOf(app);
}

function k3d(props: LocalClusterProps = {}, id = 'local'): Record<string, string> {
  const app = new GitOpsApp();
  new K3dCluster(app, id, props);
  return filesOf(app);
}

function talos(props: NodeProps = {}) {
  const app = new GitOpsApp();
  new TalosNode(app, 'node', props);
  return parseAllDocuments(filesOf(app)['host/node/patch.yml']).map((document) => document.toJS());
}

/** A machine in a directory, on which install.sh runs again and again. */
class Machine {
  readonly root = temporaryFolder();
  readonly calls = path.join(this.root, 'calls');

  constructor(files: Record<string, string> = {}) {
    writeTree(this.root, files);
  }

  run(emitted: Record<string, string>, argument = '') {
    const folder = temporaryFolder();
    writeTree(folder, emitted);
    const record = `#!/bin/sh\necho "$(basename "$0") $*" >> ${this.calls}\n`;
    return runBash(`bash ${folder}/host/node/install.sh ${argument}`, {
      env: { ROOT: this.root },
      commands: { 'update-ca-certificates': record },
    });
  }

  has(file: string): boolean {
    return fs.existsSync(path.join(this.root, file));
  }

  text(file: string): string {
    return fs.readFileSync(path.join(this.root, file), 'utf8');
  }
}

const KERNEL = { 'proc/sys/user/max_user_namespaces': '0\n' };
const UBUNTU = {
  'proc/sys/user/max_user_namespaces': '127234\n',
  'proc/sys/kernel/apparmor_restrict_unprivileged_userns': '1\n',
};
const SERVICE = { 'etc/systemd/system/k3s-agent.service': '' };

describe('a node of K3s', () => {
  test('gets the registries, each certificate where registries.yaml names it, and says which restart is needed', () => {
    const machine = new Machine(SERVICE);
    const emitted = k3s({ registries: [secured(), plain(), hub()] });
    const first = machine.run(emitted);
    expect(first).toMatchObject({ status: 0, stderr: '' });
    expect(first.stdout).toContain('restart K3s: systemctl restart k3s-agent');
    const { mirrors, configs } = parse(machine.text('etc/rancher/k3s/registries.yaml'));
    expect(Object.keys(mirrors)).toEqual(['registry.example.com:5000', 'docker.io', 'mirror.example.com:5000']);
    const certificates = Object.values(configs as Record<string, { tls: { ca_file: string } }>);
    expect(certificates.map(({ tls }) => tls.ca_file)).toEqual([
      '/etc/rancher/k3s/certs/host.docker.internal_30090_.crt',
      '/etc/rancher/k3s/certs/harbor.example.com.crt',
    ]);
    certificates.forEach(({ tls }) => expect(machine.text(tls.ca_file)).toContain('BEGIN CERTIFICATE'));
    // A second run changes nothing, and asks for no restart.
    expect(machine.run(emitted)).toMatchObject({ status: 0, stdout: 'up to date\n', stderr: '' });
  });

  test('is not changed by a check', () => {
    const machine = new Machine(KERNEL);
    const emitted = k3s({ registries: [secured(), tokens()], builders: [builder(BuildkitMode.rootless())] });
    const check = machine.run(emitted, 'check');
    expect(check.status).toBe(1);
    expect(check.stdout).toContain('user.max_user_namespaces is 0');
    expect([machine.has('etc'), machine.has('calls'), machine.text('proc/sys/user/max_user_namespaces')]).toEqual([
      false,
      false,
      '0\n',
    ]);
    expect(machine.run(emitted).status).toBe(0);
    expect(machine.run(emitted, 'check')).toMatchObject({ status: 0, stdout: 'up to date\n' });
  });

  test('trusts CAs of token servers in its system, one file per certificate, until they are no longer declared', () => {
    const machine = new Machine();
    const folder = 'usr/local/share/ca-certificates';
    writeTree(machine.root, { [`${folder}/cdk8s-forge-ca.crt`]: 'of another program' });
    const first = machine.run(k3s({ registries: [tokens()] }));
    expect(first.stdout).toContain('K3s reads the files at its start: start K3s');
    const ours = () => fs.readdirSync(path.join(machine.root, folder)).sort();
    expect(ours()).toEqual(['cdk8s-forge-ca.crt', 'cdk8s-forge-node-chain-2.crt', 'cdk8s-forge-node-chain.crt']);
    expect(machine.text(`${folder}/cdk8s-forge-node-chain-2.crt`).match(/BEGIN/g)).toHaveLength(1);
    expect(machine.run(k3s()).status).toBe(0);
    expect(ours()).toEqual(['cdk8s-forge-ca.crt']);
    expect(machine.text('calls')).toBe('update-ca-certificates \nupdate-ca-certificates \n');
  });

  test('keeps a registries.yaml that somebody else wrote', () => {
    const machine = new Machine({ 'etc/rancher/k3s/registries.yaml': 'mirrors: {}\n', ...KERNEL });
    const run = machine.run(k3s({ registries: [plain()], executors: [Executor.dockerRootless()] }));
    expect([run.status, run.stderr]).toEqual([1, expect.stringContaining('declare its registries in main.ts')]);
    expect(machine.text('etc/rancher/k3s/registries.yaml')).toBe('mirrors: {}\n');
    expect(machine.text('proc/sys/user/max_user_namespaces')).toBe('0\n');
  });

  test('allows user namespaces only as far as a builder needs them', () => {
    const conf = 'etc/sysctl.d/90-cdk8s-forge-node.conf';
    const rootless = k3s({ executors: [Executor.host({ builder: builder(BuildkitMode.rootless()) })] });
    const machine = new Machine(UBUNTU);
    expect(machine.run(rootless).status).toBe(0);
    // The value that Ubuntu has is larger than ours, and stays.
    expect(machine.text(conf)).toBe('kernel.apparmor_restrict_unprivileged_userns = 0\n');
    expect(machine.text('proc/sys/user/max_user_namespaces')).toBe('127234\n');
    expect(machine.text('proc/sys/kernel/apparmor_restrict_unprivileged_userns')).toBe('0\n');
    // A second run keeps the file, although the kernel has the value now.
    expect(machine.run(rootless).stdout).toBe('up to date\n');
    expect(machine.text(conf)).toBe('kernel.apparmor_restrict_unprivileged_userns = 0\n');
    // Without the builder, the file goes.
    expect(machine.run(k3s()).status).toBe(0);
    expect(machine.has(conf)).toBe(false);
    const hardened = new Machine({ ...UBUNTU, ...KERNEL });
    expect(hardened.run(k3s({ builders: [builder(BuildkitMode.userNamespace())] })).status).toBe(0);
    expect(hardened.text(conf)).toBe('user.max_user_namespaces = 63359\n');
    expect(hardened.text('proc/sys/kernel/apparmor_restrict_unprivileged_userns')).toBe('1\n');
    const without = new Machine().run(k3s({ executors: [Executor.dockerRootless()] }));
    expect([without.status, without.stderr]).toEqual([1, expect.stringContaining('no user namespaces')]);
  });
});

test('builders and executors name what their nodes need', () => {
  const rootless = builder(BuildkitMode.rootless());
  const driver = (each: Buildkitd): IBuilder => Builder.buildx({ driver: BuildxDriver.remote(each) });
  expect(driver(rootless).nodeNeeds).toEqual([NodeNeed.UNPRIVILEGED_USER_NAMESPACES]);
  expect(Builder.docker().nodeNeeds).toBeUndefined();
  expect(builder(BuildkitMode.privileged()).nodeNeeds).toEqual([]);
  expect(Executor.docker().nodeNeeds).toEqual([]);
  expect(Executor.dockerRootless({ builder: rootless }).nodeNeeds).toEqual([NodeNeed.UNPRIVILEGED_USER_NAMESPACES]);
});

describe('a cluster of k3d', () => {
  const local = Forge.gitea({ version: '1.26', url: 'http://localhost:3000', nodePort: 30080 });

  test('has the registries, the certificates and the ports that a kind cluster has', () => {
    const registries = [Registry.gitea(local, { owner: 'platform' }), secured(), tokens()];
    const files = k3d({ forge: local, registries, workers: 2, listenAddress: '::1' });
    const config = parse(files['host/local/k3d.yml']);
    expect(config).toMatchObject({ kind: 'Simple', metadata: { name: 'local' }, servers: 1, agents: 2 });
    expect(config.ports).toEqual([{ port: '[::1]:3000:30080', nodeFilters: ['server:0'] }]);
    expect(parse(config.registries.config).mirrors['localhost:3000'].endpoint[0]).toBe('http://localhost:30080');
    const volumes = config.volumes.map(({ volume }: { volume: string }) => volume);
    expect(volumes).toEqual([
      '${PWD}/certs:/etc/rancher/k3s/certs:ro',
      '${PWD}/authorities/chain.crt:/etc/ssl/certs/cdk8s-forge-chain.crt:ro',
      '${PWD}/authorities/chain-2.crt:/etc/ssl/certs/cdk8s-forge-chain-2.crt:ro',
    ]);
    expect(Object.keys(files).filter((file) => file.endsWith('.crt'))).toEqual([
      'host/local/certs/host.docker.internal_30090_.crt',
      'host/local/certs/auth.example.com.crt',
      'host/local/authorities/chain.crt',
      'host/local/authorities/chain-2.crt',
    ]);
  });

  test('is created once, and its script says if the kernel lacks what a builder needs', () => {
    const folder = temporaryFolder();
    writeTree(folder, k3d({ executors: [Executor.dockerRootless()] }));
    const run = (clusters: string, value: string) =>
      runBash(`bash ${folder}/host/local/create.sh`, {
        commands: {
          k3d: `#!/bin/sh
case "$1 $2" in
  'cluster list') echo "${clusters} 1/1 0/0 true" ;;
  'node list') printf 'k3d-other-server-0 server other running\\nk3d-local-serverlb loadbalancer local running\\nk3d-local-server-0 server local running\\n' ;;
  *) echo "$PWD: k3d $*" >> ${folder}/calls ;;
esac
`,
          docker: `#!/bin/sh\necho "docker $2" >> ${folder}/calls\ncase "$*" in *apparmor*) ;; *) echo ${value} ;; esac\n`,
        },
      });
    expect(run('other', '5')).toMatchObject({ status: 0, stderr: '' });
    const broken = run('local', '0');
    expect(broken.status).toBe(1);
    expect(broken.stderr).toContain('sudo sysctl --write user.max_user_namespaces=63359');
    const asked = ['docker k3d-local-server-0', 'docker k3d-local-server-0'];
    expect(fs.readFileSync(`${folder}/calls`, 'utf8').trim().split('\n')).toEqual([
      `${folder}/host/local: k3d cluster create --config k3d.yml`,
      ...asked,
      ...asked,
    ]);
  });

  test('has a name that k3d accepts, and the errors of a kind cluster', () => {
    const at = Registry.oci({ pull: Endpoint.http('localhost:3000') });
    expect(codesOf(() => k3d({}, 'a'.repeat(33)))).toEqual(['FORGE-HOST-014']);
    expect(codesOf(() => k3d({ registries: [at] }))).toEqual(['FORGE-HOST-014']);
    expect(foundCodes(() => k3d({}, 'a'.repeat(32)))).toEqual([]);
    expect(foundCodes(() => new KindCluster(new GitOpsApp(), 'a'.repeat(33)))).toEqual([]);
    expect(Object.keys(k3d())).toEqual(['host/local/k3d.yml', 'host/local/create.sh']);
  });
});

describe('a node of Talos', () => {
  test('gets mirrors, certificates and the kernel in one patch', () => {
    const [{ machine }, ...others] = talos({
      registries: [secured(), plain(), hub()],
      builders: [builder(BuildkitMode.rootless())],
    });
    expect(others).toEqual([]);
    expect(machine.registries.mirrors).toEqual({
      'registry.example.com:5000': { endpoints: ['http://registry.example.com:5000'] },
      'docker.io': {
        endpoints: [
          'https://harbor.example.com/v2/hub',
          'http://mirror.example.com:5000/v2',
          'https://registry-1.docker.io/v2',
        ],
        overridePath: true,
      },
      'mirror.example.com:5000': { endpoints: ['http://mirror.example.com:5000'] },
    });
    expect(Object.keys(machine.registries.config)).toEqual(['host.docker.internal:30090', 'harbor.example.com']);
    const { ca } = machine.registries.config['harbor.example.com'].tls;
    expect(Buffer.from(ca, 'base64').toString()).toContain('BEGIN CERTIFICATE');
    // Talos sets no setting that its kernel does not have.
    expect(machine.sysctls).toEqual({ 'user.max_user_namespaces': '63359' });
  });

  test('trusts the CAs of token servers in its system', () => {
    const [, roots] = talos({ registries: [tokens()] });
    expect(roots).toMatchObject({ apiVersion: 'v1alpha1', kind: 'TrustedRootsConfig', name: 'cdk8s-forge' });
    expect(roots.certificates.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
    expect(talos()).toEqual([{ machine: {} }]);
  });
});

test.each([
  ['K3sNode', k3s],
  ['K3dCluster', k3d],
  ['TalosNode', talos],
])('%s is an error with a CA bundle of a cluster, and none with a mirror for nodes', (_, make) => {
  const inCluster = Trust.privateCa(CaBundle.fromConfigMap('home-ca'));
  const broken = Registry.oci({ pull: Endpoint.https('r.example.com', { trust: inCluster }) });
  expect(codesOf(() => make({ registries: [broken] }))).toEqual(['FORGE-TRUST-011']);
  const podsOnly = Endpoint.http('hub.ci.svc.cluster.local:5000');
  const unused = Registry.oci({ pull: Endpoint.https('docker.io', { mirrors: [podsOnly] }) });
  expect(codesOf(() => make({ registries: [unused] }))).toEqual(['FORGE-HOST-017']);
  const plainWithout = Registry.oci({ pull: Endpoint.http('r.example.com:5000', { mirrors: [podsOnly] }) });
  expect(foundCodes(() => make({ registries: [plainWithout] }))).toEqual([]);
  const mirror = Endpoint.http('mirror.example.com', { zones: [Zone.NODE] });
  const fine = Registry.oci({ pull: Endpoint.https('r.example.com', { mirrors: [mirror] }) });
  expect(foundCodes(() => make({ registries: [fine] }))).toEqual([]);
});
