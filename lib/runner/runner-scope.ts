import { Repository } from '../forge';

/**
 * Whose jobs a runner takes.
 *
 * @example
 *
 * RunnerScope.organization('homelab');
 */
export class RunnerScope {
  /** Jobs of every repository of the forge. */
  static instance(): RunnerScope {
    return new RunnerScope('instance');
  }

  /** Jobs of an organization's repositories. */
  static organization(name: string): RunnerScope {
    return new RunnerScope('organization', name);
  }

  /** Jobs of one repository. */
  static repository(repository: Repository): RunnerScope {
    return new RunnerScope('repository', repository.fullName);
  }

  private constructor(
    /** `instance`, `organization` or `repository`. */
    readonly kind: string,
    /** The organization's name or the repository's `owner/name`; undefined for the instance. */
    readonly target?: string,
  ) {}

  /** Whether a job of this repository may land on the runner. */
  covers(repository: Repository): boolean {
    switch (this.kind) {
      case 'organization': return repository.owner === this.target;
      case 'repository': return repository.fullName === this.target;
      default: return true;
    }
  }
}
