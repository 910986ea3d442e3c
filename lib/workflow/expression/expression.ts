import { ForgeError, quoted } from '../../support';
import { parseExpression } from './syntax';
import { literal, operand } from './template';

/**
 * A value that the forge fills in when a workflow runs.
 *
 * Expressions are strings. They are valid wherever a string is valid, as the whole text or inside other text: `env: {
 * IMAGE: `app:${Expression.SHA}` }`. Rendering checks the position of each expression, because each key of a workflow
 * supports only some contexts. Never put an expression into a script: pass it to the step with `env`.
 *
 * References to outputs, inputs and matrix values are also such strings: `job.output('version')`, `input.value`,
 * `matrix.value('os')`.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/contexts
 *
 * @example
 *
 * const env = { COMMIT: Expression.SHA, TOKEN: Expression.secret('REGISTRY_TOKEN') };
 */
export class Expression {
  /** The user that started the run. */
  static readonly ACTOR = wrap('github.actor');
  /** The target branch of a pull request; empty for other events. */
  static readonly BASE_REF = wrap('github.base_ref');
  /** The event that started the run, such as `push`. */
  static readonly EVENT_NAME = wrap('github.event_name');
  /** The source branch of a pull request, which is untrusted text. */
  static readonly HEAD_REF = wrap('github.head_ref');
  /** The job's own token. */
  static readonly JOB_TOKEN = wrap('github.token');
  /** The full name of the branch or tag, such as `refs/heads/main`. */
  static readonly REF = wrap('github.ref');
  /** The short name of the branch or tag. */
  static readonly REF_NAME = wrap('github.ref_name');
  /** Type of the ref: `branch` or `tag`. */
  static readonly REF_TYPE = wrap('github.ref_type');
  /** Full name of the repository, as `owner/name`. */
  static readonly REPOSITORY = wrap('github.repository');
  /** The owner of the repository. */
  static readonly REPOSITORY_OWNER = wrap('github.repository_owner');
  /** Attempt number of a run: 1 for the first attempt, 2 for the first repetition. */
  static readonly RUN_ATTEMPT = wrap('github.run_attempt');
  /** Number of the run, unique within the forge. */
  static readonly RUN_ID = wrap('github.run_id');
  /** Number of times that this workflow has run. */
  static readonly RUN_NUMBER = wrap('github.run_number');
  /** Address of the forge. On a Gitea runner, the address that the runner was registered with. */
  static readonly SERVER_URL = wrap('github.server_url');
  /** The commit that the workflow runs for. */
  static readonly SHA = wrap('github.sha');
  /** Name of the workflow. */
  static readonly WORKFLOW = wrap('github.workflow');
  /** The job's working directory. */
  static readonly WORKSPACE = wrap('github.workspace');
  /** Status of the job: `success`, `failure` or `cancelled`. */
  static readonly JOB_STATUS = wrap('job.status');

  /**
   * Returns a secret of the repository, its owner or the instance.
   *
   * @throws FORGE-WF-001 for a name that the forge does not take
   */
  static secret(name: string): string {
    return wrap(`secrets.${checkedName(name, 'secret')}`);
  }

  /**
   * Returns a variable of the repository, its owner or the instance. Variables contain configuration that is not
   * secret.
   *
   * @throws FORGE-WF-001 for a name that the forge does not take
   */
  static variable(name: string): string {
    return wrap(`vars.${checkedName(name, 'variable')}`);
  }

  /** Returns a variable of the job's environment, for keys that are not scripts. A script reads `"$NAME"` itself. */
  static environment(name: string): string {
    return Expression.raw(`env.${name}`);
  }

  /**
   * Returns a member of the event payload, for example `pull_request.number`. Much of the payload is untrusted text.
   *
   * @throws FORGE-WF-010 if it is not a path of names
   */
  static event(path: string): string {
    return Expression.raw(`github.event.${path}`);
  }

  /**
   * Returns one hash of all files that match the patterns, for cache keys. Available only in keys of a step.
   *
   * @param patterns relative to the working folder, e.g. `**\/package-lock.json`
   */
  static hashFiles(...patterns: string[]): string {
    return wrap(`hashFiles(${patterns.map(literal).join(', ')})`);
  }

  /** Returns the value as JSON text. */
  static toJson(value: string): string {
    return Expression.raw(`toJSON(${operand(value)})`);
  }

  /** Returns the data in a JSON text. */
  static fromJson(value: string): string {
    return Expression.raw(`fromJSON(${operand(value)})`);
  }

  /**
   * Returns any other expression, without its `${{ }}`. The expression is parsed immediately.
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
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !/^GITHUB_/i.test(name)) {
    return name;
  }
  throw ForgeError.of({
    code: 'FORGE-WF-001',
    message: `${quoted(name)} cannot name an Actions ${what}`,
    allowed: 'letters, digits and "_", not beginning with a digit or GITHUB_; Gitea and Forgejo reserve more names',
    fix: `use a name such as REGISTRY_TOKEN${/token/i.test(name) ? "; the job's own token is Expression.JOB_TOKEN" : ''}`,
  });
}
