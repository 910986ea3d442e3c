import { Problem } from '../../support';
import { GitHubRunnerProps } from './props';
import { environmentWarnings } from '../advice/danger';
import { ExecutorTraits } from '../executor/plan';
import { pollingCost } from '../scaling/polling-cost';

/** Warnings about settings that work but may be unintended. */
export function gitHubWarnings(
  path: string,
  { props, traits }: { props: GitHubRunnerProps; traits: ExecutorTraits },
): Problem[] {
  const { forge, certificateAuthorities = [] } = props;
  const warnings: Problem[] = [...rateWarnings(path, props), ...environmentWarnings(path, props.environment ?? {})];
  if (certificateAuthorities.length > 0 && traits.hasDocker) {
    warnings.push({
      code: 'FORGE-RUN-041',
      path,
      message:
        "steps trust the private authorities; job containers do not: GitHub's runner mounts nothing of ours into them",
      fix: 'put the authority into the job images, or run those jobs without container:',
      symptom: 'unable to get local issuer certificate; x509: certificate signed by unknown authority',
    });
  }
  if (certificateAuthorities.length > 0 && new URL(forge.url).hostname !== 'github.com') {
    warnings.push({
      code: 'FORGE-RUN-033',
      path,
      message: `KEDA counts waiting jobs at ${forge.url}; if its certificate is of a private authority, this program cannot teach KEDA`,
      fix: "mount the authority into KEDA's operator as its CA directory",
      symptom: 'ScaledJob is not ready: x509: certificate signed by unknown authority',
    });
  }
  return warnings;
}

function rateWarnings(path: string, { scaling, scope }: GitHubRunnerProps): Problem[] {
  const perJob = scaling.perJobProps!;
  const { polls, affordable } = pollingCost(perJob);
  const count = perJob.repositories?.length ?? (scope.kind === 'repository' ? 1 : undefined);
  if (perJob.conditionalRequests || (count !== undefined && count <= affordable)) {
    return [];
  }
  return [
    {
      code: 'FORGE-RUN-040',
      path,
      message: `KEDA asks GitHub about ${count === undefined ? `every repository of ${scope.description}` : `${count} repositories`}, ${polls} times an hour with two requests each; GitHub allows 5000 requests an hour, enough for ${affordable}`,
      fix: 'name those with jobs for this runner in scaling.repositories, raise scaling.pollingInterval, or set scaling.conditionalRequests with KEDA 2.21 or newer',
      symptom: 'GitHub API rate limit exceeded, reset time …: jobs wait until then',
    },
  ];
}
