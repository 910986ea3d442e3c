import { Duration, Size } from 'cdk8s';
import { BuildkitdConfig, BuildkitMode, BuildkitTls, BuildkitTopology, GarbageCollection } from '../../lib/buildkit';
import { PodSecurity, Storage } from '../../lib/kube';
import { CaBundle, Trust } from '../../lib/trust';
import { Endpoint, Registry } from '../../lib/registry';
import { gitea, MODES, STORAGES, world } from './world';

describe('1: image, config folder, root, socket and security context move together, and --config is always passed', () => {
  test.each(MODES.map((mode) => [mode.name, mode] as const))('%s', (_, mode) => {
    const { pod, toml } = world({ mode });
    const [daemon] = pod.containers;
    const rootless = mode.name === 'rootless';
    const folder = rootless ? '/home/user/.config/buildkit' : '/etc/buildkit';
    const root = rootless ? '/home/user/.local/share/buildkit' : '/var/lib/buildkit';
    const socket = rootless ? 'unix:///run/user/1000/buildkit/buildkitd.sock' : 'unix:///run/buildkit/buildkitd.sock';
    expect(daemon.image).toBe(`moby/buildkit:v0.34.2${rootless ? '-rootless' : ''}`);
    expect(daemon.args).toEqual(['--config', `${folder}/buildkitd.toml`]);
    expect(daemon.volumeMounts).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'config', mountPath: folder }),
        { name: 'root', mountPath: root },
      ]),
    );
    expect(toml.root).toBe(root);
    expect(toml.grpc.address).toContain(socket);
    expect(daemon.env).toContainEqual({ name: 'BUILDKIT_HOST', value: socket });
    expect(daemon.securityContext?.privileged).toBe(rootless ? undefined : true);
    expect(pod.securityContext?.runAsUser).toBe(rootless ? 1000 : undefined);
    expect(pod.hostUsers).toBe(mode.name === 'userNamespace' ? false : undefined);
    expect([toml.worker.oci.rootless, toml.worker.oci.noProcessSandbox]).toEqual(
      rootless ? [true, true] : [mode.name === 'userNamespace', undefined],
    );
  });
});

test('2: sizes are bytes and times are seconds with a unit, whatever was given', () => {
  const config: BuildkitdConfig = {
    history: { maxAge: Duration.days(30) },
    garbageCollection: GarbageCollection.policies([
      {
        keepFor: Duration.days(7),
        maxUsedSpace: Size.gibibytes(10),
        reservedSpace: Size.mebibytes(512),
        minFreeSpace: Size.gibibytes(1),
      },
    ]),
  };
  const { toml } = world({ config });
  expect(toml.history).toEqual({ maxAge: '2592000s', maxEntries: 50 });
  expect(world({ config: { history: { maxEntries: 7 } } }).toml.history).toEqual({ maxAge: '172800s', maxEntries: 7 });
  expect(world({}).toml.history).toBeUndefined();
  expect(toml.worker.oci.gcpolicy).toEqual([
    { keepDuration: '604800s', maxUsedSpace: 10737418240, reservedSpace: 536870912, minFreeSpace: 1073741824 },
  ]);
});

test('3: the daemon is told of plain HTTP and of private authorities, whose certificates it is given', () => {
  const harbor = Registry.oci({
    owner: 'team',
    pull: Endpoint.https('harbor.example.com', { trust: Trust.privateCa(CaBundle.fromConfigMap('home-ca')) }),
  });
  const { toml, pod } = world({
    registries: [Registry.gitea(gitea, { owner: 'platform', push: Endpoint.http('gitea.svc:3000') }), harbor],
  });
  const [file] = toml.registry['harbor.example.com'].ca;
  expect(toml.registry['gitea.svc:3000']).toEqual({ http: true });
  const mount = pod.containers[0].volumeMounts!.find(({ mountPath }) => file.startsWith(`${mountPath}/`))!;
  expect(pod.volumes).toContainEqual({
    name: mount.name,
    configMap: { name: 'home-ca', items: [{ key: 'ca.crt', path: 'ca.crt' }] },
  });
});

describe("4: the root is a volume, never the container's own overlay, and the snapshotter is stated", () => {
  test.each(MODES.flatMap((mode) => STORAGES.map((storage) => [mode.name, storage.kind, { mode, storage }] as const)))(
    '%s, %s',
    (_, __, props) => {
      const { pod, toml, find } = world(props);
      const mount = pod.containers[0].volumeMounts!.find(({ mountPath }) => mountPath === toml.root)!;
      const claims = (find('StatefulSet').spec.volumeClaimTemplates ?? []).map(
        (claim: { metadata: { name: string } }) => claim.metadata.name,
      );
      expect([...pod.volumes!.map(({ name }) => name), ...claims]).toContain(mount.name);
      expect(toml.worker.oci.snapshotter).toBe('overlayfs');
    },
  );

  test('fails on NFS', () => {
    expect(() => world({ storage: Storage.persistent(Size.gibibytes(50), 'nfs-slow') })).toThrow(
      expect.objectContaining({ code: 'FORGE-BK-003' }),
    );
    expect(() => world({ storage: Storage.persistent(Size.gibibytes(50), 'fast') })).not.toThrow();
  });
});

