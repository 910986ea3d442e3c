import { Problem, quoted } from '../../support';
import { ExecutorTraits } from '../executor/plan';
import { RunnerProps } from '../runner-props';
import { ScalingKind } from '../scaling/scaling';
import { dangerWarnings } from './danger';
import { AdvisedRunner } from './subject';

/** The server's default limit for the duration of jobs, in hours. */
const SERVER_HOURS = 3;

/** The values that the warnings inspect. */
export interface WarnedParts {
  readonly props: RunnerProps;
  readonly traits: ExecutorTraits;
}

/** The runner, as its warnings see it. */
export type WarnedRunner = Pick<AdvisedRunner, 'node' | 'labels' | 'capabilities' | 'scaling'>;

/** Returns warnings about settings that work but may be unintended. */
export function runnerWarnings(runner: WarnedRunner, parts: WarnedParts): Problem[] {
  const { props, traits } = parts;
  return [
    ...settingWarnings(runner.node.path, parts),
    ...authorityWarnings(runner, parts),
    ...dangerWarnings({
      path: runner.node.path,
      config: props.config ?? {},
      labels: runner.labels,
      hasDocker: traits.hasDocker ?? false,
      dockerInJobs:
        runner.capabilities.dockerInJobs !== false || (traits.jobsElsewhere === true && !traits.hasNodeSocket),
      environment: props.environment ?? {},
    }),
  ];
}

function settingWarnings(path: string, { props: { config }, traits: { state } }: WarnedParts): Problem[] {
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

function authorityWarnings(
  { node: { path }, scaling }: WarnedRunner,
  { props: { certificateAuthorities = [], forge }, traits }: WarnedParts,
): Problem[] {
  const warnings: Problem[] = [];
  const isPrivate = certificateAuthorities.length > 0 || forge.trust.caBundle !== undefined;
  if (traits.jobsElsewhere && isPrivate) {
    warnings.push({
      code: 'FORGE-RUN-032',
      path,
      message:
        'jobs run on another machine, whose files this program does not write: their containers do not trust the private authority',
      fix: "put it into the job image, or install it on the daemon's machine and mount it with config.container.options",
      symptom: 'x509: certificate signed by unknown authority',
    });
  }
  if (scaling.kind === ScalingKind.PER_JOB && forge.internalTrust.caBundle !== undefined) {
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
