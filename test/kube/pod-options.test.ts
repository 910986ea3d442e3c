import { ApiObject } from 'cdk8s';
import { IConstruct } from 'constructs';
import type { Container, PodSpec } from 'kubernetes-types/core/v1';
import { BuildkitMode } from '../../lib/buildkit';
import {
  DnsPolicy,
  HostPathType,
  PodOptions,
  PodSecurity,
  PodServiceAccount,
  PodVariable,
  PodVolume,
  SecurityProfile,
  Storage,
} from '../../lib/kube';
import { Executor, Registration, Runner } from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { chart } from '../runner/fixture';
import { admin, ALL, builder, cache, runnerProps, storage, WORKLOADS } from './pod-workloads';
import { foundCodes } from '../support/problems';

/** Returns the pod below an object, wherever the object has it. */
function podIn(value: unknown): PodSpec | undefined {
  if (typeof value !== 'object' || value === null) {
    return undefined;
  }
  const pod = value as PodSpec;
  return Array.isArray(pod.containers)
    ? pod
    : Object.values(value)
        .map(podIn)
        .find((found) => found !== undefined);
}

const podOf = (made: IConstruct) => podIn((made.node.findChild('Resource') as ApiObject).toJson())!;
const open = (name: string, pod?: PodOptions) => podOf(WORKLOADS[name].make(chart(), pod));

