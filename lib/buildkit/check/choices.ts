import { Size } from 'cdk8s';
import { Construct } from 'constructs';
import { checkEgress, Egress, Identity, PodGroup, quantity, Storage, StorageKind } from '../../kube';
import { ForgeError, Problem, Problems, quoted } from '../../support';
import { egressNeeds } from '../access/egress';
import { BuildkitdConfig } from '../config/buildkitd-config';
import { BuildkitdProps } from '../buildkitd-props';
import { Emulation } from '../pod/emulation';
import { GarbageCollection } from '../config/garbage-collection';
import { BuildkitMode } from '../pod/mode';
import { defaultResources } from '../pod/pod';
import { checkWorkload } from './workload';
import { badValue, valueProblems } from './values';
import { BuildkitVersion } from '../version';

const SMALLEST_VOLUME = Size.gibibytes(2);

/** A set of choices for a buildkitd, with the defaults applied. */
export interface Choices extends BuildkitdProps {
  readonly mode: BuildkitMode;
  readonly version: BuildkitVersion;
  readonly config: BuildkitdConfig;
  readonly emulation: Emulation;
}

/**
 * Checks the choices, and reports all problems together.
 *
 * @throws a ForgeError
 *
 * @internal
 */
export function checkChoices(daemon: Construct, choices: Choices, identity: Identity): void {
  const problems = new Problems(daemon.node.path);
  const found = [
    ...storageProblems(choices.storage),
    ...versionProblems(choices),
    ...modeProblems(choices),
    ...resourceProblems(choices),
    ...valueProblems(choices),
    ...metricsProblems(choices),
  ];
  problems.collect(() => checkEgress(choices.egress ?? Egress.internet(), egressNeeds(choices), problems));
  choices.metrics?.scrapers?.forEach((pods) => problems.collect(() => checkAdmitted(daemon, pods)));
  found.forEach((problem) => problems.add(problem));
  checkWorkload(choices, identity, problems);
  const { size } = choices.storage;
  if (size !== undefined) {
    problems.collect(() => (choices.config.garbageCollection ?? GarbageCollection.automatic())._check(size));
  }
  problems.throwIfAny();
}

/**
 * Rejects an empty selector. An empty selector would select every pod of the namespace.
 *
 * @internal
 */
export function checkAdmitted(daemon: Construct, { labels, namespace }: PodGroup): void {
  if (Object.keys(labels).length > 0) {
    return;
  }
  throw ForgeError.at(daemon, {
    code: 'FORGE-BK-018',
    message: `pods${namespace ? ` of namespace ${quoted(namespace)}` : ''} are admitted without a label that says which`,
    fix: 'give labels that these pods bear and no others do: without any, every pod of the namespace would be admitted',
  });
}

function metricsProblems({ metrics, tls }: Choices): Problem[] {
  if (!metrics?.serviceMonitor || tls?.isEnabled || (metrics.scrapers ?? []).length > 0) {
    return [];
  }
  return [
    {
      code: 'FORGE-BK-022',
      message: 'metrics have a ServiceMonitor, but the NetworkPolicy admits no scraper',
      fix: "set metrics.scrapers to Prometheus' pods: [PodGroup.of({ 'app.kubernetes.io/name': 'prometheus' }, 'monitoring')]",
      symptom: 'context deadline exceeded at the target in Prometheus',
    },
  ];
}

function storageProblems(storage: Storage): Problem[] {
  const problems: Problem[] = [];
  if (storage.kind === StorageKind.PERSISTENT && storage.isNfs) {
    problems.push({
      code: 'FORGE-BK-003',
      message: `layers on storage class ${quoted(storage.storageClassName)}, which is NFS by its name`,
      fix: 'use a class of block storage or of local disks, or Storage.ephemeral: overlayfs needs extended attributes and device nodes that NFS has not',
      symptom: 'failed to mount overlay: invalid argument, or operation not permitted while layers are unpacked',
    });
  }
  if (storage.size === undefined) {
    problems.push({
      code: 'FORGE-BK-004',
      message: 'the root volume has no size',
      allowed: '2Gi or more: what the volume holds',
      fix: "pass the size: Storage.existingClaim('buildkitd', Size.gibibytes(50)), or size of Storage.hostPath; garbage collection depends on it",
      symptom: 'no space left on device',
    });
  } else if (storage.size.toKibibytes() < SMALLEST_VOLUME.toKibibytes()) {
    problems.push({
      code: 'FORGE-BK-004',
      message: `a root volume of ${quantity(storage.size)}`,
      allowed: '2Gi or more; 50Gi is a good start',
      fix: 'ask for more: one base image and the build on top of it must fit beside the cache',
      symptom: 'no space left on device',
    });
  }
  return problems;
}

