import { Construct } from 'constructs';
import { Registry, registryChecks, registryPart, registrySymptoms } from '../registry';
import { Advice, objectName, Part } from '../support';

/** A runner in the runbook's picture. */
export function runnerPart(construct: Construct): Part {
  return { kind: 'runner', name: construct.node.path, label: ['runner', objectName(construct)], at: construct };
}

/** What an operator should know of the registries that a runner's Docker daemon was told of. */
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
