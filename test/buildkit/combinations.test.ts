import { Duration, Size } from 'cdk8s';
import fc from 'fast-check';
import {
  BuildkitMode,
  BuildkitTls,
  BuildkitTopology,
  BuildkitVersion,
  Emulation,
  GarbageCollection,
  Snapshotter,
} from '../../lib/buildkit';
import { Architecture, podSecurityOf, PodSecurity, Storage } from '../../lib/kube';
import { ForgeError } from '../../lib/support';
import { COMBINATIONS, Manifest, MODES, render, STORAGES, TLS, TOPOLOGIES, world, World } from './world';

/** What differs between the combinations, on one line each: a change of any of them shows up in the review. */
function outline({ find, objects, pod, daemon }: World): string {
  const resource = find('StatefulSet') ?? find('Deployment');
  const [container] = pod.containers;
  const root = pod.volumes!.find(({ name }) => name === 'root');
  const claim = resource.spec.volumeClaimTemplates?.[0].spec.resources.requests.storage;
  return [
    `${resource.kind} x${resource.spec.replicas}`,
    container.image!.split(':')[1],
    container.securityContext!.privileged
      ? `privileged${pod.hostUsers === false ? ' in a user namespace' : ''}`
      : `uid ${pod.securityContext!.runAsUser}`,
    claim
      ? `claim template ${claim}`
      : root!.persistentVolumeClaim
        ? 'claim'
        : `emptyDir${root!.emptyDir!.medium ? ' in memory' : ''} ${root!.emptyDir!.sizeLimit}`,
    resource.spec.strategy?.type ?? resource.spec.podManagementPolicy,
    find('Service').spec.clusterIP === 'None' ? 'headless' : 'L4 Service',
    `limits ${container.resources!.limits!.memory}/${container.resources!.limits!['ephemeral-storage']}`,
    [...new Set(objects.map((o: Manifest) => o.kind as string))]
      .filter((kind) => !['ConfigMap', 'Service', resource.kind].includes(kind))
      .sort()
      .join('+'),
    daemon.connection.globalFlags.slice(3).join(' '),
  ]
    .filter((part) => part !== '')
    .join(', ');
}

test('every combination of mode, storage, topology and TLS', () => {
  expect(COMBINATIONS).toHaveLength(3 * 3 * 4 * 4);
  expect(Object.fromEntries(COMBINATIONS.map(({ name, ...props }) => [name, outline(world(props))]))).toMatchSnapshot();
});

test.each(MODES.map((mode) => [mode.name, mode] as const))('the objects of mode %s', (_, mode) => {
  expect(world({ mode }).objects).toMatchSnapshot();
});

test('the objects that TLS by cert-manager adds', () => {
  const plain = new Set(world().objects.map((o) => `${o.kind}/${o.metadata.name}`));
  expect(
    world({ tls: BuildkitTls.certManager() }).objects.filter((o) => !plain.has(`${o.kind}/${o.metadata.name}`)),
  ).toMatchSnapshot();
});

/** What must hold of every daemon, however it was made. */
function checkInvariants({ find, objects, pod, toml, daemon, chart }: World): void {
  const resource = find('StatefulSet') ?? find('Deployment');
  const [container] = pod.containers;
  expect(resource.spec.template.metadata.labels).toMatchObject(resource.spec.selector.matchLabels);
  expect(find('Service').spec.selector).toEqual(resource.spec.selector.matchLabels);
  const mounts = container.volumeMounts!;
  const volumes = [
    ...pod.volumes!.map(({ name }) => name),
    ...(resource.spec.volumeClaimTemplates ?? []).map((c: Manifest) => c.metadata.name),
  ];
  expect(volumes.filter((name, i) => volumes.indexOf(name) !== i)).toEqual([]);
  expect(mounts.map(({ name }) => name).filter((name) => !volumes.includes(name))).toEqual([]);
  expect(mounts.some(({ mountPath }) => mountPath === toml.root)).toBe(true);
  expect(toml.worker.oci.snapshotter).not.toBe('auto');
  expect(podSecurityOf(pod)).toBe(PodSecurity.PRIVILEGED);
  expect(Boolean(find('NetworkPolicy', 'buildkitd'))).toBe(!daemon.tls.isEnabled);
  expect(find('NetworkPolicy', 'buildkitd-egress')).toBeDefined();
  expect(Boolean(toml.grpc.tls)).toBe(daemon.tls.isEnabled);
  expect(Boolean(find('PodDisruptionBudget'))).toBe(resource.spec.replicas > 1);
  expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(
    Number(container.env!.find(({ name }) => name === 'DRAIN_SECONDS')!.value),
  );
  expect(render(chart)).toEqual(objects);
}

