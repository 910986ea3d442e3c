import { Chart, Size } from 'cdk8s';
import { Deployment } from 'cdk8s-plus-28';
import { GitOpsApp } from '../lib/app';
import { Buildkitd } from '../lib/buildkit';
import { Cluster } from '../lib/flux';
import { Forge } from '../lib/forge';
import { Storage } from '../lib/kube';
import { ImagePipeline } from '../lib/pipeline';
import { Registry } from '../lib/registry';
import { Executor, Registration, Runner, RunnerScope } from '../lib/runner';
import { SecretSource } from '../lib/secret';

/** Pipelines in one chart. */
const PER_CHART = 10;

/**
 * Builds pipelines, each with a Deployment of its image, ten a chart: a platform whose programs grow by pipelines.
 *
 * @param isChanged true for the platform after a change of one pipeline and its Deployment
 */
export function buildPipelines(app: GitOpsApp, count: number, isChanged = false): void {
  const forge = Forge.gitea({
    version: '1.26',
    url: 'https://git.example.com',
    internalUrl: 'http://gitea-http.gitea.svc.cluster.local:3000',
  });
  const registry = Registry.gitea(forge, {
    owner: 'platform',
    credentials: SecretSource.existing('registry-credentials'),
  });
  const home = new Cluster(app, 'home', { source: forge.repository('platform/gitops'), expected: count });
  const ci = new Chart(home, 'ci', { namespace: 'ci' });
  const builder = new Buildkitd(ci, 'buildkitd', {
    registries: [registry],
    storage: Storage.persistent(Size.gibibytes(100)),
  });
  const runner = new Runner(ci, 'runner', {
    forge,
    scope: RunnerScope.instance(),
    registration: Registration.token(SecretSource.existing('runner-token')),
    executor: Executor.host({ builder }),
  });
  for (let i = 0; i < count; i += PER_CHART) {
    const chart = new Chart(home, `team-${i}`, { namespace: `team-${i}` });
    for (let j = i; j < Math.min(i + PER_CHART, count); j++) {
      const { image } = new ImagePipeline(chart, `service-${j}`, {
        repository: forge.repository(`platform/service-${j}`),
        registry,
        runner,
        ...(isChanged && j === 7 ? { dockerfile: 'docker/Dockerfile' } : {}),
      });
      const replicas = isChanged && j === 7 ? 2 : 1;
      new Deployment(chart, `service-${j}`, { replicas, containers: [{ image: image.reference, portNumber: 8080 }] });
    }
  }
}
