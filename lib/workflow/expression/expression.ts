import { ForgeError, quoted } from '../../support';
import { parseExpression } from './syntax';
import { literal, operand } from './template';

/**
 * Values that the forge fills in when a workflow runs.
 *
 * They are strings, so they go wherever a string goes, alone or inside other text: `env: { IMAGE: `app:${Expression.SHA}` }`.
 * Where they may stand is checked when the workflow is rendered: each key of a workflow knows only some contexts. Never put one
 * into a script: give it to the step by `env`.
 *
 * References to outputs, inputs and matrix values are such strings too: `job.output('version')`, `input.value`, `matrix.value('os')`.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/contexts
 *
 * @example
 *
 * const env = { COMMIT: Expression.SHA, TOKEN: Expression.secret('REGISTRY_TOKEN') };
 */
export class Expression {
  /** Who started the run. */
  static readonly ACTOR = wrap('github.actor');
  /** The branch that a pull request goes to; empty for other events. */
  static readonly BASE_REF = wrap('github.base_ref');
  /** The event that started the run, such as `push`. */
  static readonly EVENT_NAME = wrap('github.event_name');
  /** The branch that a pull request comes from: text that a stranger chose. */
  static readonly HEAD_REF = wrap('github.head_ref');
  /** The job's own token. */
  static readonly JOB_TOKEN = wrap('github.token');
  /** The branch or tag in full, such as `refs/heads/main`. */
  static readonly REF = wrap('github.ref');
  /** The short name of the branch or tag. */
  static readonly REF_NAME = wrap('github.ref_name');
  /** `branch` or `tag`. */
  static readonly REF_TYPE = wrap('github.ref_type');
  /** `owner/name` of the repository. */
  static readonly REPOSITORY = wrap('github.repository');
  /** The owner of the repository. */
  static readonly REPOSITORY_OWNER = wrap('github.repository_owner');
  /** 1 for the first attempt of a run, 2 for the first repetition. */
  static readonly RUN_ATTEMPT = wrap('github.run_attempt');
  /** A number of the run that no other run of the forge has. */
  static readonly RUN_ID = wrap('github.run_id');
  /** How many times this workflow has run. */
  static readonly RUN_NUMBER = wrap('github.run_number');
  /** Address of the forge. On a Gitea runner: the address it was registered with. */
  static readonly SERVER_URL = wrap('github.server_url');
  /** The commit that the workflow runs for. */
  static readonly SHA = wrap('github.sha');
  /** Name of the workflow. */
  static readonly WORKFLOW = wrap('github.workflow');
  /** The job's working folder. */
  static readonly WORKSPACE = wrap('github.workspace');
  /** How the job stands: `success`, `failure` or `cancelled`. */
  static readonly JOB_STATUS = wrap('job.status');

  /**
   * A secret of the repository, its owner or the instance.
   *
   * @throws FORGE-WF-001 for a name that the forge does not take
   */
  static secret(name: string): string {
    return wrap(`secrets.${checkedName(name, 'secret')}`);
  }

  /**
   * A variable of the repository, its owner or the instance: configuration that is no secret.
   *
   * @throws FORGE-WF-001 for a name that the forge does not take
   */
  static variable(name: string): string {
    return wrap(`vars.${checkedName(name, 'variable')}`);
  }

  /** A variable of the job's environment, for keys that are no script: a script reads `"$NAME"` itself. */
  static environment(name: string): string {
    return Expression.raw(`env.${name}`);
  }

  /**
   * A member of what came with the event, e.g. `pull_request.number`. Much of it is text that a stranger wrote.
   *
   * @throws FORGE-WF-010 if it is not a path of names
   */
  static event(path: string): string {
    return Expression.raw(`github.event.${path}`);
  }

  /**
   * The only string that all files matching the patterns hash to; for cache keys. In keys of a step only.
   *
   * @param patterns relative to the working folder, e.g. `**\/package-lock.json`
   */
  static hashFiles(...patterns: string[]): string {
    return wrap(`hashFiles(${patterns.map(literal).join(', ')})`);
  }

  /** The value as JSON text. */
  static toJson(value: string): string {
    return Expression.raw(`toJSON(${operand(value)})`);
  }

  /** The data that a JSON text holds. */
  static fromJson(value: string): string {
    return Expression.raw(`fromJSON(${operand(value)})`);
  }

  /**
   * Any other expression, without its `${{ }}`. It is parsed at once.
   *
   * @throws FORGE-WF-010 for text that is no expression, FORGE-WF-011 for an unknown context or function
   */
  static raw(text: string): string {
    parseExpression(text);
    return wrap(text);
  }

  private constructor() {}
}

function wrap(text: string): string {
  return `\${{ ${text} }}`;
}

function checkedName(name: string, what: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !/^(GITEA_|GITHUB_|FORGEJO_|CI$)/i.test(name)) {
    return name;
  }
  throw ForgeError.of({
    code: 'FORGE-WF-001',
    message: `${quoted(name)} cannot name an Actions ${what}`,
    allowed: 'letters, digits and "_", not beginning with a digit, GITEA_, GITHUB_ or FORGEJO_, and not CI',
    fix: `use a name such as REGISTRY_TOKEN${/token/i.test(name) ? "; the job's own token is Expression.JOB_TOKEN" : ''}`,
  });
}
