import { quoted } from '../../support';
import { Job } from '../job';

/** Events whose runs have secrets and a token that can write, although a stranger can start them. */
const PRIVILEGED = ['pull_request_target', 'workflow_run', 'issue_comment'];
/** Expressions and refs that name the code of a pull request. */
const HEAD = /github\.event\.(pull_request\.head\.|workflow_run\.head_|issue\.number)|github\.head_ref|refs\/pull\//;

/**
 * Returns a warning for each checkout of the code of a pull request in a workflow that runs with secrets.
 *
 * @jsii ignore
 */
export function pullRequestCodeWarnings(job: Job, events: readonly string[]): string[] {
  const event = events.find((name) => PRIVILEGED.includes(name));
  if (event === undefined) {
    return [];
  }
  return job._stepList
    .filter(({ _content: { action, isCheckout, env = {}, with: inputs = {} } }) => {
      const values = action?._is('actions/checkout') ? Object.values(inputs) : isCheckout ? Object.values(env) : [];
      return values.some((value) => HEAD.test(value));
    })
    .map(
      (step) =>
        `${job.node.path}: step ${quoted(step.name)} checks out the code of a pull request, and \`${event}\` runs with secrets and a token that can write: run nothing of this code, or use \`pull_request\``,
    );
}