describe('5: a root has one writer', () => {
  test('a Deployment with a claim stops its pod before it starts another', () => {
    const { find, pod } = world({ topology: BuildkitTopology.singleDeployment() });
    expect(find('Deployment').spec.strategy).toEqual({ type: 'Recreate' });
    expect(pod.volumes).toContainEqual({ name: 'root', persistentVolumeClaim: { claimName: 'buildkitd-root' } });
    expect(find('PersistentVolumeClaim').spec).toMatchObject({
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '50Gi' } },
    });
  });

  test.each(
    [BuildkitTopology.pool(3), BuildkitTopology.stablePool(3)].map((topology) => [topology.name, topology] as const),
  )('in a %s, each has a claim of its own', (_, topology) => {
    const { find } = world({ topology });
    expect(find('StatefulSet').spec.volumeClaimTemplates).toHaveLength(1);
    expect(find('PersistentVolumeClaim')).toBeUndefined();
  });

  test('the files of a rootless daemon belong to its group', () => {
    expect(world().pod.securityContext).toMatchObject({ fsGroup: 1000, fsGroupChangePolicy: 'OnRootMismatch' });
  });
});

describe('6: rootless keeps its setuid helpers, and the namespace is told what it needs', () => {
  test('privilege escalation is not forbidden, seccomp and AppArmor are unconfined', () => {
    const { securityContext } = world().pod.containers[0];
    expect(securityContext).toEqual({
      seccompProfile: { type: 'Unconfined' },
      appArmorProfile: { type: 'Unconfined' },
    });
  });

  test('below Kubernetes 1.30, AppArmor is an annotation, and the field is left out', () => {
    const { find, pod } = world({ kubernetesVersion: '1.29' });
    expect(pod.containers[0].securityContext).toEqual({ seccompProfile: { type: 'Unconfined' } });
    expect(find('StatefulSet').spec.template.metadata.annotations).toMatchObject({
      'container.apparmor.security.beta.kubernetes.io/buildkitd': 'unconfined',
    });
    expect(JSON.stringify(world({ kubernetesVersion: '1.30' }).objects)).not.toContain('container.apparmor');
  });

  test.each(MODES.map((mode) => [mode.name, mode] as const))('%s asks for the level privileged', (_, mode) => {
    const { chart } = world({ mode });
    expect(PodSecurity.requirements(chart)).toEqual([
      { namespace: 'ci', level: PodSecurity.PRIVILEGED, neededBy: ['home/ci/buildkitd'] },
    ]);
  });

  test('fails with user namespaces where Kubernetes has none', () => {
    expect(() => world({ mode: BuildkitMode.userNamespace(), kubernetesVersion: '1.32' })).toThrow(
      expect.objectContaining({ code: 'FORGE-BK-014' }),
    );
    expect(() => world({ mode: BuildkitMode.userNamespace(), kubernetesVersion: '1.33' })).not.toThrow();
  });
});

describe('7: clients use tcp, probes use the unix socket and have time', () => {
  test('it listens on both', () => {
    expect(world().toml.grpc.address).toEqual(['unix:///run/user/1000/buildkit/buildkitd.sock', 'tcp://0.0.0.0:1234']);
  });

  test('probes', () => {
    const { startupProbe, readinessProbe, livenessProbe } = world().pod.containers[0];
    for (const probe of [startupProbe, readinessProbe, livenessProbe]) {
      expect(probe!.exec!.command).toEqual(['buildctl', 'debug', 'workers']);
      expect(probe!.timeoutSeconds).toBeGreaterThanOrEqual(30);
    }
    expect(livenessProbe!.failureThreshold! * livenessProbe!.periodSeconds!).toBeGreaterThanOrEqual(300);
    expect(startupProbe!.failureThreshold! * startupProbe!.periodSeconds!).toBeGreaterThanOrEqual(300);
  });

  test('with TLS, the certificate bears the names that clients use', () => {
    const { find, daemon, toml } = world({ tls: BuildkitTls.certManager(), topology: BuildkitTopology.stablePool(2) });
    const { dnsNames } = find('Certificate', 'buildkitd-server').spec;
    expect(dnsNames).toEqual([
      'buildkitd',
      'buildkitd.ci',
      'buildkitd.ci.svc',
      'buildkitd.ci.svc.cluster.local',
      'buildkitd-0.buildkitd.ci.svc.cluster.local',
      'buildkitd-1.buildkitd.ci.svc.cluster.local',
    ]);
    for (const address of daemon.connection.addresses) {
      expect(dnsNames).toContain(new URL(address).hostname);
    }
    expect(toml.grpc.tls).toEqual({
      cert: '/var/run/secrets/buildkit-server/cert.pem',
      key: '/var/run/secrets/buildkit-server/key.pem',
      ca: '/var/run/secrets/buildkit-server/ca.pem',
    });
  });
});

