import { ApiObject } from 'cdk8s';
import { Manifest, Manifests, Model } from '../model';
import { addUnlessAcknowledged, Problem, Problems, quoted } from '../support';

/** A port of the nodes that a Service opens, with the object that declares it. */
interface NodePort {
  /** The port and its protocol: TCP and UDP have ports of their own. */
  readonly key: string;
  readonly title: string;
  readonly object: ApiObject;
}

/**
 * Reports a port of the nodes that two Services of a cluster open, also the Service of a chart of Gitea. The API server accepts
 * the first of them only. Charts outside of clusters may be for several clusters, so that each of them is checked alone.
 */
export function checkNodePorts(model: Model, manifests: Manifests, problems: Problems): void {
  const opened = new Map<string, NodePort>();
  for (const { chart, cluster, objects } of model.charts.values()) {
    const place = (cluster ?? chart).node.path;
    for (const port of objects.flatMap((object) => nodePortsOf(object, manifests.tryOf(object)))) {
      const key = `${place}|${port.key}`;
      const first = opened.get(key);
      if (first === undefined) {
        opened.set(key, port);
      } else {
        addUnlessAcknowledged(port.object, taken(port, first), problems);
      }
    }
  }
}

function nodePortsOf(object: ApiObject, manifest: Manifest | undefined): NodePort[] {
  const { apiVersion, kind, metadata, spec } = manifest ?? {};
  const found =
    apiVersion === 'v1' && kind === 'Service'
      ? portsOfService(spec as ServiceSpec | undefined)
      : kind === 'HelmRelease'
        ? portsOfGitea(spec as ReleaseSpec | undefined)
        : [];
  const title = `${String(kind)} ${quoted(metadata?.name)}`;
  return found.map((key) => ({ key, title, object }));
}

interface ServiceSpec {
  readonly type?: unknown;
  readonly ports?: unknown;
}

function portsOfService({ type, ports }: ServiceSpec = {}): string[] {
  if ((type !== 'NodePort' && type !== 'LoadBalancer') || !Array.isArray(ports)) {
    return [];
  }
  const all = ports as ({ readonly nodePort?: unknown; readonly protocol?: unknown } | null)[];
  return all.flatMap((port) => (port?.nodePort ? [`${String(port.nodePort)}/${String(port.protocol ?? 'TCP')}`] : []));
}

interface ReleaseSpec {
  readonly chart?: { readonly spec?: { readonly chart?: unknown } };
  readonly values?: { readonly service?: Record<string, ServiceSpec & { readonly nodePort?: unknown }> };
}

/** Returns the ports of a release of Gitea, as the values of its chart name them. */
function portsOfGitea({ chart, values }: ReleaseSpec = {}): string[] {
  return chart?.spec?.chart === 'gitea'
    ? Object.values(values?.service ?? {}).flatMap((service) =>
        portsOfService({ type: service?.type, ports: [service] }),
      )
    : [];
}

function taken({ key, object }: NodePort, first: NodePort): Problem {
  const [port, protocol] = key.split('/');
  return {
    code: 'FORGE-RULE-008',
    message: `NodePort ${port} (${protocol}) is a port of ${first.title} of ${quoted(first.object.node.path)} too`,
    fix: 'set another nodePort, from 30000 to 32767, for one of them',
    symptom: 'spec.ports[0].nodePort: Invalid value: provided port is already allocated',
    path: object.node.path,
  };
}
