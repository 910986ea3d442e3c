import { PINS, Problem, Problems } from '../../support';
import { Setting } from '../config/setting';
import { RegistrationKind } from '../registration/registration';
import { RunnerLabel } from '../runner-label';
import { RunnerScope } from '../runner-scope';
import { RunnerVersion } from '../runner-version';
import { ScalingKind } from '../scaling/scaling';
import {
  actionsConfig,
  actionsSecrets,
  CACHE_SECRET_FILE,
  checkQueue,
  checkRegistration,
  checkSettings,
  CONFIG_FILE,
  DATA_MOUNT,
  queueSecret,
  TOKEN_FOLDER,
  TOKEN_MOUNT,
} from './actions-config';
import { ACTIONS_HOME, ACTIONS_USER, RESERVED_ENVIRONMENT } from './common';
import { ImageReference } from './image';
import { IRunnerProgram, JobQueue, ProgramFacts, ProgramParts, ProgramRequest } from './program';

const BINARY = 'forgejo-runner';
/** The oldest version whose `server.connections` with `token_url` is known to work. */
const OLDEST = '12.10.0';

/** Forgejo's runner. */
export class ForgejoProgram implements IRunnerProgram {
  readonly product: string = 'forgejo';
  readonly title: string = 'Forgejo';
  readonly latestKnown: string = PINS.images.forgejoRunner.version;

  get reservedEnvironment(): string[] {
    return ['FORGEJO_ACTIONS', 'GITEA_ACTIONS', ...RESERVED_ENVIRONMENT];
  }

  get defaultLabel(): RunnerLabel {
    return RunnerLabel.docker('docker', 'node:22-bookworm');
  }

  imageName(_version: RunnerVersion): string {
    return 'code.forgejo.org/forgejo/runner';
  }

  facts(_version: RunnerVersion, image: ImageReference): ProgramFacts {
    return {
      binary: BINARY,
      image: image.flavor(''),
      portable: { path: `/bin/${BINARY}` },
      user: ACTIONS_USER,
      workFolder: ACTIONS_HOME,
      keepsState: true,
      cacheServer: {
        command: [BINARY, 'cache-server'],
        secretSettings: { 'cache.secret_url': `file://${CACHE_SECRET_FILE}` },
      },
      // It passes the socket on only if it is told to.
      socketSettings: { 'container.docker_host': 'automount' },
    };
  }

  problems(request: ProgramRequest): Problem[] {
    const { version } = request;
    const problems = new Problems(request.construct.node.path);
    if (!version.isAtLeast(OLDEST)) {
      problems.add({
        code: 'FORGE-RUN-004',
        message: `version ${version.version} of Forgejo's runner cannot read its connection from the configuration`,
        allowed: `${OLDEST} or newer`,
        fix: `set version to RunnerVersion.of('${OLDEST}') or newer, or remove version`,
      });
    }
    checkRegistration(
      request,
      {
        title: this.title,
        kinds: [RegistrationKind.CONNECTION],
        fix: "create the runner in Forgejo, then set registration to Registration.connection('<uuid>', token)",
      },
      problems,
    );
    checkQueue(request, problems);
    checkSettings(request, { binary: BINARY, keyOf, known: () => '' }, problems);
    return problems.all;
  }

  parts(request: ProgramRequest): ProgramParts {
    const { secrets, mounts = [] } = actionsSecrets(request);
    const connection = 'server.connections.forge';
    const perJob = request.scaling.kind === ScalingKind.PER_JOB;
    return {
      files: {
        'config.yaml': actionsConfig(request, {
          keyOf,
          identity: {
            [`${connection}.url`]: request.instanceUrl,
            [`${connection}.uuid`]: request.registration.uuid,
            [`${connection}.token_url`]: `file://${TOKEN_FOLDER}/token`,
            [`${connection}.labels`]: request.labels.map(({ spec }) => spec),
          },
          metrics: {},
          cacheSecret: { 'cache.secret_url': `file://${CACHE_SECRET_FILE}` },
        }),
      },
      command: perJob
        ? [BINARY, 'one-job', '--config', CONFIG_FILE, '--wait']
        : [BINARY, 'daemon', '--config', CONFIG_FILE],
      env: [{ name: 'CONFIG_FILE', value: CONFIG_FILE }, ...request.env],
      mounts: [DATA_MOUNT, TOKEN_MOUNT, ...mounts],
      secrets,
      ...(perJob ? { queue: queue(request) } : {}),
    };
  }
}

function keyOf({ forgejo }: Setting): string | undefined {
  return forgejo;
}

function queue(request: ProgramRequest): JobQueue {
  return {
    type: 'forgejo-runner',
    metadata: {
      address: request.forge.internalUrl,
      labels: request.labels.map(({ name }) => name).join(','),
      ...scopeMetadata(request.scope),
    },
    ...queueSecret(request),
  };
}

function scopeMetadata(scope: RunnerScope): Record<string, string> {
  switch (scope.kind) {
    case 'instance':
      return { global: 'true' };
    case 'organization':
      return { org: scope.target! };
    case 'repository': {
      const [owner, repo] = scope.target!.split('/');
      return { owner, repo };
    }
    // KEDA then asks for the jobs of the user whose token it has.
    default:
      return {};
  }
}
