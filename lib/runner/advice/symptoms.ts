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
    ? `The pods of the runner are listed at ${page} while they run.`
    : `Check that the runner is online at ${page}. If it is not listed, its registration token belongs to another scope: replace it.`;
  return {
    seen: `a job waits: \`No matching online runner with label\`${older}`,
    cause: `No runner that is online has all labels of \`runs-on\`. Runner \`${name}\` accepts jobs of scope ${scope.description} with the labels ${names}.`,
    fix: where,
  };
}

function identitySymptoms(runner: AdvisedRunner, isFetched: boolean): Symptom[] {
  const { name, registration, scaling } = runner;
  const logs = command`kubectl --namespace ${namespaceOf(runner)} logs --selector ${labelSelector(runner.podLabels)}`;
  if (registration.uuid !== undefined) {
    return [
      {
        seen: '`unauthenticated` in the log of the runner',
        cause: `The server does not know a runner with the UUID of \`${name}\`, or the token is wrong.`,
        fix: 'Create the runner again at the server, set its UUID in `main.ts`, and replace its Secret.',
        look: [command`${logs} --container ${RUNNER_CONTAINER}`],
      },
    ];
  }
  const refused: Symptom = {
    seen: '`runner registration token not found`, or `… has been invalidated`, in the log of `register`',
    cause: `The registration token of \`${name}\` was reset at the server, or belongs to another scope. Registered runners do not need the token.`,
    fix: 'Replace the Secret, then delete the pod. Flux does not delete the pod: its StatefulSet creates it again.',
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
      cause: 'The record of the runner was deleted at the server.',
      fix: `Set another \`key\` in the registration of \`${name}\` (\`Registration.token(secret, { key: … })\`), synth and commit. The runner registers again.`,
      look: [command`${logs} --container ${RUNNER_CONTAINER}`],
    },
  ];
}

/** Returns the symptoms that the executor itself knows. */
function ofExecutor(runner: AdvisedRunner): Symptom[] {
  const executor = runner.executor._executor as Partial<KnownExecutor>;
  const perJob = runner.scaling.kind === ScalingKind.PER_JOB;
  return (
    executor.symptoms?.({ name: runner.name, reference: runner._reference, namespace: namespaceOf(runner), perJob }) ??
    []
  );
}

function notStarted(runner: AdvisedRunner): Symptom[] {
  if (runner.scaling.kind !== ScalingKind.PER_JOB) {
    return [];
  }
  const { name, forge, scope } = runner;
  return [
    {
      seen: 'jobs wait, and no pod starts for them',
      cause: `KEDA cannot count the jobs at <${forge.internalUrl}>, or \`max\` pods run already.`,
      fix: `If KEDA reports an error, replace its token: it needs \`${scope._tokenScope('read')}\`. If \`max\` is reached, increase it.`,
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
      cause: `A private CA signed the certificate of ${urls.map((url) => `<${url}>`).join(', ')}. Runners and their jobs trust the CA. Programs with a trust store of their own do not, for example Java, Firefox, or a container that a job starts.`,
      fix: 'Add the CA to the trust store of the program.',
    },
  ];
}

function memory(runner: AdvisedRunner): Symptom {
  return {
    seen: '`exit code 137` or `OOMKilled`',
    cause: 'The jobs need more memory than their container has.',
    fix: 'Increase `resources.memoryLimit`, or reduce `config.capacity`.',
    look: [
      command`kubectl --namespace ${namespaceOf(runner)} describe pods --selector ${labelSelector(runner.podLabels)} | grep --before-context 2 OOMKilled`,
    ],
  };
}
