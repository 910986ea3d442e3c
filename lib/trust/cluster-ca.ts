import * as fs from 'node:fs';
import * as net from 'node:net';
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { Layer } from '../kube';
import {
  advise,
  Advice,
  awaits,
  command,
  Command,
  constructed,
  DNS_SUBDOMAIN,
  ForgeError,
  handedOver,
  namespaceOf,
  objectName,
  Problems,
  quoted,
  succeeds,
} from '../support';
import { CaBundle } from './ca-bundle';

const AUTHORITY_HOURS = 10 * 365 * 24;
const SERVER_HOURS = 90 * 24;
const RENEW_HOURS = 30 * 24;

/** Settings of a private CA in the cluster. */
export interface ClusterCaProps {
  /** DNS names and IP addresses of the server, for example `git.example.com`. */
  readonly names: string[];

  /**
   * File of this repository with the certificate of the CA, relative to the current directory. The runbook has the command
   * that creates the file from the cluster; commit it.
   *
   * @default 'certs/ca.crt'
   */
  readonly certificate?: string;
}

/**
 * A private CA of cert-manager, and the certificate of one server that cert-manager issues and renews. The key of the CA
 * never leaves the namespace.
 *
 * Pass `caBundle` to every client after the first deployment: cert-manager creates the CA in the cluster.
 *
 * @see https://cert-manager.io/docs/configuration/selfsigned/#bootstrapping-ca-issuers
 *
 * @example
 *
 * new ClusterCa(chart, 'ca', { names: ['git.example.com'] });
 */
export class ClusterCa extends Construct {
  /** Name of the Secret with `tls.crt` and `tls.key` of the server, in the namespace of the chart. */
  readonly serverSecretName: string;

  /** Name of the Issuer that signs certificates of this CA, in the namespace of the chart. */
  readonly issuerName: string;

  /** File of this repository with the certificate of the CA. */
  readonly certificate: string;

  /** @throws FORGE-TRUST-012 for names that a certificate cannot have */
  constructor(scope: Construct, id: string, props: ClusterCaProps) {
    const made = constructed(ClusterCa, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    checkNames(this, props.names);
    this.certificate = props.certificate ?? 'certs/ca.crt';
    this.issuerName = objectName(this);
    this.serverSecretName = objectName(this, 'server');
    const [root, authority] = [objectName(this, 'root'), objectName(this, 'authority')];
    Layer.PLATFORM.mark(this);
    this.issuer('Root', root, { selfSigned: {} });
    this.issued('Authority', authority, {
      commonName: authority.slice(0, 64),
      isCA: true,
      duration: `${AUTHORITY_HOURS}h0m0s`,
      renewBefore: `${365 * 24}h0m0s`,
      // Clients that have the certificate trust what a renewed one with the same key signs.
      privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Never' },
      issuerRef: { kind: 'Issuer', name: root, group: 'cert-manager.io' },
    });
    this.issuer('Issuer', this.issuerName, { ca: { secretName: authority } });
    const addresses = props.names.filter((name) => net.isIP(name) !== 0);
    const hosts = props.names.filter((name) => net.isIP(name) === 0);
    this.issued('Server', this.serverSecretName, {
      ...(hosts.length > 0 ? { dnsNames: hosts } : {}),
      ...(addresses.length > 0 ? { ipAddresses: addresses } : {}),
      usages: ['digital signature', 'server auth'],
      duration: `${SERVER_HOURS}h0m0s`,
      renewBefore: `${RENEW_HOURS}h0m0s`,
      privateKey: { algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always' },
      issuerRef: { kind: 'Issuer', name: this.issuerName, group: 'cert-manager.io' },
    });
    advise(this, () => this.advice(authority));
  }

  /**
   * The certificate of the CA, for every client. The file is read at each use.
   *
   * @throws FORGE-TRUST-013 if the file does not exist yet; FORGE-TRUST-001 … 008 if the file is not a CA
   */
  get caBundle(): CaBundle {
    if (fs.existsSync(this.certificate)) {
      return CaBundle.fromFile(this.certificate);
    }
    throw ForgeError.at(this, {
      code: 'FORGE-TRUST-013',
      message: `the certificate ${quoted(this.certificate)} of the CA in the cluster does not exist yet`,
      fix: `deploy ClusterCa without a use of caBundle first, then run ${this.written(objectName(this, 'authority')).text}, and commit the file`,
      symptom: 'x509: certificate signed by unknown authority',
    });
  }

  /** Returns the command that writes the certificate from the cluster to the repository. */
  private written(authority: string): Command {
    const template = 'go-template={{index .data "tls.crt" | base64decode}}';
    return command`kubectl --namespace ${namespaceOf(this)} get secret ${authority} --output ${template} > ${this.certificate}`;
  }

  private issuer(id: string, name: string, spec: Record<string, unknown>): void {
    new ApiObject(this, id, { apiVersion: 'cert-manager.io/v1', kind: 'Issuer', metadata: { name }, spec });
  }

  private issued(id: string, name: string, spec: Record<string, unknown>): void {
    new ApiObject(this, `${id}Certificate`, {
      apiVersion: 'cert-manager.io/v1',
      kind: 'Certificate',
      metadata: { name },
      spec: { secretName: name, ...spec },
    });
  }

  private advice(authority: string): Advice {
    const about = `CA of cert-manager \`${this.issuerName}\``;
    const kubectl = command`kubectl --namespace ${namespaceOf(this)}`;
    return {
      byHand: [
        {
          title: about,
          text: 'After the first deployment, and after each renewal of the CA, write the certificate to the repository and commit the file. The certificate is public.',
          commands: [this.written(authority)],
        },
      ],
      checks: [
        {
          about,
          title: 'The certificates are issued',
          good: '`condition met` twice',
          symptom: 'x509: certificate has expired or is not yet valid',
          commands: [
            command`${kubectl} wait certificate ${[authority, this.serverSecretName]} --for condition=Ready --timeout 1m`,
          ],
          ...awaits(kubectl, command`certificate ${[authority, this.serverSecretName]}`),
        },
        {
          about,
          title: 'The CA in the repository is valid for another year',
          good: '`Certificate will not expire`',
          symptom: 'x509: certificate has expired or is not yet valid',
          commands: [command`openssl x509 -in ${this.certificate} -noout -checkend ${365 * 86400}`],
          expect: succeeds(),
        },
      ],
    };
  }
}

function checkNames(construct: Construct, names: readonly string[]): void {
  const problems = new Problems(construct.node.path);
  const isName = (name: string) => net.isIP(name) !== 0 || DNS_SUBDOMAIN.test(name.replace(/^\*\./, ''));
  const wrong = names.filter((name) => !isName(name));
  for (const message of [
    ...wrong.map((name) => `names has ${quoted(name)}, which is neither a DNS name nor an IP address`),
    ...(names.length === 0 ? ['names is empty'] : []),
  ]) {
    problems.add({
      code: 'FORGE-TRUST-012',
      message,
      fix: "set names such as 'git.example.com', without scheme and port",
    });
  }
  problems.throwIfAny();
}
