import * as path from 'node:path';
import { ApiObject, Chart } from 'cdk8s';
import * as kplus from 'cdk8s-plus-28';
import { GitOpsApp } from '../../lib/app';
import { Cluster } from '../../lib/flux';
import { Forge } from '../../lib/forge';
import { ManagedNamespace, PodSecurity } from '../../lib/kube';
import { codesOf } from '../support/problems';
import { temporaryFolder } from '../support/workspace';

const source = Forge.gitea({ version: '1.26', url: 'https://git.example.com' }).repository('platform/gitops');

/** The codes of synth for what `build` puts into a cluster. */
function codes(build: (cluster: Cluster) => void): string[] {
  const folder = temporaryFolder();
  const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
  build(new Cluster(app, 'home', { source }));
  let found: string[] = [];
  try {
    app.synth();
  } catch {
    found = codesOf(() => app.synth());
  }
  return found;
}

const object = (cluster: Cluster, apiVersion: string, kind: string, metadata: { name?: string; namespace?: string }) =>
  new ApiObject(new Chart(cluster, `c-${kind.toLowerCase()}`, { namespace: 'apps' }), 'o', {
    apiVersion,
    kind,
    metadata,
  });

const ofLength = (length: number) => 'a'.repeat(length);

test.each([
  ['v1', 'Service', '1web', 'web1'],
  ['v1', 'Service', ofLength(64), ofLength(63)],
  ['v1', 'Service', 'a.b', 'a-b'],
  ['v1', 'ConfigMap', 'Settings', '1.settings'],
  ['v1', 'ConfigMap', ofLength(254), ofLength(253)],
  ['v1', 'ConfigMap', '$(id)', 'id'],
  ['apps/v1', 'StatefulSet', ofLength(53), ofLength(52)],
  ['batch/v1', 'CronJob', ofLength(53), ofLength(52)],
  ['batch/v1', 'Job', ofLength(64), ofLength(63)],
  ['rbac.authorization.k8s.io/v1', 'Role', 'a/b', 'system:Node'],
  ['example.com/v1', 'Service', 'Web', '1web'],
  ['v1', 'constructor', 'Web', 'web'],
])('a %s %s may not be named %s, and may be named %s', (apiVersion, kind, wrong, right) => {
  expect(codes((cluster) => object(cluster, apiVersion, kind, { name: wrong }))).toEqual(['FORGE-RULE-001']);
  expect(codes((cluster) => object(cluster, apiVersion, kind, { name: right }))).toEqual([]);
});

test.each(['$(id)', 'Apps', ofLength(64), 'a.b', ''])('%s is no namespace, of a chart or an object', (namespace) => {
  const ofChart = codes((cluster) => {
    new kplus.ConfigMap(new Chart(cluster, 'apps', { namespace }), 'map');
  });
  expect(ofChart).toContain('FORGE-RULE-002');
  if (namespace !== '') {
    expect(codes((cluster) => object(cluster, 'v1', 'ConfigMap', { namespace }))).toEqual(['FORGE-RULE-002']);
  }
  expect(codes((cluster) => object(cluster, 'v1', 'ConfigMap', { namespace: 'apps-2' }))).toEqual([]);
});

test('an object of a cluster needs a namespace, unless its kind is in none', () => {
  const inNone = (build: (chart: Chart) => void) => codes((cluster) => build(new Chart(cluster, 'apps')));
  expect(inNone((chart) => new kplus.ConfigMap(chart, 'map'))).toEqual(['FORGE-RULE-003']);
  expect(inNone((chart) => new kplus.ConfigMap(chart, 'map', { metadata: { namespace: 'apps' } }))).toEqual([]);
  expect(inNone((chart) => new kplus.Namespace(chart, 'ns'))).toEqual([]);
  expect(inNone((chart) => new kplus.ClusterRole(chart, 'role'))).toEqual([]);
  expect(inNone((chart) => new ApiObject(chart, 'x', { apiVersion: 'example.com/v1', kind: 'Unknown' }))).toEqual([]);
});

describe('Pod Security of a namespace that the app creates', () => {
  const ENFORCE = 'pod-security.kubernetes.io/enforce';
  const namespace = (cluster: Cluster, level: string) =>
    new kplus.Namespace(new Chart(cluster, 'namespaces'), 'ns', {
      metadata: { name: 'apps', labels: { [ENFORCE]: level } },
    });
  const privileged = (cluster: Cluster) =>
    new kplus.Deployment(new Chart(cluster, 'apps', { namespace: 'apps' }), 'web', {
      containers: [
        {
          image: 'nginx:1.29',
          securityContext: { privileged: true, allowPrivilegeEscalation: true, ensureNonRoot: false },
        },
      ],
    });

  test('a Namespace of cdk8s-plus is read', () => {
    const at = (level: string) =>
      codes((cluster) => {
        namespace(cluster, level);
        privileged(cluster);
      });
    expect(['restricted', 'baseline', 'privileged'].map(at)).toEqual([['FORGE-KUBE-002'], ['FORGE-KUBE-002'], []]);
    expect(codes((cluster) => namespace(cluster, 'restricted'))).toEqual([]);
  });

  test("a ManagedNamespace counts users' own pods, and does not restrict what it cannot see", () => {
    const levels: string[] = [];
    const managed = (cluster: Cluster) =>
      new ManagedNamespace(new Chart(cluster, 'namespaces'), 'ns', { name: 'apps' });
    codes((cluster) => {
      const ns = managed(cluster);
      levels.push(ns.podSecurity.level);
      privileged(cluster);
      levels.push(ns.podSecurity.level);
    });
    codes((cluster) => {
      const ns = managed(cluster);
      new ApiObject(new Chart(cluster, 'apps', { namespace: 'other' }), 'release', {
        apiVersion: 'helm.toolkit.fluxcd.io/v2',
        kind: 'HelmRelease',
        spec: { targetNamespace: 'apps' },
      });
      levels.push(ns.podSecurity.level, ApiObject.of(ns).toJson().metadata.labels['pod-security.kubernetes.io/warn']);
    });
    expect(levels).toEqual(['restricted', 'privileged', 'privileged', 'restricted']);
    const stated = codes((cluster) => {
      new ManagedNamespace(new Chart(cluster, 'namespaces'), 'ns', { name: 'apps', podSecurity: PodSecurity.BASELINE });
      privileged(cluster);
    });
    expect(stated).toEqual(['FORGE-KUBE-002']);
    const fitting = codes((cluster) => {
      new ManagedNamespace(new Chart(cluster, 'namespaces'), 'ns', {
        name: 'apps',
        podSecurity: PodSecurity.PRIVILEGED,
      });
      privileged(cluster);
    });
    expect(fitting).toEqual([]);
  });
});

test.each([
  ['ConfigMap', 'data', 'x'.repeat(2 ** 20 + 1), 'x'.repeat(2 ** 20)],
  ['ConfigMap', 'binaryData', 'A'.repeat(1_398_104), 'A'.repeat(1_398_100)],
  ['Secret', 'stringData', 'ü'.repeat(2 ** 19 + 1), 'ü'.repeat(2 ** 19)],
])('a %s has at most 1 MiB of %s', (kind, field, large, small) => {
  const sized = (value: string) => (cluster: Cluster) =>
    void new ApiObject(new Chart(cluster, 'c', { namespace: 'apps' }), 'o', {
      apiVersion: 'v1',
      kind,
      metadata: { name: 'large' },
      [field]: { key: value },
    });
  expect(codes(sized(large))).toEqual(['FORGE-RULE-006']);
  expect(codes(sized(small))).toEqual([]);
});
