import { App, Chart, Testing } from 'cdk8s';
import { Construct, IConstruct } from 'constructs';
import type { PodSpec } from 'kubernetes-types/core/v1';
import { ManagedNamespace, PodSecurity, podSecurityOf, podSecuritySymptoms } from '../../lib/kube';
import { ConstructKind, ForgeError, register } from '../../lib/support';

const hardened = {
  name: 'c',
  securityContext: {
    allowPrivilegeEscalation: false,
    runAsNonRoot: true,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  },
};

describe('the level that a pod needs', () => {
  const restricted: PodSpec = { containers: [hardened], volumes: [{ name: 'v', emptyDir: {} }] };
  const withContext = (securityContext: object): PodSpec => ({
    containers: [{ ...hardened, securityContext: { ...hardened.securityContext, ...securityContext } }],
  });

  test('is restricted for a hardened pod', () => {
    expect(podSecurityOf(restricted)).toBe(PodSecurity.RESTRICTED);
  });

  test.each<[string, PodSpec]>([
    ['no security context', { containers: [{ name: 'c' }] }],
    ['privilege escalation', withContext({ allowPrivilegeEscalation: true })],
    ['root allowed', withContext({ runAsNonRoot: undefined })],
    ['user 0', withContext({ runAsUser: 0 })],
    [
      'root allowed for the pod, though no container takes it',
      { ...restricted, securityContext: { runAsNonRoot: false } },
    ],
    ['no seccomp profile', withContext({ seccompProfile: undefined })],
    ['a capability of the baseline', withContext({ capabilities: { drop: ['ALL'], add: ['CHOWN'] } })],
    ['a volume of the node', { ...restricted, volumes: [{ name: 'v', nfs: { server: 's', path: '/' } }] }],
    ['one soft container among hardened ones', { containers: [hardened], initContainers: [{ name: 'i' }] }],
  ])('is baseline for %s', (_, pod) => {
    expect(podSecurityOf(pod)).toBe(PodSecurity.BASELINE);
  });

  test.each<[string, PodSpec]>([
    ['a privileged container', withContext({ privileged: true })],
    ['seccomp unconfined', withContext({ seccompProfile: { type: 'Unconfined' } })],
    ['AppArmor unconfined', withContext({ appArmorProfile: { type: 'Unconfined' } })],
    ['seccomp unconfined for the pod', { ...restricted, securityContext: { seccompProfile: { type: 'Unconfined' } } }],
    ['a capability beyond the baseline', withContext({ capabilities: { add: ['SYS_ADMIN'] } })],
    ['unmasked /proc', withContext({ procMount: 'Unmasked' })],
    ['the network of the host', { ...restricted, hostNetwork: true }],
    ['a folder of the host', { ...restricted, volumes: [{ name: 'v', hostPath: { path: '/' } }] }],
    ['a port of the host', { containers: [{ ...hardened, ports: [{ containerPort: 1, hostPort: 1 }] }] }],
    ['a kernel parameter', { ...restricted, securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } }],
    [
      'an init container that is privileged',
      { ...restricted, initContainers: [{ name: 'i', securityContext: { privileged: true } }] },
    ],
    [
      'a probe of another host',
      { containers: [{ ...hardened, livenessProbe: { httpGet: { port: 80, host: '127.0.0.1' } } }] },
    ],
  ])('is privileged for %s', (_, pod) => {
    expect(podSecurityOf(pod)).toBe(PodSecurity.PRIVILEGED);
  });
});

