import { Construct } from 'constructs';
import { workloadName } from '../kube';
import { Registry, registryChecks, registryPart, registrySymptoms } from '../registry';
import { Advice, isOutside, Part } from '../support';

/** Returns a runner as a part of the runbook's diagram. */
export function runnerPart(construct: Construct): Part {
  const name = construct.node.path;
  return isOutside(construct)
    ? { kind: 'runner', name, label: ['runner outside the cluster', name] }
    : { kind: 'runner', name, label: ['runner', workloadName(construct)], at: construct };
}

/** Returns the operator information for the registries of a runner's Docker daemon. */
export function daemonAdvice(construct: Construct, registries: readonly Registry[]): Advice {
  return {
    checks: registries.flatMap((registry) => registryChecks(registry)),
    symptoms: registries.flatMap(registrySymptoms),
    links: registries.map((registry) => ({
      from: runnerPart(construct),
      to: registryPart(registry),
      label: `push to ${registry.push.url}`,
    })),
  };
}