describe('8: collection leaves room, by worker-level sizes or by policies, never both', () => {
  test('derived from the volume', () => {
    const { gc, reservedSpace, maxUsedSpace, minFreeSpace, gcpolicy } = world({
      storage: Storage.persistent(Size.gibibytes(100)),
    }).toml.worker.oci;
    expect({ gc, reservedSpace, maxUsedSpace, minFreeSpace, gcpolicy }).toEqual({
      gc: true,
      reservedSpace: 10 * 2 ** 30,
      maxUsedSpace: 60 * 2 ** 30,
      minFreeSpace: 20 * 2 ** 30,
      gcpolicy: undefined,
    });
  });

  test('policies replace the sizes', () => {
    const { oci } = world({
      config: {
        garbageCollection: GarbageCollection.policies([{ everything: true, maxUsedSpace: Size.gibibytes(5) }]),
      },
    }).toml.worker;
    expect(oci).toMatchObject({ gcpolicy: [{ all: true, maxUsedSpace: 5 * 2 ** 30 }] });
    expect(oci).not.toHaveProperty('maxUsedSpace');
    expect(oci).not.toHaveProperty('reservedSpace');
  });

  test.each([71, 100, 500])('fails for a ceiling of %d % of the volume', (percent) => {
    const maxUsedSpace = Size.mebibytes(512 * percent);
    expect(() => world({ config: { garbageCollection: GarbageCollection.limits({ maxUsedSpace }) } })).toThrow(
      expect.objectContaining({ code: 'FORGE-BK-005' }),
    );
    const most = GarbageCollection.limits({ maxUsedSpace: Size.mebibytes(512 * 70) });
    expect(() => world({ config: { garbageCollection: most } })).not.toThrow();
  });

  test("space on the node's disk is set aside", () => {
    expect(world().pod.containers[0].resources).toMatchObject({
      requests: { 'ephemeral-storage': '1Gi' },
      limits: { 'ephemeral-storage': '4Gi' },
    });
    expect(world({ storage: STORAGES[1] }).pod.containers[0].resources).toMatchObject({
      requests: { 'ephemeral-storage': '21Gi' },
      limits: { 'ephemeral-storage': '24Gi' },
    });
  });

  test('storage in memory counts into the memory limit', () => {
    expect(world({ storage: STORAGES[2] }).pod.containers[0].resources!.limits!.memory).toBe('12Gi');
  });
});

describe('9: stopping breaks no build', () => {
  test('it drains first, has the time to, and no autoscaler takes its node', () => {
    const { pod, find } = world({ drainTimeout: Duration.minutes(30) });
    const [daemon] = pod.containers;
    expect(daemon.lifecycle).toEqual({
      preStop: { exec: { command: ['sh', '/home/user/.config/buildkit/drain.sh'] } },
    });
    expect(daemon.env).toContainEqual({ name: 'DRAIN_SECONDS', value: '1800' });
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(1800);
    expect(find('StatefulSet').spec.template.metadata.annotations).toMatchObject({
      'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
    });
  });

  test('a disruption budget only where another daemon remains', () => {
    expect(world().find('PodDisruptionBudget')).toBeUndefined();
    expect(world({ topology: BuildkitTopology.pool(2) }).find('PodDisruptionBudget').spec).toMatchObject({
      maxUnavailable: 1,
    });
  });

  test('the pods are replaced when the configuration changes, and only then', () => {
    const hash = (config: BuildkitdConfig) =>
      world({ config }).find('StatefulSet').spec.template.metadata.annotations['cdk8s-forge/config-hash'];
    expect(hash({ maxParallelism: 2 })).not.toBe(hash({ maxParallelism: 3 }));
    expect(hash({ maxParallelism: 2 })).toBe(hash({ maxParallelism: 2 }));
  });
});

describe('10: a release is pinned', () => {
  test('by its number', () => {
    expect(world().pod.containers[0].image).toMatch(/:v\d+\.\d+\.\d+-rootless$/);
  });
});
