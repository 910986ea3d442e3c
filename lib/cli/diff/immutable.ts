import { apiGroupOf } from '../../kube';
import { at, isEqual, isMapping } from './fields';
import { Manifest } from './platform';

/** Returns the first field that the API server does not let change, or undefined. */
type Rule = (old: Manifest, next: Manifest) => string | undefined;

/** Returns a rule for fields that keep their value. A field that is left out has its default. */
function fixed(fields: Record<string, unknown>): Rule {
  return (old, next) =>
    Object.entries(fields).find(
      ([path, initial]) => !isEqual(at(old, path) ?? initial, at(next, path) ?? initial),
    )?.[0];
}

/** Returns a rule for fields of `spec` that keep their value, all but the given ones. */
function fixedSpecBut(
  free: readonly string[],
  normal: (spec: Record<string, unknown>) => unknown = (spec) => spec,
): Rule {
  const rest = (manifest: Manifest): Record<string, unknown> =>
    normal(Object.fromEntries(Object.entries(manifest.spec ?? {}).filter(([key]) => !free.includes(key)))) as Record<
      string,
      unknown
    >;
  return (old, next) => {
    const [before, after] = [rest(old), rest(next)];
    const key = [...new Set([...Object.keys(before), ...Object.keys(after)])].find(
      (k) => !isEqual(before[k], after[k]),
    );
    return key === undefined ? undefined : `spec.${key}`;
  };
}

function firstOf(...rules: readonly Rule[]): Rule {
  return (old, next) => rules.map((rule) => rule(old, next)).find((field) => field !== undefined);
}

const STATEFUL_SET = fixedSpecBut(
  [
    'replicas',
    'ordinals',
    'template',
    'updateStrategy',
    'revisionHistoryLimit',
    'persistentVolumeClaimRetentionPolicy',
    'minReadySeconds',
  ],
  (spec) => ({
    ...spec,
    podManagementPolicy: spec.podManagementPolicy ?? 'OrderedReady',
    serviceName: spec.serviceName ?? '',
    volumeClaimTemplates: ((spec.volumeClaimTemplates as unknown[] | undefined) ?? []).map(withClaimDefaults),
  }),
);

const CLAIM = firstOf(
  fixedSpecBut(['resources', 'volumeAttributesClassName'], (spec) => ({
    ...spec,
    volumeMode: spec.volumeMode ?? 'Filesystem',
    // The controller writes both of these when they are left out.
    volumeName: undefined,
    storageClassName: spec.storageClassName,
  })),
  fixed({ 'spec.volumeName': undefined }),
  (old, next) => (isSmaller(next, old) ? 'spec.resources.requests.storage' : undefined),
);

/** A Service keeps its address, unless it becomes an ExternalName or was one. Left out, the address that it has stays. */
const SERVICE: Rule = (old, next) => {
  const [before, after] = [at(old, 'spec.clusterIP'), at(next, 'spec.clusterIP')];
  const isExternal = [old, next].some((one) => at(one, 'spec.type') === 'ExternalName');
  return isExternal || before === after || after === undefined || (before === undefined && after !== 'None')
    ? undefined
    : 'spec.clusterIP';
};

const CONFIG: Rule = (old, next) => {
  if (old.immutable !== true) {
    return undefined;
  }
  return next.immutable !== true
    ? 'immutable'
    : ['data', 'binaryData', 'stringData'].find((key) => !isEqual(old[key], next[key]));
};

const ROLE = fixed({ roleRef: undefined });

/** The rules by group and kind. Kinds of custom resources may have more. */
const RULES: Record<string, Rule> = {
  '/Service': SERVICE,
  '/PersistentVolumeClaim': CLAIM,
  '/PersistentVolume': fixedSpecBut([
    'accessModes',
    'capacity',
    'claimRef',
    'mountOptions',
    'nodeAffinity',
    'persistentVolumeReclaimPolicy',
    'storageClassName',
    'volumeAttributesClassName',
  ]),
  '/ConfigMap': CONFIG,
  '/Secret': firstOf(fixed({ type: 'Opaque' }), CONFIG),
  '/Pod': fixedSpecBut(['activeDeadlineSeconds', 'containers', 'initContainers', 'tolerations', 'schedulingGates']),
  'apps/Deployment': fixed({ 'spec.selector': undefined }),
  'apps/DaemonSet': fixed({ 'spec.selector': undefined }),
  'apps/ReplicaSet': fixed({ 'spec.selector': undefined }),
  'apps/StatefulSet': STATEFUL_SET,
  'batch/Job': fixed({
    'spec.selector': undefined,
    'spec.template': undefined,
    'spec.completions': undefined,
    'spec.completionMode': 'NonIndexed',
    'spec.podFailurePolicy': undefined,
    'spec.backoffLimitPerIndex': undefined,
    'spec.managedBy': undefined,
    'spec.successPolicy': undefined,
  }),
  'rbac.authorization.k8s.io/RoleBinding': ROLE,
  'rbac.authorization.k8s.io/ClusterRoleBinding': ROLE,
  'storage.k8s.io/StorageClass': fixed({
    provisioner: undefined,
    parameters: undefined,
    reclaimPolicy: 'Delete',
    volumeBindingMode: 'Immediate',
  }),
  'scheduling.k8s.io/PriorityClass': fixed({ value: 0, preemptionPolicy: 'PreemptLowerPriority' }),
  'node.k8s.io/RuntimeClass': fixed({ handler: undefined }),
  'networking.k8s.io/IngressClass': fixed({ 'spec.controller': undefined }),
  'apiextensions.k8s.io/CustomResourceDefinition': fixed({
    'spec.group': undefined,
    'spec.scope': undefined,
    'spec.names.plural': undefined,
  }),
};

/**
 * Returns the field whose change the API server refuses, or undefined. The rules are those of Kubernetes' own kinds.
 *
 * @see https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/apps/validation/validation.go
 */
export function refusedField(old: Manifest, next: Manifest): string | undefined {
  return RULES[`${apiGroupOf(next.apiVersion)}/${next.kind}`]?.(old, next);
}

function withClaimDefaults(template: unknown): unknown {
  if (!isMapping(template)) {
    return template;
  }
  const { metadata, spec } = template;
  const claim = isMapping(spec) ? { ...spec, volumeMode: spec.volumeMode ?? 'Filesystem' } : spec;
  return { metadata, spec: claim };
}

/** Returns whether a claim asks for less storage. */
function isSmaller(a: Manifest, b: Manifest): boolean {
  const [first, second] = [a, b].map((one) => bytesOf(at(one, 'spec.resources.requests.storage')));
  return first !== undefined && second !== undefined && first < second;
}

const UNITS: Record<string, number> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** Returns the number of a quantity of Kubernetes, or undefined. */
function bytesOf(quantity: unknown): number | undefined {
  const [, digits, unit] = /^([0-9.]+(?:[eE][+-]?[0-9]+)?)([A-Za-z]*)$/.exec(String(quantity ?? '')) ?? [];
  return digits === undefined || UNITS[unit] === undefined ? undefined : Number(digits) * UNITS[unit];
}
