import { Problems } from '../../support';
import { checkEnvironment } from '../advice/environment';
import { checkLabels, checkMemory, checkName, checkScope } from '../advice/checks';
import { ExecutorContext, ExecutorTraits } from '../executor/plan';
import { IRunnerProgram } from '../program/program';
import { GitHubRunnerProps } from './props';

/** The values that the checks inspect. */
export interface CheckedGitHubParts {
  readonly name: string;
  readonly props: GitHubRunnerProps;
  readonly program: IRunnerProgram;
  readonly traits: ExecutorTraits;
  readonly context: ExecutorContext;
}

/** Reports everything that prevents a GitHub runner from working, beside what runner binary and executor report. */
export function checkGitHubRunner(
  { name, props, program, traits, context }: CheckedGitHubParts,
  problems: Problems,
): void {
  checkName(name, problems);
  checkScope(props, problems);
  if (props.labels?.length === 0) {
    checkLabels([], problems);
  }
  checkEnvironment(props.environment ?? {}, program.reservedEnvironment, problems);
  checkShutdown(props, problems);
  checkResources(props, { traits, context }, problems);
}

function checkShutdown({ shutdownTimeout }: GitHubRunnerProps, problems: Problems): void {
  const milliseconds = shutdownTimeout?.toMilliseconds() ?? 0;
  if (milliseconds % 1000 === 0 && milliseconds <= 7 * 86_400_000) {
    return;
  }
  problems.add({
    code: 'FORGE-RUN-007',
    message: `shutdownTimeout is ${milliseconds} ms`,
    allowed: 'whole seconds, at most 7 days',
    fix: 'set shutdownTimeout to the time that a job may continue when its node is drained',
  });
}

function checkResources(
  props: GitHubRunnerProps,
  { traits, context }: { traits: ExecutorTraits; context: ExecutorContext },
  problems: Problems,
): void {
  checkMemory(context.jobResources, { capacity: 1, stores: traits.jobStores ?? [] }, problems);
  if (traits.daemonResources) {
    checkMemory(context.daemonResources, { capacity: 1, stores: traits.daemonStores ?? [] }, problems);
  } else if (props.daemonResources !== undefined) {
    problems.add({
      code: 'FORGE-RUN-036',
      message: 'daemonResources is set, but the executor has no daemon',
      fix: 'remove daemonResources; resources are those of the steps',
    });
  }
}
