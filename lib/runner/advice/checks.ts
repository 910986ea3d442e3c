import { Construct } from 'constructs';
import { Forge } from '../../forge';
import { Resources, Storage, StorageKind } from '../../kube';
import { ForgeError, Problems, quoted } from '../../support';
import { ExecutorTraits } from '../executor/plan';
import { IRunnerProgram } from '../program/program';
import { keepsIdentity } from '../registration/purpose';
import { Registration } from '../registration/registration';
import { RunnerLabel } from '../runner-label';
import { RunnerProps } from '../runner-props';
import { RunnerScope } from '../runner-scope';
import { Scaling, ScalingKind } from '../scaling/scaling';
import { checkEnvironment } from './environment';

/**
 * The maximum length of a runner's name, in characters. Kubernetes adds suffixes to the names of pods and their
 * revisions, and uses the results as labels.
 */
const LONGEST_NAME = 50;
/** The minimum useful memory per job, in MiB. */
const LEAST_PER_JOB = 256;

/** The values that the checks inspect: the user's properties, with defaults for omitted properties. */
export interface CheckedParts {
  readonly runner: {
    readonly name: string;
    readonly labels: readonly RunnerLabel[];
    readonly registration: Registration;
    readonly scaling: Scaling;
  };
  readonly props: RunnerProps;
  readonly program: IRunnerProgram;
  readonly traits: ExecutorTraits;
  readonly jobs: Resources;
}

/** Reports everything that prevents a runner from working, whatever its runner binary and executor. */
export function checkRunner({ runner, props, program, traits, jobs }: CheckedParts, problems: Problems): void {
  const capacity = props.config?.capacity ?? 1;
  checkName(runner.name, problems);
  checkScope(props, problems);
  checkLabels(runner.labels, problems);
  checkState(
    traits.state,
    { registration: runner.registration, scaling: runner.scaling, forge: props.forge },
    problems,
  );
  checkEnvironment(props.environment ?? {}, program.reservedEnvironment, problems);
  checkMemory(jobs, { capacity, stores: traits.jobStores ?? [] }, problems);
  if (runner.scaling.kind === ScalingKind.PER_JOB && capacity !== 1) {
    problems.add({
      code: 'FORGE-RUN-008',
      message: `config.capacity is ${quoted(capacity)}, but a runner for each job takes one job and is gone`,
      fix: 'remove config.capacity; max of Scaling.perJob decides how many run at the same time',
    });
  }
}

/** Reports a name that is too long for the names of the pods. */
export function checkName(name: string, problems: Problems): void {
  if (name.length <= LONGEST_NAME) {
    return;
  }
  problems.add({
    code: 'FORGE-RUN-028',
    message: `the name ${quoted(name)} has ${name.length} characters`,
    allowed: `at most ${LONGEST_NAME}: pods get longer names from it`,
    fix: 'choose shorter ids',
    symptom: 'must be no more than 63 characters',
  });
}

/**
 * Checks that a construct deploys a runner binary, and that the runner binary is that of the forge. All other checks
 * depend on it.
 *
 * @throws FORGE-RUN-016 if not
 */
export function requireProgram(
  construct: Construct,
  { forge, program, by }: { readonly forge: Forge; readonly program: IRunnerProgram; readonly by: string },
): void {
  const { deployedBy = 'Runner' } = program;
  if (deployedBy === by && forge.product.runnerProgram === program.product) {
    return;
  }
  throw ForgeError.at(construct, {
    code: 'FORGE-RUN-016',
    message: `the forge is ${forge.product.title}, the runner binary is that of ${program.title}, which ${deployedBy} deploys`,
    fix: 'use GitHubRunner for GitHub, and Runner for Gitea and Forgejo; or set program to a runner binary for this forge',
  });
}

/** Reports a repository of another forge. */
export function checkScope(
  { forge, scope }: { readonly forge: Forge; readonly scope: RunnerScope },
  problems: Problems,
): void {
  if (scope._forge === undefined || scope._forge.isSameAs(forge)) {
    return;
  }
  problems.add({
    code: 'FORGE-RUN-027',
    message: `the scope is repository ${quoted(scope.target)} of ${scope._forge.url}, the runner belongs to ${forge.url}`,
    fix: 'take the repository from the same forge: RunnerScope.repository(forge.repository(…))',
  });
}

/** Reports a runner without labels, and a label that is given twice. */
export function checkLabels(labels: readonly RunnerLabel[], problems: Problems): void {
  if (labels.length === 0) {
    problems.add({
      code: 'FORGE-RUN-010',
      message: 'the runner has no labels',
      fix: 'remove labels for the default, or set at least one',
      symptom: 'an empty set makes the runner take three ubuntu labels of its own, all of which need Docker',
    });
  }
  const names = labels.map(({ name }) => name);
  for (const name of new Set(names.filter((other, i) => names.indexOf(other) !== i))) {
    problems.add({
      code: 'FORGE-RUN-010',
      message: `label ${quoted(name)} is given twice`,
      fix: 'keep one of them: a job that asks for it gets one image, not two',
    });
  }
}

function checkState(
  state: Storage | undefined,
  {
    registration,
    scaling,
    forge,
  }: { readonly registration: Registration; readonly scaling: Scaling; readonly forge: Forge },
  problems: Problems,
): void {
  if (state === undefined) {
    return;
  }
  const { isKept } = state;
  if (scaling.kind === ScalingKind.FIXED && keepsIdentity(registration, forge) && !isKept) {
    problems.add({
      code: 'FORGE-RUN-011',
      message: `the runner's identity is kept on ${state.kind} storage, and gone with the pod`,
      fix: 'set state to Storage.persistent(…), or scaling to Scaling.perJob(…)',
      symptom: 'every restart registers another runner; the old ones stay in the list, offline',
    });
  }
  if (scaling.kind === ScalingKind.PER_JOB && isKept) {
    problems.add({
      code: 'FORGE-RUN-011',
      message: 'a runner for each job keeps its identity on a claim, where the next pod finds it used up',
      fix: 'remove state, or set scaling to Scaling.fixed(1)',
      symptom: 'unauthenticated: unregistered runner',
    });
  }
}

/** Reports a limit that leaves too little memory for the jobs. */
export function checkMemory(
  { memoryLimit }: Resources,
  { capacity, stores }: { capacity: number; stores: readonly Storage[] },
  problems: Problems,
): void {
  if (memoryLimit === undefined || !Number.isInteger(capacity) || capacity < 1) {
    return;
  }
  const mebibytes = (kibibytes: number) => Math.floor(kibibytes / 1024);
  const tmpfs = stores
    .filter(({ kind }) => kind === StorageKind.MEMORY)
    .reduce((sum, { size }) => sum + size!.toKibibytes(), 0);
  const left = mebibytes(memoryLimit.toKibibytes() - tmpfs);
  if (left >= capacity * LEAST_PER_JOB) {
    return;
  }
  problems.add({
    code: 'FORGE-RUN-013',
    message: `${capacity} ${capacity === 1 ? 'job has' : 'jobs at a time have'} ${left} MiB of memory: the limit is ${mebibytes(memoryLimit.toKibibytes())} MiB${tmpfs > 0 ? `, of which ${mebibytes(tmpfs)} MiB are storage in memory` : ''}`,
    allowed: `at least ${LEAST_PER_JOB} MiB for each job, beyond storage in memory`,
    fix: 'raise resources.memoryLimit, lower config.capacity, or keep the layers on disk',
    symptom: 'exit code 137: OOMKilled; or node: JavaScript heap out of memory',
  });
}
