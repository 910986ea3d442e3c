import { Forge } from '../../forge';
import { Resources } from '../../kube';
import { Problems, quoted } from '../../support';
import { GitHubRunnerProps } from './props';
import { GitHubExecutor, PlanContext } from '../executor/pod-plan';
import { checkMemory, checkName, checkScope, checkVersion } from '../advice/checks';
import { RunnerScope } from '../runner-scope';
import { checkScaling } from '../scaling/scaling';

/** The maximum number of labels that GitHub accepts for a runner. */
const MOST_LABELS = 100;
/** The first Enterprise Server version that supports just-in-time configurations. */
const FIRST_SERVER = '3.10';
/** The environment variables that would override settings of the library. */
const OWN_VARIABLES = new RegExp(
  `^(${[
    'PATH',
    'BUILDKIT_.*',
    'JIT_CONFIG_FILE',
    'SHUTDOWN_SECONDS',
    'RUNNER_PROGRAM',
    'RUNNER_MANUALLY_TRAP_SIG',
    'ACTIONS_RUNNER_INPUT_.*',
    'ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE',
    'SSL_CERT_FILE',
    'GIT_SSL_CAINFO',
    'NODE_EXTRA_CA_CERTS',
    'REQUESTS_CA_BUNDLE',
    'CURL_CA_BUNDLE',
    '(https?|no)_proxy',
  ].join('|')})$`,
  'i',
);

/** The values that the checks inspect. */
export interface CheckedGitHubParts {
  readonly name: string;
  readonly props: GitHubRunnerProps;
  readonly context: PlanContext;
  /** The resource requests and limits of the runner's container. */
  readonly resources: Resources;
}

/** Reports everything that prevents a GitHub runner from working. */
export function checkGitHubRunner({ name, props, context, resources }: CheckedGitHubParts, problems: Problems): void {
  const { forge, scope } = props;
  checkName(name, problems);
  if (checkForge(forge, problems)) {
    checkVersion(forge, context.version, problems);
  }
  checkScope(props, problems);
  checkKind(scope, problems);
  checkLabels(props.labels ?? [name], problems);
  checkGroup(props, problems);
  problems.collect(() => {
    checkScaling(props.scaling);
  });
  checkRepositories(props, problems);
  checkEnvironment(props.environment ?? {}, problems);
  checkShutdown(props, problems);
  const kind = props.executor._kind.gitHub;
  if ('refusal' in kind) {
    problems.add({ code: 'FORGE-RUN-036', message: `Executor ${props.executor.kind}: ${kind.refusal}`, fix: kind.fix });
  } else {
    kind.check(problems);
    checkResources(props, { kind, context, resources }, problems);
  }
}

function checkForge(forge: Forge, problems: Problems): boolean {
  if (forge.product.runnerProgram !== 'github') {
    problems.add({
      code: 'FORGE-RUN-016',
      message: `GitHubRunner is GitHub's program, the forge is ${forge.product.title}`,
      fix: 'use Runner',
    });
    return false;
  }
  if (!forge.isAtLeast(FIRST_SERVER)) {
    problems.add({
      code: 'FORGE-RUN-026',
      message: `Enterprise Server ${forge.version} gives no just-in-time configurations (${FIRST_SERVER} is the first that does)`,
      fix: 'upgrade the server',
    });
  }
  return true;
}

function checkKind(scope: RunnerScope, problems: Problems): void {
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

function checkLabels(names: readonly string[], problems: Problems): void {
  const folded = names.map((name) => name.toLowerCase());
  if (names.length === 0 || names.length > MOST_LABELS) {
    problems.add({
      code: 'FORGE-RUN-010',
      message: `the runner has ${names.length === 0 ? 'no' : names.length} labels`,
      allowed: `1 to ${MOST_LABELS}`,
      fix: 'leave labels out for the default, or give what jobs ask for',
      symptom: 'Invalid request: labels',
    });
  }
  for (const name of new Set(names.filter((_other, i) => folded.indexOf(folded[i]) !== i))) {
    problems.add({
      code: 'FORGE-RUN-010',
      message: `label ${quoted(name)} is given twice`,
      fix: 'keep one of them: GitHub does not tell upper from lower case',
    });
  }
}

function checkGroup({ runnerGroupId, scope }: GitHubRunnerProps, problems: Problems): void {
  if (runnerGroupId === undefined) {
    return;
  }
  if (!Number.isSafeInteger(runnerGroupId) || runnerGroupId < 1) {
    problems.add({
      code: 'FORGE-RUN-037',
      message: `runnerGroupId is ${quoted(runnerGroupId)}`,
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

function checkRepositories({ scaling, scope, forge }: GitHubRunnerProps, problems: Problems): void {
  if (scaling.repositories?.length === 0) {
    problems.add({
      code: 'FORGE-RUN-038',
      message: 'scaling.repositories is empty: KEDA would count the jobs of all',
      fix: 'name at least one, or leave it out',
    });
  }
  for (const repository of scaling.repositories ?? []) {
    if (repository.forge.isSameAs(forge) && scope.covers(repository)) {
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

function checkEnvironment(environment: Record<string, string>, problems: Problems): void {
  for (const name of Object.keys(environment)) {
    const isName = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);
    if (isName && !OWN_VARIABLES.test(name)) {
      continue;
    }
    problems.add({
      code: 'FORGE-RUN-039',
      message: isName
        ? `environment sets ${name}, which the runner needs otherwise`
        : `${quoted(name)} is not the name of a variable`,
      allowed: 'letters, digits and "_"; not the variables of builder, proxy, authorities and the runner itself',
      fix: isName
        ? 'leave it out; builder, proxy and certificateAuthorities are properties'
        : 'write it as a shell would take it',
    });
  }
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
    fix: 'give how long a job may go on when its node is drained',
  });
}

function checkResources(
  props: GitHubRunnerProps,
  { kind, context, resources }: { kind: GitHubExecutor; context: PlanContext; resources: Resources },
  problems: Problems,
): void {
  checkMemory(resources, { capacity: 1, stores: kind.memoryStores }, problems);
  if (kind.daemonStores) {
    checkMemory(context.resources ?? {}, { capacity: 1, stores: kind.daemonStores }, problems);
  }
  if (props.daemonResources === undefined || kind.daemonStores) {
    return;
  }
  problems.add({
    code: 'FORGE-RUN-036',
    message: 'daemonResources is given, but the executor has no daemon',
    fix: 'leave it out; resources are those of the steps',
  });
}
