import { ForgeError, quoted } from '../support';

/**
 * A value that the forge fills in when a workflow runs.
 *
 * @example
 *
 * Expression.secret('REGISTRY_TOKEN');
 */
export class Expression {
  /**
   * A secret of the repository, its owner or the instance.
   *
   * @throws FORGE-WF-001 for a name that the forge does not take
   */
  static secret(name: string): Expression {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || /^(GITEA_|GITHUB_|CI$)/i.test(name)) {
      throw ForgeError.of({
        code: 'FORGE-WF-001',
        message: `${quoted(name)} cannot name an Actions secret`,
        allowed: 'letters, digits and "_", not beginning with a digit, GITEA_ or GITHUB_, and not CI',
        fix: 'use a name such as REGISTRY_TOKEN',
      });
    }
    return new Expression(`secrets.${name}`);
  }

  /** The commit that the workflow runs for. */
  static readonly SHA = new Expression('github.sha');
  /** The short name of the branch or tag. */
  static readonly REF_NAME = new Expression('github.ref_name');
  /** The job's own token. */
  static readonly JOB_TOKEN = new Expression('github.token');

  private constructor(
    /** The expression without `${{ }}`. */
    readonly text: string,
  ) {}

  /** As it stands in a workflow file. */
  toString(): string {
    return `\${{ ${this.text} }}`;
  }
}
