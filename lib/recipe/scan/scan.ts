import { ForgeFeature } from '../../forge';
import { ForgeError, hasControlCharacter, PINS, quoted } from '../../support';
import { Action, Actions, Condition, IStepJob, IStepSource, JobTool, Step } from '../../workflow';
import { registryAccess } from '../registry/registry-access';
import { scriptOf } from '../scripts';
import { ScanImageProps, ScanOptions, Severity, TrivyOptions } from './scan-props';

/** A scanner and its settings. */
interface Scanner {
  readonly name: string;
  /** Form of the address of a mirror. */
  readonly mirror: RegExp;
  readonly env: Record<string, string>;
}

/** Directory of the reports, below the directory of the job. */
const REPORT = '.scan-report';

/**
 * A scan of an image for known vulnerabilities, after the image was pushed.
 *
 * The reports are in the summary of the run and in an artifact: `report.json`, `report.txt` and `report.sarif`. The scanner
 * reads no configuration of the repository but `ignoreFile`.
 *
 * @example
 *
 * const build = BuildctlBuild.step({ registry, image: 'hello', context: '.', dockerfile: 'Dockerfile' });
 * const scan = Scan.trivy({ failOn: Severity.HIGH }).steps({ reference: build.output('reference'), registry });
 * workflow.addJob('build', { runsOn: runner, steps: [Checkout.git(), build, scan] });
 */
export class Scan {
  /**
   * Creates a scan with Trivy. The image of the job needs Trivy 0.50 or newer.
   *
   * @throws FORGE-RECIPE-015 for a file, directory or mirror that is invalid
   */
  static trivy(options: TrivyOptions = {}): Scan {
    const { javaDatabase = '' } = options;
    if (javaDatabase !== '') {
      assertText('javaDatabase', javaDatabase, OCI);
    }
    return new Scan({ name: 'trivy', mirror: OCI, env: { JAVA_DATABASE: javaDatabase } }, options);
  }

  /**
   * Creates a scan with Grype. The image of the job needs Grype.
   *
   * @throws FORGE-RECIPE-015 for a file, directory or mirror that is invalid
   */
  static grype(options: ScanOptions = {}): Scan {
    return new Scan({ name: 'grype', mirror: /^https?:\/\/[^\s"\\]+$/, env: {} }, options);
  }

  private constructor(
    private readonly scanner: Scanner,
    private readonly options: ScanOptions,
  ) {
    const { ignoreFile, cacheDir, database, offline = false } = options;
    if (ignoreFile !== undefined) {
      assertText('ignoreFile', ignoreFile, /^(?!\/|.*(^|\/)\.\.(\/|$))[A-Za-z0-9_.]/);
    }
    if (cacheDir !== undefined) {
      assertText('cacheDir', cacheDir, /^[~/.A-Za-z0-9]/);
    }
    if (database !== undefined) {
      assertText('database', database, scanner.mirror);
    }
    if (offline && cacheDir === undefined) {
      throw refused(
        'an offline scan has no database',
        'set cacheDir to a directory that holds the database, or remove offline',
      );
    }
  }

  /** True if jobs that scan need the permission `security-events: write`. */
  get needsSecurityEvents(): boolean {
    return this.options.sarif ?? false;
  }

  /**
   * Creates the steps: the scan, and its reports as an artifact, whatever the scan found.
   *
   * @throws FORGE-RECIPE-013 for a token in plain text, and FORGE-RECIPE-015 at `bind` for `sarif` on a forge without code
   * scanning
   */
  steps(props: ScanImageProps): IStepSource {
    const { reference, registry, username, token, anonymous, artifactName = 'scan-report', ...options } = props;
    const { failOn = Severity.CRITICAL, ignoreFile, ignoreUnfixed, database, cacheDir, offline } = this.options;
    const flag = (on: boolean | undefined): string => (on ? 'yes' : 'no');
    const scan = Step._ready(
      {
        name: 'Scan',
        script: scriptOf('registry-access', 'scan-common', `scan-${this.scanner.name}`),
        tools: [JobTool.of(this.scanner.name)],
        outputs: ['found'],
        env: {
          REFERENCE: reference,
          ...registryAccess(registry, { username, token, anonymous }),
          FAIL_ON: failOn,
          IGNORE_FILE: ignoreFile ?? '',
          IGNORE_UNFIXED: flag(ignoreUnfixed),
          DATABASE: database ?? '',
          ...this.scanner.env,
          CACHE_DIR: cacheDir ?? '',
          OFFLINE: flag(offline),
          REPORT,
        },
      },
      options,
    );
    return { bind: (job) => [...scan.bind(job), ...this.reports(job, artifactName, scan)].flatMap((s) => s.bind(job)) };
  }

  /** Returns the steps that publish the reports, if the scan ran. */
  private reports(job: IStepJob, artifactName: string, scan: Step): Step[] {
    const { artifact = hasNode(job), sarif = false } = this.options;
    const ran = Condition.ALWAYS.and(Condition.notEqual(scan.output('found'), ''));
    return [
      ...(artifact
        ? [
            Actions.uploadArtifact({
              name: 'Keep the reports of the scan',
              if: ran,
              artifactName,
              paths: [`${REPORT}/`],
              includeHiddenFiles: true,
            }),
          ]
        : []),
      ...(sarif ? [codeScanning(job, ran)] : []),
    ];
  }
}

const OCI = /^[A-Za-z0-9][A-Za-z0-9._:-]*(\/[A-Za-z0-9._-]+)+(:[A-Za-z0-9._-]+)?$/;

function hasNode({ container, runsOn }: IStepJob): boolean {
  return container !== undefined || runsOn?.capabilities.nodeActions !== false;
}

function codeScanning({ repository }: IStepJob, ran: Condition): Step {
  const { forge } = repository;
  if (!forge.product.supports(ForgeFeature.CODE_SCANNING)) {
    throw refused(
      `${forge.product.title} has no code scanning that takes a SARIF report`,
      'remove sarif: the report is in the artifact of the run',
      'Resource not accessible by integration',
    );
  }
  const { version, commit } = PINS.actions.codeql;
  return Step.uses({
    name: 'Send the report to code scanning',
    if: ran,
    action: Action.repository('github', 'codeql-action', { ref: version, sha: commit, path: 'upload-sarif' }),
    with: { sarif_file: `${REPORT}/report.sarif` },
  });
}

function assertText(name: string, value: string, allowed: RegExp): void {
  if (!allowed.test(value) || hasControlCharacter(value)) {
    throw refused(`${name} is ${quoted(value)}`, FIXES[name]);
  }
}

const FIXES: Record<string, string> = {
  ignoreFile: "set ignoreFile to a path relative to the root of the repository, for example '.trivyignore'",
  cacheDir: "set cacheDir to a directory on a volume, for example '/cache/scan'",
  database:
    "set database to the mirror: 'git.example.com/mirror/trivy-db:2' for Trivy, 'https://mirror.example.com/latest.json' for Grype",
  javaDatabase: "set javaDatabase to the mirror, for example 'git.example.com/mirror/trivy-java-db:1'",
};

function refused(message: string, fix: string, symptom?: string): ForgeError {
  return ForgeError.of({ code: 'FORGE-RECIPE-015', message, fix, symptom });
}
