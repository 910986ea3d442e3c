import { App, Chart, Size, Testing } from 'cdk8s';
import {
  Builder,
  Buildkitd,
  BuildkitPlatforms,
  BuildkitTls,
  BuildkitTopology,
  BuildkitVersion,
  BuildxDriver,
  CacheKind,
  Platform,
  Provenance,
  RemoteTls,
} from '../../lib/buildkit';
import { Architecture, Storage } from '../../lib/kube';
import { Endpoint, Registry } from '../../lib/registry';
import { CaBundle, Trust } from '../../lib/trust';
import { accepts, codesOf, problemsOf } from '../support/problems';
import { BUILD, ghcr, run } from './fake-docker';

const plain = Registry.oci({ owner: 'team', pull: Endpoint.http('registry.test:3000') });
const authority = (bundle: CaBundle) =>
  Registry.oci({
    owner: 'team',
    pull: Endpoint.https('harbor.example.com', { trust: Trust.privateCa(bundle) }),
  });
const secured = authority(CaBundle.fromFile('examples/parts/private-ca/certs/ca.crt'));
const PROPS = { registries: [plain], storage: Storage.persistent(Size.gibibytes(50)) };
const K8S = { namespace: 'ci', kubeconfig: '${{ secrets.KUBECONFIG }}' };
const chart = (): Chart => new Chart(Testing.app(), 'ci', { namespace: 'ci' });
const createOf = ({ commands }: ReturnType<typeof run>) => commands.filter((command) => command[1] === 'create');
const opts = (command: string[]) => command.flatMap((word, i) => (word === '--driver-opt' ? [command[i + 1]] : []));

