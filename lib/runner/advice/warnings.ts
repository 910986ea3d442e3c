import { Problem, quoted } from '../../support';
import type { Runner } from '../runner';
import { dangerWarnings } from './danger';
import { RunnerProps } from '../runner-props';

/** The server's default limit for the duration of jobs, in hours. */
const SERVER_HOURS = 3;

/** Warnings about settings that work but may be unintended. */
export function runnerWarnings(runner: Runner, props: RunnerProps): Problem[] {
  const { config = {} } = props;
  const { executor, labels, capabilities } = runner;
  return [
    ...settingWarnings(runner, props),
    ...authorityWarnings(runner, props),
    ...dangerWarnings({
      path: runner.node.path,
      config,
      labels,
      hasDocker: executor._kind.hasDocker,
      dockerInJobs: capabilities.dockerInJobs || executor.kind === 'external-docker',
      environment: config.jobEnv ?? {},
    }),
  ];
}

function settingWarnings(runner: Runner, { config }: RunnerProps): Problem[] {
  const path = runner.node.path;
  const { state } = runner.executor._kind;
  const warnings: Problem[] = [];
  if (state?.isNfs) {
    warnings.push({
      code: 'FORGE-RUN-030',
      path,
      message: `the state is on storage class ${quoted(state.storageClassName)}, a network file system by its name: small files are fine there, locks are not`,
      fix: 'leave it if there is one pod for each claim, as here; keep cache.dir and the layers off it',
    });
  }
  if (config?.timeout && config.timeout.toMilliseconds() > SERVER_HOURS * 3_600_000) {
    warnings.push({
      code: 'FORGE-RUN-031',
      path,
      message: `config.timeout is longer than ${SERVER_HOURS} hours, after which the server stops a job by itself`,
      fix: `set ENDLESS_TASK_TIMEOUT in the server's [actions] section, or keep the timeout at ${SERVER_HOURS} hours`,
    });
  }
  return warnings;
}

function authorityWarnings(runner: Runner, { certificateAuthorities = [], forge }: RunnerProps): Problem[] {
  const path = runner.node.path;
  const warnings: Problem[] = [];
  const isPrivate = certificateAuthorities.length > 0 || forge.trust.caBundle !== undefined;
  if (runner.executor.kind === 'external-docker' && isPrivate) {
    warnings.push({
      code: 'FORGE-RUN-032',
      path,
      message:
        'jobs run on another machine, whose files this program does not write: their containers do not trust the private authority',
      fix: "put it into the job image, or install it on the daemon's machine and mount it with config.container.options",
      symptom: 'x509: certificate signed by unknown authority',
    });
  }
  if (runner.identity.scaling !== undefined && forge.internalTrust.caBundle !== undefined) {
    warnings.push({
      code: 'FORGE-RUN-033',
      path,
      message: `KEDA counts waiting jobs at ${forge.internalUrl}, whose certificate is of a private authority that this program cannot teach KEDA`,
      fix: "mount the authority into KEDA's operator as its CA directory, or give the forge an internalUrl with http://",
      symptom: 'ScaledJob is not ready: x509: certificate signed by unknown authority',
    });
  }
  return warnings;
}
