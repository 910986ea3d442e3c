import { Chart, Size } from 'cdk8s';
import { Deployment } from 'cdk8s-plus-28';
import { GitOpsApp } from '../../lib/app';
import { BuildCache, Builder, CacheCompression, Provenance } from '../../lib/buildkit';
import { Cluster } from '../../lib/flux';
import { Forge } from '../../lib/forge';
import { ManagedNamespace, Storage } from '../../lib/kube';
import { ImagePipeline, ImageSize, SkipFlag, Tags } from '../../lib/pipeline';
import { Notify, Scan, Severity, Sign, Versioning } from '../../lib/recipe';
import { Registry, SignaturePolicyEngine } from '../../lib/registry';
import { Executor, Registration, Runner, RunnerLabel, RunnerScope } from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { Signer } from '../../lib/trust';

const app = new GitOpsApp();
const gitea = Forge.gitea({
  version: '1.26',
  url: 'https://git.example.com',
  internalUrl: 'http://gitea-http.gitea.svc.cluster.local:3000',
});
const registry = Registry.gitea(gitea, {
  owner: 'homelab',
  uploadLimit: Size.mebibytes(100),
  credentials: SecretSource.existing('registry-credentials'),
});
const home = new Cluster(app, 'home', { source: gitea.repository('homelab/gitops') });

new ManagedNamespace(new Chart(home, 'namespaces'), 'ci', { name: 'ci' });
const ci = new Chart(home, 'ci', { namespace: 'ci' });
const kuberay = gitea.repository('homelab/kuberay-images');
const daemon = {
  registries: [registry],
  maxConcurrentUploads: 10,
  maxConcurrentDownloads: 10,
  containerdSnapshotter: true,
};
const runner = new Runner(ci, 'runner', {
  forge: gitea,
  scope: RunnerScope.organization('homelab'),
  registration: Registration.token(SecretSource.existing('runner-token')),
  labels: [RunnerLabel.docker('ubuntu-latest', 'docker.gitea.com/runner-images:ubuntu-latest')],
  executor: Executor.dockerRootless({
    dockerInJobs: true,
    state: Storage.persistent(Size.gibibytes(5), 'nfs-slow'),
    layers: Storage.persistent(Size.gibibytes(100), 'longhorn'),
    daemon,
  }),
});

const ai = new Chart(home, 'ai', { namespace: 'ai' });
const sign = Sign.cosign(Signer.keyFile('cosign.pub'));
const workers = new ImagePipeline(ai, 'kuberay-images', {
  repository: kuberay,
  registry,
  runner,
  builder: Builder.buildx(),
  images: ['nvidia', 'rdna2', 'strixhalo', 'intel'].map((gpu) => ({
    name: `ray-worker-${gpu}`,
    dockerfile: `dockerfiles/Dockerfile.ray-worker-${gpu}`,
  })),
  size: ImageSize.HUGE,
  paths: ['dockerfiles/**'],
  tags: Tags.semver(Versioning.fromCommits()),
  cache: BuildCache.registry({ compression: CacheCompression.ZSTD }),
  skip: [SkipFlag.all('[skip images]'), SkipFlag.only('[ray-serve only]', [])],
  provenance: Provenance.MAX,
  scan: Scan.trivy({ failOn: Severity.CRITICAL }),
  sign,
  notify: Notify.ntfy('http://ntfy.observability.svc.cluster.local/gitea-ci'),
});
const image = workers.images.get('ray-worker-nvidia').reference;
new Deployment(ai, 'ray-worker-nvidia', { containers: [{ image }] });
sign.verifiedIn(ci, 'signed', { registry, images: workers.images.names, engine: SignaturePolicyEngine.KYVERNO });

const repository = gitea.repository('homelab/ntfy-discord');
const notifier = new ImagePipeline(ai, 'ntfy-discord', { repository, registry, runner, builder: Builder.buildx() });
new Deployment(ai, 'notifier', { containers: [{ image: notifier.image.reference }] });

app.synth();
