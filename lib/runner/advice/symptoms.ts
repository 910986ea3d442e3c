import { ForgeFeature } from '../../forge';
import { labelSelector } from '../../kube';
import { codeSpan, command, namespaceOf, Symptom } from '../../support';
import { RUNNER_CONTAINER } from '../blueprint';
import { KnownExecutor } from '../executor/known';
import { ScalingKind } from '../scaling/scaling';
import { AdvisedRunner } from './subject';

/**
 * Returns the symptoms of a runner that does not work as intended.
 *
 * @param isFetched whether a Job fetches its registration token; then that Job says what to do about a wrong one
 */
export function runnerSymptoms(runner: AdvisedRunner, isFetched: boolean): Symptom[] {
  return [
    waiting(runner),
    ...identitySymptoms(runner, isFetched),
    ...ofExecutor(runner),
    ...notStarted(runner),
    ...authority(runner),
    memory(runner),
  ];
}

function waiting({ forge, name, labels, scope, scaling }: AdvisedRunner): Symptom {
  const older = !forge.supports(ForgeFeature.CLEAR_WAIT_REASON)
    ? ', or `must contain at least one job without dependencies`'
    : '';
  const names = labels.map((label) => codeSpan(label.name)).join(', ');
  const page = `<${forge.url}/${scope._settingsPath}>`;
  const where = scaling.perJobProps
    ? `Its pods are listed at ${page} while they run.`
    : `Is it online at ${page}? If it is not listed, its token is of another scope.`;
  return {
    seen: `a job waits: \`No matching online runner with label\`${older}`,
    remedy: `Runner \`${name}\` takes jobs of scope ${scope.description} whose \`runs-on\` asks for no more than ${names}. ${where}`,
  };
}

function identitySymptoms(runner: AdvisedRunner, isFetched: boolean): Symptom[] {
  const { name, registration, scaling } = runner;
  const logs = command`kubectl --namespace ${namespaceOf(runner)} logs --selector ${labelSelector(runner.podLabels)}`;
  if (registration.uuid !== undefined) {
    return [
      {
        seen: '`unauthenticated` in the log of the runner',
        remedy: `The forge knows no runner with the UUID of \`${name}\`, or another token: create it anew, state its UUID, replace its Secret.`,
        look: [command`${logs} --container ${RUNNER_CONTAINER}`],
      },
    ];
  }
  const refused: Symptom = {
    seen: '`runner registration token not found`, or `… has been invalidated`, in the log of `register`',
    remedy: `The token of \`${name}\` was reset at the forge, or belongs to another scope. Replace it in its Secret, then delete the pod. Runners that are registered do not need the new token until they register again.`,
    look: [command`${logs} --container register`],
  };
  const all = isFetched ? [] : [refused];
  if (scaling.kind === ScalingKind.PER_JOB) {
    return all;
  }
  return [
    ...all,
    {
      seen: '`no longer registered` or `unregistered runner` in the log of the runner',
      remedy: `The forge has forgotten the runner. Set another \`key\` in the registration of \`${name}\` (\`Registration.token(secret, { key: … })\`), synth, commit: it registers again.`,
      look: [command`${logs} --container ${RUNNER_CONTAINER}`],
    },
  ];
}

/** Returns the symptoms that the executor itself knows. */
function ofExecutor(runner: AdvisedRunner): Symptom[] {
  const executor = runner.executor._executor as Partial<KnownExecutor>;
  const perJob = runner.scaling.kind === ScalingKind.PER_JOB;
  return executor.symptoms?.({ name: runner.name, namespace: namespaceOf(runner), perJob }) ?? [];
}

function notStarted(runner: AdvisedRunner): Symptom[] {
  if (runner.scaling.kind !== ScalingKind.PER_JOB) {
    return [];
  }
  const { name, forge, scope } = runner;
  return [
    {
      seen: 'jobs wait, and no pod starts for them',
      remedy: `KEDA asks <${forge.internalUrl}> for jobs: is its token valid, with \`${scope._tokenScope('read')}\`? Are all places taken (\`max\`)?`,
      look: [command`kubectl --namespace ${namespaceOf(runner)} describe scaledjob ${name}`],
    },
  ];
}

function authority({ forge }: AdvisedRunner): Symptom[] {
  const urls = [
    ...new Set([forge.trust.caBundle && forge.url, forge.internalTrust.caBundle && forge.internalUrl]),
  ].filter((url) => url !== undefined);
  if (urls.length === 0) {
    return [];
  }
  return [
    {
      seen: '`x509: certificate signed by unknown authority`',
      remedy: `The certificate of ${urls.map((url) => `<${url}>`).join(', ')} is of your own authority. Runners and their jobs know it; what brings its own trust store (Java, Firefox, a container that a job starts) must be taught.`,
    },
  ];
}

function memory(runner: AdvisedRunner): Symptom {
  return {
    seen: '`exit code 137` or `OOMKilled`',
    remedy:
      'The job needs more memory than its container has: raise `resources.memoryLimit`, or lower `config.capacity`.',
    look: [
      command`kubectl --namespace ${namespaceOf(runner)} describe pods --selector ${labelSelector(runner.podLabels)} | grep --before-context 2 OOMKilled`,
    ],
  };
}
