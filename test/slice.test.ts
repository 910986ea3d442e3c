import { App, Chart } from 'cdk8s';
import { Cluster, TagPolicy } from '../lib/flux';
import { Forge } from '../lib/forge';
import { Endpoint, Registry } from '../lib/registry';
import { SecretSource } from '../lib/secret';
import { Expression, Step } from '../lib/workflow';
import { codesOf } from './support/problems';

const gitea = Forge.gitea({ version: '1.26', url: 'https://git.example.com' });

/** Values that look right at first sight, and what refuses them. */
const refused: [string, string, () => unknown][] = [
  ['a version that is a word', 'FORGE-FRG-001', () => Forge.gitea({ version: 'latest', url: 'https://git.example.com' })],
  ['a forge without a scheme', 'FORGE-FRG-002', () => Forge.gitea({ version: '1.26', url: 'git.example.com' })],
  ['a forge over ssh', 'FORGE-FRG-002', () => Forge.gitea({ version: '1.26', url: 'ssh://git.example.com' })],
  ['a forge with credentials', 'FORGE-FRG-002', () => Forge.gitea({ version: '1.26', url: 'https://a:b@git.example.com' })],
  ['a repository without an owner', 'FORGE-FRG-003', () => gitea.repository('hello')],
  ['a repository with .git', 'FORGE-FRG-003', () => gitea.repository('platform/hello.git')],
  ['a registry with a scheme', 'FORGE-REG-001', () => Endpoint.http('http://registry.example.com')],
  ['a registry with a path', 'FORGE-REG-001', () => Endpoint.https('registry.example.com/platform')],
  ['an owner in upper case', 'FORGE-REG-002', () => Registry.gitea(gitea, { owner: 'Platform' })],
  ['an image with a tag', 'FORGE-REG-002', () => Registry.gitea(gitea, { owner: 'platform' }).pushName('hello:1')],
  ['a secret value where a name belongs', 'FORGE-SEC-001', () => SecretSource.existing('Not A Name!')],
  ['an Actions secret with a reserved prefix', 'FORGE-WF-001', () => Expression.secret('GITEA_TOKEN')],
  ['an expression inside a script', 'FORGE-WF-002', () => Step.run({ name: 'x', script: '# ${{ github.head_ref }}' })],
  ['a branch that no tag can begin with', 'FORGE-FLUX-001', () => TagPolicy.timestamped('feature/x')],
  ['a construct outside any cluster', 'FORGE-FLUX-002', () => Cluster.of(new Chart(new App(), 'c'))],
  ['a cluster with an odd name', 'FORGE-FLUX-003', () => new Cluster(new App(), 'My Cluster', { source: gitea.repository('platform/gitops') })],
];

test.each(refused)('refuses %s with %s', (_, code, make) => {
  expect(codesOf(make)).toEqual([code]);
});
