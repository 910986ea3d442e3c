import { PINS, Problem, Problems } from '../../support';
import { BlueprintVariable } from '../blueprint';
import { goDuration } from '../config/config';
import { OwnedSettings } from '../config/file';
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
import { registrationContainer, registrationScript, STATE_FILE } from './registering';
import { IRunnerProgram, JobQueue, ProgramFacts, ProgramParts, ProgramRequest } from './program';

const BINARY = 'forgejo-runner';
/** The variable with the UUID of a runner that a Job creates. */
const UUID_VARIABLE = 'FORGEJO_RUNNER_UUID';
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
        kinds: [
          RegistrationKind.CONNECTION,
          RegistrationKind.MINTED,
          // A pod of one job would leave an identity behind that nobody deletes.
          ...(request.scaling.kind === ScalingKind.FIXED ? [RegistrationKind.TOKEN] : []),
        ],
        fix: "create the runner in Forgejo, then set registration to Registration.connection('<uuid>', token); or to Registration.minted(…)",
      },
      problems,
    );
    checkQueue(request, problems);
    checkSettings(request, { binary: BINARY, keyOf, known: () => '' }, problems);
    return problems.all;
  }

  parts(request: ProgramRequest): ProgramParts {
    const { secrets, mounts = [] } = actionsSecrets(request);
    const perJob = request.scaling.kind === ScalingKind.PER_JOB;
    const identity = identityOf(request);
    const env = [{ name: 'CONFIG_FILE', value: CONFIG_FILE }, ...identity.env, ...request.env];
    const arguments_ = ['--config', CONFIG_FILE, ...identity.arguments];
    return {
      files: {
        'config.yaml': actionsConfig(request, {
          keyOf,
          identity: identity.settings,
          metrics: {},
          cacheSecret: { 'cache.secret_url': `file://${CACHE_SECRET_FILE}` },
        }),
        ...(identity.registers ? { 'register.sh': registrationScript() } : {}),
      },
      ...(identity.registers
        ? { setup: [registrationContainer(request, { binary: BINARY, env, asksForAddress: true })] }
        : {}),
      command: perJob ? [BINARY, 'one-job', ...arguments_, '--wait'] : [BINARY, 'daemon', ...arguments_],
      env,
      mounts: [DATA_MOUNT, ...(identity.registers ? [] : [TOKEN_MOUNT]), ...mounts],
      secrets,
      ...(perJob ? { queue: queue(request) } : {}),
    };
  }
}

interface Identity {
  /** The settings of the configuration. */
  readonly settings: OwnedSettings;
  /** The arguments of the program. */
  readonly arguments: string[];
  readonly env: BlueprintVariable[];
  /** Reports whether an init container registers the runner. */
  readonly registers?: boolean;
}

const NO_PARTS = { settings: {}, arguments: [], env: [] };

/** Returns the parts that say which runner this is, in the way in which it registers. */
function identityOf(request: ProgramRequest): Identity {
  const { instanceUrl: url, registration, labels, config } = request;
  const specs = labels.map(({ spec }) => spec);
  const token = `file://${TOKEN_FOLDER}/token`;
  switch (registration.kind) {
    case RegistrationKind.TOKEN:
      return {
        ...NO_PARTS,
        settings: { 'runner.file': STATE_FILE, 'runner.labels': specs },
        env: [{ name: 'RUNNER_STATE_FILE', value: STATE_FILE }],
        registers: true,
      };
    case RegistrationKind.MINTED: {
      const interval = config.fetchInterval ? ['--fetch-interval', goDuration(config.fetchInterval)] : [];
      const secret = { name: registration._secret!.secretName, key: 'uuid' };
      return {
        ...NO_PARTS,
        // Nobody knows the UUID before the Job has run. Kubernetes puts it into the arguments.
        env: [{ name: UUID_VARIABLE, secret }],
        arguments: [
          ...['--url', url, '--uuid', `$(${UUID_VARIABLE})`, '--token-url', token],
          ...specs.flatMap((spec) => ['--label', spec]),
          ...interval,
        ],
      };
    }
    default: {
      const connection = 'server.connections.forge';
      const settings = {
        [`${connection}.url`]: url,
        [`${connection}.uuid`]: registration.uuid,
        [`${connection}.token_url`]: token,
        [`${connection}.labels`]: specs,
      };
      return { ...NO_PARTS, settings };
    }
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
