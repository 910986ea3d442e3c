import { Construct, IConstruct } from 'constructs';
import { workloadName } from '../../kube';
import { ForgeError, namespaceOf, quoted } from '../../support';
import { certManagerAuthority, certManagerCertificate, IssuerRef } from '../../trust';
import { BuildkitTls } from './tls';
import { keyNames } from './tls-volume';

/**
 * Validity of certificates, in hours. buildkitd reads its certificate only at start, so certificates are valid much
 * longer than the pods that use them run.
 */
const CERTIFICATE_HOURS = 5 * 365 * 24;

/**
 * A manager that provides the TLS material of one buildkitd. The manager creates the material or notes the requirement,
 * and returns the mounts.
 *
 * @internal
 */
export class Certificates {
  private readonly issuer?: IssuerRef;
  private readonly clients = new Map<IConstruct, string>();
  readonly serverSecret?: string;

  /** Creates the TLS material that buildkitd itself needs below `daemon`. */
  constructor(
    private readonly daemon: Construct,
    private readonly tls: BuildkitTls,
    serverNames: readonly string[],
  ) {
    if (tls.kind === 'existing') {
      this.serverSecret = tls.provided!.server.provide(daemon, {
        purpose: `TLS of the BuildKit daemon, for ${serverNames.join(', ')}`,
        ...secretShape(tls),
      });
    } else if (tls.kind === 'certManager') {
      this.issuer = this.issuerRef();
      this.serverSecret = workloadName(daemon, 'server');
      certManagerCertificate(daemon, 'ServerCertificate', {
        hours: CERTIFICATE_HOURS,
        secretName: this.serverSecret,
        commonName: workloadName(daemon),
        dnsNames: [...serverNames],
        usages: ['digital signature', 'key encipherment', 'server auth'],
        issuerRef: this.issuer,
      });
    }
  }

  /** Returns the Secret of a client, created or noted below the client. */
  clientSecret(client: Construct): string {
    const known = this.clients.get(client);
    if (known) {
      return known;
    }
    const name =
      this.tls.kind === 'existing'
        ? this.tls.provided!.client.provide(client, {
            purpose: `TLS client of BuildKit daemon ${workloadName(this.daemon)}`,
            ...secretShape(this.tls),
          })
        : this.clientCertificate(client);
    this.clients.set(client, name);
    return name;
  }

  private clientCertificate(client: Construct): string {
    const [there, here] = [namespaceOf(client), namespaceOf(this.daemon)];
    if (there !== here && this.issuer!.kind !== 'ClusterIssuer') {
      throw ForgeError.at(client, {
        code: 'FORGE-BK-008',
        message: `client in namespace ${quoted(there)} cannot get a certificate from the ${this.issuer!.kind} of BuildKit daemon ${quoted(this.daemon.node.path)}, which is in ${quoted(here)}`,
        allowed: 'clients in the namespace of the daemon, a ClusterIssuer, or Secrets that exist',
        fix: "BuildkitTls.certManager(CertificateIssuer.clusterIssuer('…')), or put both into one namespace",
      });
    }
    const secretName = workloadName(client, workloadName(this.daemon), 'client');
    certManagerCertificate(client, `${this.daemon.node.addr}-certificate`, {
      hours: CERTIFICATE_HOURS,
      secretName,
      commonName: workloadName(client),
      usages: ['digital signature', 'key encipherment', 'client auth'],
      issuerRef: this.issuer!,
    });
    return secretName;
  }

  private issuerRef(): IssuerRef {
    const group = 'cert-manager.io';
    if (this.tls.issuer) {
      return { kind: this.tls.issuer.kind, name: this.tls.issuer.name, group };
    }
    const authority = workloadName(this.daemon, 'ca');
    return certManagerAuthority(this.daemon, {
      root: workloadName(this.daemon, 'root'),
      authority,
      issuer: authority,
    });
  }
}

/** Returns the type and keys of the TLS Secret. Kubernetes allows the TLS type only with the usual key names. */
function secretShape(tls: BuildkitTls): { type: string; keys: string[] } {
  const names = keyNames(tls.provided?.keys);
  const usual = names.certificate === 'tls.crt' && names.key === 'tls.key';
  return { type: usual ? 'kubernetes.io/tls' : 'Opaque', keys: [names.ca, names.certificate, names.key] };
}
