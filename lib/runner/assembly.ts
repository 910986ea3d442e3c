import { Construct } from 'constructs';
import { Forge } from '../forge';
import { Identity, Placement, placementSpec, placementWith, Resources, Storage, StorageKind } from '../kube';
import { Problem, Problems, quoted } from '../support';
import { CaBundle } from '../trust';
import {
  CONFIG_FOLDER,
  FILES_VOLUME,
  PROGRAM_FOLDER,
  RUNNER_CONTAINER,
  RunnerBlueprint,
  VolumeContent,
} from './blueprint';
import { blueprintProblems } from './blueprint-check';
import { TOOLS_FOLDER } from './executor/host-tools';
import { total } from './executor/known';
import { ExecutorPlan, ExecutorTraits } from './executor/plan';
import { TrustPlan, trustPlan } from './pod/trust';
import { IRunnerProgram, ProgramFacts, ProgramParts, ProgramRequest } from './program/program';
import { Scaling, ScalingKind } from './scaling/scaling';

/** The time of a pod beyond the shutdown timeout of its jobs, in seconds: to report, and to stop the Docker daemon. */
const GRACE_SECONDS = 60;

/** The parts of a runner from which its blueprint is assembled. */
export interface Assembly {
  readonly construct: Construct;
  readonly identity: Pick<Identity, 'name' | 'podLabels'>;
  readonly program: IRunnerProgram;
  readonly facts: ProgramFacts;
  readonly traits: ExecutorTraits;
  readonly plan: ExecutorPlan;
  /** The request, without what the assembly adds. */
  readonly request: PartialRequest;
  readonly environment: Record<string, string>;
  readonly authorities: readonly CaBundle[];
  /** The storage of the runner's state; undefined if the runner keeps none. */
  readonly state?: Storage;
  readonly jobs: Resources;
  readonly placement?: Placement;
}

/** The request to a runner binary, without what depends on executor and trust. */
export type PartialRequest = Omit<
  ProgramRequest,
  'image' | 'settings' | 'trustEnv' | 'trustMounts' | 'trustedFolder' | 'jobEnvironment'
>;

/** A blueprint, and the parts of the runner binary that the target needs beside it. */
export interface Assembled {
  readonly blueprint: RunnerBlueprint;
  readonly parts: ProgramParts;
}

/** Assembles the blueprint: the executor's plan, completed by the runner binary, trust and proxy. */
export function assemble(assembly: Assembly): Assembled {
  const { construct, plan, traits, program, facts, environment } = assembly;
  const setupImage = plan.setupImage ?? plan.image;
  const trust = trustPlan(construct, { image: setupImage, bundles: assembly.authorities });
  const inContainers = traits.hasDocker === true && !traits.jobsElsewhere && !facts.stepsInRunner;
  const trustedFolder = inContainers ? trust.folder : undefined;
  const parts = program.parts({
    ...assembly.request,
    image: setupImage,
    settings: { ...plan.settings },
    jobEnvironment: { ...(trustedFolder ? trust.jobEnv : {}), ...environment },
    trustEnv: trust.env,
    trustMounts: trust.mounts,
    trustedFolder,
  });
  const blueprint = blueprintOf(assembly, parts, trust);
  const problems = new Problems(construct.node.path);
  [...blueprintProblems(blueprint), ...nodeProblems(plan, assembly.placement)].forEach((problem) =>
    problems.add(problem),
  );
  problems.throwIfAny();
  return { parts, blueprint };
}

