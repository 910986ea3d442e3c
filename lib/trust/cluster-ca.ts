import * as fs from 'node:fs';
import * as net from 'node:net';
import { Construct } from 'constructs';
import { Layer } from '../kube';
import {
  advise,
  Advice,
  awaits,
  command,
  Command,
  constructed,
  ForgeError,
  handedOver,
  namespaceOf,
  objectName,
  Problems,
  quoted,
} from '../support';
import { authorityCheck, CA_FILE, certificateFileFaults, serverNameFaults } from './authority';
import { CaBundle } from './ca-bundle';
import { certManagerAuthority, certManagerCertificate } from './cert-manager';

const SERVER_HOURS = 90 * 24;
const RENEW_HOURS = 30 * 24;

/** Settings of a private CA in the cluster. */
export interface ClusterCaProps {
  /** DNS names and IP addresses of the server, for example `git.example.com`. */
  readonly names: string[];

  /**
   * File of this repository with the certificate of the CA, relative to the current directory, with the ending `.crt` or `.pem`. The runbook has the command
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

  /**
   * @throws FORGE-TRUST-012 for names that a certificate cannot have, and a file that is no certificate of the repository, or that of
   * another CA
   */
  constructor(scope: Construct, id: string, props: ClusterCaProps) {
    const made = constructed(ClusterCa, new.target, arguments);
    if (made) {
      handedOver();
      return made!;
    }
    super(scope, id);
    this.certificate = props.certificate ?? CA_FILE;
    const problems = new Problems(this.node.path);
    for (const fault of [...serverNameFaults(props.names), ...certificateFileFaults(this, this.certificate)]) {
      problems.add({ code: 'FORGE-TRUST-012', ...fault });
    }
    problems.throwIfAny();
    this.issuerName = objectName(this);
    this.serverSecretName = objectName(this, 'server');
    const authority = objectName(this, 'authority');
    Layer.PLATFORM.mark(this);
    // Clients that have the certificate trust what a renewed one with the same key signs.
    const names = { root: objectName(this, 'root'), authority, issuer: this.issuerName };
    const issuerRef = certManagerAuthority(this, names, { rotatesKey: false });
    const [addresses, hosts] = [true, false].map((isIp) =>
      props.names.filter((name) => (net.isIP(name) !== 0) === isIp),
    );
    certManagerCertificate(this, 'ServerCertificate', {
      secretName: this.serverSecretName,
      ...(hosts.length > 0 ? { dnsNames: hosts } : {}),
      ...(addresses.length > 0 ? { ipAddresses: addresses } : {}),
      usages: ['digital signature', 'server auth'],
      hours: SERVER_HOURS,
      renewHours: RENEW_HOURS,
      issuerRef,
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
        authorityCheck(about, this.certificate),
      ],
    };
  }
}
