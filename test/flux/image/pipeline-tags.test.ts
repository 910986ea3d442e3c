import * as path from 'node:path';
import { Chart, Size } from 'cdk8s';
import { GitOpsApp } from '../../../lib/app';
import { Buildkitd } from '../../../lib/buildkit';
import { Cluster, DigestReflection, TagPolicy } from '../../../lib/flux';
import { Storage } from '../../../lib/kube';
import { ImagePipeline, ImagePipelineProps } from '../../../lib/pipeline';
import { Executor, Registration, Runner, RunnerScope } from '../../../lib/runner';
import { SecretSource } from '../../../lib/secret';
import { accepts, codesOf } from '../../support/problems';
import { readTree, temporaryFolder } from '../../support/workspace';
import { gitea, gitops, registry } from '../support';

function synth(props: Partial<ImagePipelineProps>): Record<string, string> {
  const folder = temporaryFolder();
  const app = new GitOpsApp({ outdir: path.join(folder, 'dist'), imageLock: path.join(folder, 'images.yaml') });
  const home = new Cluster(app, 'home', { source: gitops });
  const ci = new Chart(home, 'ci', { namespace: 'ci' });
  const builder = new Buildkitd(ci, 'buildkitd', {
    registries: [registry],
    storage: Storage.persistent(Size.gibibytes(50)),
  });
  const runner = new Runner(ci, 'runner', {
    forge: gitea,
    scope: RunnerScope.instance(),
    registration: Registration.token(SecretSource.existing('runner-token')),
    executor: Executor.host({ builder }),
  });
  new ImagePipeline(ci, 'hello', {
    repository: gitea.repository('platform/hello'),
    registry,
    builder,
    runner,
    ...props,
  });
  app.synth();
  return readTree(folder);
}

test.each([
  ['versions', TagPolicy.semver('1.x')],
  ['a tag that moves', TagPolicy.newest('latest')],
  ['the tags of another branch', TagPolicy.timestamped('release')],
])('a pipeline fails with a policy for %s, which its build does not push', (_, policy) => {
  expect(codesOf(() => synth({ policy }))).toEqual(['FORGE-FLUX-010']);
  accepts(() => synth({ policy: TagPolicy.timestamped('main') }));
});

test('a pipeline takes any policy that sorts what its build pushes, and digests', () => {
  const files = synth({
    policy: TagPolicy.numeric({ pattern: '^main-[0-9a-f]+-(?P<built>[0-9]+)$' }),
    digest: DigestReflection.IF_NOT_PRESENT,
  });
  expect(files['dist/clusters/home/flux/images.k8s.yaml']).toContain('digestReflectionPolicy: IfNotPresent');
  expect(files['images.yaml']).toContain('digest: "" # {"$imagepolicy": "flux-system:hello:digest"}');
});
