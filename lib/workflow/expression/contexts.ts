/**
 * A set of contexts and functions that a key in a workflow file may use. The functions are in addition to the functions
 * that every key may call.
 */
export interface Availability {
  readonly contexts: readonly string[];
  readonly functions?: readonly string[];
}

const SERVER = ['github', 'inputs', 'vars'];
const NEEDS = [...SERVER, 'needs'];
const MATRIX = [...NEEDS, 'strategy', 'matrix'];
const STEP = [...MATRIX, 'steps', 'job', 'runner', 'env'];
const STATUS = ['always', 'cancelled', 'failure', 'success'];

/**
 * Contexts and functions that each key of a workflow may use.
 *
 * The list is the official table (`workflow-v1.0.json` of GitHub's workflow parser, its `context` members). A test
 * compares the two. Gitea and Forgejo evaluate the keys of a job on the server with the same contexts.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#context-availability
 * @jsii ignore
 */
export const AVAILABILITY = {
  'run-name': { contexts: SERVER },
  concurrency: { contexts: SERVER },
  env: { contexts: [...SERVER, 'secrets'] },
  'on.workflow_call.inputs.default': { contexts: SERVER },
  'on.workflow_call.outputs.value': { contexts: [...SERVER, 'jobs'] },
  'jobs.if': { contexts: NEEDS, functions: STATUS },
  'jobs.strategy': { contexts: NEEDS },
  'jobs.name': { contexts: MATRIX },
  /** Gitea resolves the name when the run is created, and shows an expression with `needs` as text. */
  'jobs.name.early': { contexts: [...SERVER, 'strategy', 'matrix'] },
  'jobs.runs-on': { contexts: MATRIX },
  'jobs.concurrency': { contexts: MATRIX },
  'jobs.environment': { contexts: MATRIX },
  'jobs.environment.url': { contexts: STEP },
  'jobs.snapshot.if': { contexts: MATRIX },
  'jobs.container': { contexts: MATRIX },
  'jobs.services': { contexts: MATRIX },
  'jobs.container.env': { contexts: [...MATRIX, 'secrets', 'job', 'runner', 'env'] },
  'jobs.container.credentials': { contexts: [...SERVER, 'secrets', 'env'] },
  'jobs.env': { contexts: [...MATRIX, 'secrets'] },
  'jobs.outputs': { contexts: [...STEP, 'secrets'] },
  'jobs.defaults.run': { contexts: [...MATRIX, 'env'] },
  'jobs.with': { contexts: MATRIX },
  /** Gitea and Forgejo resolve `with` of a called workflow with secrets too. */
  'jobs.with.secrets': { contexts: [...MATRIX, 'secrets'] },
  'jobs.secrets': { contexts: [...MATRIX, 'secrets'] },
  'steps.if': { contexts: STEP, functions: [...STATUS, 'hashFiles'] },
  'steps.name': { contexts: [...STEP, 'secrets'], functions: ['hashFiles'] },
  'steps.env': { contexts: [...STEP, 'secrets'], functions: ['hashFiles'] },
  'steps.with': { contexts: [...STEP, 'secrets'], functions: ['hashFiles'] },
  'steps.working-directory': { contexts: [...STEP, 'secrets'], functions: ['hashFiles'] },
  'action.if': {
    contexts: ['github', 'inputs', 'strategy', 'matrix', 'steps', 'job', 'runner', 'env'],
    functions: [...STATUS, 'hashFiles'],
  },
  'action.step': {
    contexts: ['github', 'inputs', 'strategy', 'matrix', 'steps', 'job', 'runner', 'env'],
    functions: ['hashFiles'],
  },
  'action.outputs': { contexts: ['github', 'inputs', 'strategy', 'matrix', 'steps', 'job', 'runner', 'env'] },
} satisfies Record<string, Availability>;

/** A key of a workflow that may contain an expression. */
export type Place = keyof typeof AVAILABILITY;

/** All contexts. `gitea` and `forgejo` are aliases of `github`. */
export const CONTEXTS = [
  'github',
  'env',
  'vars',
  'job',
  'jobs',
  'steps',
  'runner',
  'secrets',
  'strategy',
  'matrix',
  'needs',
  'inputs',
] as const;

/** Minimum and maximum number of arguments of each function. Only some forges know `case`. */
export const FUNCTIONS: Record<string, readonly [number, number]> = {
  case: [3, 255],
  contains: [2, 2],
  endsWith: [2, 2],
  format: [1, 255],
  fromJSON: [1, 1],
  join: [1, 2],
  startsWith: [2, 2],
  toJSON: [1, 1],
  always: [0, 0],
  cancelled: [0, 0],
  failure: [0, 255],
  success: [0, 255],
  hashFiles: [1, 255],
};

/** Functions that only some keys may call. */
export const SPECIAL_FUNCTIONS = [...STATUS, 'hashFiles'];

/**
 * Members of the contexts that have fixed members. Other contexts are either checked against the model (steps, needs,
 * jobs, matrix, inputs) or unrestricted (env, vars, secrets).
 */
export const MEMBERS: Record<string, readonly string[]> = {
  github: [
    'action',
    'action_path',
    'action_ref',
    'action_repository',
    'action_status',
    'actor',
    'actor_id',
    'api_url',
    'artifact_cache_size_limit',
    'base_ref',
    'env',
    'event',
    'event_name',
    'event_path',
    'graphql_url',
    'head_ref',
    'job',
    'path',
    'ref',
    'ref_name',
    'ref_protected',
    'ref_type',
    'repository',
    'repository_id',
    'repository_owner',
    'repository_owner_id',
    'repository_visibility',
    'repositoryUrl',
    'retention_days',
    'run_attempt',
    'run_id',
    'run_number',
    'secret_source',
    'server_url',
    'sha',
    'step_summary',
    'token',
    'triggering_actor',
    'workflow',
    'workflow_ref',
    'workflow_sha',
    'workspace',
  ],
  job: [
    'check_run_id',
    'container',
    'services',
    'status',
    'workflow_file_path',
    'workflow_ref',
    'workflow_repository',
    'workflow_sha',
  ],
  runner: ['arch', 'debug', 'environment', 'name', 'os', 'temp', 'tool_cache', 'workspace'],
  strategy: ['fail-fast', 'job-index', 'job-total', 'max-parallel'],
};

/** Members of a step in the `steps` context. */
export const STEP_MEMBERS = ['conclusion', 'outcome', 'outputs'];

/** Members of a job in the `needs` context. */
export const NEEDS_MEMBERS = ['outputs', 'result'];
