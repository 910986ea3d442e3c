import { gitHubApiUrl } from '../github/api';
import { GitHubRunnerProps } from '../github/props';
import { RunnerLabel } from '../runner-label';

/**
 * What makes KEDA start pods: the number of jobs that wait or run, and ask for no label that the runner does not have.
 *
 * Runners with a just-in-time configuration have the labels that they are given, and no others: no `self-hosted`, no `linux`. So KEDA
 * must not add its own to the comparison.
 */
export function gitHubTrigger(
  props: GitHubRunnerProps,
  labels: readonly RunnerLabel[],
  authentication: string,
): object {
  const { scope, scaling, forge } = props;
  const [owner, repository] = scope.target!.split('/');
  const repos = scaling.repositories?.map(({ name }) => name) ?? (repository === undefined ? [] : [repository]);
  return {
    type: 'github-runner',
    metadata: {
      githubApiURL: gitHubApiUrl(forge),
      owner,
      runnerScope: repository === undefined ? 'org' : 'repo',
      ...(repos.length > 0 ? { repos: repos.join(',') } : {}),
      labels: labels.map(({ name }) => name).join(','),
      noDefaultLabels: 'true',
      // A job without labels names a group. KEDA does not see which; it is for us only if we are in a group of our own.
      ...(props.runnerGroupId === undefined ? { matchUnlabeledJobsWithUnlabeledRunners: 'true' } : {}),
      targetWorkflowQueueLength: '1',
      ...(scaling.conditionalRequests ? { enableEtags: 'true' } : {}),
      ...(scaling.credential ?? props.credential)._metadata,
    },
    authenticationRef: { name: authentication },
  };
}
