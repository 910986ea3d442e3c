import { builderPart } from '../../buildkit';
import { apiCommand, apiToken, ForgeFeature } from '../../forge';
import { labelSelector } from '../../kube';
import { SecretRequirement, SecretSource } from '../../secret';
import {
  Advice,
  anyOf,
  awaits,
  ByHand,
  Check,
  codeSpan,
  command,
  Command,
  Expectation,
  healthChecks,
  namespaceOf,
  oneLine,
  prints,
  succeeds,
} from '../../support';
import { RUNNER_CONTAINER } from '../blueprint';
import { FETCHED, registrationPurpose } from '../registration/purpose';
import { RegistrationKind } from '../registration/registration';
import { ScalingKind } from '../scaling/scaling';
import { DATA_MOUNT } from '../program/actions-config';
import { runnerPart } from '../runner-part';
import { AdvisedRunner } from './subject';
import { runnerSymptoms } from './symptoms';

/** The origin, in the inventory, of a Secret that you create manually. */
const BY_HAND = 'created by hand';

/** Returns the operator information for a runner. */
export function runnerAdvice(runner: AdvisedRunner): Advice {
  const part = runnerPart(runner);
  const { builder } = runner;
  return {
    warnings: runner.warnings.map(oneLine),
    byHand: registration(runner),
    checks: [...workloadChecks(runner), ...forgeChecks(runner), ...builderChecks(runner)],
    symptoms: runnerSymptoms(runner, tokenSecret(runner) === undefined),
    parts: [part],
    links: builder ? [{ from: part, to: builderPart(builder), label: 'builds with' }] : [],
  };
}

/** Returns the manual steps that provide the registration token, unless a Job fetches the token. */
function registration(runner: AdvisedRunner): ByHand[] {
  const secret = tokenSecret(runner);
  if (secret === undefined) {
    return [];
  }
  const { forge, scope, name } = runner;
  const title = `Token of runner \`${name}\``;
  const page = `<${forge.url}/${scope._settingsPath}>`;
  const origin = secret.origin ?? BY_HAND;
  const place =
    origin === BY_HAND
      ? `the Secret \`${secret.secretName}\``
      : `where the Secret \`${secret.secretName}\` comes from (${origin})`;
  const store =
    origin === BY_HAND
      ? command`kubectl --namespace ${namespaceOf(runner)} create secret generic ${secret.secretName} --from-file ${`${keyOf(secret)}=/dev/stdin`}`
      : undefined;
  // One line: pasted in several, the shell's next line would be taken for the token.
  const typed =
    store && command`printf 'The token: '; read -rs TOKEN; echo; printf %s "$TOKEN" | ${store}; unset TOKEN`;
  const { uuid } = runner.registration;
  const shown = uuid
    ? `${page} shows it once, when the runner is created; the runner's UUID is \`${uuid}\`.`
    : forge.supports(ForgeFeature.PREDECLARED_RUNNERS)
      ? `Request a registration token of scope ${scope.description} from the API of ${forge.title}: GET \`/api/v1/${scope._apiPath}/actions/runners/registration-token\`.`
      : `Copy the registration token of scope ${scope.description}: select "Create new runner" at ${page}.`;
  const steps = [
    {
      title,
      text: `${shown} Store the token in ${place}${typed ? ':' : '.'}`,
      ...(typed ? { commands: [typed] } : {}),
    },
  ];
  const creates = store && { namespace: namespaceOf(runner), name: secret.secretName };
  const hasApi = forge.supports(ForgeFeature.SHARED_REGISTRATION_TOKENS) && forge.supports(ForgeFeature.RUNNERS_API);
  const all = hasApi ? [...steps, fromApi(runner, title, { store, key: keyOf(secret) })] : steps;
  return creates === undefined ? all : all.map((step) => ({ ...step, creates }));
}

function keyOf({ keys: [key = 'token'] }: SecretRequirement): string {
  return key;
}

/** Prints the token of the forge's answer. */
const EXTRACT = Command.ofText('sed -n \'s/.*"token": *"\\([^"]*\\)".*/\\1/p\'');

/** Returns the steps that copy the token from the API to the Secret without displaying the token. */
function fromApi(runner: AdvisedRunner, title: string, { store, key }: { store?: Command; key: string }): ByHand {
  const { forge, scope } = runner;
  const path = `${scope._apiPath}/actions/runners/registration-token`;
  const ask = apiCommand(forge, path, 'POST');
  return {
    title,
    text: 'Or fetch the token with the API, in place of the previous command:',
    commands: [store === undefined ? ask : command`${ask} | ${EXTRACT} | ${store}`],
    token: apiToken(forge, scope._tokenScope('write'), namespaceOf(runner)),
    mint: { url: forge.product.apiUrl(forge.url, path), key },
  };
}

/** Returns the Secret with the registration token; undefined if a Job writes the token. */
function tokenSecret(runner: AdvisedRunner): SecretRequirement | undefined {
  const wanted = registrationPurpose(runner);
  const isToken = ({ purpose, origin = '' }: SecretRequirement) => purpose === wanted && !origin.startsWith(FETCHED);
  return SecretSource.requirementsAt(runner).find(isToken);
}

