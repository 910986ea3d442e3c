import { gitHubApiUrl } from '../github/api';
import { GitHubRunnerProps } from '../github/props';
import { RunnerLabel } from '../runner-label';

/**
 * Returns the KEDA trigger that starts pods. The trigger counts the jobs that wait or run and request only labels of
 * this runner.
 *
 * Runners with a just-in-time configuration have only the configured labels: no `self-hosted`, no `linux`. KEDA must
 * therefore not add its own labels to the comparison.
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