describe('a managed namespace', () => {
  const clusterIn = (scope: IConstruct, id: string) => {
    const cluster = new Construct(scope as Construct, id);
    register(cluster, new ConstructKind('Cluster'));
    return cluster;
  };
  const world = () => {
    const app = new App();
    const cluster = clusterIn(app, 'home');
    const ci = new Chart(cluster, 'ci', { namespace: 'ci' });
    return { cluster, ci, namespaces: new Chart(cluster, 'namespaces') };
  };

  test('enforces the strictest level that admits what lands in it, whenever it was added', () => {
    const { cluster, ci, namespaces } = world();
    const namespace = new ManagedNamespace(namespaces, 'ci', { name: 'ci', labels: { team: 'platform' } });
    expect(namespace.podSecurity).toBe(PodSecurity.RESTRICTED);
    PodSecurity.BASELINE.mark(new Construct(ci, 'a'));
    PodSecurity.PRIVILEGED.mark(new Construct(new Chart(cluster, 'elsewhere', { namespace: 'other' }), 'x'));
    expect(Testing.synth(namespaces)).toMatchInlineSnapshot(`
[
  {
    "apiVersion": "v1",
    "kind": "Namespace",
    "metadata": {
      "annotations": {
        "kustomize.toolkit.fluxcd.io/prune": "disabled",
      },
      "labels": {
        "pod-security.kubernetes.io/audit": "baseline",
        "pod-security.kubernetes.io/enforce": "baseline",
        "pod-security.kubernetes.io/warn": "baseline",
        "team": "platform",
      },
      "name": "ci",
    },
  },
]
`);
  });

  test('knows nothing of a namespace of the same name in another cluster', () => {
    const { ci, namespaces, cluster } = world();
    const other = new Chart(clusterIn(cluster.node.root, 'away'), 'ci', { namespace: 'ci' });
    PodSecurity.PRIVILEGED.mark(new Construct(other, 'x'));
    PodSecurity.BASELINE.mark(new Construct(ci, 'y'));
    expect(new ManagedNamespace(namespaces, 'ci', { name: 'ci' }).podSecurity).toBe(PodSecurity.BASELINE);
  });

  test('takes its name from its chart, and is not itself in a namespace', () => {
    const { ci } = world();
    new ManagedNamespace(ci, 'namespace');
    expect(Testing.synth(ci)[0].metadata).toMatchObject({ name: 'ci' });
    expect(Testing.synth(ci)[0].metadata).not.toHaveProperty('namespace');
  });

  test('fails when the level given admits too little', () => {
    const { ci, namespaces } = world();
    new ManagedNamespace(namespaces, 'ci', { name: 'ci', podSecurity: PodSecurity.BASELINE });
    PodSecurity.PRIVILEGED.mark(new Construct(ci, 'builder'));
    expect(namespaces.node.findAll().flatMap((c) => c.node.validate())).toEqual([
      expect.stringContaining('FORGE-KUBE-002: namespace "ci" enforces baseline, but home/ci/builder needs privileged'),
    ]);
  });

  test.each([undefined, '', 'CI', 'a.b', 'x'.repeat(64)])('fails for the name %p', (name) => {
    const chart = new Chart(new App(), 'c');
    expect(() => new ManagedNamespace(chart, 'n', { name })).toThrow(
      expect.objectContaining({ code: 'FORGE-KUBE-001' }),
    );
    expect(() => new ManagedNamespace(chart, 'm', { name })).toThrow(ForgeError);
    expect(() =>
      ['ci', 'a', '0-a', 'x'.repeat(63)].map((good) => new ManagedNamespace(chart, good, { name: good })),
    ).not.toThrow();
  });
});

describe('a namespace that somebody else makes', () => {
  test('fails when what it enforces admits too little', () => {
    const ci = new Chart(new App(), 'ci', { namespace: 'ci' });
    PodSecurity.BASELINE.enforcedIn(ci);
    expect(ci.node.validate()).toEqual([]);
    PodSecurity.PRIVILEGED.mark(new Construct(ci, 'builder'));
    expect(ci.node.validate()).toEqual([
      expect.stringMatching(
        /^FORGE-KUBE-002: .*needs privileged; fix: label the namespace pod-security.kubernetes.io\/enforce: privileged/,
      ),
    ]);
  });

  test('its requirement can be read back, with who needs it', () => {
    const app = new App();
    const ci = new Chart(app, 'ci', { namespace: 'ci' });
    PodSecurity.BASELINE.mark(new Construct(ci, 'a'));
    PodSecurity.PRIVILEGED.mark(new Construct(ci, 'b'));
    PodSecurity.PRIVILEGED.mark(new Construct(ci, 'c'));
    expect(PodSecurity.requirements(app)).toEqual([
      { namespace: 'ci', level: PodSecurity.PRIVILEGED, neededBy: ['ci/b', 'ci/c'] },
    ]);
  });
});

test('the operator is told of namespaces that must enforce less than restricted, and of no others', () => {
  const app = new App();
  PodSecurity.PRIVILEGED.mark(new Construct(new Chart(app, 'ci', { namespace: 'ci' }), 'a'));
  PodSecurity.RESTRICTED.mark(new Construct(new Chart(app, 'apps', { namespace: 'apps' }), 'b'));
  const symptoms = podSecuritySymptoms(app);
  expect(symptoms.map(({ look }) => String(look![0]))).toEqual([
    'kubectl --namespace ci get events --field-selector reason=FailedCreate',
  ]);
  expect(symptoms[0].fix).toContain('enforce=privileged');
});
