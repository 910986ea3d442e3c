import { Construct } from 'constructs';
import { Dialect, Repository } from '../../forge';
import { Release } from '../../recipe';
import { Access, Concurrency, Condition, Expression, Job, Step, Trigger, Workflow } from '../../workflow';
import { ImagePipelineProps } from '../pipeline-props';
import { addBuildJobs, addPullRequestJobs, BuildJob, notForPullRequests, TaggedImage } from './build-jobs';
import { BuildContext } from './build-steps';
import { RunPlan } from './plan';
import { SkipFlag } from './skip-flag';
import { triggersOf } from './triggers';

/**
 * The parts that all workflows of a pipeline share.
 *
 * @jsii ignore
 */
export interface WorkflowParts {
  readonly props: ImagePipelineProps;
  readonly context: BuildContext;
  /** Reports whether the workflow is a file of the repository that contains the cdk8s app. */
  readonly isOwnRepository: boolean;
  /** Names of all images of the pipeline. */
  readonly known: readonly string[];
  /** Returns the paths that Flux and synth commit to the repository, when all constructs exist. */
  readonly committed: () => string[];
}

interface PipelineWorkflowProps extends WorkflowParts {
  readonly images: readonly TaggedImage[];
  readonly name?: string;
  readonly fileName: string;
}

/** Fails if a job failed, so that the notification after it reports the failure. */
const RESULT = `for result in $RESULTS; do
  case $result in
    success | skipped) ;;
    *) printf 'a job ended with %s\\n' "$result" >&2; exit 1 ;;
  esac
done`;

/**
 * Returns the concurrency group of a workflow. Returns undefined for a forge that ignores the key: runs at the same time are slower,
 * but each pushes tags of its own and reserves a version of its own.
 */
function concurrencyOf(repository: Repository, id: string, pullRequests: boolean): Concurrency | undefined {
  if (Dialect.of(repository.forge).ignores('concurrency') !== undefined) {
    return undefined;
  }
  return {
    group: `${id} ${Expression.REF}`,
    ...(pullRequests ? { cancelInProgressIf: Condition.event('pull_request') } : {}),
  };
}

/**
 * A workflow of a pipeline: a plan if one is needed, builds, builds of pull requests, the tag of the release, and a notification.
 *
 * @jsii ignore
 */
export class PipelineWorkflow {
  readonly workflow: Workflow;
  readonly builds: BuildJob[];
  readonly checks: BuildJob[];

  constructor(
    scope: Construct,
    id: string,
    private readonly parts: PipelineWorkflowProps,
  ) {
    const { props, context, images } = parts;
    const { repository, runner, pullRequests = false, skip = [] } = props;
    const workflow = new Workflow(scope, id, {
      repository,
      name: parts.name,
      fileName: parts.fileName,
      inThisRepository: parts.isOwnRepository ? true : undefined,
      concurrency: concurrencyOf(repository, id, pullRequests),
    });
    this.workflow = workflow;
    this.addTriggers();
    const plan = this.planOf(skip);
    plan.create((job, jobProps) => workflow.addJob(job, jobProps), {
      runsOn: runner,
      if: notForPullRequests(pullRequests),
    });
    const { scan, sign, tellFlux } = props;
    this.builds = addBuildJobs(workflow, images, {
      context,
      runner,
      plan,
      pullRequests,
      startsForTags: images.some(({ tags }) => tags._readsGitTags),
      scan,
      sign,
      tellFlux,
    });
    const pullRequestRunner = props.pullRequestRunner ?? runner;
    this.checks = pullRequests ? addPullRequestJobs(workflow, images, { context, runner: pullRequestRunner }) : [];
    const release = this.addRelease(plan);
    this.addNotification([...this.builds.map(({ job }) => job), ...(release ? [release] : [])]);
  }

  private planOf(skip: readonly SkipFlag[]): RunPlan {
    const { images, known, context } = this.parts;
    return new RunPlan({
      versioning: this.versioning,
      skip,
      images: images.map(({ name }) => name),
      versioned: images.filter(({ tags }) => tags._needsVersion).map(({ name }) => name),
      known,
      branch: context.branch,
    });
  }

  private get versioning() {
    return this.parts.images.map(({ tags }) => tags._versioning).find((one) => one !== undefined);
  }

  /** Adds the triggers, and replaces them when all constructs exist: adopted files are known only then. */
  private addTriggers(): void {
    const { props, images, isOwnRepository } = this.parts;
    const { workflow } = this;
    const triggers = (excluded: string[]): Trigger[] =>
      triggersOf(props, { images, tags: images.map(({ tags }) => tags), path: workflow.path }, excluded);
    triggers(this.parts.committed()).forEach((trigger) => workflow.addTrigger(trigger));
    if (isOwnRepository) {
      workflow._beforeRendering(() =>
        triggers(this.parts.committed()).forEach((trigger) => workflow._replaceTrigger(trigger)),
      );
    }
  }

  /** Adds the job that tags a computed version after all images are pushed, so that the next run computes the next version. */
  private addRelease(plan: RunPlan): Job | undefined {
    const { props } = this.parts;
    if (!this.versioning?._isComputed) {
      return undefined;
    }
    // Images that a flag leaves out do not keep the version from being tagged; images that failed do.
    const conditions = [
      ...[notForPullRequests(props.pullRequests ?? false)].filter((one): one is Condition => one !== undefined),
      Condition.NOT_CANCELLED,
      Condition.FAILURE.not(),
      ...plan.conditionsOfRelease(),
    ];
    return this.workflow.addJob('release', {
      name: 'Tag the release',
      needs: this.builds.map(({ job }) => job),
      if: conditions[0].and(...conditions.slice(1)),
      runsOn: props.runner,
      permissions: { contents: Access.WRITE },
      steps: [Release.tag({ tag: plan.tagOutput })],
    });
  }

  private addNotification(jobs: readonly Job[]): void {
    const { notify, runner, pullRequests = false } = this.parts.props;
    if (notify === undefined) {
      return;
    }
    const elsewhere = notForPullRequests(pullRequests);
    const result = Step.run({
      name: 'Look at the results',
      script: RESULT,
      env: { RESULTS: jobs.map((job) => job.result).join(' ') },
    });
    this.workflow.addJob('notify', {
      name: 'Notify',
      needs: [...jobs],
      if: elsewhere ? elsewhere.and(Condition.NOT_CANCELLED) : Condition.NOT_CANCELLED,
      runsOn: runner,
      ...(notify instanceof Step && notify._content.readsRuns
        ? { permissions: { contents: Access.READ, actions: Access.READ } }
        : {}),
      steps: [result, notify],
    });
  }
}
