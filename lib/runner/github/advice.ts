import { builderPart } from '../../buildkit';
import { labelSelector } from '../../kube';
import { Advice, awaits, codeSpan, command, namespaceOf, oneLine, Symptom } from '../../support';
import { AdvisedRunner } from '../advice/subject';
import { RUNNER_CONTAINER } from '../blueprint';
import { COUNT_PERMISSION, registerPermission } from '../registration/github-credential';
import { runnerPart } from '../runner-part';

/** A GitHub runner, as its advice sees it. */
interface AdvisedGitHubRunner extends AdvisedRunner {
  readonly apiUrl: string;
}

/** Returns the operator information for a GitHub runner. */
export function gitHubAdvice(runner: AdvisedGitHubRunner): Advice {
  const { name, builder, podLabels } = runner;
  const part = runnerPart(runner);
  const kubectl = command`kubectl --namespace ${namespaceOf(runner)}`;
  return {
    warnings: runner.warnings.map(oneLine),
    checks: [
      {
        about: `Runner \`${name}\``,
        title: 'KEDA counts jobs',
        good: 'READY is `True`; a pod for each job that waits or runs',
        commands: [
          command`${kubectl} get scaledjob ${name}`,
          command`${kubectl} get pods --selector ${labelSelector(podLabels)}`,
        ],
        ...awaits(kubectl, command`scaledjob/${name}`),
      },
    ],
    symptoms: symptoms(runner),
    parts: [part],
    links: builder ? [{ from: part, to: builderPart(builder), label: 'builds with' }] : [],
  };
}

function symptoms(runner: AdvisedGitHubRunner): Symptom[] {
  const { name, scope, forge, labels, podLabels } = runner;
  const kubectl = command`kubectl --namespace ${namespaceOf(runner)}`;
  const logs = (container: string) => [
    command`${kubectl} logs --selector ${labelSelector(podLabels)} --container ${container}`,
  ];
  return [
    {
      seen: 'a job waits: `Waiting for a runner to pick up this job`',
      remedy:
        `Runner \`${name}\` takes jobs of scope ${scope.description} whose \`runs-on\` asks for no more than ${labels.map((label) => codeSpan(label.name)).join(', ')}. ` +
        'It has no others: `self-hosted` and `linux` are its labels only if the program says so. Does its group let the repository in? A public one has to be allowed there.',
    },
    {
      seen: 'jobs wait, and no pod starts for them',
      remedy: `KEDA asks <${runner.apiUrl}> for jobs: is the credential of \`${name}\` valid, with the ${COUNT_PERMISSION}? A repository that it does not see counts as one without jobs. Are all places taken (\`max\`)? Is the rate limit used up?`,
      look: [command`${kubectl} describe scaledjob ${name}`],
    },
    {
      seen: `pods of \`${name}\` fail with \`Init:Error\``,
      remedy: `GitHub did not give a runner; the log says why. The credential needs the ${registerPermission(scope)} at <${forge.url}>.`,
      look: logs('register'),
    },
    {
      seen: '`is deprecated and cannot receive messages`, exit code 7',
      remedy: `GitHub takes version ${runner.version.version} of the runner no more: give \`${name}\` a newer \`version\`, synth, commit.`,
      look: logs(RUNNER_CONTAINER),
    },
  ];
}
