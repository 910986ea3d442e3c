import fc from 'fast-check';
import { levelsOf, PodCase } from './pod-case';
import { seedOf } from '../../test/support/seed';

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const often = <T>(value: T, ...others: T[]) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.constant(value) },
    { weight: 1, arbitrary: fc.constantFrom(undefined, ...others) },
  );

/** Hardened, but for a few things: so that all three levels come up. */
const container = (name: string) =>
  fc.record({
    name: fc.constant(name),
    image: fc.constant('example.com/a:1'),
    securityContext: fc.record({
      privileged: often<boolean | undefined>(undefined, true, false),
      allowPrivilegeEscalation: often<boolean | undefined>(false, true),
      runAsNonRoot: often<boolean | undefined>(true, false),
      runAsUser: often<number | undefined>(undefined, 0, 1000),
      capabilities: fc.record({
        drop: often<string[] | undefined>(['ALL'], ['NET_RAW']),
        add: often<string[] | undefined>(
          undefined,
          ['NET_BIND_SERVICE'],
          ['CHOWN'],
          ['SYS_ADMIN'],
          ['SETFCAP', 'SETUID'],
        ),
      }),
      seccompProfile: often<object | undefined>(
        { type: 'RuntimeDefault' },
        { type: 'Unconfined' },
        { type: 'Localhost', localhostProfile: 'a.json' },
      ),
      appArmorProfile: often<object | undefined>(undefined, { type: 'Unconfined' }, { type: 'RuntimeDefault' }),
      procMount: often<string | undefined>(undefined, 'Default', 'Unmasked'),
      seLinuxOptions: often<object | undefined>(
        undefined,
        { type: 'container_t' },
        { type: 'spc_t' },
        { user: 'system_u' },
      ),
    }),
    ports: often<object[] | undefined>(undefined, [{ containerPort: 80 }], [{ containerPort: 80, hostPort: 80 }]),
    livenessProbe: often<object | undefined>(
      undefined,
      { httpGet: { port: 80 } },
      { httpGet: { port: 80, host: 'example.com' } },
      { tcpSocket: { port: 80, host: '127.0.0.1' } },
    ),
  });

const pod = fc.record({
  hostNetwork: often<boolean | undefined>(undefined, true, false),
  hostPID: often<boolean | undefined>(undefined, true),
  securityContext: maybe(
    fc.record({
      runAsNonRoot: often<boolean | undefined>(true, false),
      runAsUser: often<number | undefined>(undefined, 0, 1000),
      seccompProfile: often<object | undefined>({ type: 'RuntimeDefault' }, { type: 'Unconfined' }),
      sysctls: often<object[] | undefined>(
        undefined,
        [{ name: 'net.ipv4.tcp_syncookies', value: '1' }],
        [{ name: 'kernel.msgmax', value: '1' }],
      ),
    }),
  ),
  containers: fc.tuple(container('a')).map((containers) => [...containers]),
  initContainers: maybe(fc.tuple(container('i')).map((containers) => [...containers])),
  volumes: often<object[] | undefined>(
    undefined,
    [
      { name: 'v', emptyDir: {} },
      { name: 'c', configMap: { name: 'c' } },
    ],
    [{ name: 'v', hostPath: { path: '/' } }],
    [{ name: 'v', nfs: { server: 's', path: '/' } }],
  ),
});

/** The level that is computed from a pod is the one that Kubernetes would ask for, for pods of all kinds. */
export function kubeCases(): PodCase[] {
  const objects = fc
    .sample(pod, { numRuns: 1500, seed: seedOf(1) })
    .map(
      (spec, i) =>
        JSON.parse(
          JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: `pod-${i}`, namespace: 'any' }, spec }),
        ) as object,
    );
  const levels = levelsOf(objects);
  const counts = Object.values(levels).reduce<Record<string, number>>(
    (sum, level) => ({ ...sum, [level]: (sum[level] ?? 0) + 1 }),
    {},
  );
  if (Object.keys(counts).length < 3) {
    throw new Error(`not all levels come up: ${JSON.stringify(counts)}`);
  }
  return [{ name: 'computed-levels', objects, levels }];
}
