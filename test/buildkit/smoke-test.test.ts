import { Chart } from 'cdk8s';
import { BuildkitSmokeTest, BuildkitTls, BuildkitTopology, CertificateIssuer } from '../../lib/buildkit';
import { PodSecurity } from '../../lib/kube';
import { render, world } from './world';
import { foundCodes } from '../support/problems';

test('a smoke test is a client like any other', () => {
  const { chart, daemon } = world(
    {
      tls: BuildkitTls.certManager(CertificateIssuer.clusterIssuer('internal')),
      topology: BuildkitTopology.stablePool(2),
    },
    false,
  );
  const apps = new Chart(chart.node.scope!, 'apps', { namespace: 'apps' });
  const smoke = new BuildkitSmokeTest(apps, 'smoke', { builder: daemon });
  const [certificate, job] = render(apps);
  expect(certificate).toMatchObject({
    kind: 'Certificate',
    metadata: { name: 'smoke-buildkitd-client', namespace: 'apps' },
  });
  const folder = '/var/run/secrets/buildkit/ci/buildkitd';
  expect(job.spec.template.spec.containers.map((c: { command: string[] }) => c.command)).toEqual(
    [0, 1].map((i) => [
      '/usr/bin/buildctl',
      '--addr',
      `tcp://buildkitd-${i}.buildkitd.ci.svc.cluster.local:1234`,
      '--timeout',
      '120',
      '--wait',
      '--tlsdir',
      folder,
      'debug',
      'workers',
    ]),
  );
  expect(job.spec.template.spec.volumes).toEqual([
    expect.objectContaining({ secret: expect.objectContaining({ secretName: 'smoke-buildkitd-client' }) }),
  ]);
  expect(PodSecurity.markOf(smoke)).toBe(PodSecurity.RESTRICTED);
});

test('without TLS it is admitted, so that it tells whether the network lets a client through', () => {
  const { chart, daemon } = world({}, false);
  new BuildkitSmokeTest(chart, 'smoke', { builder: daemon });
  expect(daemon.node.validate()).toEqual([]);
  const objects = render(chart);
  const [peer] = objects.find((o) => o.kind === 'NetworkPolicy').spec.ingress[0].from;
  expect(objects.find((o) => o.kind === 'Job').spec.template.metadata.labels).toMatchObject(
    peer.podSelector.matchLabels,
  );
});

test('fails where the daemon can have no client', () => {
  const { chart, daemon } = world({ tls: BuildkitTls.certManager() }, false);
  expect(
    foundCodes(
      () =>
        new BuildkitSmokeTest(new Chart(chart.node.scope!, 'apps', { namespace: 'apps' }), 'smoke', {
          builder: daemon,
        }),
    ),
  ).toEqual(['FORGE-BK-008']);
});