function blueprintOf(assembly: Assembly, parts: ProgramParts, trust: TrustPlan): RunnerBlueprint {
  const { plan, request } = assembly;
  const { tools = [], services = [], volumes = [], env = [], mounts = [] } = plan;
  const stores = [...(assembly.state ? [{ name: 'data', storage: assembly.state }] : []), ...(plan.stores ?? [])];
  return {
    name: assembly.identity.name,
    labels: assembly.identity.podLabels,
    setup: [...trust.setup, ...tools, ...(parts.setup ?? [])],
    services: services.map((service) => ({
      ...service,
      env: [...(service.env ?? []), ...request.env],
      mounts: [...(service.mounts ?? []), ...trust.mounts],
    })),
    runner: {
      name: RUNNER_CONTAINER,
      image: plan.image,
      command: plan.runsCopy ? commandOfCopy(assembly.facts, parts) : parts.command,
      env: [...(parts.env ?? []), ...env, ...trust.env],
      mounts: [
        { volume: FILES_VOLUME, path: CONFIG_FOLDER, readOnly: true },
        ...(parts.mounts ?? []),
        ...mounts,
        ...trust.mounts,
      ],
      privilege: plan.privilege,
      ports: parts.ports,
      probes: parts.probes,
      resources: plan.resources ?? assembly.jobs,
    },
    files: { ...parts.files, ...plan.files, ...trust.files },
    secrets: [{ name: FILES_VOLUME, content: VolumeContent.FILES }, ...(parts.secrets ?? [])],
    volumes: [...volumes, ...trust.volumes],
    stores,
    user: plan.user,
    life: lifeOf(request.scaling, request.shutdownSeconds),
    placement: placementWith(stores, placedBy(plan, assembly.placement)),
  };
}

/** Returns the placement on the nodes that the plan needs. */
function placedBy({ nodeSelector = {} }: ExecutorPlan, placement?: Placement): Placement | undefined {
  return Object.keys(nodeSelector).length === 0
    ? placement
    : { ...placement, nodeSelector: { ...nodeSelector, ...placement?.nodeSelector } };
}

/** Returns the problems of a placement that keeps pods away from the nodes that the plan needs. */
function nodeProblems({ nodeSelector = {} }: ExecutorPlan, placement: Placement = {}): Problem[] {
  const { nodeSelector: chosen = {} } = placementSpec(placement);
  return Object.entries(nodeSelector)
    .filter(([key, value]) => Object.hasOwn(chosen, key) && chosen[key] !== value)
    .map(([key, value]) => ({
      code: 'FORGE-RUN-055',
      message: `placement chooses nodes with ${quoted(`${key}=${chosen[key]}`)}, but the Docker daemon of the nodes is on those with ${quoted(`${key}=${value}`)}`,
      fix: `remove ${quoted(key)} from placement.nodeSelector: the daemon's placement counts for the runner too`,
      symptom: 'hostPath type check failed: is not a directory',
    }));
}

/** Returns the command that runs the copied runner binary, with the copied programs on the PATH of the image. */
function commandOfCopy({ binary, portable }: ProgramFacts, parts: ProgramParts): string[] {
  const command = portable?.command ?? parts.command ?? [binary];
  const copied = command.map((word, i) => (i === 0 && word === binary ? `${PROGRAM_FOLDER}/${binary}` : word));
  return ['sh', '-c', `export PATH="${TOOLS_FOLDER}:$PATH"; exec "$@"`, 'start', ...copied];
}

function lifeOf({ kind, replicas }: Scaling, shutdownSeconds: number) {
  return { perJob: kind === ScalingKind.PER_JOB, replicas, graceSeconds: shutdownSeconds + GRACE_SECONDS };
}

/**
 * Returns the resource requests and limits of the container in which jobs run. The defaults are multiplied by the
 * number of concurrent jobs. The size of tmpfs volumes is added to the memory limit, because data on tmpfs counts as
 * memory.
 */
export function jobResources(
  given: Resources | undefined,
  perJob: Resources,
  { capacity, stores }: { capacity: number; stores: readonly Storage[] },
): Resources {
  const tmpfs = stores.filter(({ kind }) => kind === StorageKind.MEMORY).map(({ size }) => size!);
  const times = (value: Resources['memoryLimit']) =>
    value === undefined ? [] : Array.from({ length: capacity }, () => value);
  return {
    cpuRequestMillis: (perJob.cpuRequestMillis ?? 0) * capacity,
    memoryRequest: total(times(perJob.memoryRequest)),
    memoryLimit: total([...times(perJob.memoryLimit), ...tmpfs]),
    ...Object.fromEntries(Object.entries(given ?? {}).filter(([, value]) => value !== undefined)),
  };
}

/** Returns the hosts of a forge, which are reached without a proxy. */
export function forgeHosts(forge: Forge): string[] {
  return [forge.url, forge.internalUrl].map((url) => new URL(url).hostname);
}
