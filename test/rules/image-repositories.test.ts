import * as path from 'node:path';
import { ApiObject, Chart } from 'cdk8s';
import { GitOpsApp } from '../../lib/app';
import { Cluster, ImagePolicy, ImageRepository, TagPolicy } from '../../lib/flux';
import { Forge } from '../../lib/forge';
import { Registry } from '../../lib/registry';
import { SecretSource } from '../../lib/secret';
import { Findings } from '../../lib/support';
import { codesOf } from '../support/problems';
import { temporaryFolder } from '../support/workspace';

const gitea = Forge.gitea({ version: '1.26', url: 'https://git.example.com' });

interface World {
  readonly spec: object;
  readonly open?: boolean;
  readonly accept?: boolean;
}

/** The codes of synth for an ImageRepository that no construct wrote, beside one that a construct writes. */
function codes({ spec, open, accept }: World): string[] {
  const folder = temporaryFolder();
  const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
  const home = new Cluster(app, 'home', { source: gitea.repository('platform/gitops') });
  const registry = Registry.gitea(gitea, {
    owner: 'platform',
    ...(open ? {} : { credentials: SecretSource.existing('registry-credentials') }),
  });
  const repository = new ImageRepository(home.images, 'hello', { registry, image: 'hello' });
  new ImagePolicy(repository, 'hello', { repository, tags: TagPolicy.timestamped() });
  const object = new ApiObject(new Chart(home, 'own', { namespace: 'flux-system' }), 'web', {
    apiVersion: 'image.toolkit.fluxcd.io/v1',
    kind: 'ImageRepository',
    metadata: { name: 'web' },
    spec: { interval: '5m', ...spec },
  } as never);
  if (accept) {
    Findings.of(object).acknowledge('FORGE-RULE-007', 'the package is public');
  }
  let found: string[] = [];
  try {
    app.synth();
  } catch {
    found = codesOf(() => app.synth());
  }
  return found;
}

const image = 'git.example.com/platform/web';

test('an ImageRepository without the construct needs the credentials of its registry', () => {
  expect(codes({ spec: { image } })).toEqual(['FORGE-RULE-007']);
  expect(codes({ spec: { image, secretRef: { name: 'registry-credentials' } } })).toEqual([]);
});

test.each<[string, World]>([
  ['an open registry', { spec: { image }, open: true }],
  ['an image of another owner', { spec: { image: 'git.example.com/other/web' } }],
  ['an image of another registry', { spec: { image: 'ghcr.io/platform/web' } }],
  ['the credentials of a ServiceAccount', { spec: { image, serviceAccountName: 'scanner' } }],
  ['a public image, accepted', { spec: { image }, accept: true }],
])('accepts %s', (_, world) => {
  expect(codes(world)).toEqual([]);
});
