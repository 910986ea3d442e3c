import { Deployment } from 'cdk8s-plus-28';
import { Tags } from '../../lib/pipeline';
import { Versioning } from '../../lib/recipe';
import { playFlux } from '../flux/play-flux';
import { readTree, temporaryFolder } from '../support/workspace';
import { world } from './world';

const KINDS: [string, Tags, string][] = [
  ['timestamped', Tags.timestamped(), 'main-0123abc-1763600000'],
  ['buildNumber', Tags.buildNumber(), 'main-build.12'],
  ['buildNumber, started again', Tags.buildNumber(), 'main-build.12.02'],
  ['semver', Tags.semver(Versioning.fromCommits()), '1.10.0'],
  ['calver', Tags.calver(), '2026.11.3'],
];

function synth(folder: string, tags: Tags): Record<string, string> {
  const { apps, pipeline, synth: write } = world(100, undefined, folder);
  const images = pipeline({ tags, images: [{ name: 'web' }, { name: 'api' }] }).images;
  images.names.forEach((name) => new Deployment(apps, name, { containers: [{ image: images.get(name).reference }] }));
  return write();
}

test.each(KINDS)('%s: after Flux moved both images, the next synth changes nothing', (_, tags, tag) => {
  const folder = temporaryFolder();
  const before = synth(folder, tags);
  expect(tags.policyFor('main').canSort(tag)).toBe(true);
  const chosen = (name: string) => ({ name: `git.example.com/platform/${name}`, tag });
  const changed = playFlux(folder, { 'flux-system:web': chosen('web'), 'flux-system:api': chosen('api') });
  expect(changed).toEqual(['dist/clusters/home/apps/apps.k8s.yaml', 'images.yaml']);
  const moved = readTree(folder);
  expect(moved['images.yaml']).toContain(`tag: "${tag}" #`);
  expect(moved).not.toEqual(before);
  expect(synth(folder, tags)).toEqual(moved);
});
