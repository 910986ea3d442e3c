import { IConstruct } from 'constructs';
import { DNS_SUBDOMAIN, ForgeError, quoted } from '../support';

const CONTEXT = 'cdk8s-forge/cluster-domain';

/** The DNS domain of a Kubernetes cluster if the cluster states no other. */
const DEFAULT = 'cluster.local';

const CLUSTER = 'cdk8s-forge/cluster';

/**
 * Declares that everything below a construct is applied to one cluster. Call it before the construct has children.
 *
 * @jsii ignore
 */
export function declareCluster(construct: IConstruct): void {
  construct.node.setContext(CLUSTER, construct.node.path);
}

/**
 * Returns the path of the declared cluster that a construct belongs to; undefined if there is none.
 *
 * @jsii ignore
 */
export function declaredClusterOf(construct: IConstruct): string | undefined {
  return construct.node.tryGetContext(CLUSTER);
}

/**
 * Sets the DNS domain of the cluster for everything that is created below a construct. Call it before the construct has
 * children.
 *
 * @throws FORGE-KUBE-014 if it is not a domain
 *
 * @jsii ignore
 */
export function setClusterDomain(construct: IConstruct, domain: string): void {
  if (!DNS_SUBDOMAIN.test(domain)) {
    throw ForgeError.at(construct, {
      code: 'FORGE-KUBE-014',
      message: `clusterDomain is ${quoted(domain)}, which is not a domain`,
      allowed: "lower case labels joined by dots, e.g. 'cluster.local'",
      fix: "set clusterDomain to the kubelet's --cluster-domain, or remove it",
      symptom: 'dial tcp: lookup buildkitd.ci.svc.…: no such host',
    });
  }
  construct.node.setContext(CONTEXT, domain);
}

/**
 * Returns the DNS domain of the cluster that a construct belongs to, such as `cluster.local`.
 *
 * @jsii ignore
 */
export function clusterDomainOf(construct: IConstruct): string {
  return construct.node.tryGetContext(CONTEXT) ?? DEFAULT;
}
