import { Problem, quoted } from '../../support';
import { ContainerEngine, HostRunnerProps } from './host-runner-props';

/**
 * Returns the problems with properties that have no effect on the machine: only Docker Compose has a network of its own, and only
 * containers have an image.
 */
export function unusedProblems(
  { subnet, image, imageDigest }: HostRunnerProps,
  { isComposed, engine }: { readonly isComposed: boolean; readonly engine: ContainerEngine },
): Problem[] {
  const isUsed = isComposed && engine === ContainerEngine.DOCKER;
  return [
    ...(subnet === undefined || isUsed
      ? []
      : [
          {
            code: 'FORGE-HOST-006',
            message: `subnet ${quoted(subnet)} has no effect: ${isComposed ? 'Podman does not start a project of Docker Compose' : 'the machine runs no containers'}`,
            allowed: 'a subnet with ContainerEngine.DOCKER and an executor with Docker',
            fix: 'remove subnet',
            symptom: 'no error: the network is another one',
          },
        ]),
    ...Object.entries({ image, imageDigest })
      .filter(([, value]) => value !== undefined && !isComposed)
      .map(([name, value]) => ({
        code: 'FORGE-HOST-008',
        message: `${name} ${quoted(value)} has no effect: the machine runs no containers`,
        fix: `remove ${name}, and install the runner binary on the machine`,
      })),
  ];
}
