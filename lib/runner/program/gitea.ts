import { ForgeFeature } from '../../forge';
import { PINS, Problem, Problems } from '../../support';
import { BlueprintProbes } from '../blueprint';
import { Setting } from '../config/setting';
import { RegistrationKind } from '../registration/registration';
import { RunnerLabel } from '../runner-label';
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
} from './actions-config';
import { ImageReference } from './image';
import { checkMajor } from './major';
import { registrationContainer, registrationScript, STATE_FILE } from './registering';
import { ACTIONS_HOME, ACTIONS_USER, RESERVED_ENVIRONMENT } from './common';
import { CacheServerFacts, IRunnerProgram, JobQueue, ProgramFacts, ProgramParts, ProgramRequest } from './program';

/** The first version with the new name: image `gitea/runner`, runner binary `gitea-runner`. */
const RENAMED = '1.0.0';
/** The first version with metrics and health endpoints. */
const METRICS_SINCE = '0.4.0';
/** The port of metrics and probes. */
const METRICS_PORT = 9101;

/** Gitea's runner, `act_runner` below 1.0.0. */
export class GiteaProgram implements IRunnerProgram {
  readonly product: string = 'gitea';
  readonly title: string = 'Gitea';
  readonly latestKnown: string = PINS.images.giteaRunner.version;

  get reservedEnvironment(): string[] {
    return ['GITEA_ACTIONS', 'GITEA_ACTIONS_RUNNER_VERSION', ...RESERVED_ENVIRONMENT];
  }

  get defaultLabel(): RunnerLabel {
    return RunnerLabel.docker('ubuntu-latest', 'docker.gitea.com/runner-images:ubuntu-latest');
  }

  imageName(version: RunnerVersion): string {
    return version.isAtLeast(RENAMED) ? 'gitea/runner' : 'gitea/act_runner';
  }

  facts(version: RunnerVersion, image: ImageReference): ProgramFacts {
    return {
      binary: binaryOf(version),
      image: image.flavor(''),
      rootlessDockerImage: image.flavor('-dind-rootless'),
      portable: {
        path: `/usr/local/bin/${binaryOf(version)}`,
        command: [binaryOf(version), 'daemon', '--config', CONFIG_FILE],
      },
      user: ACTIONS_USER,
      workFolder: ACTIONS_HOME,
      keepsState: true,
      // It finds the socket and passes it on.
      noSocketSettings: { 'container.docker_host': '-' },
      ...(version.isAtLeast('0.2.13') ? { waitSettings: { 'container.docker_timeout': '5m' } } : {}),
      ...(version.isAtLeast('2.3.0') ? { cacheServer: cacheServer(version) } : {}),
    };
  }

  problems(request: ProgramRequest): Problem[] {
    const { version } = request;
    const problems = new Problems(request.construct.node.path);
    checkRegistration(
      request,
      {
        title: this.title,
        kinds: [RegistrationKind.TOKEN, RegistrationKind.MINTED],
        fix: 'set registration to Registration.token(…) or Registration.minted(…)',
      },
      problems,
    );
    checkMajor(request, { title: this.title, from: '0.0.0', below: '10.0.0' }, problems);
    checkQueue(request, problems);
    checkPerJob(request, problems);
    checkSettings(
      request,
      {
        binary: binaryOf(version),
        keyOf: (setting) => keyOf(setting, version),
        known: ({ gitea, since }) => (gitea && since) || '',
      },
      problems,
    );
    checkExternalCache(request, problems);
    return problems.all;
  }

