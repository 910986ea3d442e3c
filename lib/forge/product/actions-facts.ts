/** A record that describes how a product supports a key of a workflow file. */
export interface KeySupport {
  /** The key, as a path below the workflow, for example `jobs.timeout-minutes`. */
  readonly key: string;
  /**
   * First version that supports the key; `*` for all versions.
   *
   * @default - no version yet
   */
  readonly since?: string;
  /** Source of the fact. */
  readonly source: string;
  /**
   * First version of the runner program that supports the key. For a runner whose version is known, this version
   * decides instead of the version of the server.
   *
   * @default - the runner makes no difference
   */
  readonly sinceRunner?: string;
}

/** A record that describes what a product does with jobs of one run in the same concurrency group. */
export interface SharedJobGroups {
  /** Versions, with patch number, that are known to create no run. Other versions are not known. */
  readonly lostIn: string[];
  /** Source of the fact. */
  readonly source: string;
}

/** A set of facts that describes the Actions features of a product. */
export interface ActionsFacts {
  /** Directory for composite actions of the repository itself. The directory is a convention, not a rule. */
  readonly actionDirectory: string;
  /**
   * Directory for workflows that run for all repositories of an owner or of the server.
   *
   * @default - none
   */
  readonly scopedWorkflowDirectory?: string;
  /**
   * Events that do not start workflows in `scopedWorkflowDirectory`.
   *
   * @default - all events start them
   */
  readonly unscopedEvents?: string[];
  /** Default URL from which `uses: owner/name@ref` is fetched, if the server is not configured otherwise. */
  readonly defaultActionsUrl: string;
  /** Support for an absolute URL in `uses`. */
  readonly absoluteUses: boolean;
  /** Support for aliases such as @daily in `schedule`. */
  readonly cronAliases: boolean;
  /**
   * Maximum number of jobs per run. Each combination of a matrix counts as a job.
   *
   * @default - no limit of its own
   */
  readonly jobLimit?: number;
  /** Maximum size of a workflow file, in bytes. */
  readonly fileLimit: number;
  /**
   * Events that start workflows.
   *
   * @default - all of GitHub's events
   */
  readonly events?: string[];
  /** Supported scopes of `permissions`. */
  readonly permissionScopes: string[];
  /** Keys that only some versions support. All versions support keys that are not listed. */
  readonly keys: KeySupport[];
  /**
   * Rewriting of each job as YAML by the server, before the runner reads the job. Comments and the form of scalars are
   * lost.
   *
   * @default true
   */
  readonly rewritesJobs?: boolean;
  /**
   * Support for tags next to branches or paths in a push trigger.
   *
   * @default true
   */
  readonly tagsBesideBranches?: boolean;
  /**
   * Support for a matrix that another job computes: the matrix is expanded after that job, not when the run is created.
   *
   * @default - unknown; reported as a warning
   */
  readonly computedMatrix?: boolean;
  /**
   * Support for outputs of other jobs in the name of a job.
   *
   * @default true
   */
  readonly needsInNames?: boolean;
  /**
   * Support for secrets in `with` of a job that calls a workflow.
   *
   * @default false
   */
  readonly secretsInCalls?: boolean;
  /**
   * Need for `runs-on` in a job that calls a workflow with inputs or secrets.
   *
   * @default false
   */
  readonly callsNeedRunner?: boolean;
  /**
   * Refusal of a text for an input of a called workflow that is a boolean or a number, also if an expression yields it.
   *
   * @default false
   * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#onworkflow_callinputs
   */
  readonly typedCalls?: boolean;
  /**
   * Record of a fault with two jobs of one run, without `needs`, that have the same concurrency group.
   *
   * @default - no fault: the jobs run one after the other
   */
  readonly sharedJobGroups?: SharedJobGroups;
  /**
   * Support for the function `case` in expressions.
   *
   * @default false
   */
  readonly caseFunction?: boolean;
  /**
   * Invalidity of a file with two keys of one map that differ only in case, also names of environment variables.
   *
   * @default false
   */
  readonly keysIgnoreCase?: boolean;
  /**
   * Need for Node.js in the image of a job's container, if the job has JavaScript actions.
   *
   * @default false - the runner brings Node.js into the container
   */
  readonly nodeFromImage?: boolean;
  /**
   * First version of the runner binary that runs JavaScript actions on node24.
   *
   * @default - not known; actions are used in versions that run on node20
   */
  readonly node24SinceRunner?: string;
  /**
   * Last version of the runner binary that is known not to have node24. Versions between this one and
   * `node24SinceRunner` are not known.
   *
   * @default - every version before `node24SinceRunner`, if that is known
   */
  readonly withoutNode24Runner?: string;
  /**
   * Day on which the newest runner binary lost node20, as `YYYY-MM-DD`. Actions that were written for node20, or an older
   * Node.js, run on node24 or fail.
   *
   * @default - node20 is not removed
   */
  readonly node20RemovedOn?: string;
  /**
   * Oldest version of the runner binary that the forge registers. Applies to the forge's own service, not to servers that
   * you operate.
   *
   * @default - any version
   */
  readonly oldestRunner?: string;
  /**
   * First version of the runner binary that supports the official artifact actions.
   *
   * @default - all versions
   */
  readonly artifactsSinceRunner?: string;
}

/** Maximum size of a workflow file at all known products, in bytes. */
export const WORKFLOW_FILE_LIMIT = 1024 * 1024;
