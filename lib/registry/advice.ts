import { IConstruct } from 'constructs';
import { TokenAccess } from '../forge';
import { dockerConfigKey } from '../secret';
import { Advice, Check, command, Command, Part, prints, Symptom } from '../support';
import { Endpoint } from './endpoint';
import { Registry, RegistryKind } from './registry';
import { servingHost } from './access/docker-hub';
import { Zone } from './access/zone';

/**
 * Returns the registry's part of the runbook diagram.
 *
 * @jsii ignore
 */
export function registryPart({ pull, owner }: Registry): Part {
  const name = owner === undefined ? pull.host : `${pull.host}/${owner}`;
  return { kind: 'registry', name, label: [name] };
}

/**
 * A pod that pushes to a registry.
 *
 * @jsii ignore
 */
export interface PushingPod {
  /** The command that runs another command in the pod, for example `kubectl --namespace ci exec statefulset/buildkitd --`. */
  readonly exec: Command;
  /** The name of the pod in the runbook. */
  readonly name: string;
  /** The namespace of the pod, which has the CA certificates of the push endpoint. */
  readonly namespace: string;
}

/**
 * Returns the checks that show whether a registry responds, from outside the cluster and from a program that pushes to
 * it.
 *
 * @jsii ignore
 */
export function registryChecks(registry: Registry, pod?: PushingPod): Check[] {
  const { push, pull, scan } = registry;
  const about = `Registry \`${registryPart(registry).name}\``;
  // An open registry of another kind answers without asking who is there.
  const isOpen = registry.kind === RegistryKind.OCI;
  const good = `\`401\`${isOpen ? ', or `200` if it is open' : ''}. The registry is running and requires authentication`;
  const outside = [pull, scan].filter(
    (endpoint, i, all) =>
      endpoint.isReachableFrom(Zone.HOST) && all.findIndex(({ host }) => host === endpoint.host) === i,
  );
  return [
    ...(pod
      ? [
          {
            about,
            title: `${pod.name} reaches \`${push.host}\``,
            good,
            commands: [wget(push, pod.exec)],
            // wget fails at a status of 401, which it prints.
            run: [command`${wget(push, pod.exec)} 2>&1 || true`],
            expect: prints('401', ...(isOpen ? ['200', 'saved', '100%'] : [])),
          },
        ]
      : []),
    ...outside.map((endpoint) => ({
      about,
      title: `\`${endpoint.host}\` answers`,
      good,
      commands: [curl(endpoint)],
      expect: prints('401', ...(isOpen ? ['200'] : [])),
      ...authorityOf(endpoint, registry, pod),
    })),
    ...(isOpen ? [] : outside.map((endpoint) => realmCheck(endpoint, about, authorityOf(endpoint, registry, pod)))),
  ];
}

/** Returns the check that a client can fetch a token where the registry sends it. */
function realmCheck(endpoint: Endpoint, about: string, authority: Pick<Check, 'authority'>): Check {
  const { host } = endpoint;
  const realm = command`curl ${quiet(endpoint)} --dump-header - --output /dev/null ${apiUrl(endpoint)} | tr -d '\\r' | sed -n ${REALM}`;
  return {
    about,
    title: `The token realm of \`${host}\` answers`,
    good: 'a status below 404: the realm is there, and may require a login',
    commands: [command`${realm} | curl ${quiet(endpoint)} --config - --output /dev/null --write-out ${STATUS}`],
    // Without its parameters, some servers call the request wrong.
    expect: { exitCode: 0, stdoutMatches: '^(?:200|400|401|403)\\n$' },
    symptom: 'failed to authorize: failed to fetch oauth token',
    ...authority,
  };
}

/** The expression of sed that prints the address of the token realm, as a line of a configuration of curl. */
const REALM = 's/^[Ww][Ww][Ww]-[Aa]uthenticate: *Bearer .*realm="\\([^"]*\\)".*/url = "\\1"/p';
const STATUS = '%{http_code}\\n';

function quiet({ trust }: Endpoint): (string | Command)[] {
  return ['--silent', '--show-error', ...(trust.caBundle ? [command`--cacert "$CA"`] : [])];
}

/**
 * Returns the check that the login of a namespace can pull. It asks for the tags of an image that does not exist: a login
 * without the right is rejected before the registry looks for the image. The login is in no list of processes.
 */
