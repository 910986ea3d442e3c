import { Construct } from 'constructs';
import { IRunsOn, Repository } from '../forge';
import { Checkout, Synth, SynthPushOptions } from '../recipe';
import { Access, Condition, JobContainer, Trigger, Workflow } from '../workflow';

/**
 * The workflow of the repository that holds this program.
 */
export interface GitOpsWorkflowProps extends SynthPushOptions {
  /** The repository that holds this program and its output. */
  readonly repository: Repository;

  /** What runs it: a runner, or `RunsOn.existing(…)`. It needs git and what `prepare` and `command` need: Node by default. */
  readonly runsOn: IRunsOn;

  /**
   * A container to run in, for runners that have one, e.g. `JobContainer.of('node:22.21.0')`.
   *
   * @default - what the runner gives
   */
  readonly container?: JobContainer;
}

/**
 * This repository's own workflow, written to its root: a pull request fails if its output is not what its program says; a push to the
 * branch is synthesized, and what changed is committed beside Flux's commits, without ever losing one of them.
 *
 * The file is only overwritten if it says that it is generated.
 *
 * @example
 *
 * new GitOpsWorkflow(app, 'synth', { repository: gitea.repository('platform/gitops'), branch: 'main', runsOn: RunsOn.existing('ubuntu-latest') });
 */
export class GitOpsWorkflow extends Construct {
  /** The workflow. */
  readonly workflow: Workflow;

  constructor(scope: Construct, id: string, props: GitOpsWorkflowProps) {
    super(scope, id);
    const { repository, branch, runsOn, container } = props;
    this.workflow = new Workflow(this, id, {
      repository,
      inThisRepository: true,
      triggers: [Trigger.push({ branches: [branch] }), Trigger.pullRequest()],
    });
    this.workflow.addJob('check', {
      if: Condition.event('pull_request'),
      runsOn,
      container,
      steps: [Checkout.git(repository), Synth.check(props)],
    });
    this.workflow.addJob('synth', {
      if: Condition.event('push'),
      permissions: { contents: Access.WRITE },
      runsOn,
      container,
      steps: [Synth.push(repository, props)],
    });
  }
}
