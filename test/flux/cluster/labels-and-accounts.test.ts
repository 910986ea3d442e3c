import { ApiObject, Chart } from 'cdk8s';
import { Cluster, ImagePolicy, ImageRepository, Kustomization, TagPolicy } from '../../../lib/flux';
import { ManagedNamespace } from '../../../lib/kube';
import { Endpoint, Registry } from '../../../lib/registry';
import { foundCodes } from '../../support/problems';
import { gitops, newApp } from '../support';

test.each(['', ' ', 'a b', 'Deployer', '-x', 'a'.repeat(254)])(
  'Flux applies with no account %j',
  (serviceAccountName) => {
    const kustomization = (account: string) => () => {
      const { app } = newApp();
      const home = new Cluster(app, 'home', { source: gitops });
      const chart = new Chart(home, 'others', { namespace: 'apps' });
      const props = { source: home.source, path: './x', serviceAccountName: account };
      const { apiObject } = new Kustomization(chart, 'x', props);
      expect((apiObject as ApiObject).toJson().spec.serviceAccountName).toBe(account);
    };
    const layer = (account: string) => () => {
      const { app } = newApp();
      const layers = { apps: { serviceAccountName: account } };
      const home = new Cluster(app, 'home', { source: gitops, layers });
      new ApiObject(new Chart(home, 'web', { namespace: 'apps' }), 'x', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'x' },
      });
      app.synthYaml();
    };
    for (const make of [kustomization, layer]) {
      expect(foundCodes(make(serviceAccountName))).toEqual(['FORGE-FLUX-057']);
      expect(foundCodes(make('deployer.v1'))).toEqual([]);
      expect(foundCodes(make('${ACCOUNT}'))).toEqual([]);
    }
  },
);

test('labels that Kubernetes rejects are an error, and variables of Flux are not', () => {
  const made = (labels: Record<string, string>) => [
    () => void new ManagedNamespace(new Chart(newApp().app, 'c', { namespace: 'n' }), 'x', { labels }),
    () => {
      const { app } = newApp();
      const { images } = new Cluster(app, 'home', { source: gitops });
      const repository = new ImageRepository(images, 'app', {
        registry: Registry.oci({ pull: Endpoint.https('registry.example.com') }),
        image: 'app',
      });
      new ImagePolicy(images, 'policy', { repository, tags: TagPolicy.semver('1.x'), labels });
    },
  ];
  for (const bad of [{ team: 'a b' }, { team: 'ü' }, { team: 'x'.repeat(64) }, { 'a b': 'x' }, { team: '-x' }]) {
    expect(made(bad as unknown as Record<string, string>).map((make) => foundCodes(make))).toEqual([
      ['FORGE-KUBE-028'],
      ['FORGE-KUBE-028'],
    ]);
  }
  for (const good of [{}, { team: '' }, { 'a.example.com/b_c': 'A.b-c' }, { team: '${TEAM:=a b}' }]) {
    expect(made(good as unknown as Record<string, string>).map((make) => foundCodes(make))).toEqual([[], []]);
  }
});