describe.each(Object.entries(WORKLOADS))('%s', (name, { main }) => {
  const mainOf = (pod: PodSpec) => [...(pod.initContainers ?? []), ...pod.containers].find((one) => one.name === main)!;

  test('has every addition, and nothing of its own is lost', () => {
    const before = open(name);
    const after = open(name, ALL);
    expect(after).toMatchObject({
      imagePullSecrets: [{ name: 'harbor' }],
      hostAliases: [{ ip: '192.168.1.10', hostnames: ['git.example.com', 'registry.example.com'] }],
      dnsPolicy: 'None',
      dnsConfig: {
        nameservers: ['10.0.0.53'],
        searches: ['home.example'],
        options: [{ name: 'ndots', value: '1' }, { name: 'use-vc' }],
      },
      runtimeClassName: 'gvisor',
      securityContext: {
        seLinuxOptions: { level: 's0:c1' },
        sysctls: [{ name: 'net.ipv4.tcp_syncookies', value: '1' }],
      },
    });
    expect(after.securityContext!.supplementalGroups).toEqual([
      ...(before.securityContext?.supplementalGroups ?? []),
      44,
    ]);
    expect(after.initContainers!.slice(0, 2).map(({ name: one }) => one)).toEqual(['prepare', 'proxy']);
    expect(after.initContainers!.slice(2)).toEqual(before.initContainers ?? []);
    expect(after.initContainers![1].restartPolicy).toBe('Always');
    expect(after.volumes).toEqual([
      ...(before.volumes ?? []),
      { name: 'cache', persistentVolumeClaim: { claimName: 'cache' } },
      {
        name: 'certificates',
        configMap: { name: 'certificates', items: [{ key: 'ca.crt', path: 'ca.crt' }], defaultMode: 0o440 },
      },
      { name: 'netrc', secret: { secretName: 'netrc', items: [{ key: '.netrc', path: 'netrc' }] } },
    ]);
    const [old, made] = [mainOf(before), mainOf(after)];
    expect(made).toEqual({
      ...old,
      env: [
        ...(old.env ?? []),
        { name: 'PLAIN', value: 'x' },
        { name: 'CACHE_SECRET', valueFrom: { secretKeyRef: { name: 'cache', key: 'cache-secret' } } },
        { name: 'SETTING', valueFrom: { configMapKeyRef: { name: 'settings', key: 'one' } } },
        { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
      ],
      envFrom: [{ secretRef: { name: 'proxy' }, prefix: 'P_' }, { configMapRef: { name: 'proxy' } }],
      volumeMounts: [
        ...(old.volumeMounts ?? []),
        { name: 'cache', mountPath: '/mnt/cache', subPath: 'go' },
        { name: 'certificates', mountPath: '/mnt/certificates', readOnly: true },
        { name: 'netrc', mountPath: '/mnt/netrc', readOnly: true },
      ],
    });
  });

  test('is the same without additions as with none', () => {
    expect(open(name, {})).toEqual(open(name));
  });

  test('notes the Secrets of additions, for the runbook', () => {
    const made = WORKLOADS[name].make(chart(), ALL);
    const noted = SecretSource.requirementsAt(made).map(({ secretName, keys }) => `${secretName} ${keys.join()}`);
    expect(noted).toEqual(
      expect.arrayContaining(['harbor .dockerconfigjson', 'cache cache-secret', 'proxy ', 'netrc .netrc']),
    );
  });

  test('a directory of the node raises the Pod Security level', () => {
    const socket = PodVolume.hostPath('socket', '/run/docker.sock', HostPathType.SOCKET);
    const made = WORKLOADS[name].make(chart(), { mounts: [{ volume: socket, path: '/mnt/docker.sock' }] });
    expect(PodSecurity.markOf(made)).toBe(PodSecurity.PRIVILEGED);
  });

  test.each<[string, PodOptions]>([
    [
      'a variable that it sets',
      { env: Object.fromEntries((mainOf(open(name)).env ?? []).map((one) => [one.name, PodVariable.text('')])) },
    ],
    [
      'a path that it mounts',
      {
        mounts: (mainOf(open(name)).volumeMounts ?? [])
          .slice(0, 1)
          .map(({ mountPath }) => ({ volume: cache, path: `${mountPath}/` })),
      },
    ],
    [
      'a name of its volumes',
      {
        mounts: (open(name).volumes ?? [])
          .slice(0, 1)
          .map((one) => ({ volume: PodVolume.configMap(one.name, 'x'), path: '/mnt/x' })),
      },
    ],
    ['a name of its containers', { sidecars: [{ name: main, image: 'busybox:1.37.0' }] }],
  ])('refuses %s', (_what, pod) => {
    const isThere = Object.keys(pod.env ?? {}).length + (pod.mounts ?? []).length + (pod.sidecars ?? []).length > 0;
    const codes = new Set(foundCodes(() => open(name, pod)));
    expect([...codes]).toEqual(isThere ? ['FORGE-KUBE-024'] : []);
  });
});

describe('a service account', () => {
  test('is set, and whether its token is mounted', () => {
    const serviceAccount = PodServiceAccount.withToken('deployer');
    expect(open('Buildkitd', { serviceAccount })).toMatchObject({
      serviceAccountName: 'deployer',
      automountServiceAccountToken: true,
    });
    expect(open('Runner on the host', { serviceAccount: PodServiceAccount.withoutToken('r') })).toMatchObject({
      serviceAccountName: 'r',
      automountServiceAccountToken: false,
    });
    expect(foundCodes(() => open('RegistrationTokenJob', { serviceAccount }))).toEqual(['FORGE-KUBE-025']);
    expect(foundCodes(() => PodServiceAccount.withToken('A b'))).toEqual(['FORGE-KUBE-023']);
  });
});

describe('security overrides', () => {
  const contextOf = (name: string, pod: PodOptions) => {
    const { main } = WORKLOADS[name];
    return open(name, pod).containers.find((one: Container) => one.name === main)!.securityContext;
  };

  test('replace what the workload says, and count for the level', () => {
    const made = WORKLOADS['Runner on the host'].make(chart(), { security: { addCapabilities: ['NET_ADMIN'] } });
    expect(podOf(made).containers[0].securityContext!.capabilities).toEqual({ drop: ['ALL'], add: ['NET_ADMIN'] });
    expect(PodSecurity.markOf(made)).toBe(PodSecurity.PRIVILEGED);
    const scope = chart();
    PodSecurity.BASELINE.enforcedIn(scope);
    WORKLOADS['Runner on the host'].make(scope, { security: { seccomp: SecurityProfile.UNCONFINED } });
    expect(scope.node.validate().join()).toContain('FORGE-KUBE-002');
    expect(contextOf('RegistryRetention', { security: { runAsUser: 0, readOnlyRootFilesystem: false } })).toMatchObject(
      {
        runAsUser: 0,
        runAsNonRoot: false,
        readOnlyRootFilesystem: false,
      },
    );
  });

  test('a privileged container is not forbidden to escalate', () => {
    expect(contextOf('Runner on the host', { security: { privileged: true } })).toEqual({
      privileged: true,
      capabilities: { drop: ['ALL'] },
    });
    const allowPrivilegeEscalation = false;
    expect(
      foundCodes(() => contextOf('Runner on the host', { security: { privileged: true, allowPrivilegeEscalation } })),
    ).toEqual(['FORGE-KUBE-023']);
    expect(contextOf('Runner on the host', { security: { allowPrivilegeEscalation } })).toBeDefined();
  });

  test('a profile of a container that has none is an error', () => {
    const seccomp = SecurityProfile.localhost('profiles/buildkit.json');
    expect(contextOf('Buildkitd', { security: { seccomp } })).toMatchObject({
      seccompProfile: { type: 'Localhost', localhostProfile: 'profiles/buildkit.json' },
    });
    const codes = foundCodes(() => builder(chart(), { security: { seccomp } }, BuildkitMode.privileged()));
    expect(new Set(codes)).toEqual(new Set(['FORGE-KUBE-023', 'FORGE-KUBE-025']));
  });

  test.each([
    ['Runner on the host', 'runAsUser'],
    ['Runner with Docker', 'fsGroup'],
    ['Buildkitd', 'runAsGroup'],
  ])('%s decides %s itself', (name, what) => {
    expect(foundCodes(() => open(name, { security: { [what]: 7 } }))).toEqual(['FORGE-KUBE-025']);
  });

  test('a group of volumes is set where the workload does not care', () => {
    expect(open('RegistryRetention', { security: { fsGroup: 7 } }).securityContext!.fsGroup).toBe(7);
  });
});

describe('other containers of a workload', () => {
  test('have additions by their name', () => {
    const pod = open('Runner with Docker', {
      containers: {
        docker: { env: { DOCKER_TMPDIR: PodVariable.text('/mnt') }, mounts: [{ volume: cache, path: '/mnt' }] },
      },
    });
    const docker = pod.initContainers!.find(({ name }) => name === 'docker')!;
    expect(docker.env).toContainEqual({ name: 'DOCKER_TMPDIR', value: '/mnt' });
    expect(docker.volumeMounts).toContainEqual({ name: 'cache', mountPath: '/mnt' });
    expect(pod.volumes).toContainEqual({ name: 'cache', persistentVolumeClaim: { claimName: 'cache' } });
  });

  test.each([['dokcer'], ['runner']])('%s is not one of them', (name) => {
    expect(foundCodes(() => open('Runner with Docker', { containers: { [name]: {} } }))).toEqual(['FORGE-KUBE-025']);
  });
});

test.each<[string, () => PodOptions, () => PodOptions]>([
  ['a variable', () => ({ env: { 'A=B': PodVariable.text('') } }), () => ({ env: { A_B: PodVariable.text('') } })],
  [
    'a key',
    () => ({ env: { A: PodVariable.configMap('a', 'x/y') } }),
    () => ({ env: { A: PodVariable.configMap('a', 'x.y') } }),
  ],
  [
    'a ConfigMap',
    () => ({ env: { A: PodVariable.configMap('A_b', 'x') } }),
    () => ({ env: { A: PodVariable.configMap('a-b', 'x') } }),
  ],
  [
    'a field',
    () => ({ env: { A: PodVariable.field('spec.hostname') } }),
    () => ({ env: { A: PodVariable.field("metadata.labels['a/b']") } }),
  ],
  ['a volume', () => mounting(PodVolume.configMap('a.b', 'x')), () => mounting(PodVolume.configMap('a-b', 'x'))],
  ['a claim for a volume', () => mounting(PodVolume.storage('a', storage)), () => mounting(cache)],
  [
    'a path on the node',
    () => mounting(PodVolume.hostPath('a', 'run')),
    () => mounting(PodVolume.hostPath('a', '/run')),
  ],
  ['a path of NFS', () => mounting(PodVolume.nfs('a', 'nas', 'x')), () => mounting(PodVolume.nfs('a', 'nas', '/x'))],
  [
    'a CSI driver',
    () => mounting(PodVolume.csi('a', 'A b')),
    () => mounting(PodVolume.csi('a', 'secrets-store.csi.k8s.io', { a: 'b' })),
  ],
  [
    'a mount path',
    () => ({ mounts: [{ volume: cache, path: 'x' }] }),
    () => ({ mounts: [{ volume: cache, path: '/x' }] }),
  ],
  [
    'a subPath',
    () => ({ mounts: [{ volume: cache, path: '/x', subPath: '../x' }] }),
    () => ({ mounts: [{ volume: cache, path: '/x', subPath: 'x' }] }),
  ],
  [
    'a mount path with a line feed',
    () => ({ mounts: [{ volume: cache, path: '/x\n' }] }),
    () => ({ mounts: [{ volume: cache, path: '/x ' }] }),
  ],
  [
    'a subPath with a line feed',
    () => ({ mounts: [{ volume: cache, path: '/x', subPath: 'x\n' }] }),
    () => ({ mounts: [{ volume: cache, path: '/x', subPath: 'x ' }] }),
  ],
  [
    'a container',
    () => ({ sidecars: [{ name: 'A', image: 'x:1' }] }),
    () => ({ sidecars: [{ name: 'a', image: 'x:1' }] }),
  ],
  ['an image', () => ({ sidecars: [{ name: 'a', image: '' }] }), () => ({ sidecars: [{ name: 'a', image: 'x:1' }] })],
  ['an alias', () => ({ hostAliases: { 'https://x': '10.0.0.1' } }), () => ({ hostAliases: { x: '10.0.0.1' } })],
  ['an address', () => ({ hostAliases: { x: 'y' } }), () => ({ hostAliases: { x: 'fd00::1' } })],
  ['a DNS server', () => ({ dns: { nameservers: ['dns'] } }), () => ({ dns: { nameservers: ['10.0.0.53'] } })],
  [
    'four DNS servers',
    () => ({ dns: { nameservers: ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'] } }),
    () => ({ dns: { nameservers: ['10.0.0.1', '10.0.0.2', '10.0.0.3'] } }),
  ],
  ['a search domain', () => ({ dns: { searches: ['a b'] } }), () => ({ dns: { searches: ['a.b', '.'] } })],
  [
    '33 search domains',
    () => ({ dns: { searches: Array.from({ length: 33 }, (_, i) => `a${i}`) } }),
    () => ({ dns: { searches: ['a'] } }),
  ],
  ['no DNS server', () => ({ dns: { policy: DnsPolicy.NONE } }), () => ({ dns: { policy: DnsPolicy.DEFAULT } })],
  ['a runtime class', () => ({ runtimeClassName: 'A' }), () => ({ runtimeClassName: 'sysbox-runc' })],
  [
    'a capability',
    () => ({ security: { addCapabilities: ['CAP_NET_ADMIN'] } }),
    () => ({ security: { addCapabilities: ['NET_ADMIN'] } }),
  ],
  ['a user', () => ({ security: { runAsUser: -1 } }), () => ({ security: { runAsUser: 1 } })],
  ['a group', () => ({ security: { supplementalGroups: [1.5] } }), () => ({ security: { supplementalGroups: [1] } })],
  [
    'a kernel parameter',
    () => ({ security: { sysctls: { 'A B': '1' } } }),
    () => ({ security: { sysctls: { 'kernel.shm_rmid_forced': '1' } } }),
  ],
])('%s that Kubernetes rejects is an error, its neighbor is not', (_what, bad, good) => {
  expect(foundCodes(() => open('RegistryRetention', bad()))).toEqual(['FORGE-KUBE-023']);
  expect(foundCodes(() => open('RegistryRetention', good()))).toEqual([]);
});

function mounting(volume: PodVolume): PodOptions {
  return { mounts: [{ volume, path: '/mnt/x' }] };
}

test('directories of nodes place the pod, and on one node only', () => {
  const on = (node: string, name: string) => ({
    volume: PodVolume.storage(name, Storage.hostPath(`/srv/${name}`, { node })),
    path: `/mnt/${name}`,
  });
  expect(open('RegistryRetention', { mounts: [on('a', 'x'), on('a', 'y')] }).nodeSelector).toEqual({
    'kubernetes.io/hostname': 'a',
  });
  expect(foundCodes(() => open('RegistryRetention', { mounts: [on('a', 'x'), on('b', 'y')] }))).toEqual([
    'FORGE-KUBE-020',
  ]);
});

test('a volume of the user cannot have the name of a claim template', () => {
  const volume = PodVolume.configMap('root', 'x');
  expect(foundCodes(() => open('Buildkitd', { mounts: [{ volume, path: '/mnt/x' }] }))).toEqual(['FORGE-KUBE-024']);
});

test('a job that fetches the token of a runner reaches the forge as the runner does', () => {
  const pod = { ...ALL, env: {}, envFrom: [], mounts: [], initContainers: [], sidecars: [] };
  const made = new Runner(chart(), 'x', {
    ...runnerProps,
    registration: Registration.minted(admin),
    executor: Executor.host(),
    pod,
  });
  expect(podOf(made.node.findChild('token'))).toMatchObject({
    imagePullSecrets: [{ name: 'harbor' }],
    hostAliases: [{ ip: '192.168.1.10' }],
    dnsPolicy: 'None',
  });
});
