import { App, Chart } from 'cdk8s';
import { Cluster } from '../../../lib/flux';
import { Forge } from '../../../lib/forge';
import { codesOf } from '../../support/problems';

const source = Forge.gitea({ version: '1.26', url: 'https://git.example.com' }).repository('platform/gitops');

test('a construct finds the cluster that it belongs to', () => {
  const home = new Cluster(new App(), 'home', { source });
  expect(Cluster.of(new Chart(home, 'apps'))).toBe(home);
});

test('fails for a construct that belongs to none', () => {
  expect(codesOf(() => Cluster.of(new Chart(new App(), 'apps')))).toEqual(['FORGE-FLUX-002']);
  const home = new Cluster(new App(), 'home', { source });
  expect(Cluster.of(new Chart(home, 'apps'))).toBe(home);
});

test.each(['My Cluster', 'UPPER', 'a.b'])('fails for a cluster named %p', (id) => {
  expect(() => new Cluster(new App(), id, { source })).toThrow(id === '' ? /Only root constructs/ : /FORGE-FLUX-003/);
  expect(() => ['a', 'my-cluster', '0a'].map((good) => new Cluster(new App(), good, { source }))).not.toThrow();
});
