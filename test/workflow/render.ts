import { App } from 'cdk8s';
import { Forge, Repository, RunsOn } from '../../lib/forge';
import { OutputFile } from '../../lib/output';
import { JobProps, Step, Trigger, Workflow, WorkflowProps } from '../../lib/workflow';

export const GITEA = Forge.gitea({ version: '1.27', url: 'https://git.example.com' });
export const OLD_GITEA = Forge.gitea({ version: '1.22', url: 'https://old.example.com' });
export const FORGEJO = Forge.forgejo({ version: '14.0', url: 'https://forgejo.example.com' });
export const GITHUB = Forge.github();

export const REPOSITORY = GITEA.repository('platform/hello');

/** The text of a workflow's file. */
export function textOf(workflow: Workflow): string {
  return workflow.node.children.find(OutputFile.isOutputFile)!.content;
}

/** A workflow in an app of its own. */
export function newWorkflow(props: Partial<WorkflowProps> & { repository?: Repository } = {}, id = 'build'): Workflow {
  return new Workflow(new App(), id, { repository: REPOSITORY, triggers: [Trigger.push()], ...props });
}

/** A workflow with one job `build`, rendered. */
export function rendered(job: Partial<JobProps>, props: Partial<WorkflowProps> = {}): string {
  const workflow = newWorkflow(props);
  workflow.addJob('build', {
    runsOn: RunsOn.existing('runner'),
    steps: [Step.run({ name: 'Build', script: 'make' })],
    ...job,
  });
  return textOf(workflow);
}

/** The same, with one step that has this environment. */
export function renderedEnv(
  env: Record<string, string>,
  job: Partial<JobProps> = {},
  props: Partial<WorkflowProps> = {},
): string {
  return rendered({ ...job, steps: [Step.run({ name: 'Build', script: 'make', env })] }, props);
}
