import { ApiObject } from 'cdk8s';
import { IConstruct } from 'constructs';
import { DNS_SUBDOMAIN, ForgeError, namespaceOf, quoted } from '../support';

/**
 * A construct that stands for one Flux object, so that others can refer to it.
 */
export interface IFluxObject extends IConstruct {
  /** The emitted object. */
  readonly apiObject: ApiObject;
}

/**
 * The name of a Flux object: the id of its construct, because people type it (`flux get …`).
 *
 * @throws FORGE-FLUX-004 if it is no name
 * @jsii ignore
 */
export function fluxName(construct: IConstruct): string {
  const { id } = construct.node;
  if (DNS_SUBDOMAIN.test(id) && id.length <= 63) { return id; }
  throw ForgeError.at(construct, {
    code: 'FORGE-FLUX-004',
    message: `${quoted(id)} cannot name a Flux object`,
    allowed: 'a-z, 0-9, "-" and ".", first and last a letter or digit, at most 63 characters',
    fix: "use an id such as 'hello-app'",
  });
}

/**
 * How one Flux object refers to another: by name, and by namespace if that is another one.
 *
 * @jsii ignore
 */
export function referenceTo(target: IFluxObject, from: IConstruct): { name: string; namespace?: string } {
  const namespace = namespaceOf(target);
  return { name: target.apiObject.name, ...(namespace === namespaceOf(from) ? {} : { namespace }) };
}

/**
 * Refuses a Secret and a certificate Secret that are one: Flux then reads neither.
 *
 * @throws FORGE-FLUX-016
 * @jsii ignore
 */
export function assertTwoSecrets(construct: IConstruct, credentials: string | undefined, certificates: string | undefined): void {
  if (credentials === undefined || credentials !== certificates) { return; }
  throw ForgeError.at(construct, {
    code: 'FORGE-FLUX-016',
    message: `the credentials and the certificates are both the Secret ${quoted(credentials)}`,
    fix: 'keep the certificates in a Secret of their own, with the keys ca.crt or tls.crt and tls.key',
    symptom: 'Flux reads a certificate Secret that is also the credentials Secret as empty',
  });
}
