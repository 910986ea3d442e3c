import * as path from 'node:path';
import { Chart, Size } from 'cdk8s';
import { parse } from 'yaml';
import { GitOpsApp } from '../../lib/app';
import { Buildkitd } from '../../lib/buildkit';
import { Cluster } from '../../lib/flux';
import { Forge } from '../../lib/forge';
import { Storage } from '../../lib/kube';
import { ImagePipeline, ImagePipelineProps } from '../../lib/pipeline';
import { Registry } from '../../lib/registry';
import { Executor, Registration, Runner, RunnerScope, Scaling } from '../../lib/runner';
import { SecretSource } from '../../lib/secret';
import { readTree, temporaryFolder } from '../support/workspace';

export const gitea = Forge.gitea({
  version: '1.26',
  url: 'https://git.example.com',
  internalUrl: 'http://gitea-http.gitea.svc.cluster.local:3000',
});
export const registry = Registry.gitea(gitea, {
  owner: 'platform',
  credentials: SecretSource.existing('registry-credentials'),
});
export const IMAGE = (name: string): string => `gitea-http.gitea.svc.cluster.local:3000/platform/${name}`;

export interface RenderedStep {
  name: string;
  id?: string;
  if?: string;
  env: Record<string, string>;
  run: string;
}

export interface RenderedJob {
  name?: string;
  needs?: string[];
  if?: string;
  steps: RenderedStep[];
  outputs?: Record<string, string>;
  strategy?: Record<string, unknown>;
  permissions?: Record<string, string>;
  'timeout-minutes'?: number;
  'runs-on': string;
}

/** A workflow as it is in its file. */
export interface RenderedWorkflow {
  name: string;
  on: Record<
    string,
    {
      branches?: string[];
      tags?: string[];
      paths?: string[];
      inputs?: Record<string, { options: string[] }>;
    } & unknown[]
  >;
  concurrency: Record<string, unknown>;
  jobs: Record<string, RenderedJob>;
}

/** A platform with a builder and a runner whose jobs share nothing. */
export function world(volume: Size | number = 100, scaling?: Scaling, folder = temporaryFolder()) {
  const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
  const home = new Cluster(app, 'home', { source: gitea.repository('platform/gitops') });
  const ci = new Chart(home, 'ci', { namespace: 'ci' });
  const builder = new Buildkitd(ci, 'buildkitd', {
    registries: [registry],
    storage: Storage.persistent(typeof volume === 'number' ? Size.gibibytes(volume) : volume),
  });
  const runner = new Runner(ci, 'runner', {
    forge: gitea,
    scope: RunnerScope.instance(),
    registration: Registration.token(SecretSource.existing('runner-token')),
    executor: Executor.host({ builder }),
    scaling: scaling ?? Scaling.perJob({ max: 2, apiToken: SecretSource.existing('api-token') }),
  });
  const apps = new Chart(home, 'apps', { namespace: 'apps' });
  const pipeline = (props: Partial<ImagePipelineProps> = {}, id = 'app') =>
    new ImagePipeline(apps, id, { repository: gitea.repository('platform/app'), registry, runner, ...props });
  const synth = () => {
    app.synth();
    return readTree(folder);
  };
  return { app, home, ci, apps, builder, runner, pipeline, synth };
}

/** The workflow of a pipeline with these properties. */
export function workflowOf(props: Partial<ImagePipelineProps> = {}, file = 'app.yml'): RenderedWorkflow {
  const { pipeline, synth } = world();
  pipeline(props);
  return parse(synth()[`dist/repositories/platform/app/.gitea/workflows/${file}`]);
}

/** The step with an id. */
export function stepOf(job: RenderedJob, id: string): RenderedStep {
  return job.steps.find((step) => step.id === id)!;
}
