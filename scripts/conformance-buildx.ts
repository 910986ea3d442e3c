/**
 * Writes the build steps that conformance/buildx plays with the real buildx:
 *
 *   node --import tsx scripts/conformance-buildx.ts <outdir>
 *
 * <outdir>/steps.json holds the build steps of pipelines, by builder and job; <outdir>/buildkitd.toml the configuration of the
 * BuildKit daemon that the driver `remote` connects to, and <outdir>/daemon.json the registries of the Docker daemon.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { Chart, Size } from 'cdk8s';
import { parse } from 'yaml';
import { GitOpsApp } from '../lib/app';
import { Builder, Buildkitd, BuildxDriver, IBuilder, Platform, Provenance, RemoteTls } from '../lib/buildkit';
import { Cluster } from '../lib/flux';
import { Forge } from '../lib/forge';
import { Storage } from '../lib/kube';
import { ImagePipeline } from '../lib/pipeline';
import { Endpoint, Registry } from '../lib/registry';
import { Executor, Registration, Runner, RunnerLabel, RunnerScope, Scaling } from '../lib/runner';
import { SecretSource } from '../lib/secret';
import { CaBundle, Trust } from '../lib/trust';

interface Steps {
  [job: string]: { env: Record<string, string>; run: string };
}

const folder = mkdtempSync(join(tmpdir(), 'buildx-'));
const forge = Forge.gitea({ version: '1.26', url: 'http://registry.test:3000' });
const registry = Registry.gitea(forge, { owner: 'platform', push: Endpoint.http('registry.test:3000') });
const app = new GitOpsApp({ outdir: join(folder, 'dist'), imageLock: join(folder, 'images.yaml') });
const home = new Cluster(app, 'home', { source: forge.repository('platform/gitops') });
const ci = new Chart(home, 'ci', { namespace: 'ci' });
const mirror = Registry.oci({ owner: 'mirror', pull: Endpoint.http('mirror.test:3001') });

/** A pipeline with an image, an image for two platforms where the builder builds them, and pull requests. */
function pipeline(id: string, builder: IBuilder, options: { isComplete: boolean; registry?: Registry }): void {
  new ImagePipeline(ci, id, {
    repository: forge.repository('platform/app'),
    registry: options.registry ?? registry,
    runner: new Runner(ci, `${id}-runner`, {
      forge,
      scope: RunnerScope.instance(),
      labels: [RunnerLabel.docker(id, 'docker.gitea.com/runner-images:ubuntu-latest')],
      registration: Registration.token(SecretSource.existing('runner-token')),
      scaling: Scaling.perJob({ max: 2, apiToken: SecretSource.existing('api-token') }),
      executor: Executor.docker({ dockerInJobs: true, builder: builder.isForClientsOnly ? builder : undefined }),
    }),
    builder,
    // A client certificate is a secret, which builds of pull requests do not get.
    pullRequests: id !== 'at',
    context: 'app folder',
    dockerfile: 'docker/Dockerfile',
    images: [
      { name: `${id}-one` },
      ...(options.isComplete
        ? [
            { name: `${id}-two`, platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64] },
            { name: `${id}-attested`, provenance: Provenance.MAX, reproducible: true, mirrors: [mirror] },
          ]
        : []),
    ],
  });
}

function main([outdir]: string[]): void {
  if (!outdir) {
    throw new Error('usage: conformance-buildx.ts <outdir>');
  }
  mkdirSync(outdir, { recursive: true });
  const buildkitd = new Buildkitd(ci, 'buildkitd', {
    registries: [registry, mirror],
    storage: Storage.persistent(Size.gibibytes(50)),
  });
  pipeline('remote', Builder.buildx({ driver: BuildxDriver.remote(buildkitd) }), { isComplete: true });
  pipeline('container', Builder.buildx(), { isComplete: true });
  pipeline('docker', Builder.docker({ registries: [registry] }), { isComplete: false });
  const at = BuildxDriver.remoteAt('tcp://buildkitd.test:1234', {
    registries: [registry],
    tls: RemoteTls.secrets({
      ca: '${{ secrets.BUILDKIT_CA }}',
      cert: '${{ secrets.BUILDKIT_CERT }}',
      key: '${{ secrets.BUILDKIT_KEY }}',
    }),
  });
  pipeline('at', Builder.buildx({ driver: at }), { isComplete: false });
  const ca = Trust.privateCa(CaBundle.fromFile(join(__dirname, '../examples/parts/private-ca/certs/ca.crt')));
  const secured = Registry.oci({ owner: 'platform', pull: Endpoint.https('secured.test:3002', { trust: ca }) });
  pipeline('secured', Builder.buildx(), { isComplete: false, registry: secured });
  app.synth();
  const steps = Object.fromEntries(
    ['remote', 'container', 'docker', 'at', 'secured'].map((id) => [id, stepsOf(`${id}.yml`)]),
  );
  writeFileSync(join(outdir, 'steps.json'), JSON.stringify(steps));
  const [, toml] = /buildkitd\.toml: \|\n((?: {4}.*\n|\n)+)/.exec(
    readFileSync(join(folder, 'dist/clusters/home/platform/ci.k8s.yaml'), 'utf8'),
  )!;
  writeFileSync(join(outdir, 'buildkitd.toml'), toml.replace(/^ {4}/gm, ''));
  rmSync(folder, { recursive: true });
  console.log(`${Object.keys(steps).length} builders`);
}

function stepsOf(file: string): Steps {
  const { jobs } = parse(
    readFileSync(join(folder, 'dist/repositories/platform/app/.gitea/workflows', file), 'utf8'),
  ) as { jobs: Record<string, { steps: { id?: string; env: Record<string, string>; run: string }[] }> };
  return Object.fromEntries(
    Object.entries(jobs).map(([id, { steps }]) => {
      const { env, run } = steps.find((step) => step.id === 'build')!;
      return [id, { env, run }];
    }),
  );
}

main(process.argv.slice(2));
