import { Forge, ForgeFeature } from '../../forge';
import { Resources, Storage, StorageKind } from '../../kube';
import { Problems, quoted } from '../../support';
import { checkConfig } from '../config/file';
import { PlanContext } from '../executor/pod-plan';
import { RunnerIdentity, RunnerIdentityKind } from '../runner-identity';
import { RunnerProps } from '../runner-props';
import { RunnerLabel } from '../runner-label';
import { RunnerScope } from '../runner-scope';
import { RunnerVersion } from '../runner-version';

/**
 * The maximum length of a runner's name, in characters. Kubernetes adds suffixes to the names of pods and their
 * revisions, and uses the results as labels.
 */
const LONGEST_NAME = 50;
/** The minimum useful memory per job, in MiB. */
const LEAST_PER_JOB = 256;

/** The values that the checks inspect: the user's properties, with defaults for omitted properties. */
export interface CheckedParts {
  readonly props: RunnerProps;
  readonly context: PlanContext;
  readonly identity: RunnerIdentity;
  readonly jobResources: Resources;
  readonly capacity: number;
}

/** Reports everything that prevents a runner from working. */
export function checkRunner(
  { props, context, identity, jobResources, capacity }: CheckedParts,
  problems: Problems,
): void {
  const { version, labels, config } = context;
  if (props.forge.product.runnerProgram === 'github') {
    problems.add({
      code: 'FORGE-RUN-016',
      message: 'GitHub has a runner program of its own',
      fix: 'use GitHubRunner, which deploys it; or a HostedRunner, which GitHub runs',
    });
  } else {
    checkVersion(props.forge, version, problems);
  }
  checkScope(props, problems);
  checkLabels(labels, problems);
  checkIdentity(props.forge, { version, identity }, problems);
  checkState(props.executor._kind.state, identity, problems);
  checkConfig(config, version, problems);
  checkExternalCache(context, problems);
  checkMemory(jobResources, { capacity, stores: props.executor._kind.memoryStores }, problems);
  if (identity.kind === RunnerIdentityKind.EPHEMERAL && capacity !== 1) {
    problems.add({
      code: 'FORGE-RUN-008',
      message: `config.capacity is ${quoted(capacity)}, but an ephemeral runner takes one job and is gone`,
      fix: 'leave config.capacity out; max says how many run at a time',
    });
  }
  props.executor._kind.check(context, problems);
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

/** Reports a runner version of another product. */
export function checkVersion(forge: Forge, version: RunnerVersion, problems: Problems): void {
  if (forge.product.runnerProgram === version.product) {
    return;
  }
  problems.add({
    code: 'FORGE-RUN-015',
    message: `runner version ${version.version} is of ${version.product}, the forge is ${forge.product.title}`,
    fix: `use RunnerVersion.${forge.product.runnerProgram}('…'), or leave version out`,
    symptom: 'the two programs have grown apart: registration and configuration differ',
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

function checkLabels(labels: readonly RunnerLabel[], problems: Problems): void {
  if (labels.length === 0) {
    problems.add({
      code: 'FORGE-RUN-010',
      message: 'the runner has no labels',
      fix: 'leave labels out for the default, or give at least one',
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

function checkIdentity(
  forge: Forge,
  { version, identity }: { version: RunnerVersion; identity: RunnerIdentity },
  problems: Problems,
): void {
  const isForgejo = forge.supports(ForgeFeature.PREDECLARED_RUNNERS);
  if (isForgejo !== (identity.uuid !== undefined) && forge.product.runnerProgram !== 'github') {
    problems.add({
      code: 'FORGE-RUN-023',
      message: isForgejo
        ? 'a Forgejo runner needs the UUID that the forge made for it'
        : 'Gitea knows no UUID beforehand: it makes one when the runner registers',
      fix: isForgejo
        ? "create the runner in Forgejo, then RunnerIdentity.connection('<uuid>'), or uuid in RunnerIdentity.ephemeral()"
        : 'use RunnerIdentity.persistent(), or leave uuid out',
    });
  }
  if (isForgejo || identity.kind !== RunnerIdentityKind.EPHEMERAL || forge.product.runnerProgram === 'github') {
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
      message: `ephemeral runners are not known to ${tooOld.join(' and ')}`,
      fix: 'upgrade, or use RunnerIdentity.persistent()',
    });
  }
}

function checkState(state: Storage | undefined, { kind }: RunnerIdentity, problems: Problems): void {
  if (state === undefined) {
    return;
  }
  const isKept = state.kind === StorageKind.PERSISTENT;
  if (kind === RunnerIdentityKind.PERSISTENT && !isKept) {
    problems.add({
      code: 'FORGE-RUN-011',
      message: `the runner's identity is kept on ${state.kind} storage, and gone with the pod`,
      fix: 'use Storage.persistent(…) for state, or RunnerIdentity.ephemeral()',
      symptom: 'every restart registers another runner; the old ones stay in the list, offline',
    });
  }
  if (kind === RunnerIdentityKind.EPHEMERAL && isKept) {
    problems.add({
      code: 'FORGE-RUN-011',
      message: 'an ephemeral runner keeps its identity on a claim, where the next pod finds it used up',
      fix: 'leave state out, or use RunnerIdentity.persistent()',
      symptom: 'unauthenticated: unregistered runner',
    });
  }
}

function checkExternalCache({ config, version }: PlanContext, problems: Problems): void {
  const { externalServer, externalSecret, enabled } = config.cache ?? {};
  const refuse = (message: string, fix: string) => problems.add({ code: 'FORGE-RUN-021', message, fix });
  if (externalSecret && !externalServer) {
    refuse(
      'config.cache.externalSecret is set without config.cache.externalServer',
      'give the server, or leave the secret out',
    );
  }
  if (!externalServer || enabled === false || version.product !== 'gitea') {
    return;
  }
  if (externalSecret && !version.isAtLeast('2.3.0')) {
    refuse(
      `runner ${version.version} reads the secret of the external cache only from config.yaml, which is in Git`,
      "use RunnerVersion.gitea('2.3.0') or newer, which read it from a file",
    );
  }
  if (!externalSecret && version.isAtLeast('0.6.0')) {
    refuse(
      'config.cache.externalServer needs a secret that it shares with the runners',
      'give config.cache.externalSecret',
    );
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
    .reduce((sum, { size }) => sum + size.toKibibytes(), 0);
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
