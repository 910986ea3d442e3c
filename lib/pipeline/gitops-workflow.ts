import { Construct } from 'constructs';
import { ActionsSecret, IRunsOn, Repository, TokenAccess, TokenResource } from '../forge';
import { Checkout, PullRequests, Ref, Synth, SynthPushOptions } from '../recipe';
import { Access, Condition, Job, JobContainer, Trigger, Workflow } from '../workflow';
import { constructed, engineOf, handedOver, Problems } from '../support';
import { checkBranch } from './check/checks';
import { deliverStep } from './delivery/deliver-step';

/** A workflow that belongs to the repository of this cdk8s app. */
export interface GitOpsWorkflowProps extends SynthPushOptions {
  /** The repository that contains this cdk8s app and its output. */
  readonly repository: Repository;

  /**
   * Runner of the workflow: a runner, or `RunsOn.existing(…)`. The runner needs git and the tools that `prepare` and
   * `command` need: Node.js by default.
   */
  readonly runsOn: IRunsOn;

  /**
   * Runner of the check of pull requests. The check runs code of the pull request, so the runner must be new for each
   * job, or a runner that only pull requests use, unless the job runs in a container.
   *
   * @default - the runner of the workflow
   */
  readonly checksOn?: IRunsOn;

  /**
   * Container to run in, for runners that support containers, for example `JobContainer.of('node:22.21.0')`.
   *
   * @default - what the runner gives
   */
  readonly container?: JobContainer;

  /**
   * A comment on pull requests that says what Flux does when they are merged. A job of its own writes the comment, so that no
   * code of the pull request sees the token. The runner needs curl and jq. Pull requests of forks get no comment.
   *
   * @default - no comment
   */
  readonly diffComment?: DiffComment;

  /**
   * Whether to deliver the files for other repositories after each push, as `cdk8s-forge deliver` does, by the API of the
   * forge. A job of its own reads the token from the Actions secret `DELIVERY_TOKEN`, and runs no code of the repository. The
   * user of the token needs the right to write to the other repositories. The runner needs Node.js.
   *
   * @default false
   */
  readonly deliver?: boolean;
}

/** A comment on pull requests with the difference for the clusters. */
export interface DiffComment {
  /**
   * Command that prints the comment, in bash. The variable `BASE` contains the commit to compare with.
   *
   * @default 'npx --no-install cdk8s-forge diff "$BASE" --no-synth --markdown --fail-on never'
   */
  readonly command?: string;
}

/**
 * A workflow that checks and commits the output of this repository, written to the repository root. A pull request
 * fails if its output differs from the output of its cdk8s app. After a push to the branch, the workflow synthesizes
 * and commits the changes. The workflow keeps all commits of Flux.
 *
 * The file is overwritten only if it states that it is generated.
 *
 * @example
 *
 * new GitOpsWorkflow(app, 'synth', { repository: gitea.repository('platform/gitops'), branch: 'main', runsOn: RunsOn.existing('ubuntu-latest') });
 */
export class GitOpsWorkflow extends Construct {
  /** The workflow. */
  readonly workflow: Workflow;

  /**
   * @throws FORGE-PIPE-016 if `branch` is a pattern, or has a character that the filter of a trigger reads as one
   */
  constructor(scope: Construct, id: string, props: GitOpsWorkflowProps) {
    const made = constructed(GitOpsWorkflow, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    const { repository, branch, runsOn, checksOn = runsOn, container } = props;
    const problems = new Problems(this.node.path);
    checkBranch(branch, 'no error: a push to the branch starts no run', problems);
    problems.throwIfAny();
    this.workflow = new Workflow(this, id, {
      repository,
      inThisRepository: true,
      triggers: [Trigger.push({ branches: [branch] }), Trigger.pullRequest()],
    });
    const isPullRequest = Condition.event('pull_request');
    const check = Synth.check({ prepare: props.prepare, command: props.command });
    const diff = props.diffComment && Synth.diff({ command: props.diffComment.command });
    const checked = this.workflow.addJob('check', {
      if: isPullRequest,
      runsOn: checksOn,
      container,
      steps: [Checkout.git({ fullHistory: diff !== undefined }), check, ...(diff ? [diff] : [])],
      outputs: diff && { comment: diff.output('comment') },
    });
    if (diff) {
      this.comment(checked.output('comment'), props);
    }
    const synth = this.workflow.addJob('synth', {
      if: Condition.event('push'),
      permissions: { contents: Access.WRITE },
      runsOn,
      container,
      steps: [Synth.push(props)],
    });
    if (props.deliver) {
      this.delivery(synth, props);
    }
  }

  private delivery(synth: Job, { repository, branch, runsOn, container }: GitOpsWorkflowProps): void {
    const secret = deliveryToken(repository).provide(this, repository);
    this.workflow.addJob('deliver', {
      if: Condition.event('push'),
      needs: [synth],
      runsOn,
      container,
      steps: [
        Checkout.git({ ref: Ref.branch(branch) }),
        deliverStep({ repository, output: engineOf(this)?.outputPath ?? 'dist', secret }),
      ],
    });
  }

  private comment(text: string, { runsOn, container }: GitOpsWorkflowProps): void {
    this.workflow.addJob('comment', {
      if: Condition.event('pull_request').and(Condition.NOT_CANCELLED, Condition.notEqual(text, '')),
      runsOn,
      container,
      permissions: { issues: Access.WRITE, pullRequests: Access.WRITE },
      steps: [PullRequests.comment({ text, mark: 'diff' })],
    });
  }
}

function deliveryToken({ forge }: Repository): ActionsSecret {
  return ActionsSecret.of('DELIVERY_TOKEN', {
    purpose: 'token that commits workflow files to other repositories',
    tokenScope: forge.product.tokenScope(TokenResource.REPOSITORY, TokenAccess.WRITE),
  });
}
