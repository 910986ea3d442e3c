import * as path from 'node:path';
import { ApiObject, Chart, Testing } from 'cdk8s';
import { Construct } from 'constructs';
import { GitOpsApp } from '../../lib/app';
import { Cluster, DigestReflection, ImagePolicy, ImageRepository, TagPolicy } from '../../lib/flux';
import { Forge } from '../../lib/forge';
import { Endpoint, Registry } from '../../lib/registry';
import { SecretSource } from '../../lib/secret';
import { CaBundle, Trust } from '../../lib/trust';
import { temporaryFolder } from '../support/workspace';

export const gitea = Forge.gitea({
  version: '1.26',
  url: 'https://git.example.com',
  internalUrl: 'http://gitea-http.gitea.svc.cluster.local:3000',
});
export const gitops = gitea.repository('platform/gitops');
export const registry = Registry.gitea(gitea, { owner: 'platform' });
export const plainRegistry = Registry.oci({ owner: 'platform', pull: Endpoint.http('registry.example.com:5000') });
export const securedRegistry = Registry.oci({
  owner: 'platform',
  pull: Endpoint.https('registry.example.com', { trust: Trust.privateCa(CaBundle.fromSecret('ca')) }),
  credentials: SecretSource.existing('registry-credentials'),
});

/** A chart in the namespace of Flux, in an app of its own. */
export function fluxChart(): Chart {
  return new Chart(newApp().app, 'flux', { namespace: 'flux-system' });
}

/** The specs of a chart's objects, by kind. */
export function specs(chart: Chart): Record<string, Record<string, unknown>> {
  return Object.fromEntries(
    (Testing.synth(chart) as { kind: string; spec: Record<string, unknown> }[]).map(({ kind, spec }) => [kind, spec]),
  );
}

/** An app in a folder of its own. */
export function newApp(folder = temporaryFolder()) {
  const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
  return { app, folder };
}

/** A policy in the chart of a cluster's automation. */
export function policyOf(
  cluster: Cluster,
  id: string,
  options: { tags?: TagPolicy; digest?: DigestReflection; owner?: string } = {},
): ImagePolicy {
  const repository = new ImageRepository(cluster.images, id, {
    registry: options.owner ? Registry.gitea(gitea, { owner: options.owner }) : registry,
    image: id,
  });
  return new ImagePolicy(repository, id, {
    repository,
    tags: options.tags ?? TagPolicy.timestamped(),
    digest: options.digest,
  });
}

export function configMap(scope: Construct, id: string, data: Record<string, unknown> = {}): ApiObject {
  return new ApiObject(scope, id, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: id }, data });
}
