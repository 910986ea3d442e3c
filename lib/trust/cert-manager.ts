import { ApiObject, ApiObjectProps } from 'cdk8s';
import { Construct } from 'constructs';
import type * as l1 from '../../imports/cert-manager.io';

const GROUP = 'cert-manager.io';
const API_VERSION = `${GROUP}/v1`;
const AUTHORITY_HOURS = 10 * 365 * 24;
const YEAR_HOURS = 365 * 24;

/** A reference to what signs certificates. */
export interface IssuerRef {
  readonly kind: string;
  readonly name: string;
  readonly group: string;
}

/** A request for a certificate with a key of its own. */
export interface CertificateRequest {
  readonly secretName: string;
  readonly issuerRef: IssuerRef;
  readonly commonName?: string;
  readonly dnsNames?: string[];
  readonly ipAddresses?: string[];
  readonly usages?: string[];
  readonly isCA?: boolean;
  /** The validity. */
  readonly hours: number;
  /** The time before the end at which cert-manager renews the certificate. @default - a year */
  readonly renewHours?: number;
  /** Whether to give a renewed certificate a new key. @default true */
  readonly rotatesKey?: boolean;
}

/**
 * Emits a Certificate of cert-manager, with the name of its Secret.
 *
 * @jsii ignore
 */
export function certManagerCertificate(
  scope: Construct,
  id: string,
  { hours, renewHours = YEAR_HOURS, rotatesKey = true, commonName, usages, ...request }: CertificateRequest,
): void {
  new ApiObject(scope, id, {
    apiVersion: API_VERSION,
    kind: 'Certificate',
    metadata: { name: request.secretName },
    spec: {
      ...request,
      // X.509 allows 64 characters; the names that count are in dnsNames.
      ...(commonName === undefined ? {} : { commonName: commonName.slice(0, 64) }),
      ...(usages === undefined ? {} : { usages: usages as l1.CertificateSpecUsages[] }),
      duration: `${hours}h0m0s`,
      renewBefore: `${renewHours}h0m0s`,
      privateKey: {
        algorithm: 'ECDSA' as l1.CertificateSpecPrivateKeyAlgorithm,
        size: 256,
        rotationPolicy: (rotatesKey ? 'Always' : 'Never') as l1.CertificateSpecPrivateKeyRotationPolicy,
      },
    } satisfies l1.CertificateSpec,
  });
}

/** The names of a CA in the cluster. */
export interface AuthorityNames {
  /** The name of the issuer that signs the CA itself. */
  readonly root: string;
  /** The name of the CA's Certificate and Secret. */
  readonly authority: string;
  /** The name of the issuer that the CA is. */
  readonly issuer: string;
}

/**
 * Emits a CA in the namespace of the scope: a self-signed root signs it, and its Issuer signs certificates.
 *
 * @returns the Issuer
 * @see https://cert-manager.io/docs/configuration/selfsigned/#bootstrapping-ca-issuers
 * @jsii ignore
 */
export function certManagerAuthority(
  scope: Construct,
  { root, authority, issuer }: AuthorityNames,
  { rotatesKey = true }: { readonly rotatesKey?: boolean } = {},
): IssuerRef {
  new ApiObject(scope, 'RootIssuer', issuerOf(root, { selfSigned: {} }));
  certManagerCertificate(scope, 'Authority', {
    secretName: authority,
    commonName: authority,
    isCA: true,
    hours: AUTHORITY_HOURS,
    rotatesKey,
    issuerRef: { kind: 'Issuer', name: root, group: GROUP },
  });
  new ApiObject(scope, 'Issuer', issuerOf(issuer, { ca: { secretName: authority } }));
  return { kind: 'Issuer', name: issuer, group: GROUP };
}

function issuerOf(name: string, spec: l1.IssuerSpec): ApiObjectProps & { readonly spec: l1.IssuerSpec } {
  return { apiVersion: API_VERSION, kind: 'Issuer', metadata: { name }, spec };
}