describe('docker-container', () => {
  test('release and image of your own', () => {
    const version = BuildkitVersion.of('0.31.2');
    const made = run(
      Builder.buildx({
        driver: BuildxDriver.dockerContainer({ version, image: 'registry.test:3000/mirror/buildkit' }),
      }),
    );
    expect(opts(createOf(made)[0])).toEqual(['image=registry.test:3000/mirror/buildkit:v0.31.2']);
    expect(codesOf(() => BuildxDriver.dockerContainer({ image: 'moby/buildkit:v1,network=host' }))).toEqual([
      'FORGE-BK-024',
    ]);
  });

  test('passes a private CA that the program has read on to the builder, which then fetches the tokens too', () => {
    const made = run(Builder.buildx(), { registry: secured });
    expect(made.status).toBe(0);
    expect(made.toml).toMatch(/ca = \[ "\/[^"]*\/ca\/ca-ca-bundle\/ca\.crt" \]/);
    expect(made.files).toContain('-----BEGIN CERTIFICATE-----');
    expect(made.token).toBe('1');
    expect(run(Builder.buildx(), { registry: plain }).token).toBe('');
    expect(made.env!.BUILDER).not.toBe(run().env!.BUILDER);
    expect(Builder.buildx().canUse(secured)).toBe(true);
    // Nobody knows the certificates of an object that exists in the cluster only.
    expect(Builder.buildx().canUse(authority(CaBundle.fromConfigMap('home-ca')))).toBe(false);
  });
});

describe('remote', () => {
  test('a buildkitd of the program: its address, its registries, its cache; a job needs no Docker', () => {
    const daemon = new Buildkitd(chart(), 'buildkitd', PROPS);
    const builder = Builder.buildx({ driver: BuildxDriver.remote(daemon) });
    const made = run(builder, { registry: plain });
    expect(made.status).toBe(0);
    expect(createOf(made)).toEqual([
      ['buildx', 'create', '--name', 'forge', '--node', 'forge0', '--driver', 'remote', daemon.address],
    ]);
    expect([builder.isForClientsOnly, builder.tools, builder.stateSize, builder.platforms]).toEqual([
      true,
      ['buildx'],
      PROPS.storage.size,
      undefined,
    ]);
    expect(builder.cacheKinds).toEqual(Object.values(CacheKind));
    expect([builder.canUse(plain), builder.canUse(secured)]).toEqual([true, false]);
    expect(made.toml).toBe('');
  });

  test('a client certificate, and one of several daemons by the image', () => {
    const tls = BuildkitTls.certManager();
    const daemon = new Buildkitd(chart(), 'buildkitd', { ...PROPS, tls, topology: BuildkitTopology.stablePool(3) });
    const builder = Builder.buildx({ driver: BuildxDriver.remote(daemon) });
    const addressOf = (image: string): string => createOf(run(builder, { registry: plain, image }))[0].slice(-1)[0];
    const folder = daemon.connection.tlsFolder;
    expect(opts(createOf(run(builder, { registry: plain }))[0])).toEqual([
      `cacert=${folder}/ca.pem,cert=${folder}/cert.pem,key=${folder}/key.pem`,
    ]);
    const used = ['a', 'b', 'c', 'd', 'e', 'f'].map(addressOf);
    expect(new Set(used).size).toBeGreaterThan(1);
    expect(used.every((address) => daemon.connection.addresses.includes(address))).toBe(true);
    expect(addressOf('a')).toBe(used[0]);
  });

  test('a node for each architecture', () => {
    const pools = new BuildkitPlatforms(chart(), 'pools', {
      ...PROPS,
      architectures: [Architecture.AMD64, Architecture.ARM64],
    });
    const builder = Builder.buildx({ driver: BuildxDriver.remotePlatforms(pools) });
    const [first, second] = createOf(run(builder, { registry: plain }));
    expect(first).toEqual(expect.arrayContaining(['--node', 'forge0', '--platform', 'linux/amd64']));
    expect(second).toEqual(expect.arrayContaining(['--node', 'forge1', '--append', '--platform', 'linux/arm64']));
    expect(builder.platforms).toEqual(['linux/amd64', 'linux/arm64']);
  });

  test('an address, with a certificate that is a secret of the forge', () => {
    const secrets = { ca: '${{ secrets.CA }}', cert: '${{ secrets.CERT }}', key: '${{ secrets.KEY }}' };
    const driver = BuildxDriver.remoteAt('tcp://buildkit.example.com:1234', {
      tls: RemoteTls.secrets(secrets),
      platforms: [Platform.LINUX_ARM64],
    });
    const builder = Builder.buildx({ driver });
    const values = { BUILDER_TLS_CA: 'the ca', BUILDER_TLS_CERT: 'the certificate', BUILDER_TLS_KEY: 'the key' };
    const made = run(builder, {}, values);
    expect(opts(createOf(made)[0])[0]).toMatch(
      /^cacert=(\/.*)\/tls\/ca\.pem,cert=\1\/tls\/cert\.pem,key=\1\/tls\/key\.pem$/,
    );
    expect(made.files).toBe('the ca\nthe certificate\nthe key\n');
    // Without its certificate, buildx would connect without TLS.
    expect(run(builder, {}, { ...values, BUILDER_TLS_KEY: '' })).toMatchObject({ status: 1, toml: '' });
    expect(made.env).toMatchObject({ BUILDER_TLS_KEY: secrets.key });
    expect([builder.isForClientsOnly, builder.platforms, builder.canUse(ghcr), builder.canUse(plain)]).toEqual([
      false,
      ['linux/arm64'],
      true,
      false,
    ]);
    expect(builder.connectFrom(new Chart(new App(), 'c'), {}).address).toBe('');
  });

  test.each([
    ['an address', () => BuildxDriver.remoteAt('buildkit.example.com:1234'), 'FORGE-BK-020'],
    ['a directory', () => RemoteTls.folder('certs'), 'FORGE-BK-024'],
    ['a key', () => RemoteTls.secrets({ ca: 'x', cert: 'y', key: '-----BEGIN PRIVATE KEY-----' }), 'FORGE-BK-024'],
  ])('refuses what is not %s', (_, make, code) => {
    const [problem] = problemsOf(make);
    expect(problem.code).toBe(code);
    expect(JSON.stringify(problem)).not.toContain('PRIVATE KEY');
    accepts(
      () => BuildxDriver.remoteAt('tcp://buildkit.example.com:1234'),
      () => RemoteTls.folder('/certs'),
      () => RemoteTls.secrets({ ca: '${{ secrets.CA }}', cert: '${{ secrets.CERT }}', key: '${{ secrets.KEY }}' }),
    );
  });
});

describe('kubernetes', () => {
  const driver = BuildxDriver.kubernetes({
    namespace: 'ci',
    kubeconfig: '${{ secrets.KUBECONFIG }}',
    storage: Size.gibibytes(50),
    replicas: 2,
    resources: { cpuRequestMillis: 500, memoryLimit: Size.gibibytes(4) },
    nodeSelector: { 'kubernetes.io/arch': 'arm64', pool: 'builds' },
    version: BuildkitVersion.of('0.32.2'),
  });

  test('options in the format of buildx, and a kubeconfig that goes with the step', () => {
    const builder = Builder.buildx({ driver });
    const made = run(builder, { registry: plain }, { BUILDER_KUBECONFIG: 'the kubeconfig' });
    expect(made.status).toBe(0);
    expect(opts(createOf(made)[0])).toEqual([
      'image=moby/buildkit:v0.32.2',
      'namespace=ci',
      'replicas=2',
      'persistent-volume-claim.requests.storage=50Gi',
      'requests.cpu=500m',
      'limits.memory=4Gi',
      '"nodeselector=kubernetes.io/arch=arm64,pool=builds"',
    ]);
    expect(made.files).toBe('the kubeconfig\n');
    expect(made.toml).toContain('http = true');
    expect([builder.tools, builder.stateSize!.toGibibytes(), builder.canUse(secured)]).toEqual([['buildx'], 50, true]);
  });

  test.each([
    ['namespace', { ...K8S, namespace: 'ci,image=evil' }],
    ['replicas', { ...K8S, replicas: 0 }],
    ['nodeSelector', { ...K8S, nodeSelector: { a: 'b,c=d' } }],
    ['kubeconfig', { ...K8S, kubeconfig: 'apiVersion: v1' }],
  ])('refuses a %s that it cannot read', (name, options) => {
    const [problem] = problemsOf(() => BuildxDriver.kubernetes(options));
    expect([problem.code, problem.message.includes(name)]).toEqual(['FORGE-BK-024', true]);
    accepts(
      () => BuildxDriver.kubernetes(K8S),
      () => BuildxDriver.kubernetes({ ...K8S, namespace: 'ci-image', replicas: 1, nodeSelector: { a: 'b-c.d' } }),
    );
  });
});

describe('further registries', () => {
  const mirrors = [
    { registry: plain, username: 'other', token: 'password' },
    { registry: Registry.ghcr({ owner: 'two' }) },
  ];

  test('receive all tags, by a login for each host', () => {
    const { build, auth, stdout } = run(Builder.buildx(), { mirrors });
    const tags = (name: string) => `${name}:main-0123abc-1763600000,${name}:latest`;
    expect(build.find((word) => word.startsWith('type=image'))).toContain(
      `"name=${['ghcr.io/example/hello', 'registry.test:3000/team/hello', 'ghcr.io/two/hello'].map(tags).join(',')}"`,
    );
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    expect(JSON.parse(auth)).toEqual({
      auths: { 'ghcr.io': { auth: base64('ci:secret') }, 'registry.test:3000': { auth: base64('other:password') } },
    });
    expect(stdout).toContain(`::add-mask::${base64('other:password')}\n`);
  });

  test('a missing secret is said before anything is built', () => {
    const { status, stderr, commands } = run(Builder.buildx(), { mirrors }, { MIRROR_1_TOKEN: '' });
    expect([status, commands.length]).toEqual([1, 1]);
    expect(stderr).toContain('there is no user or no token for registry.test:3000');
    expect(codesOf(() => Builder.buildx().buildScript({ ...BUILD, mirrors: [{ registry: plain }] }))).toEqual([
      'FORGE-BK-019',
    ]);
    accepts(() => Builder.buildx().buildScript({ ...BUILD, mirrors }));
  });

  test('a build that pushes nothing knows no further registry', () => {
    const { env, auth } = run(Builder.buildx(), { mirrors, push: false });
    expect([Object.keys(env!).filter((name) => name.startsWith('MIRROR')), auth]).toEqual([[], '']);
  });
});

test('attestations are stored in the form that every registry accepts', () => {
  const output = (provenance: Provenance) => run(Builder.buildx(), { provenance }).env!.OUTPUT;
  expect(output(Provenance.MIN)).toContain('oci-artifact=false');
  expect(output(Provenance.NONE)).not.toContain('oci-artifact');
});