function workloadChecks(runner: AdvisedRunner): Check[] {
  const { name } = runner;
  const kubectl = command`kubectl --namespace ${namespaceOf(runner)}`;
  const about = `Runner \`${name}\``;
  if (runner.scaling.kind === ScalingKind.PER_JOB) {
    return [
      {
        about,
        title: 'KEDA counts jobs',
        good: 'READY is `True`; a pod for each job that waits or runs',
        commands: [
          command`${kubectl} get scaledjob ${name}`,
          command`${kubectl} get pods --selector ${labelSelector(runner.podLabels)}`,
        ],
        ...awaits(kubectl, command`scaledjob/${name}`),
      },
    ];
  }
  const log = command`${kubectl} logs --selector ${labelSelector(runner.podLabels)} --container ${RUNNER_CONTAINER} --prefix --tail=-1`;
  return [
    {
      about,
      title: 'The pods are ready',
      good: '`complete`',
      commands: [command`${kubectl} rollout status ${runner._reference} --timeout 1m`],
      expect: succeeds(),
    },
    ...(runner.forge.supports(ForgeFeature.SHARED_REGISTRATION_TOKENS)
      ? [
          {
            about,
            title: 'The runner has declared its labels',
            good: `one line per pod, with ${labels(runner)}`,
            commands: [command`${log} | grep 'declare successfully'`],
            expect: succeeds(),
          },
        ]
      : []),
    ...healthChecks({
      about,
      exec: command`${kubectl} exec ${runner._reference} --container ${RUNNER_CONTAINER} --`,
      directory: DATA_MOUNT.path,
    }),
  ];
}

function forgeChecks(runner: AdvisedRunner): Check[] {
  const { forge, scope, name } = runner;
  const isNamed = !forge.supports(ForgeFeature.PREDECLARED_RUNNERS);
  const check = { about: `Runner \`${name}\``, title: 'The runner is online' };
  const { who } = identities(runner);
  const page = `<${forge.url}/${scope._settingsPath}>`;
  if (!forge.supports(ForgeFeature.RUNNERS_API)) {
    return [{ ...check, good: `${who}, online at ${page}` }];
  }
  return [
    {
      ...check,
      good: `${who}, ${isNamed ? `with ${labels(runner)}, ` : ''}${forge.product.onlineRunner.map((text) => `\`${text}\``).join(' or ')}; also at ${page}`,
      commands: [apiCommand(forge, `${scope._apiPath}/actions/runners`)],
      token: apiToken(forge, scope._tokenScope('read'), namespaceOf(runner)),
      expect: isOnline(runner),
    },
  ];
}

/**
 * Returns checks that connect to the builder as a job does, with the flags and certificates in the runner's
 * environment.
 */
function builderChecks(runner: AdvisedRunner): Check[] {
  const { builder, name, scaling } = runner;
  if (builder === undefined || scaling.kind === ScalingKind.PER_JOB) {
    return [];
  }
  const workers = command`kubectl --namespace ${namespaceOf(runner)} exec ${runner._reference} --container ${RUNNER_CONTAINER} -- sh -c 'buildctl $BUILDCTL_FLAGS debug workers'`;
  return [
    {
      about: `Builder \`${builder.name}\``,
      title: `Runner \`${name}\` reaches it`,
      good: 'one line per worker, with its platforms',
      commands: [workers],
      expect: prints('linux/'),
    },
  ];
}

function labels(runner: AdvisedRunner): string {
  return runner.labels.map(({ name }) => codeSpan(name)).join(', ');
}

/** Returns the runners at the forge: in words, and as texts of the answer of its API. */
function identities({ name, registration, scaling, forge, _reference }: AdvisedRunner): {
  who: string;
  texts: string[];
} {
  const { uuid, kind } = registration;
  if (uuid !== undefined) {
    return { who: `UUID \`${uuid}\``, texts: [`"uuid":"${uuid}"`] };
  }
  if (kind === RegistrationKind.MINTED && forge.supports(ForgeFeature.PREDECLARED_RUNNERS)) {
    return { who: `\`${name}\``, texts: [`"name":"${name}"`] };
  }
  const isDeployed = _reference.startsWith('deployment/');
  if (scaling.kind === ScalingKind.PER_JOB || isDeployed) {
    const when = isDeployed ? '' : ', while jobs wait';
    return { who: `names that begin with \`${name}-\`${when}`, texts: [`"name":"${name}-`] };
  }
  const { replicas } = scaling;
  return {
    who: replicas > 1 ? `\`${name}-0\` to \`${name}-${replicas - 1}\`` : `\`${name}-0\``,
    texts: Array.from({ length: replicas }, (_, i) => `"name":"${name}-${i}"`),
  };
}

/**
 * Returns the expectation that each pod's runner is online in the answer of the API. A runner per job is there while
 * jobs wait.
 */
function isOnline(runner: AdvisedRunner): Expectation {
  const { forge, labels: own, scaling } = runner;
  if (scaling.kind === ScalingKind.PER_JOB) {
    return succeeds();
  }
  const { texts } = identities(runner);
  const online = anyOf(forge.product.onlineRunner);
  // The labels are a list of names, or of objects with names. They come before or after the status.
  const labelled = own.map((label) => `(?=[^\\]]*"${anyOf([label.name])}[":])`).join('');
  const isLabelled = forge.supports(ForgeFeature.PREDECLARED_RUNNERS) ? '' : labelled;
  return {
    exitCode: 0,
    stdoutMatches: texts.map((text) => `(?=[\\s\\S]*${anyOf([text])}${isLabelled}[^{}]*${online})`).join(''),
  };
}