function pullCheck(registry: Registry, namespace: string, secret: string): Check[] {
  const { pull, owner, kind } = registry;
  if (kind !== RegistryKind.GITEA || !pull.isReachableFrom(Zone.HOST)) {
    return [];
  }
  const key = dockerConfigKey(pull.host).replace(/[.[\]*^$\/]/g, '\\$&');
  const config = command`kubectl --namespace ${namespace} get secret ${secret} --output ${'go-template={{index .data ".dockerconfigjson" | base64decode}}'}`;
  const login = command`tr -d '\\n' | sed -n ${`s/.*"${key}": *{[^}]*"auth": *"\\([^"]*\\)".*/header = "Authorization: Basic \\1"/p`}`;
  const image = `${pull.url}/v2/${owner === undefined ? '' : `${owner}/`}cdk8s-forge-verify/tags/list`;
  return [
    {
      about: `Registry \`${registryPart(registry).name}\``,
      title: `Secret \`${namespace}/${secret}\` can pull`,
      good: '`404`. The login is accepted, and the image of this request does not exist',
      commands: [
        command`${config} | ${login} | curl ${quiet(pull)} --config - --output /dev/null --write-out ${STATUS} ${image}`,
      ],
      expect: prints('404', '200'),
      symptom: 'ImagePullBackOff',
      ...authorityOf(pull, registry),
    },
  ];
}

/** Returns the CA whose certificates a command needs. The pods that push have those of the push endpoint. */
function authorityOf({ trust }: Endpoint, { push }: Registry, pod?: PushingPod): Pick<Check, 'authority'> {
  if (trust.caBundle === undefined) {
    return {};
  }
  const isThere = push.trust.caBundle?._identity === trust.caBundle._identity;
  return { authority: trust.caBundle._authority(isThere ? pod?.namespace : undefined) };
}

/**
 * Returns a `wget` command that prints the status of the registry on stderr. Both images contain the `wget` of busybox, which
 * cannot verify a certificate. The request contains no credential.
 */
function wget(endpoint: Endpoint, exec: Command): Command {
  const options = endpoint.trust.caBundle ? ['--no-check-certificate'] : [];
  return command`${exec} ${['wget', ...options]} -O /dev/null ${apiUrl(endpoint)}`;
}

/** Returns a `curl` command that prints the status of the registry. */
function curl(endpoint: Endpoint): Command {
  const options = endpoint.trust.caBundle ? [command`--cacert "$CA"`] : [];
  return command`curl ${['--silent', '--show-error', ...options]} --output /dev/null --write-out '%{http_code}\\n' ${apiUrl(endpoint)}`;
}

/** Returns the URL of the API. Docker Hub has a host of its own for the API. */
function apiUrl({ scheme, host }: Endpoint): string {
  return `${scheme}://${servingHost(host)}/v2/`;
}

/**
 * Returns the runbook advice for pods that pull from a registry.
 *
 * @jsii ignore
 */
export function pullAdvice(
  construct: IConstruct,
  registry: Registry,
  { namespace, secret }: { readonly namespace: string | undefined; readonly secret: string | undefined },
): Advice {
  if (namespace === undefined) {
    return {};
  }
  const pods: Part = { kind: 'pods', name: namespace, label: ['pods of', namespace], at: construct };
  return {
    checks: [...registryChecks(registry), ...(secret === undefined ? [] : pullCheck(registry, namespace, secret))],
    symptoms: [pullSymptom(registry, namespace, secret)],
    links: [{ from: registryPart(registry), to: pods, label: `pull from ${registry.pull.url}` }],
  };
}

function pullSymptom(registry: Registry, namespace: string, secret: string | undefined): Symptom {
  const { pull } = registry;
  const scope = registry._tokenScope(TokenAccess.READ);
  const why =
    secret === undefined
      ? `\`${pull.host}\` requires authentication: set \`credentials\` of the registry.`
      : `replace the Secret \`${secret}\`. It needs an entry for \`${dockerConfigKey(pull.host)}\`${scope === undefined ? '' : ` with a token that has the scope \`${scope}\``}.`;
  return {
    seen: '`ImagePullBackOff`',
    cause:
      'The events contain the reason. Before the first build, the registry does not have the initial tag (see [Images](#images)).',
    fix: `\`401\` or \`denied\`: ${why} \`not found\`: build the image.`,
    look: [
      command`kubectl get events --all-namespaces --field-selector reason=Failed`,
      ...(secret === undefined ? [] : [command`kubectl --namespace ${namespace} get secret ${secret}`]),
    ],
  };
}
