import { ApiObject, Chart } from 'cdk8s';
import { clusterOf, ManagedNamespace, PodSecurity, podsInNamespace } from '../kube';
import { ChartModel, Manifest } from '../model';
import { DNS_LABEL, Problem, quoted } from '../support';

/** Groups whose kinds are in a namespace, except those listed below. */
const NAMESPACED =
  /^(v1|(apps|batch|policy|autoscaling|networking\.k8s\.io|rbac\.authorization\.k8s\.io)\/.*|[a-z-]+\.toolkit\.fluxcd\.io\/.*)$/;

/** Kinds of those groups that are in no namespace. */
const CLUSTER_WIDE = [
  'ClusterRole',
  'ClusterRoleBinding',
  'ComponentStatus',
  'IPAddress',
  'IngressClass',
  'Namespace',
  'Node',
  'PersistentVolume',
  'ServiceCIDR',
];

const ENFORCE = 'pod-security.kubernetes.io/enforce';

/** Returns the problem with the namespace of a chart, if Kubernetes does not accept the name. */
export function chartNamespaceProblem(chart: Chart): Problem | undefined {
  const { namespace } = chart;
  if (namespace === undefined || (typeof namespace === 'string' && DNS_LABEL.test(namespace))) {
    return undefined;
  }
  return {
    code: 'FORGE-RULE-002',
    message: `namespace ${quoted(namespace)} of the chart is not the name of a namespace`,
    allowed: 'a-z, 0-9 and "-", first and last a letter or digit, at most 63 characters',
    fix: 'set namespace of the chart to an allowed name',
    symptom: 'a lowercase RFC 1123 label must consist of lower case alphanumeric characters or "-"',
    path: chart.node.path,
  };
}

/** Returns the problem with the namespace of an object: it has none, or one that Kubernetes does not accept. */
export function objectNamespaceProblem(
  object: ApiObject,
  { apiVersion, kind, metadata }: Manifest,
  { chart, cluster }: ChartModel,
): Problem | undefined {
  const namespace = metadata?.namespace;
  if (namespace === undefined) {
    const isNamespaced = NAMESPACED.test(String(apiVersion)) && !CLUSTER_WIDE.includes(String(kind));
    return cluster && isNamespaced ? missing(object, String(kind), chart) : undefined;
  }
  // The chart's own namespace is reported once, at the chart.
  if (namespace === chart.namespace || (typeof namespace === 'string' && DNS_LABEL.test(namespace))) {
    return undefined;
  }
  return {
    code: 'FORGE-RULE-002',
    message: `metadata.namespace ${quoted(namespace)} is not the name of a namespace`,
    allowed: 'a-z, 0-9 and "-", first and last a letter or digit, at most 63 characters',
    fix: 'set metadata.namespace to an allowed name',
    path: object.node.path,
  };
}

function missing(object: ApiObject, kind: string, chart: Chart): Problem {
  return {
    code: 'FORGE-RULE-003',
    message: `the ${kind} has no namespace, and chart ${quoted(chart.node.path)} has none`,
    fix: "set namespace of the chart: new Chart(cluster, 'apps', { namespace: 'apps' }), or metadata.namespace of the object",
    symptom: 'namespace not specified',
    path: object.node.path,
  };
}

/** Returns the problem with a Namespace of this app that enforces a stricter level than its pods need. */
export function podSecurityProblem(object: ApiObject, { apiVersion, kind, metadata }: Manifest): Problem | undefined {
  // A ManagedNamespace reports the same itself.
  if (apiVersion !== 'v1' || kind !== 'Namespace' || object.node.scope instanceof ManagedNamespace) {
    return undefined;
  }
  const enforced = PodSecurity.all.find(({ level }) => level === metadata?.labels?.[ENFORCE]);
  if (enforced === undefined) {
    return undefined;
  }
  const name = String(metadata?.name);
  const { level, neededBy } = podsInNamespace(clusterOf(object), name);
  if (enforced.canAdmit(level)) {
    return undefined;
  }
  return {
    code: 'FORGE-KUBE-002',
    message: `namespace ${quoted(name)} enforces ${enforced.level}, but ${neededBy.join(', ')} needs ${level.level}`,
    fix: `set the label ${ENFORCE} to ${level.level}, or move the workload to a namespace of its own`,
    symptom: `is forbidden: violates PodSecurity "${enforced.level}:latest"`,
    path: object.node.path,
  };
}
