import { Duration } from 'cdk8s';

/** Settings of a private CA whose keys are on a machine. */
export interface PrivateCaProps {
  /** DNS names and IP addresses of the server, for example `host.docker.internal` and `127.0.0.1`. */
  readonly names: string[];

  /**
   * File of this repository with the certificate of the CA, relative to the current directory, with the ending `.crt` or `.pem`. The script creates the file; commit it.
   *
   * @default 'certs/ca.crt'
   */
  readonly certificate?: string;

  /**
   * Name of the CA in its certificate.
   *
   * @default - the path of the construct
   */
  readonly subject?: string;

  /**
   * Validity of the server's certificate, from 31 to 825 days. Apple's systems accept no longer validity.
   *
   * @default Duration.days(397)
   */
  readonly validity?: Duration;
}
