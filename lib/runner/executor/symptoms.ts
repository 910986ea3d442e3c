import { codeSpan, command, Symptom } from '../../support';
import { SymptomSubject } from './known';

/** Returns the symptom of a Docker daemon that does not answer. */
export function daemonSymptom(
  { reference, namespace, perJob }: SymptomSubject,
  { cause, fix }: Pick<Symptom, 'cause' | 'fix'>,
  container: string,
): Symptom {
  return {
    seen: '`Cannot connect to the Docker daemon`',
    cause,
    fix,
    look: perJob
      ? undefined
      : [command`kubectl --namespace ${namespace} logs ${reference} --container ${container} --tail 50`],
  };
}

/** Returns the symptom of image layers that fill the disk. */
export function fullDiskSymptom({ name, reference, namespace, perJob }: SymptomSubject, container: string): Symptom[] {
  if (perJob) {
    return [];
  }
  const exec = command`kubectl --namespace ${namespace} exec ${reference} --container ${container} -- docker`;
  return [
    {
      seen: '`no space left on device` in a job',
      cause: `The volume of the image layers of \`${name}\` is full.`,
      fix: `1. Increase \`layers\` of the executor. 2. Or delete every image, container and cache that no container uses: ${codeSpan(command`${exec} system prune --all --force`)}. **The next builds start without them.**`,
      look: [command`${exec} system df`],
    },
  ];
}
