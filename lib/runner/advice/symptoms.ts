import { ForgeFeature } from '../../forge';
import { labelSelector } from '../../kube';
import { codeSpan, namespaceOf, Symptom } from '../../support';
import { RUNNER_CONTAINER } from '../pod/pod';
import type { Runner } from '../runner';
import { RunnerIdentityKind } from '../runner-identity';

/**
 * Returns the symptoms of a runner that does not work as intended.
 *
 * @param isFetched whether a Job fetches its registration token; then that Job says what to do about a wrong one
 */
export function runnerSymptoms(runner: Runner, isFetched: boolean): Symptom[] {
  return [
    waiting(runner),
    ...identitySymptoms(runner, isFetched),
    docker(runner),
    ...notStarted(runner),
    ...fullDisk(runner),
    ...authority(runner),
    memory(runner),
  ];
}

function waiting({ forge, name, labels, scope, identity }: Runner): Symptom {
  const older = !forge.supports(ForgeFeature.CLEAR_WAIT_REASON)
    ? ', or `must contain at least one job without dependencies`'
    : '';
  const names = labels.map((label) => codeSpan(label.name)).join(', ');
  const page = `<${forge.url}/${scope._settingsPath}>`;
  const where = identity.scaling
    ? `Its pods are listed at ${page} while they run.`
    : `Is it online at ${page}? If it is not listed, its token is of another scope.`;
  return {
    seen: `a job waits: \`No matching online runner with label\`${older}`,
    remedy: `Runner \`${name}\` takes jobs of scope ${scope.description} whose \`runs-on\` asks for no more than ${names}. ${where}`,
  };
}

function identitySymptoms(runner: Runner, isFetched: boolean): Symptom[] {
  const { name, identity } = runner;
  const logs = `kubectl --namespace ${namespaceOf(runner)} logs --selector ${labelSelector(runner.podLabels)}`;
  if (identity.uuid !== undefined) {
    return [
      {
        seen: '`unauthenticated` in the log of the runner',
        remedy: `The forge knows no runner with the UUID of \`${name}\`, or another token: create it anew, state its UUID, replace its Secret.`,
        look: [`${logs} --container ${RUNNER_CONTAINER}`],
      },
    ];
  }
  const refused: Symptom = {
    seen: '`runner registration token not found`, or `… has been invalidated`, in the log of `register`',
    remedy: `The token of \`${name}\` was reset at the forge, or is of another one: put the right one into its Secret.`,
    look: [`${logs} --container register`],
  };
  const all = isFetched ? [] : [refused];
  if (identity.kind === RunnerIdentityKind.EPHEMERAL) {
    return all;
  }
  return [
    ...all,
    {
      seen: '`no longer registered` or `unregistered runner` in the log of the runner',
      remedy: `The forge has forgotten the runner. Give the identity of \`${name}\` another \`key\` (\`RunnerIdentity.persistent({ key: … })\`), synth, commit: it registers anew.`,
      look: [`${logs} --container ${RUNNER_CONTAINER}`],
    },
  ];
}

function docker(runner: Runner): Symptom {
  const { name, executor } = runner;
  const seen = '`Cannot connect to the Docker daemon`';
  const log = (container: string) => [
    `kubectl --namespace ${namespaceOf(runner)} logs statefulset/${name} --container ${container} --tail 50`,
  ];
  const look = runner.identity.kind === RunnerIdentityKind.EPHEMERAL ? undefined : log;
  switch (executor.kind) {
    case 'docker':
      return {
        seen,
        remedy: `The daemon of \`${name}\` is the container \`docker\` of its pods.`,
        look: look?.('docker'),
      };
    case 'docker-rootless':
      return {
        seen,
        remedy: `The daemon of \`${name}\` runs in its own container; the node must allow user namespaces.`,
        look: look?.(RUNNER_CONTAINER),
      };
    case 'external-docker':
      return {
        seen,
        remedy: `The daemon of \`${name}\` is on another machine: is it up, and are the certificates of both sides valid?`,
      };
    default:
      return {
        seen,
        remedy: `Runner \`${name}\` has none, by design. Build with \`buildctl\`, or ask for a runner with Docker in \`runs-on\`.`,
      };
  }
}

function notStarted(runner: Runner): Symptom[] {
  if (runner.identity.scaling === undefined) {
    return [];
  }
  const { name, forge, scope } = runner;
  return [
    {
      seen: 'jobs wait, and no pod starts for them',
      remedy: `KEDA asks <${forge.internalUrl}> for jobs: is its token valid, with \`${scope._tokenScope('read')}\`? Are all places taken (\`max\`)?`,
      look: [`kubectl --namespace ${namespaceOf(runner)} describe scaledjob ${name}`],
    },
  ];
}

function fullDisk(runner: Runner): Symptom[] {
  const { name, executor, identity } = runner;
  const container = { docker: 'docker', 'docker-rootless': RUNNER_CONTAINER }[executor.kind];
  if (container === undefined || identity.kind === RunnerIdentityKind.EPHEMERAL) {
    return [];
  }
  const exec = `kubectl --namespace ${namespaceOf(runner)} exec statefulset/${name} --container ${container} -- docker`;
  return [
    {
      seen: '`no space left on device` in a job',
      remedy: `Prune the layers of \`${name}\` that no container uses now; if it comes again, its executor needs larger \`layers\`.`,
      look: [`${exec} system df`, `${exec} system prune --all --force`],
    },
  ];
}

function authority({ forge }: Runner): Symptom[] {
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

function memory(runner: Runner): Symptom {
  return {
    seen: '`exit code 137` or `OOMKilled`',
    remedy:
      'The job needs more memory than its container has: raise `resources.memoryLimit`, or lower `config.capacity`.',
    look: [
      `kubectl --namespace ${namespaceOf(runner)} describe pods --selector ${labelSelector(runner.podLabels)} | grep --before-context 2 OOMKilled`,
    ],
  };
}
