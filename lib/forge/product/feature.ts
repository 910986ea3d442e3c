/** The features of a forge's server that differ between products or versions. */
export enum ForgeFeature {
  /** A container registry at the forge's own address. */
  REGISTRY = 'registry',
  /** The permission of the token that every job gets to push container images. */
  JOB_TOKEN_PUSHES = 'job-token-pushes',
  /** The setting `PUBLIC_URL_DETECTION`, with the values `auto` and `legacy`. */
  PUBLIC_URL_DETECTION = 'public-url-detection',
  /** The value `never` of `PUBLIC_URL_DETECTION`. */
  PUBLIC_URL_NEVER = 'public-url-never',
  /** The behavior of `PUBLIC_URL_DETECTION = auto` without a setting. */
  PUBLIC_URL_AUTO_BY_DEFAULT = 'public-url-auto-by-default',
  /** Actions from any server as `DEFAULT_ACTIONS_URL`, not only from github.com or the forge itself. */
  ACTIONS_FROM_ANY_URL = 'actions-from-any-url',
  /** Keywords instead of an address as the value of `DEFAULT_ACTIONS_URL`. */
  ACTIONS_URL_KEYWORDS = 'actions-url-keywords',
  /** A cache server for jobs whose token `docker buildx` accepts for a cache of type `gha`. */
  BUILD_CACHE = 'build-cache',
  /** Images with attestations (provenance, SBOM) in the container registry: an index with a manifest of an unknown platform. */
  IMAGE_ATTESTATIONS = 'image-attestations',
  /** An API that lists the runs of a repository's workflows. */
  RUNS_API = 'runs-api',
  /** An API that lists runners. */
  RUNNERS_API = 'runners-api',
  /** An API that creates access tokens of a user, with the password of the user. */
  TOKENS_API = 'tokens-api',
  /** Runners that the forge operates itself. */
  HOSTED_RUNNERS = 'hosted-runners',
  /** A registration token that does not expire and that many runners can use. */
  SHARED_REGISTRATION_TOKENS = 'shared-registration-tokens',
  /** Runners that are created at the forge before the runner's first start, with a UUID and a token. */
  PREDECLARED_RUNNERS = 'predeclared-runners',
  /** Runners that accept one job, and an API that counts the jobs that wait. */
  EPHEMERAL_RUNNERS = 'ephemeral-runners',
  /** A message for a waiting job that names the missing label. */
  CLEAR_WAIT_REASON = 'clear-wait-reason',
  /** Workflows of one repository that run for all repositories of an owner or of the server. */
  SCOPED_WORKFLOWS = 'scoped-workflows',
  /** The setting `MAX_RERUN_ATTEMPTS`, which limits the attempts of a run. */
  RERUN_LIMIT = 'rerun-limit',
  /** Code scanning, which takes the reports of scanners in the format SARIF. */
  CODE_SCANNING = 'code-scanning',
}

/** A record that states since which version a product has a feature. */
export interface FeatureFact {
  /** The feature. */
  readonly feature: ForgeFeature;
  /** First version with the feature; `*` for all versions. */
  readonly since: string;
  /** Source of the fact. */
  readonly source: string;
}
