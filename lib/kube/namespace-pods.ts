import { ApiObject } from 'cdk8s';
import { IConstruct } from 'constructs';
import type { PodSpec } from 'kubernetes-types/core/v1';
import { PodSecurity } from './pod-security';
import { podSecurityOf } from './pod-security-level';

/**
 * The pods that a cdk8s app puts into a namespace, as Pod Security sees them.
 *
 * @jsii ignore
 */
export interface NamespacePods {
  /** Strictest level that admits every pod that the app shows. */
  readonly level: PodSecurity;
  /** Paths of the constructs that need this level. */
  readonly neededBy: string[];
  /** Paths of the constructs whose pods the app does not show, such as Helm releases. */
  readonly unseen: string[];
}

/** API groups whose objects can contain a pod template. */
const WORKLOADS = /^(apps|batch|keda\.sh)\//;

/**
 * Kinds of the core group that contain a pod or a pod template. No other kind is rendered here: the labels of a Namespace
 * ask for its pods.
 */
const CORE_WORKLOADS = ['Pod', 'PodTemplate', 'ReplicationController'];

/** Kinds that deploy something that the app does not show. */
const UNSEEN = ['HelmRelease', 'HelmChart'];

/**
 * Returns the pods of a namespace, over all constructs below a scope: those that this library marks, and the pod
 * templates of every other object.
 *
 * @jsii ignore
 */
export function podsInNamespace(scope: IConstruct, namespace: string): NamespacePods {
  const marked = PodSecurity.requirements(scope).find((requirement) => requirement.namespace === namespace);
  const objects = scope.node.findAll().filter((construct): construct is ApiObject => ApiObject.isApiObject(construct));
  const found = objects
    .filter((object) => object.metadata.namespace === namespace && isWorkload(object))
    .flatMap((object) => podsOf(object).map((pod) => ({ path: object.node.path, level: podSecurityOf(pod) })));
  const all = [
    ...(marked ? marked.neededBy.map((path) => ({ path, level: marked.level })) : []),
    ...found.filter(({ path }) => !marked?.neededBy.some((owner) => path.startsWith(`${owner}/`))),
  ];
  const level = PodSecurity.widest(all.map((pod) => pod.level));
  return {
    level,
    neededBy: all.filter((pod) => pod.level === level).map(({ path }) => path),
    unseen: objects.filter((object) => deploysInto(object, namespace)).map(({ node }) => node.path),
  };
}

function isWorkload({ apiVersion, kind }: ApiObject): boolean {
  return apiVersion === 'v1' ? CORE_WORKLOADS.includes(kind) : WORKLOADS.test(apiVersion);
}

function deploysInto(object: ApiObject, namespace: string): boolean {
  if (!UNSEEN.includes(object.kind)) {
    return false;
  }
  const spec = rendered(object)?.spec as { targetNamespace?: unknown } | undefined;
  return (spec?.targetNamespace ?? object.metadata.namespace) === namespace;
}

/** Returns the pod specifications in an object: every mapping with a list of containers. */
function podsOf(object: ApiObject): PodSpec[] {
  const pods: PodSpec[] = [];
  const rest: unknown[] = [rendered(object)];
  for (let value = rest.pop(); value !== undefined; value = rest.pop()) {
    if (typeof value === 'object' && value !== null) {
      if (Array.isArray((value as PodSpec).containers)) {
        pods.push(value as PodSpec);
      }
      rest.push(...Object.values(value).filter((inner) => inner !== undefined));
    }
  }
  return pods;
}

/** Returns an object as it will be written; undefined for an object with a problem, which synth reports. */
function rendered(object: ApiObject): Record<string, unknown> | undefined {
  try {
    return object.toJson();
  } catch {
    return undefined;
  }
}