  parts(request: ProgramRequest): ProgramParts {
    const { version, labels, env } = request;
    const { secrets, mounts = [] } = actionsSecrets(request);
    const hasMetrics = version.isAtLeast(METRICS_SINCE) && !request.withoutMetrics;
    const own = [{ name: 'CONFIG_FILE', value: CONFIG_FILE }, { name: 'RUNNER_STATE_FILE', value: STATE_FILE }, ...env];
    return {
      files: {
        'config.yaml': actionsConfig(request, {
          keyOf: (setting) => keyOf(setting, version),
          identity: { 'runner.file': STATE_FILE, 'runner.labels': labels.map(({ spec }) => spec) },
          metrics: hasMetrics ? { 'metrics.enabled': true, 'metrics.addr': `:${METRICS_PORT}` } : {},
          cacheSecret: { 'cache.external_secret_file': CACHE_SECRET_FILE },
        }),
        'register.sh': registrationScript(),
      },
      setup: [registrationContainer(request, { binary: binaryOf(version), env: own })],
      env: own,
      mounts: [DATA_MOUNT, ...mounts],
      secrets,
      ...(hasMetrics ? { ports: [{ name: 'metrics', port: METRICS_PORT }], probes: probes(version) } : {}),
      ...(request.scaling.kind === ScalingKind.PER_JOB ? { queue: queue(request) } : {}),
    };
  }
}

/** Returns the cache server. Older versions read the secret only from the configuration, which is in Git. */
function cacheServer(version: RunnerVersion): CacheServerFacts {
  return {
    command: [binaryOf(version), 'cache-server'],
    secretSettings: { 'cache.external_secret_file': CACHE_SECRET_FILE },
    hasLimits: version.isAtLeast('3.2.0'),
  };
}

function binaryOf(version: RunnerVersion): string {
  return version.isAtLeast(RENAMED) ? 'gitea-runner' : 'act_runner';
}

function keyOf({ gitea, since }: Setting, version: RunnerVersion): string | undefined {
  return since === undefined || version.isAtLeast(since) ? gitea : undefined;
}

function probes(version: RunnerVersion): BlueprintProbes {
  const at = (path: string) => ({ path, timeoutSeconds: 5 });
  return {
    // A rootless daemon in the same container has to come up first.
    startup: { ...at('/healthz'), periodSeconds: 5, failures: 120 },
    liveness: { ...at('/healthz'), periodSeconds: 30, failures: 5 },
    readiness: { ...at(version.isAtLeast('2.2.0') ? '/readyz' : '/healthz'), periodSeconds: 15 },
  };
}

function queue(request: ProgramRequest): JobQueue {
  const { forge, scope } = request;
  return {
    type: 'metrics-api',
    metadata: {
      // `queued` are jobs that wait for a runner; `waiting` would be those that wait for another job.
      url: `${forge.internalUrl}/api/v1/${scope._apiPath}/actions/jobs?status=queued&status=in_progress&limit=1`,
      valueLocation: 'total_count',
      targetValue: '1',
      authMode: 'bearer',
    },
    ...queueSecret(request),
  };
}

function checkPerJob({ scaling, version, forge }: ProgramRequest, problems: Problems): void {
  if (scaling.kind !== ScalingKind.PER_JOB) {
    return;
  }
  const tooOld = [
    ...(version.isAtLeast('0.2.12') ? [] : [`runner ${version.version} (0.2.12 is the first that can)`]),
    ...(forge.supports(ForgeFeature.EPHEMERAL_RUNNERS)
      ? []
      : [
          `${forge.title} (${forge.product.since(ForgeFeature.EPHEMERAL_RUNNERS)} is the first that can, and that counts waiting jobs)`,
        ]),
  ];
  if (tooOld.length > 0) {
    problems.add({
      code: 'FORGE-RUN-026',
      message: `runners for one job are not known to ${tooOld.join(' and ')}`,
      fix: 'upgrade, or set scaling to Scaling.fixed(1)',
    });
  }
}

function checkExternalCache({ config, version }: ProgramRequest, problems: Problems): void {
  const { externalServer, externalSecret, enabled } = config.cache ?? {};
  if (!externalServer || enabled === false) {
    return;
  }
  if (externalSecret && !version.isAtLeast('2.3.0')) {
    problems.add({
      code: 'FORGE-RUN-021',
      message: `runner ${version.version} reads the secret of the external cache only from config.yaml, which is in Git`,
      fix: "set version to RunnerVersion.of('2.3.0') or newer, which read it from a file",
    });
  }
  if (!externalSecret && version.isAtLeast('0.6.0')) {
    problems.add({
      code: 'FORGE-RUN-021',
      message: 'config.cache.externalServer needs a secret that it shares with the runners',
      fix: 'set config.cache.externalSecret',
    });
  }
}