const sizes = fc.integer({ min: 1, max: 2 ** 20 }).map((mebibytes) => Size.mebibytes(mebibytes));
/** Given one time in six: with everything given at random, hardly any daemon would be right. */
const maybe = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.tuple(fc.integer({ min: 0, max: 5 }), arbitrary).map(([dice, value]) => (dice === 0 ? value : undefined));
const classes = fc.constantFrom(undefined, 'longhorn', 'local-path', 'ceph-block', 'nfs-slow');
const words = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '10.43.0.10', 'svc.cluster.local', 'ndots:2', '10Gi', 'linux/amd64', '${x}', '"', '\n[worker]'),
);
const numbers = fc.oneof(fc.integer({ min: -2, max: 20 }), fc.double());

test('whatever is asked for: objects that hold together, or a ForgeError that says what is wrong', () => {
  const outcomes = { objects: 0, error: 0 };
  fc.assert(
    fc.property(
      fc.record({
        mode: fc.constantFrom(...MODES),
        topology: fc.constantFrom(...TOPOLOGIES),
        tls: fc.constantFrom(...TLS),
        storage: fc.oneof(
          fc.constantFrom(...STORAGES),
          fc.tuple(sizes, classes).map(([size, name]) => Storage.persistent(size, name)),
          sizes.map(Storage.memory),
          sizes.map(Storage.ephemeral),
        ),
        version: maybe(fc.constantFrom('0.17.0', '0.21.0', '0.31.2', '0.32.2').map(BuildkitVersion.of)),
        kubernetesVersion: maybe(fc.constantFrom('1.28', '1.30', '1.33', '1.36', '2', 'latest')),
        emulation: maybe(
          fc.oneof(
            fc.constant(Emulation.bundled()),
            fc.subarray([Architecture.AMD64, Architecture.ARM64]).map((a) => Emulation.privilegedBinfmt(a)),
            words.map((image) => Emulation.privilegedBinfmt([Architecture.ARM64], image)),
          ),
        ),
        drainTimeout: maybe(numbers.filter((n) => n >= 0 && n < 1e9).map(Duration.seconds)),
        metrics: maybe(fc.record({ port: maybe(numbers), serviceMonitor: maybe(fc.boolean()) })),
        environment: maybe(fc.dictionary(words, words, { maxKeys: 2 })),
        resources: maybe(
          fc.record({ memoryRequest: maybe(sizes), memoryLimit: maybe(sizes), ephemeralStorageLimit: maybe(sizes) }),
        ),
        config: maybe(
          fc.record({
            snapshotter: maybe(
              fc.constantFrom(
                Snapshotter.OVERLAYFS,
                Snapshotter.NATIVE,
                Snapshotter.fuseOverlayfs('smarter-devices/fuse'),
                Snapshotter.fuseOverlayfs('fuse'),
              ),
            ),
            maxParallelism: maybe(numbers),
            dns: maybe(
              fc.record({
                nameservers: maybe(fc.array(words, { maxLength: 2 })),
                searchDomains: maybe(fc.array(words, { maxLength: 2 })),
                options: maybe(fc.array(words, { maxLength: 2 })),
              }),
            ),
            platforms: maybe(fc.array(words, { maxLength: 2 })),
            apparmorProfile: maybe(words),
            garbageCollection: maybe(
              fc.oneof(
                fc.constantFrom(GarbageCollection.automatic(), GarbageCollection.off(), GarbageCollection.policies([])),
                fc
                  .record({ reservedSpace: maybe(sizes), maxUsedSpace: maybe(sizes), minFreeSpace: maybe(sizes) })
                  .map(GarbageCollection.limits),
              ),
            ),
          }),
        ),
      }),
      (props) => {
        const made = (() => {
          try {
            return world(props);
          } catch (e) {
            expect(e).toBeInstanceOf(ForgeError);
            (e as ForgeError).problems.forEach(({ code, fix, message }) => {
              expect(code).toMatch(/^FORGE-(BK-\d{3}|ARG-006)$/);
              expect(`${message}${fix}`).not.toMatch(/[\0\n]/);
            });
            return undefined;
          }
        })();
        outcomes[made ? 'objects' : 'error']++;
        if (made) {
          checkInvariants(made);
        }
      },
    ),
    { numRuns: 400 },
  );
  // Neither side may be so rare that it goes untested.
  expect(Math.min(outcomes.objects, outcomes.error)).toBeGreaterThan(60);
});

test.each(COMBINATIONS.map(({ name, ...props }) => [name, props] as const))('holds together: %s', (_, props) => {
  checkInvariants(world(props));
});

test("two daemons of one program do not get in each other's way", () => {
  expect(BuildkitTopology.pool(2)).not.toBe(BuildkitTopology.pool(2));
  const mode = BuildkitMode.rootless();
  world({ mode }).pod.securityContext!.runAsUser = 7;
  expect(world({ mode }).pod.securityContext!.runAsUser).toBe(1000);
});
