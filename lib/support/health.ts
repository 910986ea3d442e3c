import { Check } from './advice';
import { command, Command } from './command';

/** The most seconds between the clock of a node and that of the operator's machine. */
const SKEW = /^-?\d{1,2}\n?$/;

/**
 * A container that checks look into.
 *
 * @jsii ignore
 */
export interface CheckedContainer {
  /** The subject of the checks, in a few words of Markdown. */
  readonly about: string;
  /** The command that runs another command in the container, for example `kubectl --namespace ci exec statefulset/x --`. */
  readonly exec: Command;
  /** The directory on the volume that fills up. */
  readonly directory: string;
}

/**
 * Returns the checks of a container's node and volume: free space, and the clock. Tokens, certificates and tags with a time
 * need a clock that is right.
 *
 * @jsii ignore
 */
export function healthChecks({ about, exec, directory }: CheckedContainer): Check[] {
  return [
    {
      about,
      title: 'Its volume has free space',
      good: 'less than 90 % are used',
      commands: [command`${exec} df -P ${directory}`],
      expect: { exitCode: 0, stdoutMatches: '\\s(?:\\d|[1-8]\\d)%' },
      symptom: 'no space left on device',
    },
    {
      about,
      title: 'The clock of its node is right',
      good: 'less than 100 seconds between the node and this machine',
      commands: [command`echo $(($(${exec} date +%s) - $(date +%s)))`],
      expect: { exitCode: 0, stdoutMatches: SKEW.source },
    },
  ];
}
