import { IConstruct } from 'constructs';
import { Advice, awaits, command, namespaceOf, Symptom } from '../support';
import { Forge } from './forge';

interface AdvisedRelease extends IConstruct {
  readonly name: string;
  readonly forge: Forge;
}

/** Returns the runbook advice for operators of a Gitea server that Flux installs. */
export function releaseAdvice(release: AdvisedRelease, isSeenOutside: boolean): Advice {
  const { name, forge } = release;
  const kubectl = command`kubectl --namespace ${namespaceOf(release)}`;
  const about = `Server \`${name}\``;
  const health = command`curl --silent --show-error --output /dev/null --write-out '%{http_code}\\n' ${`${forge.url}/api/healthz`}`;
  return {
    warnings: vulnerabilities(release),
    checks: [
      {
        about,
        title: 'Flux has installed the release',
        good: 'READY is `True`',
        commands: [command`${kubectl} get helmrelease ${name}`],
        ...awaits(kubectl, command`${`helmrelease/${name}`}`),
      },
      ...(isSeenOutside
        ? [
            {
              about,
              title: `${forge.url} answers`,
              good: '`200`',
              commands: [health],
              expect: { exitCode: 0, stdoutMatches: '^200\\n$' },
            },
          ]
        : []),
    ],
    symptoms: isSeenOutside ? [unreachable(release)] : [],
  };
}

function vulnerabilities({ forge, node }: AdvisedRelease): string[] {
  const { product, version, title } = forge;
  return product
    .advisoriesFor(version!)
    .map(
      ({ id, effect, fixedIn }) =>
        `${node.path}: ${title} has known vulnerabilities: ${id} (${effect}). Use ${fixedIn} or newer`,
    );
}

function unreachable(release: AdvisedRelease): Symptom {
  const { name, forge } = release;
  const { host } = new URL(forge.url);
  const kubectl = command`kubectl --namespace ${namespaceOf(release)}`;
  const port = forge.nodePort === undefined ? '' : `, or nothing leads from the machine to NodePort ${forge.nodePort}`;
  return {
    seen: `\`connection refused\` or \`connection reset by peer\` at \`${host}\``,
    cause: `Gitea \`${name}\` does not run${port}.`,
    fix: 'If the pod is not ready, fix what its events name. If the pod is ready, open the port: see the chapter of the cluster.',
    look: [
      command`${kubectl} get pods --selector ${`app.kubernetes.io/instance=${name}`}`,
      command`${kubectl} get service ${`${name}-http`}`,
      command`${kubectl} describe helmrelease ${name}`,
    ],
  };
}
