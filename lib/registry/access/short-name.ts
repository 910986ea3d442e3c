import { ApiObject, Chart } from 'cdk8s';
import { IConstruct } from 'constructs';
import { clusterDomainOf } from '../../kube';
import { Findings, oneLine, quoted } from '../../support';

const CODE = 'FORGE-REG-017';

/**
 * Reports, in every synth, hosts without a dot that a pod cannot resolve. The cluster's DNS looks up such a host in the
 * namespace of the pod. The host is accepted if this cdk8s app has a Service of that name in that namespace.
 *
 * @param construct the construct of the pods
 * @param hosts `host` or `host:port`
 * @param namespace namespace of the pods; by default, that of the construct's chart
 *
 * @jsii ignore
 */
export function refuseShortNames(construct: IConstruct, hosts: readonly string[], namespace?: string): void {
  const short = [...new Set(hosts)].filter((host) => isShort(host));
  if (short.length === 0) {
    return;
  }
  construct.node.addValidation({
    validate: () => {
      const own = namespace ?? Chart.of(construct).namespace;
      return Findings.of(construct).isAcknowledged(CODE)
        ? []
        : short.filter((host) => !hasService(construct, host, own)).map((host) => problem(construct, host, own));
    },
  });
}

function isShort(host: string): boolean {
  const name = host.replace(/:\d+$/, '');
  return !name.includes('.') && name !== 'localhost';
}

function hasService(construct: IConstruct, host: string, namespace: string | undefined): boolean {
  const name = host.replace(/:\d+$/, '');
  return construct.node.root.node
    .findAll()
    .filter((found): found is ApiObject => ApiObject.isApiObject(found))
    .some(
      (object) =>
        object.kind === 'Service' &&
        object.name === name &&
        (object.metadata.namespace ?? object.chart.namespace) === namespace,
    );
}

function problem(construct: IConstruct, host: string, namespace: string | undefined): string {
  const [name, port] = host.split(':');
  const full = `${name}.<namespace>.svc.${clusterDomainOf(construct)}${port === undefined ? '' : `:${port}`}`;
  return oneLine({
    code: CODE,
    message: `${quoted(host)} is a short name, which pods of namespace ${quoted(namespace)} look up in their own namespace`,
    fix: `use the full name of the Service, ${quoted(full)}; if the DNS of your network knows the short name, accept the finding: Findings.of(…).acknowledge('${CODE}', '…') at ${quoted(construct.node.path)}`,
  });
}
