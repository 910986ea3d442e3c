import { PINS, Problem, Problems, scriptText } from '../../support';
import { CONFIG_FOLDER } from '../blueprint';
import { COUNT_PERMISSION, registerPermission } from '../registration/github-credential';
import { RegistrationKind } from '../registration/registration';
import { RunnerLabel } from '../runner-label';
import { RunnerVersion } from '../runner-version';
import { RESERVED_ENVIRONMENT } from './common';
import { gitHubApiUrl } from './github-api';
import { checkGitHub } from './github-checks';
import { gitHubRegistration, JIT_FILE, JIT_MOUNT, registrationVolumes } from './github-registration';
import { checkMajor } from './major';
import { ImageReference } from './image';
import { IRunnerProgram, JobQueue, ProgramFacts, ProgramParts, ProgramRequest } from './program';

/** The user ID and group ID of the image. The image's files belong to this user and group. */
const USER = 1001;
/** The ID of the image's group `docker`, whose members may use the Docker daemon's socket. */
const DOCKER_GROUP = 123;
const HOME = '/home/runner';

/** GitHub's runner, with a just-in-time configuration for one job. */
export class GitHubProgram implements IRunnerProgram {
  readonly product: string = 'github';
  readonly title: string = 'GitHub';
  readonly deployedBy: string = 'GitHubRunner';
  readonly latestKnown: string = PINS.images.githubRunner.version;

  get reservedEnvironment(): string[] {
    return [
      ...RESERVED_ENVIRONMENT,
      'GITHUB_ACTOR_ID',
      'GITHUB_REF_PROTECTED',
      'GITHUB_REPOSITORY_ID',
      'GITHUB_REPOSITORY_OWNER_ID',
      'GITHUB_RETENTION_DAYS',
      'GITHUB_RUN_ATTEMPT',
      'GITHUB_TRIGGERING_ACTOR',
      'GITHUB_WORKFLOW_REF',
      'GITHUB_WORKFLOW_SHA',
      'RUNNER_ARCH',
      'RUNNER_ENVIRONMENT',
      'RUNNER_NAME',
      'RUNNER_OS',
      'RUNNER_TEMP',
      'RUNNER_WORKSPACE',
      // What starts the runner, and what the runner takes out of its environment.
      'ACTIONS_RUNNER_INPUT_*',
      'ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE',
      'JIT_CONFIG_FILE',
      'RUNNER_MANUALLY_TRAP_SIG',
      'RUNNER_PROGRAM',
      'SHUTDOWN_SECONDS',
    ];
  }

  get defaultLabel(): RunnerLabel {
    return RunnerLabel.host('self-hosted');
  }

  imageName(_version: RunnerVersion): string {
    return 'ghcr.io/actions/actions-runner';
  }

  facts(_version: RunnerVersion, image: ImageReference): ProgramFacts {
    return {
      binary: 'run.sh',
      image: image.flavor(''),
      portable: { path: HOME, isFolder: true },
      user: USER,
      workFolder: `${HOME}/_work`,
      imageHasUser: true,
      bringsNode: true,
      refusesRoot: true,
      stepsInRunner: true,
      // Node.js and other programs of the runner, which it mounts into job containers.
      sharedFolders: { externals: `${HOME}/externals` },
      dockerGroup: DOCKER_GROUP,
    };
  }

  problems(request: ProgramRequest): Problem[] {
    const problems = new Problems(request.construct.node.path);
    const { kind } = request.registration;
    if (kind !== RegistrationKind.GITHUB_TOKEN && kind !== RegistrationKind.GITHUB_APP) {
      problems.add({
        code: 'FORGE-RUN-023',
        message: `registration is of kind ${kind}, which GitHub does not have`,
        fix: 'set registration to Registration.gitHubApp(…) or Registration.gitHubToken(…)',
      });
    }
    checkMajor(request, { title: this.title, from: '2.0.0', below: '3.0.0' }, problems);
    checkGitHub(request, problems);
    return problems.all;
  }

  parts(request: ProgramRequest): ProgramParts {
    const { construct, name, scope, env } = request;
    const credential = request.registration._credential!;
    const secretName = credential._provide(construct, {
      purpose: `runner ${name} registers with GitHub (scope: ${scope.description})`,
      permission: registerPermission(scope),
    });
    return {
      files: {
        'github-jit-config.sh': scriptText(__dirname, 'github-jit-config.sh'),
        'github-start.sh': scriptText(__dirname, 'github-start.sh'),
      },
      setup: [gitHubRegistration(request)],
      command: ['bash', `${CONFIG_FOLDER}/github-start.sh`],
      env: [
        JIT_FILE,
        { name: 'SHUTDOWN_SECONDS', value: String(request.shutdownSeconds) },
        // So that it hears a signal, and stops the listener in good order.
        { name: 'RUNNER_MANUALLY_TRAP_SIG', value: '1' },
        // So that a version that GitHub takes no more is a failed pod, and not one that has done its work.
        { name: 'ACTIONS_RUNNER_RETURN_VERSION_DEPRECATED_EXIT_CODE', value: '1' },
        ...Object.entries(request.jobEnvironment).map(([variable, value]) => ({ name: variable, value })),
        ...env,
      ],
      mounts: [JIT_MOUNT],
      secrets: registrationVolumes(secretName, credential._key),
      queue: queue(request),
    };
  }
}

/**
 * Returns the KEDA trigger that counts the jobs that wait or run and request only labels of this runner.
 *
 * Runners with a just-in-time configuration have only the configured labels: no `self-hosted`, no `linux`. KEDA must
 * therefore not add its own labels to the comparison.
 */
function queue({ construct, name, scope, scaling, forge, labels, group, registration }: ProgramRequest): JobQueue {
  const counting = scaling._credential ?? registration._credential!;
  const { repositories, conditionalRequests } = scaling.perJobProps!;
  const [owner, repository] = scope.target!.split('/');
  const repos = repositories?.map((one) => one.name) ?? (repository === undefined ? [] : [repository]);
  return {
    type: 'github-runner',
    metadata: {
      githubApiURL: gitHubApiUrl(forge),
      owner,
      runnerScope: repository === undefined ? 'org' : 'repo',
      ...(repos.length > 0 ? { repos: repos.join(',') } : {}),
      labels: labels.map((label) => label.name).join(','),
      noDefaultLabels: 'true',
      // A job without labels names a group. KEDA does not see which; it is for us only if we are in a group of our own.
      ...(group === undefined ? { matchUnlabeledJobsWithUnlabeledRunners: 'true' } : {}),
      targetWorkflowQueueLength: '1',
      ...(conditionalRequests ? { enableEtags: 'true' } : {}),
      ...counting._metadata,
    },
    parameter: counting._parameter,
    secretName: counting._provide(construct, {
      purpose: `KEDA counts the jobs for runner ${name}`,
      permission: COUNT_PERMISSION,
    }),
    key: counting._key,
  };
}
