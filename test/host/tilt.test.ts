import { Chart } from 'cdk8s';
import { GitOpsApp } from '../../lib/app';
import { Platform } from '../../lib/buildkit';
import { Cluster } from '../../lib/flux';
import { Forge } from '../../lib/forge';
import { KindCluster, LiveUpdate, Tilt, TiltProps } from '../../lib/host';
import { BuildSecret, CatalogueImage, ImageCatalogue } from '../../lib/pipeline';
import { Endpoint, Registry } from '../../lib/registry';
import { accepts, codesOf, foundCodes } from '../support/problems';
import { filesOf } from './world';

const forge = Forge.gitea({ version: '1.26', url: 'http://localhost:3000', nodePort: 30080 });
const local = Registry.gitea(forge, { owner: 'raibid-admin' });

function tilt(images: CatalogueImage[], props: Partial<TiltProps> = {}, registry = local) {
  const app = new GitOpsApp();
  const home = new Cluster(app, 'home', { source: forge.repository('raibid-admin/gitops') });
  new Chart(home, 'apps', { namespace: 'apps' });
  const localCluster = new KindCluster(app, 'local', { forge });
  const loop = { images: ImageCatalogue.of(registry, images), manifests: home, localCluster, ...props };
  new Tilt(app, 'tilt', loop);
  return filesOf(app)['host/tilt/Tiltfile'];
}

test('a Tiltfile builds each image under its name in the manifests, and deploys to the kind cluster only', () => {
  const text = tilt(
    [
      { name: 'base', context: 'base' },
      {
        name: 'raibid-server',
        dockerfile: 'crates/server/Dockerfile',
        buildArgs: { TEXT: 'a "b" \\ ${c}' },
        baseImages: { BASE: 'base' },
        platforms: [Platform.LINUX_AMD64],
      },
    ],
    { liveUpdates: [LiveUpdate.of('raibid-server', { sync: { src: '/app/src' }, commands: [{ run: 'make' }] })] },
  );
  expect(text).toContain('CONTEXT = "kind-local"');
  expect(text).toContain('CLUSTER = "../../clusters/home"');
  expect(text.slice(text.indexOf('docker_build('))).toMatchInlineSnapshot(`
    "docker_build(
        "localhost:3000/raibid-admin/base",
        source("base"),
        dockerfile=source("base/Dockerfile"),
    )

    docker_build(
        "localhost:3000/raibid-admin/raibid-server",
        source("."),
        dockerfile=source("crates/server/Dockerfile"),
        build_args={"TEXT": "a \\"b\\" \\\\ \${c}", "BASE": "localhost:3000/raibid-admin/base"},
        platform="linux/amd64",
        live_update=[
            sync(source("src"), "/app/src"),
            run("make"),
        ],
    )

    k8s_yaml(manifests(CLUSTER))
    "
  `);
});

test('without a kind cluster, Tilt must be able to push', () => {
  const inside = Registry.oci({ pull: Endpoint.http('registry.ci.svc.cluster.local:5000') });
  expect(codesOf(() => tilt([{ name: 'web' }], { localCluster: undefined }, inside))).toEqual(['FORGE-HOST-010']);
  expect(foundCodes(() => tilt([{ name: 'web' }], {}, inside))).toEqual([]);
  expect(tilt([{ name: 'web' }], { localCluster: undefined })).toContain('CONTEXT = ""');
});

test('fails on what a machine cannot build, and on a live update of other files', () => {
  const web = { name: 'web', context: 'web' };
  const update = (image: string, from = 'web/src', to = '/app') => LiveUpdate.of(image, { sync: { [from]: to } });
  const triggered = (trigger: string) =>
    LiveUpdate.of('web', { sync: { 'web/src': '/app' }, commands: [{ run: 'npm ci', triggers: [trigger] }] });
  expect(codesOf(() => tilt([{ ...web, secrets: [BuildSecret.actions('NPM_TOKEN')] }]))).toEqual(['FORGE-HOST-009']);
  expect(codesOf(() => tilt([{ ...web, buildArgs: { A: '${{ github.sha }}' } }]))).toEqual(['FORGE-HOST-009']);
  const broken = [
    () => tilt([web], { liveUpdates: [update('api')] }),
    () => tilt([web], { liveUpdates: [update('web'), update('web')] }),
    () => tilt([web], { liveUpdates: [update('web', 'website')] }),
    () => update('web', '../src'),
    () => update('web', '/src'),
    () => update('web', 'web', 'app'),
    () => update('web', 'web', '/a/../b'),
    () => update('web', 'web', '/a/./b'),
    () => update('web', 'web', '/a/'),
    () => update('web', ''),
    () => update('web', 'web/../src'),
    () => tilt([web], { liveUpdates: [update('web', '.')] }),
    () => tilt([web], { liveUpdates: [triggered('api/package.json')] }),
    () => triggered('../package.json'),
    () => triggered('web/package.json'),
    () => triggered('web/src2'),
    () => LiveUpdate.of('web', { sync: {} }),
    () => LiveUpdate.of('web', { sync: { web: '/app' }, commands: [{ run: ' ' }] }),
  ];
  expect(broken.map(codesOf)).toEqual(broken.map(() => ['FORGE-HOST-015']));
  expect(foundCodes(() => tilt([web], { liveUpdates: [update('web'), update('web')].slice(1) }))).toEqual([]);
  expect(foundCodes(() => tilt([web], { liveUpdates: [update('web', 'web')] }))).toEqual([]);
  expect(foundCodes(() => tilt([web], { liveUpdates: [triggered('web/src/package.json')] }))).toEqual([]);
  expect(foundCodes(() => [triggered('./web/src/'), triggered('web')])).toEqual([]);
  const file = { sync: { 'web/package.json': '/app/package.json' } };
  expect(
    foundCodes(() => LiveUpdate.of('web', { ...file, commands: [{ run: 'npm ci', triggers: ['web/package.json'] }] })),
  ).toEqual([]);
  expect(foundCodes(() => update('web', 'web', '/a/b..c'))).toEqual([]);
});

test('contexts and paths of a live update are compared as directories, in whatever form', () => {
  const update = (from: string) => LiveUpdate.of('web', { sync: { [from]: '/app' } });
  const text = tilt([{ name: 'web', context: './web' }], { liveUpdates: [update('./web//src/')] });
  expect(text).toContain('source("web"),\n    dockerfile=source("web/Dockerfile")');
  expect(text).toContain('sync(source("web/src"), "/app")');
  expect(tilt([{ name: 'web' }], { liveUpdates: [update('.')] })).toContain('sync(source("."), "/app")');
});

test('the manifests are those of the same app', () => {
  const other = new Cluster(new GitOpsApp(), 'home', { source: forge.repository('raibid-admin/gitops') });
  expect(codesOf(() => tilt([{ name: 'web' }], { manifests: other }))).toEqual(['FORGE-HOST-019']);
  accepts(() => tilt([{ name: 'web' }]));
});
