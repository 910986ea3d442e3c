import { Problems, quoted } from '../../support';
import { ProgramRequest } from './program';

/** The maximum number of labels that GitHub accepts for a runner. */
const MOST_LABELS = 100;
/** The first Enterprise Server version that supports just-in-time configurations. */
const FIRST_SERVER = '3.10';

/** Reports everything that GitHub or its runner would reject. */
export function checkGitHub(request: ProgramRequest, problems: Problems): void {
  const { forge } = request;
  if (!forge.isAtLeast(FIRST_SERVER)) {
    problems.add({
      code: 'FORGE-RUN-026',
      message: `Enterprise Server ${forge.version} gives no just-in-time configurations (${FIRST_SERVER} is the first that does)`,
      fix: 'upgrade the server',
    });
  }
  checkVersion(request, problems);
  checkScopeKind(request, problems);
  checkLabels(request, problems);
  checkGroup(request, problems);
  checkScaling(request, problems);
}

/** Reports a version that github.com does not register. A server that you operate decides by itself. */
function checkVersion({ forge, version }: ProgramRequest, problems: Problems): void {
  const { oldestRunner } = forge.product.actions;
  if (oldestRunner === undefined || forge.version !== undefined || version.isAtLeast(oldestRunner)) {
    return;
  }
  problems.add({
    code: 'FORGE-RUN-051',
    message: `${forge.product.title} does not register runners of version ${version.version}`,
    allowed: `${oldestRunner} or newer`,
    fix: `set version to RunnerVersion.of('${oldestRunner}') or newer, or remove version`,
    symptom: 'is deprecated and cannot receive messages',
  });
}

function checkScopeKind({ scope }: ProgramRequest, problems: Problems): void {
  if (scope.kind === 'organization' || scope.kind === 'repository') {
    return;
  }
  problems.add({
    code: 'FORGE-RUN-034',
    message:
      scope.kind === 'user'
        ? `the scope is ${scope.description}, but GitHub has no runners for all repositories of a user`
        : 'the scope is the instance, but GitHub takes no runners for all of it, and KEDA counts by organization',
    allowed: 'RunnerScope.organization(…) or RunnerScope.repository(…)',
    fix:
      scope.kind === 'user'
        ? "make one for each repository: RunnerScope.repository(forge.repository('owner/name'))"
        : "name the organization: RunnerScope.organization('…'); for several, make several",
  });
}

function checkLabels({ labels }: ProgramRequest, problems: Problems): void {
  if (labels.length > MOST_LABELS) {
    problems.add({
      code: 'FORGE-RUN-010',
      message: `the runner has ${labels.length} labels`,
      allowed: `1 to ${MOST_LABELS}`,
      fix: 'remove labels that no job requests',
      symptom: 'Invalid request: labels',
    });
  }
  const folded = labels.map(({ name }) => name.toLowerCase());
  const again = labels.filter(
    ({ name }, i) => folded.indexOf(folded[i]) !== i && labels.findIndex((other) => other.name === name) === i,
  );
  for (const { name } of again) {
    problems.add({
      code: 'FORGE-RUN-010',
      message: `label ${quoted(name)} is given twice`,
      fix: 'keep one of them: GitHub does not tell upper from lower case',
    });
  }
}

function checkGroup({ group, scope }: ProgramRequest, problems: Problems): void {
  if (group === undefined) {
    return;
  }
  if (!Number.isSafeInteger(group) || group < 1) {
    problems.add({
      code: 'FORGE-RUN-037',
      message: `runnerGroupId is ${quoted(group)}`,
      allowed: 'a whole number above 0',
      fix: "take the number at the end of the address of the group's page: it is no name",
    });
  } else if (scope.kind === 'repository') {
    problems.add({
      code: 'FORGE-RUN-037',
      message: "runnerGroupId is given, but a repository's runners are in no group",
      fix: 'leave it out, or use RunnerScope.organization(…)',
    });
  }
}

function checkScaling({ scaling, scope, forge }: ProgramRequest, problems: Problems): void {
  const perJob = scaling.perJobProps;
  if (perJob === undefined) {
    problems.add({
      code: 'FORGE-RUN-049',
      message: "scaling is fixed, but GitHub's runner takes one job with each registration",
      fix: 'set scaling to Scaling.perJob({ max: … })',
    });
    return;
  }
  if (perJob.apiToken && perJob.gitHubApp) {
    problems.add({
      code: 'FORGE-RUN-049',
      message: 'scaling has both apiToken and gitHubApp',
      fix: 'remove one of them from Scaling.perJob',
    });
  }
  if (perJob.repositories?.length === 0) {
    problems.add({
      code: 'FORGE-RUN-038',
      message: 'scaling.repositories is empty: KEDA would count the jobs of all',
      fix: 'name at least one, or leave it out',
    });
  }
  for (const repository of perJob.repositories ?? []) {
    if (repository.forge.isSameAs(forge) && scope.isScopeOf(repository)) {
      continue;
    }
    problems.add({
      code: 'FORGE-RUN-038',
      message: `jobs of ${quoted(repository.fullName)}${repository.forge.isSameAs(forge) ? '' : ` at ${repository.forge.url}`} are counted, but the scope is ${scope.description} of ${forge.url}`,
      fix: 'name repositories that the scope covers',
      symptom: 'pods start for jobs that they never get',
    });
  }
}
