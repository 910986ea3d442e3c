import { toJson_CertificateSpec, toJson_IssuerSpec } from '../../imports/cert-manager.io';
import { toJson_ServiceMonitorSpec } from '../../imports/monitoring.coreos.com';
import { BuildkitTls, BuildkitTopology, CertificateIssuer } from '../../lib/buildkit';
import { Manifest, world } from './world';

// What is generated from the CRDs keeps the fields that they know and drops the others: nothing may get lost.
const all = [
  world({
    tls: BuildkitTls.certManager(),
    topology: BuildkitTopology.stablePool(2),
    metrics: { serviceMonitor: true },
  }),
  world({ tls: BuildkitTls.certManager(CertificateIssuer.clusterIssuer('internal')) }),
].flatMap(({ objects }) => objects);

const known: Record<string, (spec: Manifest) => unknown> = {
  'cert-manager.io/v1 Certificate': ({ isCA, ...spec }) => toJson_CertificateSpec({ ...spec, isCa: isCA }),
  'cert-manager.io/v1 Issuer': (spec) => toJson_IssuerSpec(spec),
  'monitoring.coreos.com/v1 ServiceMonitor': (spec) => toJson_ServiceMonitorSpec(spec),
};

test.each(Object.keys(known))('%s has only fields that its definition knows', (kind) => {
  const objects = all.filter((o) => `${o.apiVersion} ${o.kind}` === kind);
  expect(objects.length).toBeGreaterThan(0);
  for (const { spec } of objects) {
    expect(known[kind](spec)).toEqual(spec);
  }
});

test('no other custom resources are made', () => {
  const groups = all
    .map((o) => `${o.apiVersion} ${o.kind}`)
    .filter((kind) => /^[a-z-]+\.[^k]/.test(kind) && !kind.includes('.k8s.io/'));
  expect([...new Set(groups)].sort()).toEqual(Object.keys(known).sort());
});
