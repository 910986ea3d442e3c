import { ApiObject, App, Chart, Size } from 'cdk8s';
import { Construct } from 'constructs';
import type { PodSpec } from 'kubernetes-types/core/v1';
import { parse } from 'smol-toml';
import {
  Buildkitd,
  BuildkitdProps,
  BuildkitMode,
  BuildkitTls,
  BuildkitTopology,
  CertificateIssuer,
} from '../../lib/buildkit';
import { Forge } from '../../lib/forge';
import { Storage } from '../../lib/kube';
import { Endpoint, Registry } from '../../lib/registry';
import { SecretSource } from '../../lib/secret';

export const gitea = Forge.gitea({
  version: '1.26',
  url: 'https://git.example.com',
  internalUrl: 'http://gitea-http.gitea.svc.cluster.local:3000',
});

export const registry = Registry.gitea(gitea, {
  owner: 'platform',
  push: Endpoint.http('gitea-http.gitea.svc.cluster.local:3000'),
  pull: Endpoint.https('git.example.com'),
});

/** Labels of a client that the tests declare. */
export const CLIENT = { 'app.kubernetes.io/instance': 'runner' };

export const MODES = [BuildkitMode.rootless(), BuildkitMode.userNamespace(), BuildkitMode.privileged()];

export const STORAGES = [
  Storage.persistent(Size.gibibytes(50), 'local-path'),
  Storage.ephemeral(Size.gibibytes(20)),
  Storage.memory(Size.gibibytes(8)),
];

export const TOPOLOGIES = [
  BuildkitTopology.single(),
  BuildkitTopology.singleDeployment(),
  BuildkitTopology.pool(2),
  BuildkitTopology.stablePool(3),
];

export const TLS = [
  BuildkitTls.none(),
  BuildkitTls.certManager(),
  BuildkitTls.certManager(CertificateIssuer.clusterIssuer('internal')),
  BuildkitTls.existing({
    server: SecretSource.existing('buildkit-server'),
    client: SecretSource.existing('buildkit-client'),
    keys: { ca: 'ca.pem', certificate: 'cert.pem', key: 'key.pem' },
  }),
];

/** One of every combination. */
export const COMBINATIONS = MODES.flatMap((mode) =>
  STORAGES.flatMap((storage) =>
    TOPOLOGIES.flatMap((topology) =>
      TLS.map((tls) => ({
        mode,
        storage,
        topology,
        tls,
        name: [mode.name, storage.kind, topology.name, `${tls.kind}${tls.issuer ? `(${tls.issuer.kind})` : ''}`].join(
          ' ',
        ),
      })),
    ),
  ),
);

/** An object as a test reads it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- manifests of every kind, looked into at any depth
export type Manifest = any;

export interface World {
  readonly chart: Chart;
  readonly daemon: Buildkitd;
  readonly objects: Manifest[];
  readonly pod: PodSpec;
  readonly toml: Manifest;
  find(kind: string, name?: string): Manifest;
}

export function newChart(namespace = 'ci'): Chart {
  return new Chart(new Construct(new App(), 'home'), 'ci', { namespace });
}

/** The objects of a chart, without the validation that `chart.toJson()` runs. */
export function render(chart: Chart): Manifest[] {
  return chart.node
    .findAll()
    .filter((c) => ApiObject.isApiObject(c))
    .map((object) => (object as ApiObject).toJson());
}

/** A daemon with one client, and what was rendered. */
export function world(props: Partial<BuildkitdProps> = {}, connect = true): World {
  const chart = newChart();
  const daemon = new Buildkitd(chart, 'buildkitd', { registries: [registry], storage: STORAGES[0], ...props });
  if (connect) {
    daemon.connectFrom(new Construct(chart, 'runner'), CLIENT);
  }
  const objects = render(chart);
  const find = (kind: string, name?: string) =>
    objects.find((o) => o.kind === kind && (name === undefined || o.metadata.name === name));
  const resource = find('StatefulSet') ?? find('Deployment');
  return {
    chart,
    daemon,
    objects,
    find,
    pod: resource.spec.template.spec,
    toml: parse(find('ConfigMap', `${daemon.name}-config`).data['buildkitd.toml']),
  };
}
