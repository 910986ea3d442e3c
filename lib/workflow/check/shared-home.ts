import { addUnlessAcknowledged, Problems, quoted } from '../../support';
import { Job } from '../job';

/** Events whose runs execute code of a pull request. */
const PULL_REQUEST_EVENTS = [
  'pull_request',
  'pull_request_comment',
  'pull_request_review',
  'pull_request_review_comment',
];

/**
 * Checks that no code of a pull request runs where later jobs with credentials find what the code left behind.
 *
 * @jsii ignore
 */
export function checkSharedHome(job: Job, events: readonly string[], problems: Problems): void {
  const { runsOn, container, if: condition } = job._props;
  const event = events.find((name) => PULL_REQUEST_EVENTS.includes(name));
  if (event === undefined || container || !runsOn.capabilities.sharedHome || isElsewhere(condition?._text, events)) {
    return;
  }
  addUnlessAcknowledged(
    job,
    {
      code: 'FORGE-WF-052',
      message: `job ${quoted(job.id)} runs code of a pull request (\`${event}\`) on ${runsOn.description}, whose jobs share one home directory`,
      allowed: 'a runner that is new for each job, or a job in a container',
      fix: 'set scaling of the runner to Scaling.perJob(…), pass a second runner that only pull requests use, or run the job in a container',
      symptom:
        'no error: what the pull request leaves in the home directory runs in later jobs, with their credentials',
    },
    problems,
  );
}

/** Returns whether a condition admits only events other than pull requests. */
function isElsewhere(condition: string | undefined, events: readonly string[]): boolean {
  const parts = /^\(?github\.event_name (==|!=) '(\w+)'\)?(?: && .*)?$/.exec(condition ?? '');
  if (parts === null || withoutGroups(condition!).includes('||')) {
    return false;
  }
  const [, operator, name] = parts;
  return operator === '=='
    ? !PULL_REQUEST_EVENTS.includes(name)
    : events.every((event) => event === name || !PULL_REQUEST_EVENTS.includes(event));
}

/** Returns a condition without its groups in parentheses: an alternative inside of a group admits no other event. */
function withoutGroups(condition: string): string {
  const inner = condition.replace(/\([^()]*\)/g, '');
  return inner === condition ? condition : withoutGroups(inner);
}
