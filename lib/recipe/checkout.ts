import { Repository } from '../forge';
import { Expression, Step } from '../workflow';
import { scriptText } from './script';

/**
 * Gets the sources of a repository into the job's folder.
 *
 * @example
 *
 * Checkout.git(repository);
 */
export class Checkout {
  /** With plain git, the job's own token and no history: for runners without node. */
  static git(repository: Repository): Step {
    return Step.run({
      name: 'Check out',
      script: scriptText('git-checkout.sh'),
      env: {
        REPOSITORY_URL: repository.internalCloneUrl,
        COMMIT: Expression.SHA,
        TOKEN: Expression.JOB_TOKEN,
      },
    });
  }

  private constructor() {}
}
