import { Registry } from '../../registry';
import { ReadyStepOptions } from '../../workflow';
import { RegistryLoginOptions } from '../registry/registry-access';

/** The severities of a vulnerability. */
export enum Severity {
  /** Low, and everything above. */
  LOW = 'LOW',
  /** Medium, and everything above. */
  MEDIUM = 'MEDIUM',
  /** High, and everything above. */
  HIGH = 'HIGH',
  /** Critical only. */
  CRITICAL = 'CRITICAL',
  /** No vulnerability fails the job. */
  NEVER = 'NEVER',
}

/** A set of options that every scan accepts. */
export interface ScanOptions {
  /**
   * Lowest severity that fails the job.
   *
   * @default Severity.CRITICAL
   */
  readonly failOn?: Severity;

  /**
   * File of the repository with vulnerabilities to ignore, in the format of the scanner: `.trivyignore`, or a
   * configuration of Grype. The job must check out the repository first. Other configuration in the directory is not read.
   *
   * @default - none: every vulnerability counts
   */
  readonly ignoreFile?: string;

  /**
   * Whether to ignore vulnerabilities without a fix.
   *
   * @default false
   */
  readonly ignoreUnfixed?: boolean;

  /**
   * Mirror of the database: an OCI repository for Trivy, the URL of a listing for Grype.
   *
   * @default - the scanner's own, on the internet
   */
  readonly database?: string;

  /**
   * Directory of the database, on a volume that later jobs have too, so that the database is not fetched for each scan.
   *
   * @default - the scanner's own, below the home directory
   */
  readonly cacheDir?: string;

  /**
   * Whether to fetch no database. `cacheDir` must have one.
   *
   * @default false
   */
  readonly offline?: boolean;

  /**
   * Whether to publish the reports as an artifact. The action needs Node.js.
   *
   * @default - where the runner is not known to lack Node.js
   */
  readonly artifact?: boolean;

  /**
   * Whether to send the report to the code scanning of the forge. GitHub only; the job needs the permission
   * `security-events: write`.
   *
   * @default false
   */
  readonly sarif?: boolean;
}

/** A set of options for a scan with Trivy. */
export interface TrivyOptions extends ScanOptions {
  /**
   * Mirror of the database for Java, an OCI repository.
   *
   * @default - Trivy's own
   */
  readonly javaDatabase?: string;
}

/** A set of properties that define the image to scan. */
export interface ScanImageProps extends ReadyStepOptions, RegistryLoginOptions {
  /** The image, with its digest: for example the output `reference` of a build. */
  readonly reference: string;

  /** The registry that the image was pushed to. */
  readonly registry: Registry;

  /**
   * Name of the artifact with the reports. Jobs of one run need different names.
   *
   * @default 'scan-report'
   */
  readonly artifactName?: string;
}
