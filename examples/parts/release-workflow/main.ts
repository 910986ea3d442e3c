import { Construct } from 'constructs';
import { GitOpsApp } from '../../../lib/app';
import { Forge, IRunsOn, Repository, RunsOn } from '../../../lib/forge';
import { Checkout } from '../../../lib/recipe';
import { HostedRunner } from '../../../lib/runner';
import { Access, Condition, Expression, Input, Matrix, Step, Trigger, Workflow } from '../../../lib/workflow';

/** Computes a version, builds one image for each kind of GPU, tags the release: the same model for every forge. */
function release(
  scope: Construct,
  id: string,
  { repository, runsOn }: { repository: Repository; runsOn: IRunsOn },
): Workflow {
  const level = Input.choice('level', {
    options: ['patch', 'minor', 'major'],
    description: 'which part of the version to raise',
  });
  const workflow = new Workflow(scope, id, {
    repository,
    name: 'Release',
    fileName: 'release.yml',
    triggers: [Trigger.push({ branches: ['main'], paths: ['images/**'] }), Trigger.dispatch({ inputs: [level] })],
  });

  const compute = Step.run({
    name: 'Compute version',
    script: 'ci/next-version "${LEVEL:-patch}"',
    env: { LEVEL: level.value },
    outputs: ['version', 'changed'],
  });
  const version = workflow.addJob('version', {
    runsOn,
    steps: [Checkout.git({ fullHistory: true }), compute],
    outputs: { version: compute.output('version'), changed: compute.output('changed') },
  });

  const matrix = Matrix.of({ gpu: ['nvidia', 'rdna2', 'intel'] }, { maxParallel: 1 });
  const build = workflow.addJob('build', {
    runsOn,
    if: Condition.equal(version.output('changed'), 'true'),
    matrix,
    steps: [
      Checkout.git(),
      Step.run({
        name: 'Build image',
        script: 'make image GPU="$GPU" VERSION="$VERSION"',
        env: { GPU: matrix.value('gpu'), VERSION: version.output('version') },
      }),
    ],
  });

  workflow.addJob('tag', {
    runsOn,
    needs: [build],
    permissions: { contents: Access.WRITE },
    steps: [
      Checkout.git(),
      Step.run({
        name: 'Tag',
        script: 'ci/tag "v$VERSION"',
        env: { VERSION: version.output('version'), TOKEN: Expression.JOB_TOKEN },
      }),
    ],
  });
  return workflow;
}

const app = new GitOpsApp();
release(app, 'gitea', {
  repository: Forge.gitea({ version: '1.26', url: 'https://git.example.com' }).repository('homelab/images'),
  runsOn: RunsOn.existing('ubuntu-latest'),
});
release(app, 'github', { repository: Forge.github().repository('example/images'), runsOn: HostedRunner.UBUNTU_LATEST });
app.synth();
