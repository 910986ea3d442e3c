import { GitOpsApp } from '../../lib/app';
import { Cluster } from '../../lib/flux';
import { Forge } from '../../lib/forge';
import { HostBuild, Tilt } from '../../lib/host';
import { CatalogueImage, ImageCatalogue } from '../../lib/pipeline';
import { Endpoint, Registry } from '../../lib/registry';
import { adviceAt } from '../../lib/support';
import { accepts, codesOf } from '../support/problems';
import { world } from './world';

const registry = Registry.oci({ owner: 'a', pull: Endpoint.https('registry.example.com') });
const catalogue = (image: Partial<CatalogueImage>) =>
  ImageCatalogue.of(registry, [{ name: 'base' }, { name: 'web', ...image }]);

test.each<[Partial<CatalogueImage>, Partial<CatalogueImage>]>([
  [{ target: '$(id)' }, { target: 'run-time.1' }],
  [{ target: '' }, { target: 'a' }],
  [{ buildArgs: { 'A B$(x)': '1' } }, { buildArgs: { A_B: '$(x)' } }],
  [{ buildArgs: { '1A': '1' } }, { buildArgs: { _1A: '1' } }],
  [{ baseImages: { 'A B': 'base' } }, { baseImages: { A_B: 'base' } }],
])('a catalogue refuses %j, whatever builds its images', (wrong, right) => {
  expect(codesOf(() => catalogue(wrong))).toEqual(['FORGE-BK-019']);
  accepts(() => catalogue(right));
});

test('a build argument that looks like a secret is a warning, whatever builds the image', () => {
  const app = new GitOpsApp();
  const source = Forge.gitea({ version: '1.26', url: 'https://git.example.com' }).repository('a/b');
  const manifests = new Cluster(app, 'home', { source });
  const warnings = (buildArgs: Record<string, string>, id: string) => {
    const images = catalogue({ buildArgs });
    const pipeline = world().pipeline({ images: [{ name: 'web', buildArgs }] });
    const all = [
      new HostBuild(app, `build-${id}`, { images }),
      new Tilt(app, `tilt-${id}`, { images, manifests }),
      pipeline,
    ];
    return all.map((each) =>
      adviceAt(each).flatMap(({ warnings: texts = [] }) => texts.filter((t) => /PIPE-018/.test(t))),
    );
  };
  const one = [
    expect.stringMatching(/^FORGE-PIPE-018: buildArgs\.NPM_TOKEN of image "web" looks like a secret \(not shown\)/),
  ];
  const found = warnings({ NPM_TOKEN: `npm_${'a1'.repeat(18)}` }, 'one');
  expect(found).toEqual([one, one, one]);
  expect(JSON.stringify(found)).not.toContain('a1a1');
  expect(warnings({ NPM_TOKEN: '', NODE_VERSION: '22' }, 'two')).toEqual([[], [], []]);
});
