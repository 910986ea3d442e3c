import { IConstruct } from 'constructs';
import { hostPathWarnings, labelSelector, NamedStorage, quantity, StorageKind } from '../../kube';
import {
  Advice,
  ByHand,
  Check,
  command,
  Command,
  healthChecks,
  namespaceOf,
  oneLine,
  prints,
  Symptom,
} from '../../support';
import { Endpoint } from '../endpoint';
import { CONFIG, DATA, PORT } from './config';
import { CONTAINER } from './pod';
import { RegistryMirrorProps } from './props';

/** The facts about a mirror that its operators need. */
interface AdvisedMirror extends IConstruct {
  readonly name: string;
  readonly upstream: Endpoint;
  readonly podLabels: Record<string, string>;
}

interface AdvisedParts {
  readonly props: RegistryMirrorProps;
  readonly store: NamedStorage;
  /** Name of the CronJob that fills the mirror. */
  readonly seedName: string;
}

/** Prints the user name of a login that is complete, from the command of the login. */
const USER_NAME = 's/^{"Username":"\\(..*\\)","Secret":"..*"}$/\\1/p';

/** Returns the runbook advice for operators of a mirror. */
export function mirrorAdvice(mirror: AdvisedMirror, parts: AdvisedParts): Advice {
  return {
    warnings: [
      ...hostPathWarnings(mirror.node.path, [parts.store]).map(oneLine),
      ...loginWarnings(mirror, parts),
      ...lossWarnings(mirror, parts),
    ],
    byHand: seeding(mirror, parts),
    checks: checks(mirror, parts),
    symptoms: symptoms(mirror),
  };
}

function kubectlOf(mirror: AdvisedMirror): Command {
  return command`kubectl --namespace ${namespaceOf(mirror)}`;
}

function execOf(mirror: AdvisedMirror): Command {
  return command`${kubectlOf(mirror)} exec ${`statefulset/${mirror.name}`} --container ${CONTAINER} --`;
}

/** Warns of a login that everyone uses who reaches the mirror. */
function loginWarnings(mirror: AdvisedMirror, { props }: AdvisedParts): string[] {
  const { credentials, clients, nodePort, nodeNetworks } = props;
  const isOpen = clients === undefined || (nodePort !== undefined && nodeNetworks === undefined);
  if (credentials === undefined || !isOpen) {
    return [];
  }
  const networks = nodePort === undefined ? '' : ' and `nodeNetworks`';
  return [
    `${mirror.node.path}: the mirror asks no client for a login. Everyone who reaches it pulls what the account of \`credentials\` can pull, private images too. Use an account without private images, or set \`clients\`${networks}.`,
  ];
}

/** Warns of images that a restart of the pod deletes. */
function lossWarnings(mirror: AdvisedMirror, { props: { seed = [] }, store: { storage } }: AdvisedParts): string[] {
  const inMemory = storage.kind === StorageKind.MEMORY;
  if (!inMemory && (storage.isKept || seed.length === 0)) {
    return [];
  }
  const memory = inMemory ? ` The images use up to ${quantity(storage.size!)} of the memory of the node.` : '';
  const seeded = seed.length > 0 ? ', also those of `seed`, until the next run of its CronJob' : '';
  return [
    `${mirror.node.path}: the mirror loses all images when its pod restarts${seeded}.${memory} Use \`Storage.persistent\` to keep the images.`,
  ];
}

function seeding(mirror: AdvisedMirror, { props: { seed = [] }, seedName }: AdvisedParts): ByHand[] {
  if (seed.length === 0) {
    return [];
  }
  const kubectl = kubectlOf(mirror);
  const job = `${seedName}-now`;
  return [
    {
      title: `Images of mirror \`${mirror.name}\` for work offline`,
      text: `CronJob \`${seedName}\` pulls ${seed.map((image) => `\`${image}\``).join(', ')} through the mirror once a day. Run it now, and again before you go offline. Expected: one line per image, \`the mirror has it\`.`,
      commands: [
        command`${kubectl} delete job ${job} --ignore-not-found`,
        command`${kubectl} create job ${job} --from=${`cronjob/${seedName}`}`,
        command`${kubectl} wait ${`job/${job}`} --for condition=Complete --timeout 1h`,
        command`${kubectl} logs ${`job/${job}`}`,
      ],
    },
  ];
}

function checks(mirror: AdvisedMirror, { props: { credentials } }: AdvisedParts): Check[] {
  const exec = execOf(mirror);
  const about = `Mirror \`${mirror.name}\` of \`${mirror.upstream.host}\``;
  return [
    {
      about,
      title: 'The mirror answers',
      good: '`{}`',
      commands: [command`${exec} wget -q -O - ${`http://127.0.0.1:${PORT}/v2/`}`],
      expect: prints('{}'),
    },
    ...(credentials === undefined
      ? []
      : [
          {
            about,
            title: 'The mirror has its login',
            good: 'the user name of the account',
            commands: [command`${exec} ${`${CONFIG}/credentials.sh`} | sed -n ${USER_NAME} | grep .`],
            expect: { exitCode: 0 },
          },
        ]),
    ...healthChecks({ about, exec, directory: DATA }),
  ];
}

function symptoms(mirror: AdvisedMirror): Symptom[] {
  const { name, upstream, podLabels } = mirror;
  const [kubectl, exec] = [kubectlOf(mirror), execOf(mirror)];
  const empty = command`${exec} rm -rf ${`${DATA}/docker`} ${`${DATA}/scheduler-state.json`}`;
  const restart = command`${kubectl} rollout restart ${`statefulset/${name}`}`;
  const logs = command`${kubectl} logs --selector ${labelSelector(podLabels)} --tail 50`;
  return [
    {
      seen: '`unexpected EOF` in a pull, or `no space left on device` in the log of a mirror',
      cause: `The volume of mirror \`${name}\` is full. A mirror deletes images by age only.`,
      fix: `Increase \`storage\`, or set a shorter \`expireAfter\`. To empty the mirror, run \`${empty}\` and \`${restart}\`. **This deletes all images of the mirror. Clients pull them again.**`,
      look: [logs, command`${exec} df -P ${DATA}`],
    },
    {
      seen: '`toomanyrequests` or `unauthorized` in the log of a mirror',
      cause: `\`${upstream.host}\` refuses the pulls of mirror \`${name}\`: the rate limit, or the login.`,
      fix: 'Set `credentials` of the mirror, or replace the token in its Secret. Meanwhile, clients pull from the registry itself.',
      look: [logs],
    },
  ];
}
