import { ApiObject, Chart } from 'cdk8s';
import { GitOpsApp } from '../../../lib/app';
import {
  Alert,
  Cluster,
  ContentName,
  DigestReflection,
  HelmChart,
  HelmRelease,
  HelmRepository,
  ImagePolicy,
  ImageRepository,
  Provider,
  ProviderTarget,
  Substitution,
  TagPolicy,
} from '../../../lib/flux';
import { Forge, RunsOn } from '../../../lib/forge';
import { GitOpsWorkflow } from '../../../lib/pipeline';
import { Registry } from '../../../lib/registry';
import { SecretSource } from '../../../lib/secret';
import { fingerprint } from '../../../lib/support';
import { JobContainer } from '../../../lib/workflow';

const app = new GitOpsApp();
const gitea = Forge.gitea({ version: '1.26', url: 'https://git.example.com' });
const registry = Registry.gitea(gitea, {
  owner: 'platform',
  credentials: SecretSource.existing('registry-credentials'),
});
const variables = Substitution.of({ values: { DOMAIN: 'example.com' } });

const home = new Cluster(app, 'home', {
  source: gitea.repository('platform/gitops'),
  webhookToken: SecretSource.existing('webhook-token'),
  substitution: variables,
});

/** An image and its policy, beside the cluster's automation. */
function image(name: string, tags: TagPolicy, digest?: DigestReflection): ImagePolicy {
  const repository = new ImageRepository(home.images, name, { registry, image: name });
  return new ImagePolicy(repository, name, { repository, tags, digest });
}

// Three ways to say which tag is the newest.
const api = image('api', TagPolicy.timestamped());
const web = image('web', TagPolicy.semver('1.x'), DigestReflection.IF_NOT_PRESENT);
const sandbox = image('sandbox', TagPolicy.newest('latest'));

// A manifest that somebody wrote by hand gets a marker, and nothing else in it changes.
home.adopt('k8s/api.yml', api.image);

const apps = new Chart(home, 'apps', { namespace: 'apps' });

// A managed value may stand in any field of its own: here in a ConfigMap, whose hash does not move with the tag.
const settings = {
  SANDBOX_IMAGE: sandbox.image.reference,
  SITE: `https://www.${variables.variable('DOMAIN')}`,
  GREETING: 'costs 5 $',
};
new ApiObject(apps, 'settings', {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings' },
  data: settings,
});
new ApiObject(apps, 'runner', {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'runner' },
  spec: {
    selector: { matchLabels: { app: 'runner' } },
    template: {
      metadata: {
        labels: { app: 'runner' },
        annotations: { 'example.com/settings-hash': fingerprint(JSON.stringify(settings)) },
      },
      spec: {
        containers: [{ name: 'runner', image: api.image.reference, envFrom: [{ configMapRef: { name: 'settings' } }] }],
      },
    },
  },
});

// A script with ${…} of its own, in a cluster where Flux puts variables in place: left alone.
const script = 'for table in ${TABLES:-users}; do echo "migrating $table"; done\n';
new ApiObject(apps, 'scripts', {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'scripts' },
  data: { 'migrate.sh': script },
});

// Kubernetes lets nobody change a Job: this one gets another name when it does something else, and Flux replaces it for each new image.
const migrate = new ApiObject(apps, 'migrate', {
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'migrate' },
  spec: {
    backoffLimit: 2,
    template: {
      spec: {
        restartPolicy: 'Never',
        containers: [
          {
            name: 'migrate',
            image: api.image.reference,
            command: ['sh', '/scripts/migrate.sh'],
            volumeMounts: [{ name: 'scripts', mountPath: '/scripts' }],
          },
        ],
        volumes: [{ name: 'scripts', configMap: { name: 'scripts' } }],
      },
    },
  },
});
ContentName.mark(migrate);

// Helm values take the parts of an image apart.
const charts = new HelmRepository(apps, 'charts', { url: 'oci://ghcr.io/stefanprodan/charts' });
const { name, tag, digest } = web.image;
const release = new HelmRelease(apps, 'web', {
  chart: HelmChart.fromRepository(charts, { name: 'podinfo', version: '6.x' }),
  values: { image: { repository: name, tag, digest } },
});

const ntfy = new Provider(apps, 'ntfy', {
  target: ProviderTarget.webhook('http://ntfy.observability.svc.cluster.local/flux'),
});
new Alert(apps, 'failures', { provider: ntfy, sources: [release], errorsOnly: true });

// This repository's own workflow: checks pull requests, synthesizes pushes, loses no commit of Flux.
new GitOpsWorkflow(app, 'synth', {
  repository: home.source.repository,
  branch: 'main',
  runsOn: RunsOn.existing('ubuntu-latest'),
  container: JobContainer.of('node:22.21.0'),
});

app.synth();
