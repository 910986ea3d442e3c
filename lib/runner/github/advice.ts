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
      cause:
        `No runner that is online has all labels of \`runs-on\`. Runner \`${name}\` accepts jobs of scope ${scope.description} with the labels ${labels.map((label) => codeSpan(label.name)).join(', ')}. ` +
        'It has `self-hosted` and `linux` only if `labels` contains them. Or its runner group does not admit the repository.',
      fix: 'Set `runsOn` to the runner. Admit the repository in the runner group; a public repository must be allowed there explicitly.',
    },
    {
      seen: 'jobs wait, and no pod starts for them',
      cause: `KEDA cannot count the jobs at <${runner.apiUrl}>, \`max\` pods run already, or the rate limit is exceeded. A repository that the credential cannot read counts as one without jobs.`,
      fix: `If KEDA reports an error, replace the credential of \`${name}\`: it needs the ${COUNT_PERMISSION}. If \`max\` is reached, increase it.`,
      look: [command`${kubectl} describe scaledjob ${name}`],
    },
    {
      seen: `pods of \`${name}\` fail with \`Init:Error\``,
      cause: 'GitHub did not create a runner. The log contains the reason.',
      fix: `Replace the credential: it needs the ${registerPermission(scope)} at <${forge.url}>.`,
      look: logs('register'),
    },
    {
      seen: '`is deprecated and cannot receive messages`, exit code 7',
      cause: `GitHub no longer accepts version ${runner.version.version} of the runner.`,
      fix: `Set \`version\` of \`${name}\` to a newer version, synth and commit.`,
      look: logs(RUNNER_CONTAINER),
    },
  ];
}
