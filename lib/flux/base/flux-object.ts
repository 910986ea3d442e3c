import { ApiObject } from 'cdk8s';
import { IConstruct } from 'constructs';
import { FluxVersion } from './version';
import { DNS_SUBDOMAIN, ForgeError, namespaceOf, quoted } from '../../support';

/** A construct that represents exactly one Flux object, so that other constructs can refer to the object. */
export interface IFluxObject extends IConstruct {
  /** The emitted object. */
  readonly apiObject: ApiObject;
}

/**
 * Returns the name of a Flux object. The name is the id of its construct, because people type the name (`flux get …`).
 *
 * @throws FORGE-FLUX-004 if it is no name
 * @jsii ignore
 */
export function fluxName(construct: IConstruct): string {
  const { id } = construct.node;
  if (DNS_SUBDOMAIN.test(id) && id.length <= 63) {
    return id;
  }
  throw ForgeError.at(construct, {
    code: 'FORGE-FLUX-004',
    message: `${quoted(id)} cannot name a Flux object`,
    allowed: 'a-z, 0-9, "-" and ".", first and last a letter or digit, at most 63 characters',
    fix: "use an id such as 'hello-app'",
  });
}

/**
 * The symbol that identifies a Cluster. The lookup uses a name instead of the class. The reason is that a Cluster
 * consists of the objects that use this symbol.
 *
 * @jsii ignore
 */
export const CLUSTER = Symbol.for('cdk8s-forge.Cluster');

/**
 * The facts about a cluster that its image objects read.
 *
 * @jsii ignore
 */
export interface ImageFacts {
  /** The number of images that the cluster is to have, if they are many. */
  readonly expected?: number;
  /** The shards that scan the images. @default - the controller without a shard */
  readonly shards?: readonly string[];
  /** The label by which the webhook for images finds them, if there is a webhook. */
  readonly label?: { readonly key: string; readonly value: string };
}

/** The properties of a cluster that a Flux object reads. */
interface Surroundings extends IConstruct {
  readonly version: FluxVersion;
  readonly _imageFacts: ImageFacts;
}

/**
 * Returns the cluster that a construct belongs to, or undefined if the construct belongs to no cluster.
 *
 * @jsii ignore
 */
export function clusterAround(construct: IConstruct): Surroundings | undefined {
  return construct.node.scopes.find((scope) => CLUSTER in scope) as Surroundings | undefined;
}

/**
 * Returns the version of Flux that reconciles a construct: that of the cluster, or the newest that this library knows.
 *
 * @jsii ignore
 */
export function fluxVersionOf(construct: IConstruct): FluxVersion {
  return clusterAround(construct)?.version ?? FluxVersion.LATEST_KNOWN;
}

/**
 * Rejects an option that the cluster's Flux does not have.
 *
 * @throws FORGE-FLUX-046
 * @jsii ignore
 */
export function assertFlux(construct: IConstruct, since: string, option: string): void {
  const version = fluxVersionOf(construct);
  if (version.isAtLeast(since)) {
    return;
  }
  throw ForgeError.at(construct, {
    code: 'FORGE-FLUX-046',
    message: `${option} needs Flux ${since}, and the cluster has Flux ${version.text}`,
    allowed: `Flux ${since} or newer`,
    fix: 'remove the option, or upgrade Flux and set `version` of the cluster',
    symptom: 'strict decoding error: unknown field',
  });
}

/**
 * Returns a reference from one Flux object to another. The reference contains the name, and the namespace if the
 * namespaces differ.
 *
 * @throws FORGE-FLUX-039 if they are in two clusters
 * @jsii ignore
 */
export function referenceTo(target: IFluxObject, from: IConstruct): { name: string; namespace?: string } {
  const [there, here] = [target, from].map(clusterAround);
  if (there !== here) {
    throw ForgeError.at(from, {
      code: 'FORGE-FLUX-039',
      message: `${target.apiObject.kind} ${quoted(target.node.path)} is not in ${here ? `cluster ${quoted(here.node.id)}` : 'the same place: it is in a cluster'}`,
      fix: 'make one in each cluster: Flux knows the objects of its own cluster only',
    });
  }
  // An object that exists says where it is; another is in the namespace of its chart.
  const namespace = target.apiObject.metadata.namespace ?? namespaceOf(target);
  return { name: target.apiObject.name, ...(namespace === namespaceOf(from) ? {} : { namespace }) };
}

/**
 * Rejects a credentials Secret that is also the certificate Secret. Flux reads neither credentials nor certificates
 * from a shared Secret.
 *
 * @throws FORGE-FLUX-016
 * @jsii ignore
 */
export function assertTwoSecrets(
  construct: IConstruct,
  credentials: string | undefined,
  certificates: string | undefined,
): void {
  if (credentials === undefined || credentials !== certificates) {
    return;
  }
  throw ForgeError.at(construct, {
    code: 'FORGE-FLUX-016',
    message: `the credentials and the certificates are both the Secret ${quoted(credentials)}`,
    fix: 'keep the certificates in a Secret of their own, with the keys ca.crt or tls.crt and tls.key',
    symptom: 'Flux reads a certificate Secret that is also the credentials Secret as empty',
  });
}