function versionProblems({ version, mode, config }: Choices): Problem[] {
  const uses: [boolean, string, string][] = [
    [true, `mode ${mode.name}`, mode.minimumVersion],
    [config.proxyNetwork !== undefined, 'proxyNetwork', '0.31'],
    [config.maxRegistryConcurrency !== undefined, 'maxRegistryConcurrency', '0.31'],
    [config.gitHubCache !== undefined, 'gitHubCache', '0.27'],
    [config.sessionAuthTimeout !== undefined, 'sessionAuthTimeout', '0.34'],
    [config.compaction !== undefined, 'compaction', '0.34'],
    [config.cdi !== undefined, 'cdi', config.cdi?.autoAllowed ? '0.21' : '0.20'],
  ];
  return uses
    .filter(([used, , since]) => used && !version.isAtLeast(since))
    .map(([, what, since]) => ({
      code: 'FORGE-BK-002',
      message: `${what} needs BuildKit ${since}, but the version is ${version.toString()}`,
      fix: `use BuildkitVersion.of('${BuildkitVersion.LATEST_KNOWN.toString()}') or leave ${what} out: an older daemon ignores it without a word`,
    }));
}

function modeProblems({ mode, config, emulation, kubernetesVersion }: Choices): Problem[] {
  const problems: Problem[] = [];
  const kubernetes = minorOf(kubernetesVersion);
  if (kubernetes === undefined) {
    problems.push(badValue('kubernetesVersion', kubernetesVersion, "major.minor, e.g. '1.33'"));
  } else if (mode.name === 'userNamespace' && kubernetes < 33) {
    problems.push({
      code: 'FORGE-BK-014',
      message: `mode userNamespace on Kubernetes ${kubernetesVersion}`,
      allowed: 'Kubernetes 1.33 or newer, where user namespaces are on',
      fix: 'use BuildkitMode.rootless()',
      symptom: 'the pod runs truly privileged: hostUsers: false is dropped without a word',
    });
  }
  if (config.snapshotter?.name === 'fuse-overlayfs' && !mode.isRootless) {
    problems.push({
      code: 'FORGE-BK-010',
      message: `the snapshotter fuse-overlayfs in mode ${mode.name}`,
      fix: 'use Snapshotter.OVERLAYFS: only the rootless image has fuse-overlayfs',
      symptom: 'fuse-overlayfs not installed: exec: "fuse-overlayfs": executable file not found in $PATH',
    });
  }
  if (config.network?.mode === 'bridge' && mode.isRootless) {
    problems.push({
      code: 'FORGE-BK-017',
      message: 'a bridge for RUN steps in mode rootless',
      fix: 'use BuildkitNetwork.pod(), or mode userNamespace: a rootless daemon cannot make bridges',
    });
  }
  if (emulation.image && mode.name === 'userNamespace') {
    problems.push({
      code: 'FORGE-BK-015',
      message: 'emulators cannot be registered in the kernel from mode userNamespace',
      fix: 'use Emulation.bundled(): root of a user namespace may not write to the binfmt_misc of the node',
    });
  }
  return problems;
}

function resourceProblems({ storage, resources }: Choices): Problem[] {
  const chosen = defaultResources(storage, resources);
  const pairs: [string, number | undefined, number | undefined][] = [
    ['cpu', chosen.cpuRequestMillis, chosen.cpuLimitMillis],
    ['memory', chosen.memoryRequest?.toKibibytes(), chosen.memoryLimit?.toKibibytes()],
    ['ephemeral storage', chosen.ephemeralStorageRequest?.toKibibytes(), chosen.ephemeralStorageLimit?.toKibibytes()],
  ];
  return pairs
    .filter(([, request, limit]) => request !== undefined && limit !== undefined && request > limit)
    .map(([what]) => ({
      code: 'FORGE-BK-016',
      message: `more ${what} is requested than the limit allows`,
      fix: 'raise the limit, or give both: what is not given has a default',
      symptom: `Invalid value: must be less than or equal to ${what.split(' ')[0]} limit`,
    }));
}

function minorOf(version: string | undefined): number | undefined {
  return version === undefined ? 33 : Number(/^v?1\.(\d{1,3})$/.exec(version)?.[1] ?? NaN) || undefined;
}

/** Returns whether AppArmor is set by a field of the pod instead of an annotation. */
export function hasAppArmorField(kubernetesVersion: string | undefined): boolean {
  return (minorOf(kubernetesVersion) ?? 33) >= 30;
}
