import {
  BuildkitdProps,
  BuildkitMode,
  BuildkitSmokeTest,
  BuildkitTls,
  Emulation,
  Snapshotter,
} from '../../lib/buildkit';
import { Architecture, PodSecurity, TaintEffect } from '../../lib/kube';
import { Endpoint, Registry } from '../../lib/registry';
import { CaBundle, Trust } from '../../lib/trust';
import { CLIENT, COMBINATIONS, registry, render, world } from '../../test/buildkit/world';
import { Flow, levelsOf, PodCase } from './pod-case';

const harbor = Registry.oci({
  owner: 'team',
  pull: Endpoint.https('harbor.example.com', { trust: Trust.privateCa(CaBundle.fromConfigMap('home-ca')) }),
});

const SPECIAL: Record<string, Partial<BuildkitdProps>> = {
  'all-props': {
    registries: [registry, harbor],
    emulation: Emulation.privilegedBinfmt([Architecture.ARM64]),
    metrics: { scrapers: [{ labels: { app: 'prometheus' }, namespace: 'monitoring' }] },
    placement: {
      architecture: Architecture.AMD64,
      nodeSelector: { disk: 'ssd' },
      priorityClassName: 'low',
      awayFrom: [{ labels: { app: 'gitea' }, namespace: 'gitea' }],
      tolerations: [{ key: 'builds' }, { key: 'arch', value: 'arm64', effect: TaintEffect.NO_SCHEDULE }],
    },
    environment: { HTTPS_PROXY: 'http://proxy:3128' },
    config: { snapshotter: Snapshotter.fuseOverlayfs('smarter-devices/fuse') },
  },
  'old-kubernetes': { kubernetesVersion: '1.29' },
  'kubernetes-1.28': { kubernetesVersion: '1.28' },
  'kubernetes-1.28-privileged': { kubernetesVersion: '1.28', mode: BuildkitMode.privileged() },
  'privileged-binfmt': {
    mode: BuildkitMode.privileged(),
    emulation: Emulation.privilegedBinfmt([Architecture.ARM64, Architecture.AMD64]),
  },
};

/** Every combination of modes, storages, topologies and TLS: the level that the daemon asks its namespace for is the one that it needs. */
export function buildkitCases(): PodCase[] {
  return [...daemonCases(), smokeTestCase()];
}

function smokeTestCase(): PodCase {
  const { chart, daemon } = world({ tls: BuildkitTls.certManager() });
  const smoke = new BuildkitSmokeTest(chart, 'smoke', { builder: daemon });
  const objects = render(chart).filter(({ kind }) => kind === 'Job');
  return { name: 'buildkit-smoke-test', objects, levels: levelsOf(objects, PodSecurity.markOf(smoke)!) };
}

function daemonCases(): PodCase[] {
  const all: [string, Partial<BuildkitdProps>][] = [
    ...COMBINATIONS.map(({ name, ...props }): [string, Partial<BuildkitdProps>] => [
      name.replace(/[^A-Za-z0-9]+/g, '-'),
      props,
    ]),
    ...Object.entries(SPECIAL),
  ];
  return all.map(([name, props]) => {
    const { objects, daemon } = world(props);
    const claimed = PodSecurity.markOf(daemon)!;
    return {
      name: `buildkit-${name}`,
      objects,
      levels: levelsOf(objects, claimed),
      traffic: traffic(!daemon.tls.isEnabled, Boolean(props.metrics)),
    };
  });
}

/** Without TLS, the network is what keeps strangers out; with TLS, certificates do. */
function traffic(guarded: boolean, hasMetrics: boolean): Flow[] {
  const to = {
    namespace: 'ci',
    labels: { 'app.kubernetes.io/name': 'buildkitd', 'app.kubernetes.io/instance': 'buildkitd' },
  };
  const runner = { namespace: 'ci', labels: { ...CLIENT, 'pod-template-hash': 'abc' } };
  const flow = (why: string, rest: Omit<Flow, 'why' | 'to'>): Flow => ({ why, to, ...rest });
  return [
    flow('the declared client builds', { from: runner, port: 1234, allowed: true }),
    flow('a neighbour does not', { from: { namespace: 'ci', labels: { app: 'web' } }, port: 1234, allowed: !guarded }),
    flow('a pod that looks like the client, elsewhere, does not', {
      from: { namespace: 'other', labels: CLIENT },
      port: 1234,
      allowed: !guarded,
    }),
    flow('a pod without labels does not', { from: { namespace: 'ci', labels: {} }, port: 1234, allowed: !guarded }),
    flow('another daemon does not', { from: to, port: 1234, allowed: !guarded }),
    flow('the client has no business with the profiler', { from: runner, port: 6060, allowed: !guarded }),
    flow('Prometheus reads the metrics', {
      from: { namespace: 'monitoring', labels: { app: 'prometheus' } },
      port: 6060,
      allowed: !guarded || hasMetrics,
    }),
    flow('Prometheus does not build', {
      from: { namespace: 'monitoring', labels: { app: 'prometheus' } },
      port: 1234,
      allowed: !guarded,
    }),
  ];
}
