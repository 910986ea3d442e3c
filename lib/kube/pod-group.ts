import { ApiObject, Chart } from 'cdk8s';
import { IConstruct } from 'constructs';
import { ForgeError } from '../support';

/**
 * A group of pods that is selected by labels.
 *
 * @example
 *
 * PodGroup.of({ 'app.kubernetes.io/name': 'prometheus' }, 'monitoring');
 */
export class PodGroup {
  /**
   * Creates a group from labels.
   *
   * @param labels labels that all pods of the group have
   * @param namespace namespace of the pods; if omitted, the namespace of what refers to them
   */
  static of(labels: Record<string, string>, namespace?: string): PodGroup {
    return new PodGroup(Object.freeze({ ...labels }), namespace);
  }

  /**
   * Creates the group of a workload's pods: of a Deployment, StatefulSet, DaemonSet or Job of cdk8s-plus, of an
   * ApiObject, or of a construct of this library.
   *
   * @param workload the workload
   * @throws FORGE-KUBE-013 if the construct is no workload, or its pods have no labels
   */
  static ofWorkload(workload: IConstruct): PodGroup {
    const object = workloadIn(workload);
    const labels = labelsOf(workload, object);
    if (labels === undefined || Object.keys(labels).length === 0) {
      throw ForgeError.at(workload, {
        code: 'FORGE-KUBE-013',
        message: object === undefined ? 'the construct is no workload' : 'the pods of the workload have no labels',
        allowed: 'a Deployment, StatefulSet, DaemonSet or Job whose pods have labels',
        fix: 'pass the workload itself, or use PodGroup.of with the labels of its pods',
      });
    }
    return PodGroup.of(labels, object?.metadata.namespace ?? Chart.of(workload).namespace);
  }

  private constructor(
    /** The labels that all pods of the group have. */
    readonly labels: Record<string, string>,
    /** The namespace of the pods; undefined for the namespace of what refers to them. */
    readonly namespace?: string,
  ) {}
}

const WORKLOADS = ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob', 'Pod', 'ScaledJob'];

function workloadIn(construct: IConstruct): ApiObject | undefined {
  const child = ApiObject.isApiObject(construct) ? construct : construct.node.defaultChild;
  const object = child !== undefined && ApiObject.isApiObject(child) ? (child as ApiObject) : undefined;
  return object && WORKLOADS.includes(object.kind) ? object : undefined;
}

/** Labels that constructs state themselves: `matchLabels` in cdk8s-plus, `podLabels` in this library. */
function labelsOf(construct: IConstruct, object: ApiObject | undefined): Record<string, string> | undefined {
  const { matchLabels, podLabels } = construct as { matchLabels?: unknown; podLabels?: unknown };
  // A Job of cdk8s-plus states no labels: Kubernetes selects its pods by itself. Its pods have some.
  const stated = [matchLabels, podLabels].find(
    (labels) => typeof labels === 'object' && labels !== null && Object.keys(labels).length > 0,
  );
  if (stated !== undefined) {
    return stated as Record<string, string>;
  }
  return object && labelsIn(object.kind, object.toJson() as Manifest);
}

function labelsIn(kind: string, { metadata, spec = {} }: Manifest): Record<string, string> | undefined {
  if (kind === 'Pod') {
    return metadata?.labels;
  }
  const template = spec.jobTemplate?.spec?.template ?? spec.jobTargetRef?.template ?? spec.template;
  return spec.selector?.matchLabels ?? template?.metadata?.labels;
}

interface Template {
  readonly metadata?: { readonly labels?: Record<string, string> };
}

interface Manifest extends Template {
  readonly spec?: {
    readonly selector?: { readonly matchLabels?: Record<string, string> };
    readonly template?: Template;
    readonly jobTemplate?: { readonly spec?: { readonly template?: Template } };
    readonly jobTargetRef?: { readonly template?: Template };
  };
}

/**
 * Returns the value of `kubectl --selector` for pods that have all of these labels.
 *
 * @jsii ignore
 */
export function labelSelector(labels: Record<string, string>): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}
